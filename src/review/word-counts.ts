// What reviewers said so far, in numbers: how much each of them decided, and how often they agreed with each rule. Only contents whose
// decisions changed are counted anew, so that an answer costs the same after ten decisions and after fifty thousand.
import type { DecisionBook } from "../pipeline/decisions.ts";
import type { Progress } from "./api.ts";

type Reviewer = { name: string; keep: number; drop: number; edit: number; skip: number };

/** What one content adds to the counts. */
interface Share {
  readonly causes: ReadonlySet<string>;
  readonly isConfirmed: boolean;
  /** Last word of each reviewer. */
  readonly last: ReadonlyMap<string, "keep" | "drop" | "edit" | "skip">;
}

export class WordCounts {
  /** Decided contents by the cause that had brought them to review. */
  readonly judged = new Map<string, number>();
  /** Those of them that were dropped or edited: the cause was right. */
  readonly confirmed = new Map<string, number>();
  private readonly byReviewer = new Map<string, Reviewer>();
  private readonly shares = new Map<string, Share>();

  update(book: DecisionBook, hashes: readonly string[] | "all"): void {
    if (hashes === "all") for (const hash of this.shares.keys()) this.count(hash, undefined);
    for (const hash of hashes === "all" ? book.hashes() : new Set(hashes)) this.count(hash, shareOf(book, hash));
  }

  reviewers(): Progress["reviewers"] {
    return [...this.byReviewer.values()]
      .filter(({ keep, drop, edit, skip }) => keep + drop + edit + skip > 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Takes a content's old share out and its new one in. */
  private count(hash: string, share: Share | undefined): void {
    const before = this.shares.get(hash);
    if (before) this.add(before, -1);
    if (share) {
      this.add(share, 1);
      this.shares.set(hash, share);
    } else this.shares.delete(hash);
  }

  private add({ causes, isConfirmed, last }: Share, by: 1 | -1): void {
    for (const key of causes) {
      this.judged.set(key, (this.judged.get(key) ?? 0) + by);
      if (isConfirmed) this.confirmed.set(key, (this.confirmed.get(key) ?? 0) + by);
    }
    for (const [name, word] of last) {
      let counts = this.byReviewer.get(name);
      if (!counts) this.byReviewer.set(name, (counts = { name, keep: 0, drop: 0, edit: 0, skip: 0 }));
      counts[word] += by;
    }
  }
}

function shareOf(book: DecisionBook, hash: string): Share {
  const standing = book.standing(hash);
  const last = new Map<string, "keep" | "drop" | "edit" | "skip">();
  for (const { reviewer, decision } of book.linesOf(hash)) if (decision !== "undo") last.set(reviewer, decision);
  return { causes: withParents(standing?.rules ?? []), isConfirmed: standing !== undefined && standing.decision !== "keep", last };
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
