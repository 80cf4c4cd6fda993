// Lines of a ledger for tests, and a part made of them; all lines of a part are of one source and file.
import { rowStates } from "../../src/core/verdict.ts";
import type { LedgerPart } from "../../src/io/ledger-file.ts";
import type { LedgerLine } from "../../src/io/ledger-reader.ts";
import type { Texts } from "../../src/io/parquet-columns.ts";

export function ledgerPartOf(lines: readonly Omit<LedgerLine, "id">[]): LedgerPart {
  // Lines with the most flags say in which order flags stand.
  const flagNames = [...new Set(lines.toSorted((a, b) => b.flags.length - a.flags.length).flatMap(({ flags }) => flags))];
  const { source, file } = lines[0] ?? { source: "", file: "" };
  return {
    source,
    file,
    record: Int32Array.from(lines, ({ record }) => record),
    contentHash: textsOf(lines.map(({ content_hash }) => content_hash)),
    state: Int32Array.from(lines, ({ state }) => rowStates.findIndex((name) => name === state)),
    fate: Int32Array.from(lines, (_, i) => i),
    fates: lines,
    evidence: textsOf(lines.map(({ evidence }) => evidence)),
    flags: Uint32Array.from(lines, ({ flags }) => flags.reduce((bits, flag) => bits | (1 << flagNames.indexOf(flag)), 0)),
    flagNames,
    timesUsed: Int32Array.from(lines, ({ times_used }) => times_used),
  };
}

export function textsOf(texts: readonly string[]): Texts {
  return { lengths: Int32Array.from(texts, (text) => Buffer.byteLength(text)), bytes: Buffer.from(texts.join("")) };
}

const allFlags = Array.from({ length: 32 }, (_, i) => `flag_${i}`);

const kinds: readonly Omit<LedgerLine, "id" | "source" | "file" | "record" | "content_hash">[] = [
  { state: "used", stage: "", reason: "", evidence: "", flags: [], times_used: 1 },
  { state: "unused", stage: "", reason: "", evidence: "", flags: [], times_used: 0 },
  { state: "used", stage: "review", reason: "review_edited", evidence: '{"original_hash":"ab"}', flags: [], times_used: 40_000 },
  { state: "dropped", stage: "review", reason: "review_dropped", evidence: '{"reviewer":"Zoë"}', flags: ["flag_31"], times_used: 0 },
  { state: "dropped", stage: "dedup", reason: "near_duplicate", evidence: '{"survivor":"s/é.jsonl#1"}', flags: [], times_used: 0 },
  { state: "dropped", stage: "refusal", reason: "refusal", evidence: '{"matched":"naïve 🙂 漢字"}', flags: allFlags, times_used: 0 },
  { state: "held_out", stage: "hold_out", reason: "held_out", evidence: "{}", flags: ["flag_3", "flag_9"], times_used: 0 },
  { state: "quarantined", stage: "read", reason: "invalid_json", evidence: '{"detail":"…","raw_bytes":7}', flags: [], times_used: 0 },
];

/** `count` lines of every kind, alone and in long runs, of records with gaps between them. */
export function linesOfEveryKind(source: string, file: string, count: number): LedgerLine[] {
  let record = 0;
  return Array.from({ length: count }, (_, i) => {
    record += i % 50 === 49 ? 977 : 1;
    const kind = kinds[(i % 100 < 40 ? 0 : i) % kinds.length];
    const hash = Math.imul(i + 1, 0x9e3779b1) >>> 0;
    const content_hash = kind.state === "quarantined" ? "" : hash.toString(16).padStart(8, "0").repeat(4);
    return { ...kind, id: `${source}/${file}#${record}`, source, file, record, content_hash };
  });
}
