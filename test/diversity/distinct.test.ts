import assert from "node:assert/strict";
import { test } from "node:test";
import { distinctN, distinctUpTo } from "../../src/diversity/distinct.ts";
import { createRandom } from "../../src/core/random.ts";
import { wordsOf } from "../../src/core/text.ts";

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

test("the same figures as sets of strings, on random words of many scripts, cases and lengths", () => {
  const random = createRandom(5);
  const letters = [..."abcABCxyzéÉßſKkİıΣσςЖж1_'’", "𝒜", "😀", "e\u0301", "天", "気", "ไ", "ท"];
  const word = (): string => Array.from({ length: 1 + random.below(6) }, () => letters[random.below(letters.length)]).join("");
  const vocabulary = Array.from({ length: 30_000 }, word);
  const texts = Array.from({ length: 400 }, () =>
    Array.from({ length: random.below(60) }, () => vocabulary[Math.floor(random.float() ** 3 * vocabulary.length)]).join(" "),
  );
  const expected = [1, 2, 3, 4].map((n) => {
    const seen = new Set<string>();
    let all = 0;
    for (const text of texts) {
      const words = wordsOf(text).map((found) => found.toLowerCase());
      for (let i = 0; i + n <= words.length; i++, all++) seen.add(words.slice(i, i + n).join("\0"));
    }
    return seen.size / all;
  });
  assert.deepEqual(distinctUpTo(texts, 4), expected);
  assert.deepEqual(distinctUpTo(vocabulary, 1), [
    new Set(vocabulary.flatMap(wordsOf).map((found) => found.toLowerCase())).size / vocabulary.flatMap(wordsOf).length,
  ]);
});
