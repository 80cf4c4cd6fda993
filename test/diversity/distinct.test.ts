import assert from "node:assert/strict";
import { test } from "node:test";
import { distinctN, distinctUpTo } from "../../src/diversity/distinct.ts";

test("distinct-n by hand: the cat sat, the cat ran", () => {
  const texts = ["The cat sat.", "the cat ran"];
  // Words: the cat sat the cat ran: 4 of 6. Pairs: the-cat cat-sat the-cat cat-ran: 3 of 4. Triples: both differ.
  assert.equal(distinctN(texts, 1), 4 / 6);
  assert.equal(distinctN(texts, 2), 3 / 4);
  assert.equal(distinctN(texts, 3), 1);
});

test("n-grams do not cross texts, and a text shorter than n has none", () => {
  assert.equal(distinctN(["a b", "a b"], 2), 1 / 2);
  assert.equal(distinctN(["a", "b"], 2), 0);
  assert.equal(distinctN([], 1), 0);
});

test("the order of words counts: a b is not b a", () => {
  assert.equal(distinctN(["a b", "b a"], 2), 1);
});

test("text without spaces has words, too", () => {
  const share = distinctN(["今天天气很好", "今天天气不好"], 1);
  assert.ok(share > 0.4 && share < 1, String(share));
});

test("n must be a whole number of at least 1", () => {
  assert.throws(() => distinctN(["a"], 0), /at least 1, got 0/);
});

test("all lengths in one pass are what each length is on its own", () => {
  const texts = ["write a story about a fox", "Write a story about tides", "a", "", "name three rivers and name three lakes"];
  assert.deepEqual(
    distinctUpTo(texts, 3),
    [1, 2, 3].map((n) => distinctN(texts, n)),
  );
  assert.deepEqual(distinctUpTo([], 3), [0, 0, 0]);
});
