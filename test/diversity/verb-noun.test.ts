import assert from "node:assert/strict";
import { test } from "node:test";
import { countVerbNouns } from "../../src/diversity/verb-noun.ts";

const cases: readonly (readonly [string, string | undefined])[] = [
  ["Write a short story about a dragon.", "write story"],
  ["Please write me a poem", "write poem"],
  ["Can you give me three tips for staying healthy?", "give tip"],
  ["Summarize the following article:\nThe fox ran.", "summarize article"],
  ["Write a short, funny story", "write story"],
  ["Generate a Python function that adds two numbers", "generate function"],
  ["Write a program in C++ that sorts lists", "write program"],
  ["Come up with a name for a bakery", "come up with name"],
  ["Compare and contrast the two theories.", "compare theory"],
  ["Given a sentence, rewrite it", undefined],
  ["Given a list of words, write a sentence using them all", "write sentence"],
  ["Your task is to classify the reviews as good or bad", "classify review"],
  ["List five countries in Africa", "list country"],
  ['Define the term "entropy"', "define entropy"],
  ["Explain why the sky is blue", undefined],
  ["Give the user a list of cities", "give list"],
  ["What is the capital of France?", undefined],
  ["The list of people was long", undefined],
  ["Schreibe eine Geschichte über einen Drachen", undefined],
  ["写一首诗", undefined],
  ["", undefined],
];

for (const [text, pair] of cases) {
  test(`${JSON.stringify(text)} asks for ${pair ?? "nothing that is known"}`, () => {
    assert.deepEqual(countVerbNouns([text]), pair === undefined ? [] : [{ pair, count: 1 }]);
  });
}

test("plurals are folded, and pairs come by count, then by name", () => {
  const texts = ["Write two stories", "write a story", "Tell me a joke", "Name the boxes", "Describe a class", "Find people"];
  assert.deepEqual(countVerbNouns(texts), [
    { pair: "write story", count: 2 },
    { pair: "describe class", count: 1 },
    { pair: "find person", count: 1 },
    { pair: "name box", count: 1 },
    { pair: "tell joke", count: 1 },
  ]);
});
