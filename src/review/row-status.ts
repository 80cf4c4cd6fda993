// Where each row stands: one byte a row, kept up to date as decisions come, so that counting and filtering are loops over bytes.
import { hex128 } from "../core/hash.ts";
import type { DecisionBook } from "../pipeline/decisions.ts";
import { type Status, statuses } from "./api.ts";
import { isFlagged, type RunIndex } from "./run-index.ts";

export interface RowStatuses {
  /** status[rows]: places in `statuses`. */
  readonly status: Uint8Array;
  /** disputed[rows]: 1 where the last words of two reviewers differ. */
  readonly disputed: Uint8Array;
  of(row: number): Status;
  update(book: DecisionBook, hashes: readonly string[] | "all"): void;
}

export function createStatuses(index: RunIndex): RowStatuses {
  const status = new Uint8Array(index.rows);
  const disputed = new Uint8Array(index.rows);
  const set = (book: DecisionBook, row: number): void => {
    const hash = hex128(index.hash, row * 4);
    status[row] = statuses.indexOf(statusOf(index, book, row, hash));
    disputed[row] = isDisputed(book, hash) ? 1 : 0;
  };
  return {
    status,
    disputed,
    of: (row) => statuses[status[row]],
    update(book, hashes) {
      if (hashes === "all") {
        status.fill(0);
        disputed.fill(0);
      }
      for (const hash of hashes === "all" ? book.hashes() : new Set(hashes)) for (const row of index.rowsOf(hash)) set(book, row);
    },
  };
}

function statusOf(index: RunIndex, book: DecisionBook, row: number, hash: string): Status {
  const standing = book.standing(hash);
  if (standing) return standing.decision as Status;
  if (book.linesOf(hash).length > 0) return "skipped";
  // An edit of an earlier run settles the row, unless its new text was flagged in turn.
  const original = index.originalOf(row);
  if (original === undefined || (index.kinds[row] & isFlagged) !== 0) return "open";
  return book.standing(original)?.decision === "edit" ? "edit" : "open";
}

function isDisputed(book: DecisionBook, hash: string): boolean {
  const words = new Map<string, string>();
  for (const { reviewer, decision } of book.linesOf(hash)) if (decision !== "skip") words.set(reviewer, decision);
  return new Set(words.values()).size > 1;
}
