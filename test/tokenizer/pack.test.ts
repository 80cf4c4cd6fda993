import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom } from "../../src/core/random.ts";
import { packBestFit } from "../../src/tokenizer/pack.ts";

function rowsOf(lengths: readonly number[], capacity: number): number[][] {
  const { order, binOffsets } = packBestFit(Uint32Array.from(lengths), capacity);
  return Array.from({ length: binOffsets.length - 1 }, (_, b) => [...order.subarray(binOffsets[b], binOffsets[b + 1])]);
}

test("TRL's best-fit case: [1,2,3] [4,5,6,7] [8] at 4 gives [4,5,6,7] [1,2,3,8]", () => {
  const documents = [[1, 2, 3], [4, 5, 6, 7], [8]];
  const rows = rowsOf(
    documents.map((document) => document.length),
    4,
  );
  assert.deepEqual(
    rows.map((row) => row.flatMap((document) => documents[document])),
    [
      [4, 5, 6, 7],
      [1, 2, 3, 8],
    ],
  );
});

/** TRL's procedure word for word, with a search through all rows: the fullest row with room, of those the one in line first. */
function slowly(lengths: readonly number[], capacity: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a] || a - b);
  const waiting = new Map<number, number[][]>();
  const rows: number[][] = [];
  for (const document of order) {
    const spaces = [...waiting.keys()].filter((space) => space >= lengths[document] && (waiting.get(space) as number[][]).length > 0);
    const space = spaces.length === 0 ? capacity : Math.min(...spaces);
    const row = spaces.length === 0 ? [] : ((waiting.get(space) as number[][]).shift() as number[]);
    if (spaces.length === 0) rows.push(row);
    row.push(document);
    const left = space - lengths[document];
    waiting.set(left, [...(waiting.get(left) ?? []), row]);
  }
  return rows;
}

test("packing is best-fit-decreasing: equal to a plain search", () => {
  const cases = fc
    .integer({ min: 1, max: 70 })
    .chain((capacity) =>
      fc.record({ capacity: fc.constant(capacity), lengths: fc.array(fc.integer({ min: 1, max: capacity }), { maxLength: 60 }) }),
    );
  fc.assert(
    fc.property(cases, ({ capacity, lengths }) => {
      const rows = rowsOf(lengths, capacity);
      assert.deepEqual(rows, slowly(lengths, capacity));
      assert.deepEqual(
        rows.flat().sort((a, b) => a - b),
        lengths.map((_, i) => i),
      );
      for (const row of rows) assert.ok(row.reduce((sum, document) => sum + lengths[document], 0) <= capacity);
    }),
    { seed: 20261123, numRuns: 300 },
  );
});

test("time grows with the documents, not with their square; 100,000 take well under a second", () => {
  const random = createRandom(2);
  const lengths = Uint32Array.from({ length: 400_000 }, () => 1 + random.below(2048));
  const timeOf = (count: number): number => {
    // Processor time: others may use the machine too.
    const start = process.cpuUsage();
    packBestFit(lengths.subarray(0, count), 2048);
    return process.cpuUsage(start).user / 1000;
  };
  timeOf(100_000);
  const [part, whole] = [timeOf(100_000), timeOf(400_000)];
  assert.ok(part < 500, `${part} ms for 100,000`);
  // Four times the documents; a search through all rows would take sixteen times as long.
  assert.ok(whole < Math.max(part, 20) * 10, `${part} ms for 100,000, ${whole} ms for 400,000`);
});

test("two rows are never both half empty", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 80 }), (lengths) => {
      const totals = rowsOf(lengths, 100).map((row) => row.reduce((sum, document) => sum + lengths[document], 0));
      assert.ok(totals.filter((total) => total <= 50).length <= 1);
    }),
    { seed: 20261124, numRuns: 200 },
  );
});

test("20,000 documents of mixed lengths leave under 1 % padding at 2048", () => {
  const random = createRandom(1);
  const lengths = Uint32Array.from({ length: 20_000 }, () => Math.min(2048, 20 + Math.floor(-200 * Math.log(1 - random.float()))));
  const { binOffsets } = packBestFit(lengths, 2048);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const efficiency = tokens / ((binOffsets.length - 1) * 2048);
  assert.ok(efficiency > 0.99, `${efficiency}`);
});

test("documents that are empty or longer than a row are errors that name them", () => {
  assert.throws(() => packBestFit(Uint32Array.of(3, 5), 4), /document 1 has 5 tokens.*1\.\.4/);
  assert.throws(() => packBestFit(Uint32Array.of(0), 4), /document 0 has 0 tokens/);
  assert.throws(() => packBestFit(Uint32Array.of(1), 0), /capacity/);
});
