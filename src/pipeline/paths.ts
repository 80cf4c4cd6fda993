// Where a run keeps what: one place that spells file names.
import { join } from "node:path";

export interface RunPaths {
  readonly folder: string;
  readonly plan: string;
  readonly runRecord: string;
  readonly ledger: string;
  readonly quarantine: string;
  readonly examples: string;
  /** Everything that only resuming and explaining need. */
  readonly work: string;
  /** A task's completion record. */
  done(task: string): string;
  /** A work file of a split: kind is rows, read, quarantine, tokens, judged, verdicts, ledger ... */
  part(kind: PartKind, index: number): string;
}

const endings = {
  rows: "blobs",
  read: "columns",
  quarantine: "jsonl",
  tokens: "blobs",
  judged: "columns",
  verdicts: "jsonl",
  settled: "columns",
  ledger: "parquet",
} as const;
export type PartKind = keyof typeof endings;

export function runPaths(folder: string): RunPaths {
  const work = join(folder, "work");
  return {
    folder,
    work,
    plan: join(folder, "plan.json"),
    runRecord: join(folder, "run.json"),
    ledger: join(folder, "ledger.parquet"),
    quarantine: join(folder, "quarantine.jsonl"),
    examples: join(folder, "examples.json"),
    done: (task) => join(work, "done", `${task}.json`),
    part: (kind, index) => join(work, kind, `${String(index).padStart(5, "0")}.${endings[kind]}`),
  };
}

/** `train-00000.arrow` */
export function shardName(part: "train" | "eval", index: number): string {
  return `${part}-${String(index).padStart(5, "0")}.arrow`;
}
