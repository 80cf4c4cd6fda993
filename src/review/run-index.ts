// Which rows of a run there are to review and why: read once from the ledger into typed arrays, so that a queue is a loop over numbers.
// A row's number is its place among the rows of all splits, as in the run's work files; records that could not be read are no rows.
import { existsSync } from "node:fs";
import { dataError } from "../core/errors.ts";
import { readLedger } from "../io/ledger-reader.ts";
import type { RunPaths } from "../pipeline/paths.ts";
import type { CauseKind } from "./api.ts";
import type { RowTexts } from "./row-texts.ts";

/** Bits of RunIndex.kinds. */
export const isFlagged = 1;
export const isDropped = 2;
export const isEdited = 4;

/** Why rows come to review: a flag or a stage's reason, or a rule below it. */
export interface CauseEntry {
  readonly key: string;
  readonly kind: CauseKind;
  readonly name: string;
  readonly depth: number;
}

/** The rest of a ledger line, of rows that have any. */
export interface Fate {
  readonly state: string;
  readonly stage: string;
  readonly reason: string;
  readonly evidence: string;
  readonly flags: readonly string[];
  readonly times: number;
}

export interface RunIndex {
  readonly rows: number;
  /** hash[rows, 4] */
  readonly hash: Uint32Array;
  /** kinds[rows]: flagged, dropped, edited. */
  readonly kinds: Uint8Array;
  /** Causes of row i are causeOf[causeStart[i], causeStart[i + 1]): numbers into causes. */
  readonly causeStart: Uint32Array;
  readonly causeOf: Uint16Array;
  readonly causes: readonly CauseEntry[];
  /** Rows with a cause: refusals first, then other flags, then drops by reason, then edits. */
  readonly order: Uint32Array;
  fate(row: number): Fate;
  /** Rows with a content. */
  rowsOf(hash: string): number[];
  /** The content before an edit, of edited rows. */
  originalOf(row: number): string | undefined;
}

const columns = ["content_hash", "state", "stage", "reason", "evidence", "flags", "times_used"] as const;
const causeLimit = 65_535;

export async function indexRun(paths: RunPaths, texts: RowTexts): Promise<RunIndex> {
  if (!existsSync(paths.ledger)) {
    throw dataError({
      where: paths.folder,
      expected: "a finished run with a ledger",
      found: "no ledger.parquet",
      fix: "finish it with `sluice run RECIPE`",
    });
  }
  const { rows } = texts;
  const hash = new Uint32Array(rows * 4);
  const kinds = new Uint8Array(rows);
  const causeStart = new Uint32Array(rows + 1);
  const causeOf: number[] = [];
  const causes = new Map<string, { readonly entry: CauseEntry; readonly number: number }>();
  const fates = new Map<number, Fate>();
  const originals = new Map<number, string>();
  const times = new Uint16Array(rows);
  const held = new Uint8Array(rows);
  let row = 0;
  const add = (kind: CauseKind, name: string, depth: number): void => {
    const key = `${kind}:${name}`;
    let known = causes.get(key);
    if (!known) {
      if (causes.size >= causeLimit) return;
      causes.set(key, (known = { entry: { key, kind, name, depth }, number: causes.size }));
    }
    causeOf.push(known.number);
  };
  for await (const lines of readLedger(paths.ledger, columns)) {
    for (const { content_hash, state, stage, reason, evidence, flags, times_used } of lines) {
      if (state === "quarantined") continue;
      if (row === rows) throw otherRun(paths);
      for (let i = 0; i < 4; i++) hash[row * 4 + i] = Number.parseInt(content_hash.slice(i * 8, i * 8 + 8), 16);
      times[row] = times_used;
      if (state === "held_out") held[row] = 1;
      if (flags.length > 0 || stage !== "" || evidence !== "") {
        fates.set(row, { state, stage, reason, evidence, flags, times: times_used });
        const seen = evidence === "" ? {} : (JSON.parse(evidence) as SeenEvidence);
        for (const flag of flags) {
          kinds[row] |= isFlagged;
          add("flag", flag, 0);
          const rule = seen.flags?.[flag]?.rule;
          if (typeof rule === "string") add("flag", `${flag}/${rule}`, 1);
        }
        if (state === "dropped") {
          kinds[row] |= isDropped;
          add("drop", `${stage}/${reason}`, 0);
          if (typeof seen.rule === "string") add("drop", `${stage}/${reason}/${seen.rule}`, 1);
        }
        const original = seen.original_hash ?? seen.review?.original_hash;
        if (typeof original === "string") {
          originals.set(row, original);
          if (stage === "review" && reason === "review_edited") {
            kinds[row] |= isEdited;
            add("edit", `${stage}/${reason}`, 0);
          }
        }
      }
      causeStart[++row] = causeOf.length;
    }
  }
  if (row !== rows) throw otherRun(paths);
  const entries = [...causes.values()].map(({ entry }) => entry);
  const plain = (at: number): Fate => {
    const state = held[at] === 1 ? "held_out" : times[at] > 0 ? "used" : "unused";
    return { state, stage: "", reason: "", evidence: "", flags: [], times: times[at] };
  };
  const byHash = rowsByHash(hash);
  const byOriginal = new Map<string, number[]>();
  for (const [at, original] of originals) byOriginal.set(original, [...(byOriginal.get(original) ?? []), at]);
  return {
    rows,
    hash,
    kinds,
    causeStart,
    causeOf: Uint16Array.from(causeOf),
    causes: entries,
    order: reviewOrder(entries, causeStart, causeOf),
    fate: (at) => fates.get(at) ?? plain(at),
    rowsOf: (content) => [...byHash(content), ...(byOriginal.get(content) ?? [])],
    originalOf: (at) => originals.get(at),
  };
}

