import assert from "node:assert/strict";
import { test } from "node:test";
import { length } from "../../src/filters/length.ts";
import { first, row } from "../cases/filter-rows.ts";

const judge = length.create({ min_instruction_tokens: 2, max_instruction_tokens: 4, min_response_tokens: 3, max_response_tokens: 6 });

test("limits are inclusive", () => {
  assert.equal(judge(row("u: one two", "a: one two three")), undefined);
  assert.equal(judge(row("u: one two three four", "a: 1 2 3 4 5 6")), undefined);
});

test("minima hold for a side's total, maxima for each turn", () => {
  assert.equal(judge(row("u: one", "a: 1 2", "u: two", "a: 3")), undefined, "two short turns together are enough");
  assert.equal(judge(row("u: 1 2 3", "a: 1 2 3 4", "u: 1 2 3", "a: 1 2 3 4")), undefined, "the total may exceed a turn's maximum");
  assert.deepEqual(first(judge, row("u: 1 2", "a: 1 2 3", "u: 1 2 3 4 5", "a: 1")), {
    reason: "instruction_long",
    evidence: { value: 5, limit: 4, turn: 3 },
  });
});

test("every reason, with value and limit", () => {
  assert.deepEqual(first(judge, row("u: one", "a: 1 2 3")), { reason: "instruction_short", evidence: { value: 1, limit: 2 } });
  assert.deepEqual(first(judge, row("u: one two", "a: 1 2")), { reason: "response_short", evidence: { value: 2, limit: 3 } });
  assert.deepEqual(first(judge, row("u: one two", "a: 1 2 3 4 5 6 7")), {
    reason: "response_long",
    evidence: { value: 7, limit: 6, turn: 2 },
  });
  assert.equal((judge(row("u: one", "a: 1")) as readonly unknown[]).length, 2, "all findings are given, for flags");
});

test("system and tool turns count for neither side", () => {
  assert.equal(judge(row("s: 1 2 3 4 5 6 7 8 9", "u: one two", "t: 1 2 3 4 5 6 7 8 9", "a: 1 2 3")), undefined);
});

test("impossible limits are refused with the allowed domain", () => {
  assert.throws(
    () => length.create({ ...length.defaults, min_response_tokens: 3000 }),
    /max_response_tokens must be a whole number from min_response_tokens \(3000\), not 2048/,
  );
  assert.throws(() => length.create({ ...length.defaults, min_instruction_tokens: -1 }), RangeError);
  assert.throws(() => length.create({ ...length.defaults, max_instruction_tokens: 1.5 }), RangeError);
});
