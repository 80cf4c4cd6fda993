import assert from "node:assert/strict";
import test from "node:test";
import type { TokenizerFiles } from "../../src/tokenizer/types.ts";
import { vocabularyDifference } from "../../src/tokenizer/vocabulary-difference.ts";

/** A small BPE tokenizer.json. */
function files(parts: {
  readonly vocab: readonly string[];
  readonly merges?: readonly unknown[];
  readonly added?: Readonly<Record<string, number>>;
}): TokenizerFiles {
  const { vocab, merges = [], added = {} } = parts;
  return {
    name: "test",
    config: {},
    tokenizer: {
      model: { type: "BPE", vocab: Object.fromEntries(vocab.map((text, id) => [text, id])), merges },
      added_tokens: Object.entries(added).map(([content, id]) => ({ id, content, special: true })),
    },
  };
}

const vocab = ["a", "b", "c", "ab", "abc"];
const merges = ["a b", "ab c"];
const base = files({ vocab, merges, added: { "<end>": 5 } });

test("the same ids are no difference, however merges are written, nor are tokens added at the end of either", () => {
  const same = { shared: 6, different: 0, example: undefined, otherMerges: false };
  assert.deepEqual(vocabularyDifference(base, base), same);
  const pairs = files({
    vocab,
    merges: [
      ["a", "b"],
      ["ab", "c"],
    ],
    added: { "<end>": 5, "<|im_start|>": 6 },
  });
  assert.deepEqual(vocabularyDifference(base, pairs), same);
  assert.deepEqual(vocabularyDifference(pairs, base), same);
  // Added tokens that stand in the vocabulary too, and the other way round.
  assert.deepEqual(vocabularyDifference(base, files({ vocab: [...vocab, "<end>"], merges })), same);
});

test("swapped ids and reserved tokens with another text are counted, the first is shown", () => {
  const swapped = files({ vocab: ["a", "c", "b", "ab", "abc"], merges, added: { "<end>": 5 } });
  const { different, example } = vocabularyDifference(base, swapped);
  assert.deepEqual([different, example], [2, { id: 1, first: "b", second: "c" }]);
  const renamed = vocabularyDifference(base, files({ vocab, merges, added: { "<|im_end|>": 5 } }));
  assert.deepEqual([renamed.different, renamed.example], [1, { id: 5, first: "<end>", second: "<|im_end|>" }]);
});

test("another order of merges is told; fewer merges are not another order", () => {
  assert.equal(vocabularyDifference(base, files({ vocab, merges: ["b c", "a b"] })).otherMerges, true);
  assert.equal(vocabularyDifference(base, files({ vocab, merges: ["a b"] })).otherMerges, false);
});

test("a Unigram list is compared by place", () => {
  const unigram = (texts: readonly string[]): TokenizerFiles => ({
    name: "unigram",
    config: {},
    tokenizer: { model: { type: "Unigram", vocab: texts.map((text, i) => [text, -i]) } },
  });
  assert.equal(vocabularyDifference(unigram(vocab), unigram(vocab)).different, 0);
  assert.equal(vocabularyDifference(unigram(vocab), unigram([...vocab].reverse())).different, 4);
});