interface SeenEvidence {
  readonly flags?: Readonly<Record<string, { readonly rule?: unknown } | undefined>>;
  readonly rule?: unknown;
  readonly original_hash?: unknown;
  readonly review?: { readonly original_hash?: unknown };
}

function otherRun(paths: RunPaths): Error {
  return dataError({
    where: paths.folder,
    expected: "a ledger and work files of the same run",
    found: "another number of rows in them",
    fix: "finish the run with `sluice run RECIPE`, then start the review again",
  });
}

/** Rows sorted by their content hash, and the rows of one content by bisection: 4 bytes a row. */
function rowsByHash(hash: Uint32Array): (content: string) => number[] {
  const sorted = Uint32Array.from({ length: hash.length / 4 }, (_, row) => row).sort((a, b) => hash[a * 4] - hash[b * 4] || a - b);
  return (content) => {
    const words = [0, 8, 16, 24].map((at) => Number.parseInt(content.slice(at, at + 8), 16));
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (hash[sorted[middle] * 4] < words[0]) low = middle + 1;
      else high = middle;
    }
    const found: number[] = [];
    for (; low < sorted.length && hash[sorted[low] * 4] === words[0]; low++) {
      const at = sorted[low] * 4;
      if (words.every((word, i) => hash[at + i] === word)) found.push(sorted[low]);
    }
    return found;
  };
}

/** Refusals first: they are what review is for. Then other flags, drops and edits; rows of one cause stand together. */
function reviewOrder(causes: readonly CauseEntry[], start: Uint32Array, causeOf: readonly number[]): Uint32Array {
  const kindRank = { flag: 1, drop: 2, edit: 3 } as const;
  const ranked = causes
    .map(({ kind, name }, number) => ({ number, name, rank: name.split("/")[0] === "refusal" && kind === "flag" ? 0 : kindRank[kind] }))
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  const rank = new Uint16Array(causes.length);
  ranked.forEach(({ number }, place) => void (rank[number] = place));
  const rows: number[] = [];
  const best = new Uint16Array(start.length);
  for (let row = 0; row + 1 < start.length; row++) {
    if (start[row] === start[row + 1]) continue;
    let lowest = causeLimit;
    for (let i = start[row]; i < start[row + 1]; i++) lowest = Math.min(lowest, rank[causeOf[i]]);
    best[row] = lowest;
    rows.push(row);
  }
  return Uint32Array.from(rows).sort((a, b) => best[a] - best[b] || a - b);
}
