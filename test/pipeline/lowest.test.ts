import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { Lowest } from "../../src/pipeline/lowest.ts";

test("the lowest keys are those of a whole sort, and of equal keys the first offered", () => {
  const random = createRandom(5);
  for (const [size, offers, below] of [
    [1, 100, 2 ** 32],
    [3, 2, 10],
    [3, 1000, 20],
    [50, 50, 2 ** 32],
    [50, 5000, 2 ** 32],
    [2000, 20_000, 5000],
  ]) {
    const lowest = new Lowest(size);
    const all = Array.from({ length: offers }, (_, i) => ({ key: random.below(below), row: 2 ** 32 - 1 - i }));
    all.push({ key: 2 ** 32 - 1, row: 0 });
    for (const { key, row } of all) lowest.offer(key, row);
    const expected = all.toSorted((a, b) => a.key - b.key).slice(0, size);
    assert.deepEqual(
      lowest.rows(),
      expected.map(({ row }) => row),
    );
  }
});
