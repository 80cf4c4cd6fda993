// How far the review is: rows by status and cause, who decided how much, and how often reviewers agreed with each rule.
import { type Cause, type Progress, statuses } from "./api.ts";
import type { RowStatuses } from "./row-status.ts";
import { isDropped, isFlagged, type RunIndex } from "./run-index.ts";
import type { WordCounts } from "./word-counts.ts";

export function measureProgress(options: {
  readonly index: RunIndex;
  readonly rowStatuses: RowStatuses;
  readonly words: WordCounts;
  readonly version: number;
  readonly problem: string;
}): Progress {
  const { index, rowStatuses, words, version, problem } = options;
  const { status, disputed } = rowStatuses;
  const counts = statuses.map(() => 0);
  const flagged = { rows: 0, open: 0 };
  const dropped = { rows: 0, open: 0 };
  const causeRows = new Uint32Array(index.causes.length);
  const causeOpen = new Uint32Array(index.causes.length);
  let disputes = 0;
  for (const row of index.order) {
    const open = status[row] === 0 ? 1 : 0;
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
  const causes = index.causes.map(({ key, kind, name, depth }, i): Cause => ({
    key,
    kind,
    name,
    depth,
    rows: causeRows[i],
    open: causeOpen[i],
    judged: words.judged.get(key) ?? 0,
    confirmed: words.confirmed.get(key) ?? 0,
  }));
  return {
    version,
    rows: index.order.length,
    byStatus: Object.fromEntries(statuses.map((name, i) => [name, counts[i]])) as Progress["byStatus"],
    flagged,
    dropped,
    disputed: disputes,
    reviewers: words.reviewers(),
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
