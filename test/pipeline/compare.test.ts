// Two ledgers compared side by side: rows in another order, missing ones and new ones are counted as a plain lookup by id counts them.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { joinLedgerParts, writeLedgerPart } from "../../src/io/ledger-file.ts";
import { compareRuns } from "../../src/pipeline/compare.ts";
import { scratchFolder } from "../cases/scratch.ts";
import { ledgerPartOf } from "../io/ledger-lines.ts";

type Lines = readonly (readonly [id: string, times: number])[];

const line = { source: "a", file: "a", content_hash: "", state: "used", stage: "", reason: "", evidence: "", flags: [] };

/** A run's folder with a ledger of used rows, in parts of 7 lines. */
function writeRun(lines: Lines): string {
  const folder = scratchFolder("compare");
  mkdirSync(join(folder, "parts"));
  const parts: string[] = [];
  for (let from = 0; from < Math.max(1, lines.length); from += 7) {
    const part = lines.slice(from, from + 7);
    const path = join(folder, "parts", `${from}.parquet`);
    writeLedgerPart(path, ledgerPartOf(part.map(([id, times_used]) => ({ ...line, record: Number(id.split("#")[1]), times_used }))));
    parts.push(path);
  }
  joinLedgerParts(parts, join(folder, "ledger.parquet"));
  return folder;
}

function plainly(before: Lines, after: Lines): Record<string, number> {
  const counts: Record<string, number> = {};
  const add = (kind: string): void => void (counts[kind] = (counts[kind] ?? 0) + 1);
  const [olds, news] = [new Map(before), new Map(after)];
  for (const id of new Set([...olds.keys(), ...news.keys()])) {
    const [old, now] = [olds.get(id), news.get(id)].map((times) => (times === undefined ? "absent" : `used x${times}`));
    add(old === now ? "same" : `${old} -> ${now}`);
  }
  return counts;
}

test("any order, any rows missing on either side, any empty ledger", async () => {
  const random = createRandom(11);
  for (let round = 0; round < 30; round++) {
    const lines = (): Lines => {
      const kept = Array.from({ length: 40 }, (_, i) => [`a/a#${i}`, 1 + random.below(3)] as const).filter(
        () => random.below(10) > round % 4,
      );
      if (round % 3 === 0) kept.sort(() => random.below(3) - 1);
      return round === 7 ? [] : kept;
    };
    const [before, after] = [lines(), round === 8 ? [] : lines()];
    const { same, changed, kinds } = await compareRuns(writeRun(before), writeRun(after), 0);
    const expected = plainly(before, after);
    const found = Object.fromEntries([
      ...(same > 0 ? [["same", same] as const] : []),
      ...kinds.map(({ kind, rows }) => [kind, rows] as const),
    ]);
    assert.deepEqual(found, Object.fromEntries(Object.keys(found).map((kind) => [kind, expected[kind]])));
    assert.equal(Object.keys(found).length, Object.keys(expected).length);
    assert.equal(
      changed,
      kinds.reduce((sum, { rows }) => sum + rows, 0),
    );
  }
});
