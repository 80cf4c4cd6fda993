// How many of the rows that a refusal rule or a flag speaks of have a decision in the recipe's decisions file. Rows are known by content hash.
import { existsSync } from "node:fs";
import { readJsonLines } from "../io/json-lines.ts";
import { readLedger } from "../io/ledger-file.ts";

export interface ReviewState {
  /** Decisions in the file; of a row that was decided twice, the last counts. */
  readonly decisions: number;
  /** By flag, or by reason of the refusal filter: rows of this run, and decided rows by decision. */
  readonly by_reason: Readonly<Record<string, { readonly rows: number; readonly decided: Readonly<Record<string, number>> }>>;
}

interface Decision {
  readonly content_hash: string;
  readonly decision: string;
}

export async function readReview(decisionsFile: string, ledger: string): Promise<ReviewState> {
  // The ledger is only read where there is something to look up in it.
  if (!existsSync(decisionsFile)) return { decisions: 0, by_reason: {} };
  const decisions = new Map<string, string>();
  for (const { content_hash, decision } of readJsonLines<Decision>(decisionsFile)) decisions.set(content_hash, decision);
  const counts: Record<string, { rows: number; decided: Record<string, number> }> = {};
  const note = (reason: string, decision: string | undefined): void => {
    const into = (counts[reason] ??= { rows: 0, decided: {} });
    into.rows++;
    if (decision !== undefined) into.decided[decision] = (into.decided[decision] ?? 0) + 1;
  };
  for await (const lines of readLedger(ledger, ["content_hash", "stage", "reason", "flags"])) {
    for (const { content_hash, stage, reason, flags } of lines) {
      if (stage !== "refusal" && flags.length === 0) continue;
      const decision = decisions.get(content_hash);
      if (stage === "refusal") note(reason, decision);
      for (const flag of flags) note(flag, decision);
    }
  }
  return { decisions: decisions.size, by_reason: counts };
}
