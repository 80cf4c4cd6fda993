import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom, shuffle } from "../../src/core/random.ts";
import { sortByKeys } from "../../src/mix/radix.ts";
import { schedule, type ScheduledSource } from "../../src/mix/schedule.ts";
import { chooseUses, selectionKey, selectionOrder } from "../../src/mix/selection.ts";

const seeded = { seed: 20240502, numRuns: 200 };

/** hashes[4 x rows] of made-up contents. */
function contents(rows: number, seed: number): Uint32Array {
  const random = createRandom(seed);
  return Uint32Array.from({ length: rows * 4 }, () => random.uint32());
}

function upTo(n: number, from = 0): number[] {
  return Array.from({ length: n }, (_, i) => from + i);
}

/** Sources of [rows, wanted], rows numbered on through all of them. */
function sourcesOf(shapes: readonly (readonly [number, number])[], seed: number): ScheduledSource[] {
  const hashes = contents(
    shapes.reduce((total, [rows]) => total + rows, 0),
    seed,
  );
  let first = 0;
  return shapes.map(([rows, wanted], i) => {
    const order = selectionOrder({ seed, rows: upTo(rows, first), hashes });
    first += rows;
    return { order, times: chooseUses({ plan: { name: `s${i}`, wanted }, order }) };
  });
}

test("a stable sort by key, whatever the size", () => {
  for (const n of [0, 1, 2, 1000, 40_000]) {
    const random = createRandom(n);
    const keys = Uint32Array.from({ length: n }, () => (random.below(4) === 0 ? random.below(8) : random.uint32()));
    const expected = upTo(n).sort((a, b) => keys[a] - keys[b] || a - b);
    const values = Uint32Array.from(upTo(n));
    sortByKeys(keys, values);
    assert.deepEqual(Array.from(values), expected);
  }
});

test("the selection order depends on content and seed, not on the order of the input", () => {
  const n = 3000;
  const hashes = contents(n, 1);
  const moved = shuffle(upTo(n), createRandom(2));
  const movedHashes = new Uint32Array(n * 4);
  moved.forEach((old, row) => movedHashes.set(hashes.subarray(old * 4, old * 4 + 4), row * 4));
  const order = selectionOrder({ seed: 7, rows: upTo(n), hashes });
  const movedOrder = selectionOrder({ seed: 7, rows: upTo(n), hashes: movedHashes });
  assert.deepEqual(
    Array.from(movedOrder, (row) => moved[row]),
    Array.from(order),
  );
  assert.notDeepEqual(Array.from(selectionOrder({ seed: 8, rows: upTo(n), hashes })), Array.from(order));
  assert.deepEqual(
    Array.from(order).sort((a, b) => a - b),
    upTo(n),
  );
});

test("rows of one content follow in id order, and a change of any hash word changes the key", () => {
  const hashes = new Uint32Array(40);
  assert.deepEqual(Array.from(selectionOrder({ seed: 1, rows: upTo(10), hashes })), upTo(10));
  const keys = new Set(
    upTo(4).map((word) =>
      selectionKey(
        1,
        Uint32Array.from([0, 0, 0, 0], (v, i) => (i === word ? 1 : v)),
      ),
    ),
  );
  assert.equal(keys.size, 4);
});

test("uses are the floor or one more, first in the order first, and sum to what is wanted", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(2000), (rows, wanted) => {
      const times = chooseUses({ plan: { name: "s", wanted }, order: upTo(rows) });
      assert.equal(
        times.reduce((a, b) => a + b, 0),
        wanted,
      );
      assert.ok(Math.max(...times) - Math.min(...times) <= 1);
      assert.deepEqual(
        Array.from(times),
        Array.from(times).sort((a, b) => b - a),
      );
    }),
    seeded,
  );
});

test("by tokens, what is used lies within half a row of what is wanted and times differ by at most one", () => {
  const lengths = fc.array(fc.nat(500), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(lengths, fc.nat(60_000), (amounts, wanted) => {
      fc.pre(amounts.some((amount) => amount > 0));
      const times = chooseUses({ plan: { name: "s", wanted }, order: upTo(amounts.length), amounts });
      const used = amounts.reduce((total, amount, row) => total + amount * times[row], 0);
      assert.ok(Math.abs(used - wanted) <= Math.max(...amounts) / 2, `${used} for ${wanted}`);
      assert.ok(Math.max(...times) - Math.min(...times) <= 1);
    }),
    seeded,
  );
});

const shapes = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(200)), { minLength: 1, maxLength: 5 });

