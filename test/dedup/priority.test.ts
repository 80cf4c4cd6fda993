// The keep order: a total order whatever the columns hold.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createPriority, keepOrders } from "../../src/dedup/priority.ts";

const options = {
  source: [0, 0, 1, 1],
  length: [10, 20, 30, 40],
  quality: [0.5, Number.NaN, 0.9, 0.1],
  hash: Uint32Array.from([4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0]),
};

test("each keep order puts first what it names, and ties fall to the next", () => {
  const order = (...keep: (typeof keepOrders)[number][]): number[] => [0, 1, 2, 3].sort(createPriority({ ...options, keep }));
  assert.deepEqual(order("source", "longest"), [1, 0, 3, 2]);
  assert.deepEqual(order("longest"), [3, 2, 1, 0]);
  assert.deepEqual(order("quality"), [2, 0, 3, 1]);
  assert.deepEqual(order("first"), [3, 2, 1, 0]);
  assert.deepEqual(order("position"), [0, 1, 2, 3]);
  assert.deepEqual(order("source", "position"), [0, 1, 2, 3]);
});

test("every keep order is total and transitive, with NaN and infinite qualities too", () => {
  const quality = fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 1, 0.5);
  const row = fc.record({ source: fc.nat(2), length: fc.nat(3), quality, hash: fc.nat(2) });
  const keep = fc.array(fc.constantFrom(...keepOrders), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(row, { minLength: 3, maxLength: 8 }), keep, (rows, names) => {
      const compare = createPriority({
        keep: names,
        source: rows.map(({ source }) => source),
        length: rows.map(({ length }) => length),
        quality: rows.map((each) => each.quality),
        hash: rows.flatMap(({ hash }) => [0, 0, 0, hash]),
      });
      const numbers = rows.map((_, i) => i);
      const sorted = [...numbers].sort(compare);
      for (let i = 0; i < sorted.length; i++)
        for (let j = i + 1; j < sorted.length; j++) assert.ok(compare(sorted[i], sorted[j]) < 0 && compare(sorted[j], sorted[i]) > 0);
      assert.deepEqual([...numbers].reverse().sort(compare), sorted);
    }),
    { seed: 1, numRuns: 300 },
  );
});
