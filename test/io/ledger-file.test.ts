import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { joinLedgerParts, ledgerColumnNames, type LedgerLine, readLedger, writeLedgerPart } from "../../src/io/ledger-file.ts";
import { ledgerPartOf } from "./ledger-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-ledger-"));

function line(i: number): LedgerLine {
  return {
    id: `s/f#${i}`,
    source: "s",
    file: "f",
    record: i,
    content_hash: i.toString(16).padStart(32, "0"),
    state: i % 3 ? "used" : "dropped",
    stage: i % 3 ? "" : "dedup",
    reason: i % 3 ? "" : "near_duplicate",
    evidence: i % 3 ? "" : JSON.stringify({ similarity: 0.91, text: "naïve 🙂" }),
    flags: i % 5 ? [] : ["refusal", "no_access"],
    times_used: i % 3,
  };
}

async function all(path: string, range?: { from: number; to: number }): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = [];
  for await (const group of readLedger(path, ledgerColumnNames, range)) lines.push(...group);
  return lines;
}

test("parts joined by copying pages read back as one ledger, empty parts too", async () => {
  const sizes = [700, 0, 1, 40];
  let next = 1;
  const expected: LedgerLine[] = [];
  const parts = sizes.map((size, number) => {
    const lines = Array.from({ length: size }, () => line(next++));
    expected.push(...lines);
    const path = join(folder, `${number}.parquet`);
    writeLedgerPart(path, ledgerPartOf(lines));
    return path;
  });
  const path = join(folder, "ledger.parquet");
  joinLedgerParts(parts, path);
  assert.deepEqual(await all(path), expected);
  assert.deepEqual(await all(path, { from: 695, to: 703 }), expected.slice(695, 703));
});

test("a ledger of no rows is a readable file", async () => {
  const path = join(folder, "empty.parquet");
  joinLedgerParts([], path);
  assert.deepEqual(await all(path), []);
});
