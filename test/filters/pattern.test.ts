import assert from "node:assert/strict";
import { test } from "node:test";
import { pattern } from "../../src/filters/pattern.ts";
import { ask, first, row } from "../cases/filter-rows.ts";

test("each side has its patterns, and evidence shows the match", () => {
  const judge = pattern.create({ drop_if_response_matches: ["(?i)as an ai\\b", "\\d{4}-\\d{2}"], drop_if_instruction_matches: ["^test$"] });
  assert.equal(judge(ask("as an AI", "Fine.")), undefined);
  assert.deepEqual(first(judge, row("u: Hi", "a: Hello.", "u: And?", "a: Well, As An AI I cannot.")), {
    reason: "response_matches",
    evidence: { pattern: "(?i)as an ai\\b", matched: "As An AI", turn: 4 },
  });
  assert.equal(first(judge, ask("test", "On 2024-05 it rained."))?.reason, "instruction_matches");
  assert.equal(judge(ask("a test", "It rained.")), undefined);
});

test("no pattern hangs: time is linear in the text", () => {
  const judge = pattern.create({ drop_if_response_matches: ["(a+)+$", "(a|aa)+b", "(.*)*x"], drop_if_instruction_matches: [] });
  const started = process.cpuUsage();
  assert.equal(judge(ask("q", `${"a".repeat(20_000)}!`)), undefined);
  const { user } = process.cpuUsage(started);
  assert.ok(user < 5_000_000, `${user / 1e6} s of CPU time for 20,000 characters`);
});

test("a bad pattern is named with its fault", () => {
  const make = (given: unknown) => () => pattern.create({ drop_if_response_matches: given as string[], drop_if_instruction_matches: [] });
  assert.throws(
    make(["ok", "(unclosed"]),
    (error: Error) => error instanceof RangeError && error.message.includes('"(unclosed"') && /missing closing \)/.test(error.message),
  );
  assert.throws(make(["(?<=a)b"]), RangeError);
  assert.throws(make([3]), /must be a list of RE2 patterns/);
  assert.throws(make({}), RangeError);
  assert.throws(make([""]), RangeError);
});

test("it runs only where a recipe names it", () => {
  assert.equal(pattern.optIn, true);
});
