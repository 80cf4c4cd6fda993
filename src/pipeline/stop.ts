// A run that cannot go on to a mix: too many records are unreadable, or no mix can be made of the rows that are left. It ends with an error,
// but with a ledger and a run record too, so that every record's fate can be looked up.
import { join } from "node:path";
import { count, counted, percent } from "../core/count.ts";
import { dataError, SluiceError } from "../core/errors.ts";
import { createProfile, summariseProfile } from "../diversity/profile.ts";
import { writeColumns } from "../io/columns-file.ts";
import { unreadableDetail } from "./lost-rows.ts";
import type { Manifest } from "./manifest.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import type { RowTable } from "./row-table.ts";
import { noSurvivor, type Settled } from "./stage-dedup.ts";
import type { Mixed } from "./stage-mix.ts";
import type { ReadCounts } from "./task-read.ts";

export interface Stop {
  /** The stage that could not be finished. */
  readonly stage: "read" | "mix";
  readonly error: SluiceError;
}

/** What stops a run without data, or whose data is mostly unreadable. */
export function unreadableError(plan: Plan, read: readonly ReadCounts[], paths: RunPaths): SluiceError | undefined {
  let records = 0;
  let bad = 0;
  const reasons: Record<string, { rows: number; readonly split: number }> = {};
  read.forEach((counts, split) => {
    records += counts.records;
    for (const [reason, rows] of Object.entries(counts.quarantined)) {
      bad += rows;
      (reasons[reason] ??= { rows: 0, split }).rows += rows;
    }
  });
  const { max_quarantined } = plan.recipe;
  if (records === 0) {
    const names = plan.inputs.map(({ file }) => file);
    return dataError({
      where: `the sources ${plan.recipe.sources.map(({ name }) => name).join(", ")}`,
      expected: "records",
      found: `none in ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", ..." : ""}`,
      fix: "check the sources' paths and how their files were made",
    });
  }
  if (bad / records <= max_quarantined) return undefined;
  const list = Object.entries(reasons).sort((a, b) => b[1].rows - a[1].rows);
  const [first, { split }] = list[0];
  const told = list.map(([reason, { rows }]) => `${reason} ${rows}`).join(", ");
  return dataError({
    where: `${count(bad)} of ${counted(records, "record")} could not be read as rows`,
    expected: `at most ${percent(max_quarantined)} (max_quarantined)`,
    found: `${((100 * bad) / records).toFixed(2)} %: ${told}; the first ${first}: ${unreadableDetail(paths, split, first)}`,
    fix: `look at ${paths.quarantine}, then mend the files, give the source a format or columns, or raise max_quarantined`,
  });
}

/** Rows that no stage has looked at. */
export function unsettled(table: RowTable): Settled {
  return {
    code: new Uint16Array(table.rows),
    survivor: new Uint32Array(table.rows).fill(noSurvivor),
    similarity: new Float32Array(table.rows),
    held: new Uint8Array(table.rows),
    broughtBack: 0,
  };
}

/** A mix of no rows. Writes what the ledger is made from. */
export function notMixed(paths: RunPaths, table: RowTable, { code, survivor, similarity }: Settled, stop: Stop): Mixed {
  const times = new Uint16Array(table.rows);
  writeColumns(join(paths.work, "final.columns"), { code, survivor, similarity, times });
  const totals = { requested: 0, wanted: 0, rows: 0, tokens: 0, lossTokens: 0 };
  const plan: Mixed["plan"] = { weighBy: "rows", sources: [], totals, warnings: [] };
  return {
    plan,
    times,
    available: [],
    achieved: [],
    spans: [],
    cut: { rows: 0, of: 0, longest: 0 },
    warnings: [],
    diversity: summariseProfile(createProfile()),
    stop,
  };
}

export function recordedStop({ stage, error: { kind, parts } }: Stop): NonNullable<Manifest["failure"]> {
  return { stage, kind, ...parts };
}

/** The error that a run ended with, from its record. */
export function stopError({ kind, where, key, expected, found, fix }: NonNullable<Manifest["failure"]>): SluiceError {
  return new SluiceError(kind, { where, key, expected, found, fix });
}
