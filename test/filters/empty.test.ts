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

test("invisible characters are no characters", () => {
  for (const mark of ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u3164", "\u2800", "\u00a0", "\u0000", "\u{e0041}", "\u200e\u200f "]) {
    assert.equal(judge(ask("Hi", mark.repeat(30))), "response_empty", JSON.stringify(mark));
    assert.equal(judge(ask(mark, "A long and useful answer to nothing.")), "instruction_empty", JSON.stringify(mark));
    assert.equal(
      judge(ask("Hi", `Yes.${mark.repeat(30)}No.`)),
      mark === "\u00a0" || mark.endsWith(" ") ? undefined : "response_few_characters",
    );
  }
  assert.equal(judge(ask("Hi", "\u200bN/A\u200b")), "response_placeholder");
  const any = judgeOf(empty, { min_response_characters: 3 });
  assert.equal(any(ask("Hi", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}")), undefined, "a family of three");
  assert.equal(any(ask("Hi", "\u0645\u06cc\u200c\u062f")), undefined, "letters that are kept apart");
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
