import assert from "node:assert/strict";
import { test } from "node:test";
import { empty } from "../../src/filters/empty.ts";
import { ask, first, judgeOf, row } from "../cases/filter-rows.ts";

const judge = judgeOf(empty);

test("an empty assistant turn anywhere is found", () => {
  assert.equal(judge(ask("Hi", " \n\t ")), "response_empty");
  assert.equal(judge(row("u: Hi", "a: ", "u: Still there?", "a: Yes, I am here and glad to help.")), "response_empty");
  assert.equal(judge(row("u: Hi")), "response_empty");
});

test("placeholders are no answers", () => {
  for (const text of [
    "N/A",
    "n/a.",
    "-",
    "...",
    "<noinput>",
    "None",
    "[insert answer]",
    "<your answer here>",
    "Output: N/A",
    "*None*",
    "- \n-",
    "{{response}}",
    "TBD",
    "[Your response here]",
    "—",
    "无",
  ])
    assert.equal(judge(ask("What is it?", text)), "response_placeholder", text);
});

test("short answers are no placeholders", () => {
  const any = judgeOf(empty, { min_response_characters: 1 });
  for (const text of [
    "No",
    "4",
    "-1",
    "Nonesuch Records",
    "+",
    "π",
    "👍",
    "The answer",
    "x",
    "[1, 2]",
    "None of them",
    "Paris",
    "不",
    "$5",
  ])
    assert.equal(any(ask("What is it?", text)), undefined, text);
});

test("the minimum is of code points, over all assistant turns, without white space at their ends", () => {
  assert.equal(judge(ask("Hi", "nineteen characters")), "response_few_characters");
  assert.equal(judge(ask("Hi", "nineteen characters!")), undefined);
  assert.equal(judge(ask("Hi", "  nineteen characters \n")), "response_few_characters");
  assert.equal(judge(ask("Hi", "\u{1f600}".repeat(19))), "response_few_characters", "a surrogate pair is one");
  assert.equal(judge(ask("Hi", "\u{1f600}".repeat(20))), undefined);
  assert.equal(judge(row("u: Thanks", "a: You're welcome!", "u: Bye", "a: Goodbye!")), undefined);
  assert.deepEqual(first(empty.create(empty.defaults), ask("Hi", "Yes."))?.evidence, { value: 4, limit: 20 });
});

test("an empty instruction is found", () => {
  assert.equal(judge(ask(" ", "A long and useful answer to nothing.")), "instruction_empty");
});

test("impossible limits are refused", () => {
  assert.throws(() => empty.create({ min_response_characters: -1 }), /whole number from 0, not -1/);
});
