// MinHash estimates and band recall against theory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { chooseBands, meetingChance } from "../../src/dedup/bands.ts";
import { estimate } from "../../src/dedup/minhash.ts";
import { createSketcher } from "../../src/dedup/sketch.ts";
import { plainJaccard, plainShingles } from "./plain.ts";

/** Two texts of words that nothing else holds: `shared` words in common, then `own` each. Single words are the shingles. */
function pair(shared: number, own: number, name: number): [string, string] {
  const words = (kind: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${kind}${name}x${i}`);
  const common = words("c", shared);
  return [[...common, ...words("a", own)].join(" "), [...words("b", own), ...common].join(" ")];
}

// The mean of J (1 - J) / 128 over similarities spread evenly in 0..1 is 0.0361 squared; four values a hash, no two of the same member,
// bring the estimate a little under it.
test("the estimate is within 0.036 of exact Jaccard, root mean square, over 2,000 pairs at 128 permutations", () => {
  const random = createRandom(17);
  const sketcher = createSketcher({ threshold: 0.9, permutations: 128, seed: 1 });
  let squares = 0;
  let bias = 0;
  let theory = 0;
  for (let i = 0; i < 2000; i++) {
    const union = 20 + random.below(100);
    const shared = Math.round(random.float() * union);
    const [a, b] = pair(shared, Math.ceil((union - shared) / 2), i);
    const exact = plainJaccard(plainShingles(a.split(" "), 1), plainShingles(b.split(" "), 1));
    const error = estimate(sketcher.signature(a, 1), sketcher.signature(b, 1)) - exact;
    squares += error ** 2;
    bias += error;
    theory += (exact * (1 - exact)) / 128;
  }
  const rmse = Math.sqrt(squares / 2000);
  assert.ok(rmse <= 0.036, `RMSE ${rmse}`);
  assert.ok(rmse >= 0.8 * Math.sqrt(theory / 2000), `an RMSE of ${rmse} is too good to be an estimate from 128 values`);
  assert.ok(Math.abs(bias / 2000) < 0.003, `bias ${bias / 2000}`);
});

test("texts at exactly the threshold share a band as often as theory says, small sets too", () => {
  for (const [threshold, shared, own] of [
    [0.7, 7, 1.5],
    [0.8, 8, 1],
    [0.9, 18, 1],
    [0.8, 80, 10],
  ]) {
    const sketcher = createSketcher({ threshold, shortWords: 1, longWords: 1 });
    const keys = [new Uint32Array(sketcher.slots), new Uint32Array(sketcher.slots)];
    let met = 0;
    const pairs = 1000;
    for (let i = 0; i < pairs; i++) {
      // 1.5 own words each: three in one text, none in the other.
      const [a, b] = own % 1 === 0 ? pair(shared, own, i) : [pair(shared, 0, i)[0], pair(shared, own * 2, i)[0]];
      sketcher.sketch(a, keys[0]);
      sketcher.sketch(b, keys[1]);
      if (keys[0].some((key, slot) => key !== 0 && key === keys[1][slot])) met++;
    }
    assert.ok(met / pairs >= 0.99, `threshold ${threshold}: ${met} of ${pairs} pairs met, theory ${sketcher.recall}`);
  }
});

test("bands find 0.995 of the pairs at the threshold, and are as long as that allows", () => {
  for (let threshold = 0.3; threshold <= 1; threshold += 0.05) {
    const { bands, rows, recall } = chooseBands(threshold, 128);
    assert.ok(bands * rows <= 128);
    assert.ok(recall >= 0.995, `${threshold}: ${recall}`);
    assert.equal(recall, meetingChance(threshold, bands, rows));
    if (rows < 128) assert.ok(meetingChance(threshold, Math.floor(128 / (rows + 1)), rows + 1) < 0.995);
  }
});

test("thresholds and permutations out of range are refused with the range", () => {
  assert.throws(() => createSketcher({ threshold: 0.1 }), /threshold must be in 0\.2\.\.1, got 0\.1/);
  assert.throws(() => createSketcher({ threshold: 0.8, permutations: 100 }), /multiple of 16 in 16\.\.1024, got 100/);
});
