// A part of the ledger from lines written out one by one; all of them are of one source and file.
import { rowStates } from "../../src/core/verdict.ts";
import type { LedgerLine, LedgerPart } from "../../src/io/ledger-file.ts";
import type { Texts } from "../../src/io/parquet-columns.ts";

export function ledgerPartOf(lines: readonly Omit<LedgerLine, "id">[]): LedgerPart {
  const flagNames = [...new Set(lines.flatMap(({ flags }) => flags))];
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

function textsOf(texts: readonly string[]): Texts {
  return { lengths: Int32Array.from(texts, (text) => Buffer.byteLength(text)), bytes: Buffer.from(texts.join("")) };
}
