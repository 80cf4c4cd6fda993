// Compares two runs row by row: which rows changed their fate, and from what to what.
import { existsSync } from "node:fs";
import { recipeError } from "../core/errors.ts";
import { type LedgerLine, readLedger } from "../io/ledger-reader.ts";
import { runPaths } from "./paths.ts";
import { readPlan } from "./frozen-plan.ts";
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
  const compare = (id: string, old: string, now: string): void => {
    if (old === now) same++;
    else note({ id, before: old, after: now });
  };
  // The two ledgers are read side by side, because most ids stand in about the same place: only those that do not are remembered.
  const pending = { before: new Map<string, string>(), after: new Map<string, string>() };
  const olds = new LedgerLines(left.ledger);
  const news = new LedgerLines(right.ledger);
  for (;;) {
    while (olds.empty) await olds.load();
    while (news.empty) await news.load();
    const [old, now] = [olds.take(), news.take()];
    if (!old && !now) break;
    if (old && now && old.id === now.id) {
      compare(now.id, fateOf(old), fateOf(now));
      continue;
    }
    if (now) {
      const known = pending.before.get(now.id);
      if (known === undefined) pending.after.set(now.id, fateOf(now));
      else compare(now.id, known, fateOf(now));
      pending.before.delete(now.id);
    }
    if (old) {
      const known = pending.after.get(old.id);
      if (known === undefined) pending.before.set(old.id, fateOf(old));
      else compare(old.id, fateOf(old), known);
      pending.after.delete(old.id);
    }
  }
  for (const [id, now] of pending.after) note({ id, before: "absent", after: now });
  for (const [id, old] of pending.before) note({ id, before: old, after: "absent" });
  return {
    recipe: diffRecipes(readPlan(left)?.recipe ?? {}, readPlan(right)?.recipe ?? {}),
    same,
    changed,
    kinds: [...kinds].map(([kind, figures]) => ({ kind, ...figures })).sort((a, b) => b.rows - a.rows),
    examples,
  };
}

/** A ledger's lines one after the other. Loading is asynchronous, taking a line is not: there may be millions. */
class LedgerLines {
  private readonly batches: AsyncGenerator<FateLine[], void, undefined>;
  private lines: readonly FateLine[] = [];
  private place = 0;
  private ended = false;

  constructor(path: string) {
    this.batches = readLedger(path, fateColumns);
  }

  get empty(): boolean {
    return this.place === this.lines.length && !this.ended;
  }

  async load(): Promise<void> {
    const { value, done } = await this.batches.next();
    this.lines = value ?? [];
    this.place = 0;
    this.ended = done === true;
  }

  /** Undefined behind the last line. */
  take(): FateLine | undefined {
    return this.place < this.lines.length ? this.lines[this.place++] : undefined;
  }
}

const fateColumns = ["id", "state", "stage", "reason", "times_used"] as const;
type FateLine = Pick<LedgerLine, (typeof fateColumns)[number]>;

function fateOf(line: FateLine): string {
  if (line.state === "used") return `used x${line.times_used}`;
  return line.reason === "" ? line.state : `${line.state}: ${line.stage}/${line.reason}`;
}
