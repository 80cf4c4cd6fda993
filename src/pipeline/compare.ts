// Compares two runs row by row: which rows changed their fate, and from what to what.
import { existsSync } from "node:fs";
import { recipeError } from "../core/errors.ts";
import { readLedger } from "../io/ledger-file.ts";
import { runPaths } from "./paths.ts";
import { readPlan } from "./plan.ts";
import { diffRecipes } from "./recipe-diff.ts";

export interface RowChange {
  readonly id: string;
  /** e.g. "used x2" or "dropped: length/response_short"; "absent" where the run did not read the row. */
  readonly before: string;
  readonly after: string;
}

export interface ChangeKind {
  readonly kind: string;
  readonly before: string;
  readonly after: string;
  readonly rows: number;
  readonly examples: readonly string[];
}

/** Examples of a kind of change. */
const examplesOfKind = 3;

export interface RunDifference {
  readonly recipe: readonly { readonly path: string; readonly before: unknown; readonly after: unknown }[];
  readonly same: number;
  readonly changed: number;
  /** Rows by kind of change, "before -> after", most first, with the ids of the first few. */
  readonly kinds: readonly ChangeKind[];
  /** The first changes, in ledger order. */
  readonly examples: readonly RowChange[];
}

/** Rows are matched by id. */
export async function compareRuns(before: string, after: string, limit: number): Promise<RunDifference> {
  const [left, right] = [before, after].map((folder) => runPaths(folder));
  for (const paths of [left, right]) {
    if (!existsSync(paths.ledger)) {
      throw recipeError({
        where: paths.folder,
        expected: "a finished run with a ledger",
        found: "no ledger.parquet",
        fix: "finish it with `sluice run RECIPE`",
      });
    }
  }
  const fates = new Map<string, string>();
  for await (const lines of readLedger(left.ledger, fateColumns)) for (const line of lines) fates.set(line.id, fateOf(line));
  const kinds = new Map<string, { before: string; after: string; rows: number; examples: string[] }>();
  const examples: RowChange[] = [];
  let same = 0;
  let changed = 0;
  const note = (change: RowChange): void => {
    changed++;
    const kind = `${change.before} -> ${change.after}`;
    let known = kinds.get(kind);
    if (!known) kinds.set(kind, (known = { before: change.before, after: change.after, rows: 0, examples: [] }));
    known.rows++;
    if (known.examples.length < examplesOfKind) known.examples.push(change.id);
    if (examples.length < limit) examples.push(change);
  };
  for await (const lines of readLedger(right.ledger, fateColumns)) {
    for (const line of lines) {
      const old = fates.get(line.id) ?? "absent";
      fates.delete(line.id);
      const now = fateOf(line);
      if (old === now) same++;
      else note({ id: line.id, before: old, after: now });
    }
  }
  for (const [id, old] of fates) note({ id, before: old, after: "absent" });
  return {
    recipe: diffRecipes(readPlan(left)?.recipe ?? {}, readPlan(right)?.recipe ?? {}),
    same,
    changed,
    kinds: [...kinds].map(([kind, figures]) => ({ kind, ...figures })).sort((a, b) => b.rows - a.rows),
    examples,
  };
}

const fateColumns = ["id", "state", "stage", "reason", "times_used"] as const;

function fateOf(line: { readonly state: string; readonly stage: string; readonly reason: string; readonly times_used: number }): string {
  if (line.state === "used") return `used x${line.times_used}`;
  return line.reason === "" ? line.state : `${line.state}: ${line.stage}/${line.reason}`;
}
