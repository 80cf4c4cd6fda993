// Where a run keeps what: one place that spells file names.
import { join } from "node:path";

export interface RunPaths {
  readonly folder: string;
  readonly plan: string;
  readonly runRecord: string;
  readonly ledger: string;
  readonly quarantine: string;
  readonly examples: string;
  /** The training curve, a JSON line per log or evaluation; TensorBoard's files of the same. */
  readonly metrics: string;
  readonly tensorboard: string;
  /** What decides a training run's bytes, frozen before its first step. */
  readonly trainingPlan: string;
  /** The training's record, written when it ends. */
  readonly training: string;
  /** Held-out prompts with the model's answers before and after. */
  readonly generations: string;
  readonly checkpoints: string;
  /** After LoRA: the whole model, adapter merged in. */
  readonly merged: string;
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
  reviewed: "jsonl",
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
    metrics: join(folder, "metrics.jsonl"),
    tensorboard: join(folder, "tensorboard"),
    trainingPlan: join(folder, "training-plan.json"),
    training: join(folder, "training.json"),
    generations: join(folder, "generations.jsonl"),
    checkpoints: join(folder, "checkpoints"),
    merged: join(folder, "merged"),
    done: (task) => join(work, "done", `${task}.json`),
    part: (kind, index) => join(work, kind, `${String(index).padStart(5, "0")}.${endings[kind]}`),
  };
}

/** Whether a file of run.json's `outputs` was left by training; the others were left by curation. */
export function isTrainingOutput(file: string): boolean {
  return /^(checkpoints|merged|tensorboard)\/|^(metrics\.jsonl|training\.json|generations\.jsonl)$/.test(file);
}

/** `train-00000.arrow` */
export function shardName(part: "train" | "eval", index: number): string {
  return `${part}-${String(index).padStart(5, "0")}.arrow`;
}
