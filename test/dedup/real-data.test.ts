// Real texts: what is dropped against all pairs compared by plain.ts. Diagnostics tell what was found.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { missing, shared } from "../shared.ts";
import { dedupTexts } from "./dedup-texts.ts";
import { plainText } from "./plain.ts";

function records(...path: string[]): Record<string, string>[] {
  return parse(readFileSync(shared(...path)), { columns: true, bom: true, relax_column_count: true });
}

const sets: Readonly<Record<string, { readonly path: readonly string[]; readonly read: (...path: string[]) => string[] }>> = {
  "news sentences of MRPC": {
    path: ["data", "neardup", "mrpc", "msr_paraphrase_test.txt"],
    read: (...path) =>
      readFileSync(shared(...path), "utf8")
        .split(/\r?\n/)
        .slice(1)
        .flatMap((line) => line.split("\t").slice(3)),
  },
  "toolformer prompts": {
    path: ["data", "neardup", "toolformer_nested", "toolformer-dedupe-only-dataset.json"],
    read: (...path) =>
      (JSON.parse(readFileSync(shared(...path), "utf8")) as { instruction: string; input: string }[]).map(
        ({ instruction, input }) => `${instruction}\n\n${input}`,
      ),
  },
  "addresses of dedupe_examples": {
    path: ["data", "neardup", "dedupe_examples", "csv_example_input_with_true_ids.csv"],
    read: (...path) => records(...path).map((record) => `${record["Site name"]} ${record.Address} ${record.Phone}`),
  },
  "finance tweets": {
    path: ["data", "domain", "fingpt", "df.csv"],
    read: (...path) => records(...path).map(({ text }) => text),
  },
};

/** Rows compared with all others: what a test has time for. */
const mostRows = 2500;

for (const [name, { path, read }] of Object.entries(sets)) {
  test(`${name}: recall >= 0.99 and precision 1 against all pairs`, { skip: missing(...path) }, (t) => {
    const texts = read(...path).slice(0, mostRows);
    assert.ok(texts.length > 1000);
    const similarity = pairwise(texts);
    for (const threshold of [0.7, 0.8, 0.9]) {
      const drops = dedupTexts(texts, { threshold, exact: false });
      const dropped = new Set(drops.map(({ row }) => row));
      for (const drop of drops) {
        assert.ok(!dropped.has(drop.survivor));
        assert.ok(drop.survivor < drop.row);
        assert.equal(drop.similarity, similarity(drop.row, drop.survivor));
        assert.ok(drop.similarity >= threshold);
      }
      const kept = texts.map((_, i) => i).filter((i) => !dropped.has(i));
      const missed = kept.filter((row, i) => kept.slice(0, i).some((other) => similarity(row, other) >= threshold)).length;
      const recall = drops.length / (drops.length + missed);
      t.diagnostic(`${name} at ${threshold}: ${drops.length} of ${texts.length} dropped, ${missed} missed`);
      assert.ok(drops.length === 0 ? missed === 0 : recall >= 0.99, `recall ${recall}`);
    }
  });
}

/** Similarity of any two of the texts: exact, from sorted numbers of the shingles of plain.ts. */
function pairwise(texts: readonly string[]): (a: number, b: number) => number {
  const numbers = new Map<string, number>();
  const numbered = (set: ReadonlySet<string>): Uint32Array =>
    Uint32Array.from(set, (shingle) => {
      if (!numbers.has(shingle)) numbers.set(shingle, numbers.size);
      return numbers.get(shingle) ?? 0;
    }).sort();
  const cut = texts.map((text) => {
    const { short, long } = plainText(text);
    return { short: numbered(short), long: long && numbered(long) };
  });
  return (i, j) => {
    const a = cut[i];
    const b = cut[j];
    return a.long && b.long ? jaccard(a.long, b.long) : jaccard(a.short, b.short);
  };
}

function jaccard(a: Uint32Array, b: Uint32Array): number {
  // Cheap ways to say that two sets are far apart: all thresholds here are over a half.
  if (a.length === 0 || b.length === 0 || a.length * 2 < b.length || b.length * 2 < a.length) return 0;
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const order = a[i] - b[j];
    if (order === 0) shared++;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return shared / (a.length + b.length - shared);
}
