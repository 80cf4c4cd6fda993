import assert from "node:assert/strict";
import { test } from "node:test";
import { Ngrams } from "../../src/diversity/ngrams.ts";
import { overlapOf, overlapsOf, overlapWords } from "../../src/diversity/overlap.ts";

test("by hand: two of the smaller sample's three 3-grams stand in the other", () => {
  // a: one-two-three, two-three-four, three-four-five; b: one-two-three, two-three-four, three-four-six, four-six-seven.
  const [a, b] = [["one two three four five"], ["One two three four six seven"]];
  assert.equal(overlapOf(a, b), 2 / 3);
  assert.equal(overlapOf(b, a), 2 / 3);
});

test("a sample within the other overlaps wholly, whatever the sizes; repeats do not count", () => {
  const large = ["write a story about a fox", "explain how tides work", "name three rivers"];
  assert.equal(overlapOf(["name three rivers", "name three rivers"], large), 1);
});

test("texts that share words but no run of three do not overlap; nothing overlaps nothing", () => {
  assert.equal(overlapOf(["the fox and the hen"], ["a hen saw the fox run"]), 0);
  assert.equal(overlapOf([], ["a b c"]), 0);
  assert.equal(overlapOf(["a b"], ["a b"]), 0);
});

test("all pairs at once are what each pair is on its own", () => {
  const samples = [["one two three four"], ["two three four five"], ["nothing in common here"], []];
  const ngrams = new Ngrams(overlapWords);
  const overlaps = overlapsOf(
    samples.map((texts) => texts.map((text) => ngrams.add(text))),
    ngrams,
  );
  for (let a = 0; a < samples.length; a++) {
    for (let b = 0; b < samples.length; b++) assert.equal(overlaps[a][b], a === b ? 1 : overlapOf(samples[a], samples[b]));
  }
});
