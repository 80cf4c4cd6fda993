// The rows of a split that somebody decided on: found when rows are read, used by every stage behind. One short JSON line each.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hex128 } from "../core/hash.ts";
import type { Message } from "../core/row.ts";
import type { Evidence } from "../core/verdict.ts";
import { readJsonLines } from "../io/json-file.ts";
import { type DecisionBook, readDecisions, resolveDecisions } from "./decisions.ts";
import type { Manifest } from "./manifest.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";

export interface ReviewedRow {
  /** Its place in the split. */
  readonly row: number;
  readonly verdict?: "keep" | "drop";
  /** Content hash before an edit. */
  readonly original?: string;
  /** Hashes of the decisions that were used. */
  readonly used: readonly string[];
  /** Who, when, why. */
  readonly evidence: Evidence;
}

/** The run's own copy of the decisions: review may go on while a run is at work. */
export function frozenDecisions(paths: RunPaths): string {
  return join(paths.work, "decisions.jsonl");
}

/** Looks up each row's decisions; `messages` of the answer is the edited conversation. Undefined where nobody decided. */
export type Reviewer = (
  place: number,
  messages: readonly Message[],
  hash: Uint32Array,
) => { readonly reviewed: ReviewedRow; readonly messages: readonly Message[] | undefined } | undefined;

export function createReviewer(paths: RunPaths): Reviewer {
  const { book } = readDecisions(frozenDecisions(paths));
  return (row, messages, hash) => lookUp(book, row, messages, hash);
}

function lookUp(book: DecisionBook, row: number, messages: readonly Message[], hash: Uint32Array): ReturnType<Reviewer> {
  if (!book.mayHold(hash[0])) return undefined;
  const original = hex128(hash);
  const found = resolveDecisions(book, messages, original);
  if (!found) return undefined;
  const { decision, comment, reviewer, time } = found.decision;
  const isEdited = found.messages !== undefined;
  const evidence: Evidence = {
    decision,
    reviewer,
    time,
    ...(comment ? { comment } : {}),
    ...(isEdited ? { original_hash: original } : {}),
  };
  return {
    reviewed: { row, verdict: found.verdict, original: isEdited ? original : undefined, used: found.used, evidence },
    messages: found.messages,
  };
}

/** The reviewed rows of a split, by place. */
export function readReviewed(paths: RunPaths, split: number): Map<number, ReviewedRow> {
  const path = paths.part("reviewed", split);
  return new Map(existsSync(path) ? readJsonLines<ReviewedRow>(path).map((line) => [line.row, line]) : []);
}

/** What the decisions did to this run, for the run record. */
export function reviewFigures(options: {
  readonly paths: RunPaths;
  readonly plan: Plan;
  /** Rows that a filter or dedup would have dropped and a reviewer kept. */
  readonly broughtBack: number;
}): Manifest["review"] {
  const { paths, plan, broughtBack } = options;
  if (plan.decisions.lines === 0) return null;
  const used = new Set<string>();
  const rows = { kept: 0, dropped: 0, edited: 0, brought_back: broughtBack };
  plan.splits.forEach((_, split) => {
    for (const { verdict, original, used: hashes } of readReviewed(paths, split).values()) {
      for (const hash of hashes) used.add(hash);
      if (verdict === "keep") rows.kept++;
      if (verdict === "drop") rows.dropped++;
      if (original !== undefined && verdict !== "drop") rows.edited++;
    }
  });
  const { book } = readDecisions(frozenDecisions(paths));
  const unmatched: string[] = [];
  let decisions = 0;
  for (const hash of book.hashes()) {
    const standing = book.standing(hash);
    if (!standing) continue;
    decisions++;
    if (!used.has(hash)) unmatched.push(standing.row ?? hash);
  }
  return {
    file: plan.decisions.file,
    lines: plan.decisions.lines,
    decisions,
    applied: used.size,
    unmatched: unmatched.length,
    unmatched_rows: unmatched.slice(0, 20),
    rows,
  };
}
