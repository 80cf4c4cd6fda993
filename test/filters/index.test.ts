import assert from "node:assert/strict";
import { test } from "node:test";
import { filters } from "../../src/filters/index.ts";
import { ask } from "../cases/filter-rows.ts";

test("names and reasons are unique, and all filters may flag at once", () => {
  assert.deepEqual(
    filters.map(({ name }) => name),
    ["length", "empty", "repetition", "truncation", "format", "refusal", "pattern"],
  );
  const reasons = filters.flatMap((filter) => filter.reasons);
  assert.equal(new Set(reasons).size, reasons.length);
  assert.ok(reasons.length <= 32, `${reasons.length} reasons, and a row's flags are 32 bits`);
});

test("every option has a default and a line of help", () => {
  for (const { name, defaults, help } of filters) assert.deepEqual(Object.keys(help), Object.keys(defaults), name);
});

test("a good row passes all filters, and judging is a function of the row", () => {
  const good = ask(
    "Why is the sky blue, and why are sunsets red?",
    "Air scatters short waves of light more than long ones, so blue reaches us from all sides. At sunset the light has a longer way through the air, and little but red is left of it.",
  );
  for (const filter of filters) {
    const judge = filter.create(filter.defaults);
    assert.equal(judge(good), undefined, filter.name);
    const loop = ask("q", "No. ".repeat(100));
    assert.deepEqual(judge(loop), judge(loop), filter.name);
  }
});