test("the schedule holds every use once, copies numbered in the order they come", () => {
  fc.assert(
    fc.property(shapes, fc.nat(), (made, seed) => {
      const sources = sourcesOf(made, seed);
      const { rows, repeats } = schedule({ sources, seed });
      const seen = new Map<number, number>();
      rows.forEach((row, i) => {
        assert.equal(repeats[i], seen.get(row) ?? 0);
        seen.set(row, repeats[i] + 1);
      });
      for (const { order, times } of sources) {
        for (let i = 0; i < order.length; i++) assert.equal(seen.get(order[i]) ?? 0, times[i]);
      }
      assert.equal(
        rows.length,
        made.reduce((total, [, wanted]) => total + wanted, 0),
      );
    }),
    seeded,
  );
});

test("between two copies of a row stands at least a third of its source", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 90 }), fc.integer({ min: 1, max: 900 }), fc.nat(), (length, wanted, seed) => {
      const { rows } = schedule({ sources: sourcesOf([[length, wanted]], seed), seed });
      const last = new Map<number, number>();
      rows.forEach((row, i) => {
        const before = last.get(row);
        if (before !== undefined) assert.ok(i - before >= Math.max(2, Math.floor(length / 3) + 1), `${i - before} of ${length}`);
        last.set(row, i);
      });
    }),
    seeded,
  );
});

test("every prefix holds each source's share to within the number of sources; a plain shuffle strays ten times as far", () => {
  const made = [
    [20_000, 17_500],
    [9000, 15_000],
    [12_000, 10_000],
    [1200, 7500],
  ] as const;
  const sources = sourcesOf(made, 3);
  const sourceOf = new Map<number, number>();
  sources.forEach(({ order }, index) => Array.from(order).forEach((row) => sourceOf.set(row, index)));
  const { rows } = schedule({ sources, seed: 3 });
  const own = furthest(rows);
  assert.ok(own <= made.length, `strays by ${own}`);
  assert.ok(furthest(shuffle(rows.slice(), createRandom(3))) > 10 * own);

  /** How far any prefix's count of any source is from its share, in rows. */
  function furthest(order: Uint32Array): number {
    const counts = made.map(() => 0);
    let worst = 0;
    order.forEach((row, i) => {
      counts[sourceOf.get(row) ?? -1]++;
      made.forEach(([, wanted], index) => {
        worst = Math.max(worst, Math.abs(counts[index] - ((i + 1) * wanted) / order.length));
      });
    });
    return worst;
  }
});

test("readers that take every second use see both of two equal sources in equal parts", () => {
  const { rows } = schedule({
    sources: sourcesOf(
      [
        [10_000, 10_000],
        [10_000, 10_000],
      ],
      5,
    ),
    seed: 5,
  });
  const even = rows.filter((row, i) => i % 2 === 0 && row < 10_000).length;
  assert.ok(Math.abs(even - 5000) < 300, `${even} of 10,000`);
});

test("the order of the input does not matter: the same contents come in the same order", () => {
  const n = 500;
  const hashes = contents(n, 4);
  const moved = shuffle(upTo(n), createRandom(5));
  const movedHashes = new Uint32Array(n * 4);
  moved.forEach((old, row) => movedHashes.set(hashes.subarray(old * 4, old * 4 + 4), row * 4));
  const scheduled = (of: Uint32Array): Uint32Array => {
    const order = selectionOrder({ seed: 9, rows: upTo(n), hashes: of });
    return schedule({ sources: [{ order, times: chooseUses({ plan: { name: "s", wanted: 1234 }, order }) }], seed: 9 }).rows;
  };
  assert.deepEqual(
    Array.from(scheduled(movedHashes), (row) => moved[row]),
    Array.from(scheduled(hashes)),
  );
});

test("the seed changes the order, and passes over a source differ from one another", () => {
  const sources = sourcesOf([[100, 300]], 1);
  const { rows } = schedule({ sources, seed: 1 });
  assert.notDeepEqual(schedule({ sources, seed: 2 }).rows, rows);
  assert.deepEqual(schedule({ sources, seed: 1 }).rows, rows);
  assert.notDeepEqual(rows.subarray(0, 100), rows.subarray(100, 200));
});

test("times that no plan makes are refused", () => {
  assert.throws(() => schedule({ sources: [{ order: [0, 1], times: [1, 2] }], seed: 0 }), /never rise/);
  assert.throws(() => schedule({ sources: [{ order: [0, 1], times: [3, 1] }], seed: 0 }), /at most one/);
  assert.throws(() => schedule({ sources: [{ order: [0, 1], times: [1] }], seed: 0 }), /2 rows, 1 times/);
});
