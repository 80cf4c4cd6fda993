// Components of rows that share a key in a slot: against a plain search, and out of core.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom } from "../../src/core/random.ts";
import { clusterBands, type Clusters } from "../../src/dedup/cluster.ts";
import { groupExact } from "../../src/dedup/exact.ts";

/** Reads columns in parts of a few rows, as splits come. */
function reader(slots: readonly Uint32Array[], part: number): (slot: number, visit: (keys: Uint32Array, firstRow: number) => void) => void {
  return (slot, visit) => {
    for (let from = 0; from < slots[slot].length; from += part) visit(slots[slot].subarray(from, from + part), from);
  };
}

function listed({ rows, offsets }: Clusters): number[][] {
  return Array.from({ length: offsets.length - 1 }, (_, i) => [...rows.subarray(offsets[i], offsets[i + 1])]);
}

/** Breadth first over rows that share a key. */
function plainClusters(slots: readonly Uint32Array[], rowCount: number, takesPart: (row: number) => boolean): number[][] {
  const seen = new Set<number>();
  const clusters: number[][] = [];
  for (let first = 0; first < rowCount; first++) {
    if (seen.has(first) || !takesPart(first)) continue;
    const cluster = [first];
    seen.add(first);
    for (const row of cluster) {
      for (let other = 0; other < rowCount; other++) {
        if (seen.has(other) || !takesPart(other) || !slots.some((keys) => keys[row] !== 0 && keys[row] === keys[other])) continue;
        seen.add(other);
        cluster.push(other);
      }
    }
    if (cluster.length > 1) clusters.push(cluster.sort((a, b) => a - b));
  }
  return clusters;
}

test("clusters are the connected components of rows that share a key", () => {
  const column = fc.array(fc.oneof(fc.nat(6), fc.constantFrom(0xffff_ffff, 0xffff_fffe, 1)), { minLength: 24, maxLength: 24 });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 24 }), fc.nat(3), (columns, part, out) => {
      const slots = columns.map((keys) => Uint32Array.from(keys));
      const takesPart = (row: number): boolean => out === 0 || row % (out + 1) !== 0;
      const clusters = clusterBands({ rowCount: 24, slots: slots.length, readBand: reader(slots, part), takesPart });
      assert.deepEqual(listed(clusters), plainClusters(slots, 24, takesPart));
    }),
    { seed: 9, numRuns: 300 },
  );
});

test("a tiny memory limit gives the same clusters as a large one, with equal keys en masse", () => {
  const rowCount = 200_000;
  const random = createRandom(4);
  const slots = Array.from({ length: 3 }, (_, slot) =>
    Uint32Array.from({ length: rowCount }, (_, row) => {
      // Over the least scratch of 65,536 entries: 90,000 rows of one key, and 70,000 of a neighbouring one.
      if (slot === 1 && row % 20 < 9) return 0x8000_0000;
      if (slot === 1 && row % 20 < 16) return 0x8000_0001;
      if (slot === 2 && row % 1000 === 0) return 0xffff_ffff;
      return random.below(4) === 0 ? random.below(100_000) * 40_000 : random.uint32();
    }),
  );
  let reads = 0;
  const run = (memoryLimit: number, part: number): Clusters => {
    const read = reader(slots, part);
    reads = 0;
    return clusterBands({ rowCount, slots: 3, memoryLimit, readBand: (slot, visit) => (reads++, read(slot, visit)) });
  };
  const large = run(2 ** 30, 50_000);
  assert.equal(reads, 3, "all in memory: each slot is read once");
  const tiny = run(1, 1009);
  assert.ok(reads > 9, "out of core: slots are read in parts");
  assert.deepEqual(tiny, large);
  assert.ok(large.offsets.length > 1 && large.offsets[1] >= 90_000);
});

test("every key is in some part of the key range, whatever the number of parts", () => {
  // 70,000 x 1.125 rows in parts of 65,536 entries make two; other counts make other numbers of parts.
  for (const rowCount of [70_000, 200_000, 500_000]) {
    const keys = Uint32Array.from({ length: rowCount }, (_, row) => row + 1);
    const pairs: readonly (readonly [number, number, number])[] = [
      [0, 5, 0xffff_ffff],
      [1, 6, 0x8000_0000],
      [2, 7, 0x7fff_ffff],
      [3, 8, 0x5555_5555],
    ];
    for (const [a, b, key] of pairs) keys[a] = keys[b] = key;
    const clusters = clusterBands({ rowCount, slots: 1, memoryLimit: 1, readBand: reader([keys], 10_000) });
    assert.deepEqual(
      listed(clusters),
      pairs.map(([a, b]) => [a, b]),
    );
  }
});

test("exact groups hold the rows of equal keys, by their first row; a zero key equals nothing", () => {
  const words = fc.array(fc.tuple(fc.nat(2), fc.nat(1), fc.nat(1), fc.nat(1)), { maxLength: 40 });
  fc.assert(
    fc.property(words, (keys) => {
      const groups = groupExact(Uint32Array.from(keys.flat()), (row) => row % 7 !== 3);
      const expected = new Map<string, number[]>();
      keys.forEach((key, row) => {
        if (row % 7 === 3 || key.every((word) => word === 0)) return;
        expected.set(key.join(), [...(expected.get(key.join()) ?? []), row]);
      });
      assert.deepEqual(
        groups.map((group) => [...group]),
        [...expected.values()].filter((rows) => rows.length > 1),
      );
    }),
    { seed: 2, numRuns: 300 },
  );
});
