// Who survives of a component of candidates: against the plain greedy walk of plain.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom } from "../../src/core/random.ts";
import { createSketcher } from "../../src/dedup/sketch.ts";
import { type Drop, settleComponent } from "../../src/dedup/survivors.ts";
import { plainSimilarity, plainSurvivors, plainText } from "./plain.ts";

interface Settle {
  readonly threshold?: number;
  readonly held?: number;
  readonly memoryLimit?: number;
  readonly onRead?: () => void;
}

/** Texts in keep order, the first `held` undroppable. */
function settle(texts: readonly string[], { threshold = 0.8, held = 0, memoryLimit, onRead = () => {} }: Settle = {}): Drop[] {
  return settleComponent({
    rows: Uint32Array.from(texts, (_, i) => i),
    undroppable: Uint8Array.from(texts, (_, i) => Number(i < held)),
    texts: { textOf: (row) => (onRead(), texts[row]) },
    sketcher: createSketcher({ threshold }),
    threshold,
    memoryLimit,
  });
}

/** Texts of a small vocabulary, many of them edits of one another, short and long. */
function relatedTexts(count: number, seed: number): string[] {
  const random = createRandom(seed);
  const word = (): string => `w${random.below(60)}`;
  const texts: string[][] = [];
  for (let i = 0; i < count; i++) {
    const base =
      i > 0 && random.below(4) > 0
        ? [...texts[random.below(i)]]
        : Array.from({ length: 3 + random.below(random.below(4) === 0 ? 120 : 20) }, word);
    for (let edits = random.below(3); edits > 0; edits--) base.splice(random.below(base.length), random.below(2), word());
    texts.push(base);
  }
  return texts.map((words) => words.join(" "));
}

test("each row is dropped for the first survivor before it that is similar, in small and in large components", () => {
  for (const threshold of [0.2, 0.5, 0.7, 0.8, 0.9, 1]) {
    for (const count of [2, 7, 12, 13, 60, 300]) {
      const texts = relatedTexts(count, count + threshold * 100);
      const drops = settle(texts, { threshold }).sort((a, b) => a.row - b.row);
      const expected = plainSurvivors(texts, threshold);
      assert.deepEqual(
        drops.map(({ row, survivor }) => [row, survivor]),
        expected.drops,
        `threshold ${threshold}, ${count} rows`,
      );
      for (const { row, survivor, similarity } of drops)
        assert.equal(similarity, plainSimilarity(plainText(texts[row]), plainText(texts[survivor])));
    }
  }
});

test("texts about the border between short and long are compared as plain.ts says", () => {
  const texts: string[] = [];
  for (let length = 50; length < 110; length++) texts.push(Array.from({ length }, (_, i) => `w${i}`).join(" "));
  for (const threshold of [0.6, 0.8, 0.95]) {
    const order = texts
      .map((text, i) => [(i * 37) % texts.length, text] as const)
      .sort((a, b) => a[0] - b[0])
      .map(([, text]) => text);
    assert.deepEqual(
      settle(order, { threshold })
        .sort((a, b) => a.row - b.row)
        .map(({ row, survivor }) => [row, survivor]),
      plainSurvivors(order, threshold).drops,
    );
  }
});

test("a chain of similar texts is not dropped as one: only what is itself similar to a survivor goes", () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
  const chain = Array.from({ length: 20 }, (_, i) => words.slice(i, i + 40).join(" "));
  const drops = settle(chain, { threshold: 0.8 });
  const kept = chain.map((_, i) => i).filter((i) => !drops.some((drop) => drop.row === i));
  assert.ok(kept.length >= 4, `${kept.length} kept of a chain whose ends share half of their words`);
  for (const a of kept) for (const b of kept) if (a !== b) assert.ok(plainSimilarity(plainText(chain[a]), plainText(chain[b])) < 0.8);
});

test("undroppable rows stay, and a row similar to one is told so before any other survivor", () => {
  const text = (last: string): string => `please tell me how to bake a plain loaf of bread at home ${last}`;
  const drops = settle(
    [text("today"), text("now"), "another prompt entirely about boats", text("please"), "another prompt entirely about boats"],
    { threshold: 0.7, held: 2 },
  );
  assert.deepEqual(
    drops.map(({ row, survivor }) => [row, survivor]),
    [
      [3, 0],
      [4, 2],
    ],
  );
});

test("a small memory limit gives the same answer", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 80 }),
      fc.nat(1000),
      fc.integer({ min: 1, max: 60_000 }),
      fc.nat(5),
      (count, seed, memoryLimit, held) => {
        const texts = relatedTexts(count, seed);
        const byRow = (drops: Drop[]): Drop[] => drops.sort((a, b) => a.row - b.row);
        assert.deepEqual(byRow(settle(texts, { memoryLimit, held })), byRow(settle(texts, { held })));
      },
    ),
    { seed: 6, numRuns: 60 },
  );
});

test("texts without words are similar to nothing", () => {
  assert.deepEqual(
    settle(["", "...", "?!", "", "one", "one!"]).map(({ row, survivor }) => [row, survivor]),
    [[5, 4]],
  );
});

test("20,000 prompts of one template, just too different, are settled without comparing all pairs", () => {
  const random = createRandom(3);
  // 22 or 23 shingles, 18 of them the template's: similarity .8 to .82, so that nearly all pairs share a MinHash band.
  const texts = Array.from(
    { length: 20_000 },
    (_, i) =>
      `write a short and friendly headline for the spring sale of our little shop that sells nothing else but good old x${i} y${random.below(1e9)}`,
  );
  let reads = 0;
  const from = performance.now();
  const drops = settle(texts, { threshold: 0.9, onRead: () => reads++ });
  const milliseconds = performance.now() - from;
  assert.equal(drops.length, 0);
  assert.ok(reads <= texts.length + 4096, `${reads} reads`);
  // All 200,000,000 pairs at 50 ns would be 10 s.
  assert.ok(milliseconds < 5000, `${milliseconds} ms`);
});

test("20,000 near-identical rows leave one survivor", () => {
  const base = Array.from({ length: 40 }, (_, i) => `word${i}`);
  const texts = Array.from({ length: 20_000 }, (_, i) => [...base, `tail${i}`].join(" "));
  const drops = settle(texts, { threshold: 0.9 });
  assert.equal(drops.length, 19_999);
  assert.ok(drops.every(({ survivor, similarity }) => survivor === 0 && similarity === 39 / 41));
});
