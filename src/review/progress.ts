// How far the review is: rows by status and cause, who decided how much, and how often reviewers agreed with each rule.
import type { DecisionBook } from "../pipeline/decisions.ts";
import { type Cause, type Progress, statuses } from "./api.ts";
import type { RowStatuses } from "./row-status.ts";
import { isDropped, isFlagged, type RunIndex } from "./run-index.ts";

export function measureProgress(options: {
  readonly index: RunIndex;
  readonly rowStatuses: RowStatuses;
  readonly book: DecisionBook;
  readonly version: number;
  readonly problem: string;
}): Progress {
  const { index, rowStatuses, book, version, problem } = options;
  const { status, disputed } = rowStatuses;
  const counts = statuses.map(() => 0);
  const flagged = { rows: 0, open: 0 };
  const dropped = { rows: 0, open: 0 };
  const causeRows = new Uint32Array(index.causes.length);
  const causeOpen = new Uint32Array(index.causes.length);
  let disputes = 0;
  for (const row of index.order) {
    const open = status[row] === 0 || status[row] === 4 ? 1 : 0;
    counts[status[row]]++;
    disputes += disputed[row];
    if (index.kinds[row] & isFlagged) {
      flagged.rows++;
      flagged.open += open;
    }
    if (index.kinds[row] & isDropped) {
      dropped.rows++;
      dropped.open += open;
    }
    for (let i = index.causeStart[row]; i < index.causeStart[row + 1]; i++) {
      causeRows[index.causeOf[i]]++;
      causeOpen[index.causeOf[i]] += open;
    }
  }
  const { judged, confirmed, reviewers } = wordsOf(book);
  const causes = index.causes.map(({ key, kind, name, depth }, i): Cause => ({
    key,
    kind,
    name,
    depth,
    rows: causeRows[i],
    open: causeOpen[i],
    judged: judged.get(key) ?? 0,
    confirmed: confirmed.get(key) ?? 0,
  }));
  return {
    version,
    rows: index.order.length,
    byStatus: Object.fromEntries(statuses.map((name, i) => [name, counts[i]])) as Progress["byStatus"],
    flagged,
    dropped,
    disputed: disputes,
    reviewers,
    causes: causes.sort(byRank),
    problem,
  };
}

/** Flags, refusals first, then drops, then edits; a cause's rules behind it. */
function byRank(a: Cause, b: Cause): number {
  const kinds = ["flag", "drop", "edit"];
  const isRefusal = ({ name }: Cause): number => (name.split("/")[0] === "refusal" ? 1 : 0);
  return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || isRefusal(b) - isRefusal(a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

interface Words {
  /** Decided contents by the cause that had brought them to review. */
  readonly judged: Map<string, number>;
  /** Those of them that were dropped or edited: the cause was right. */
  readonly confirmed: Map<string, number>;
  readonly reviewers: Progress["reviewers"];
}

function wordsOf(book: DecisionBook): Words {
  const judged = new Map<string, number>();
  const confirmed = new Map<string, number>();
  const reviewers = new Map<string, { keep: number; drop: number; edit: number; skip: number }>();
  for (const hash of book.hashes()) {
    const standing = book.standing(hash);
    for (const key of standing ? withParents(standing.rules ?? []) : []) {
      judged.set(key, (judged.get(key) ?? 0) + 1);
      if (standing!.decision !== "keep") confirmed.set(key, (confirmed.get(key) ?? 0) + 1);
    }
    const last = new Map(book.linesOf(hash).map((line) => [line.reviewer, line.decision]));
    for (const [name, decision] of last) {
      let counts = reviewers.get(name);
      if (!counts) reviewers.set(name, (counts = { keep: 0, drop: 0, edit: 0, skip: 0 }));
      if (decision !== "undo") counts[decision]++;
    }
  }
  return {
    judged,
    confirmed,
    reviewers: [...reviewers].map(([name, counts]) => ({ name, ...counts })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** "flag:refusal/sorry" counts for "flag:refusal" too. */
function withParents(keys: readonly string[]): Set<string> {
  const all = new Set(keys);
  for (const key of keys) {
    const parts = key.split("/");
    const depth = key.startsWith("flag:") ? 1 : 2;
    if (parts.length > depth) all.add(parts.slice(0, depth).join("/"));
  }
  return all;
}
