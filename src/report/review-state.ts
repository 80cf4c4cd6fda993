// How many of the rows that a refusal rule or a flag speaks of have a decision in the recipe's decisions file. Rows are known by content hash.
import { readDecisions } from "../pipeline/decisions.ts";

export interface ReviewState {
  /** Contents with a decision that counts: of one decided twice, the last. */
  readonly decisions: number;
  /** By flag, or by reason of the refusal filter: rows of this run, and decided rows by decision. */
  readonly by_reason: Readonly<Record<string, { readonly rows: number; readonly decided: Readonly<Record<string, number>> }>>;
}

export async function readReview(decisionsFile: string, ledger: string): Promise<ReviewState> {
  // The ledger is only read, and what reads it only loaded, where there is something to look up in it.
  const { book, lines: written } = readDecisions(decisionsFile);
  if (written === 0) return { decisions: 0, by_reason: {} };
  const { readLedger } = await import("../io/ledger-reader.ts");
  const counts: Record<string, { rows: number; decided: Record<string, number> }> = {};
  const note = (reason: string, decision: string | undefined): void => {
    const into = (counts[reason] ??= { rows: 0, decided: {} });
    into.rows++;
    if (decision !== undefined) into.decided[decision] = (into.decided[decision] ?? 0) + 1;
  };
  for await (const lines of readLedger(ledger, ["content_hash", "stage", "reason", "flags"])) {
    for (const { content_hash, stage, reason, flags } of lines) {
      if (stage !== "refusal" && flags.length === 0) continue;
      const decision = book.standing(content_hash)?.decision;
      if (stage === "refusal") note(reason, decision);
      for (const flag of flags) note(flag, decision);
    }
  }
  return { decisions: book.size, by_reason: counts };
}
