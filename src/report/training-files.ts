// The files that a trainer leaves beside the run record: metrics.jsonl, training.json, generations.jsonl. Their names are a contract.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readEndedJsonLines } from "../io/json-file.ts";
import { runPaths } from "../pipeline/paths.ts";
import { type GenerationLine, readTrainingRecord, type TrainingRecord } from "../pipeline/training-record.ts";

/** A line of metrics.jsonl: of a log step, or of an evaluation. Losses are nats a token; null where they were not finite. */
export interface Metric {
  readonly step: number;
  readonly epoch: number;
  readonly loss?: number | null;
  readonly learning_rate?: number;
  readonly grad_norm?: number | null;
  readonly tokens_per_second?: number;
  readonly loss_by_source?: Readonly<Record<string, number | null>>;
  readonly eval_loss?: number | null;
  readonly eval_loss_by_source?: Readonly<Record<string, number | null>>;
}

export function readTraining(folder: string): TrainingRecord | undefined {
  return readTrainingRecord(runPaths(folder));
}

export function readMetrics(folder: string): Metric[] {
  return readLines<Metric>(join(folder, "metrics.jsonl"));
}

export function readGenerations(folder: string): GenerationLine[] {
  return readLines<GenerationLine>(join(folder, "generations.jsonl"));
}

/** Whole lines only: a trainer may be in the middle of writing the last one. */
function readLines<Line>(path: string): Line[] {
  return existsSync(path) ? readEndedJsonLines<Line>(path, "train again with `sluice train RUN --fresh`") : [];
}
