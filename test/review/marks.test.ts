// Where the matched words are: evidence tells them on one line and cut short.
import assert from "node:assert/strict";
import test from "node:test";
import { findMarks } from "../../src/review/marks.ts";

const messages = [
  { role: "user", content: "Say I cannot, in JSON." },
  { role: "assistant", content: "Well, I\n  cannot (help) you... I cannot." },
  { role: "assistant", content: "I cannot" },
] as const;

function marked(evidence: unknown): string[][] {
  return findMarks(messages, evidence).map((spans, turn) => spans.map(({ start, end }) => messages[turn].content.slice(start, end)));
}

test("words are found across line breaks, in the turn that evidence names", () => {
  assert.deepEqual(marked({ matched: "I cannot (help)", turn: 2 }), [[], ["I\n  cannot (help)"], []]);
  assert.deepEqual(marked({ matched: "I cannot", turn: 3 }), [[], [], ["I cannot"]]);
});

test("a text that was cut short marks what is left of it; one that is not there marks nothing", () => {
  assert.deepEqual(marked({ matched: "I cannot (help) y...", turn: 2 }), [[], ["I\n  cannot (help) y"], []]);
  assert.deepEqual(marked({ matched: "nowhere", turn: 2 }), [[], [], []]);
  assert.deepEqual(marked({ matched: "I cannot", turn: 9 }), [[], [], []]);
  assert.deepEqual(marked(undefined), [[], [], []]);
  assert.deepEqual(marked({ matched: 7, flags: "x" }), [[], [], []]);
});

test("marks of several flags are merged where they overlap and stand in order", () => {
  const flags = {
    b: { matched: "cannot (help) you", turn: 2 },
    a: { matched: "I cannot (help)", turn: 2 },
    c: { matched: "Well", turn: 2 },
  };
  assert.deepEqual(marked({ flags }), [[], ["Well", "I\n  cannot (help) you"], []]);
});

test("what was demanded is marked in the question", () => {
  assert.deepEqual(marked({ demanded: "in JSON", turn: 2 }), [["in JSON"], [], []]);
});
