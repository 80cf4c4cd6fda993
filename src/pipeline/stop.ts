// A run that cannot go on to a mix: too many records are unreadable, or no mix can be made of the rows that are left. It ends with an error,
// but with a ledger and a run record too, so that every record's fate can be looked up.
import { join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { createProfile, summariseProfile } from "../diversity/profile.ts";
import { writeColumns } from "../io/columns-file.ts";
import type { Manifest } from "./manifest.ts";
import type { RunPaths } from "./paths.ts";
import type { RowTable } from "./row-table.ts";
import { noSurvivor, type Settled } from "./stage-dedup.ts";
import type { Mixed } from "./stage-mix.ts";

export interface Stop {
  /** The stage that could not be finished. */
  readonly stage: "read" | "mix";
  readonly error: SluiceError;
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
