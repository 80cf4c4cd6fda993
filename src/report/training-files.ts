// The files that a trainer leaves beside the run record: metrics.jsonl, training.json, generations.jsonl. Their names are a contract.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

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

export interface TrainingRecord {
  readonly engine: string;
  readonly device: string;
  readonly model: string;
  readonly method: "full" | "lora" | "qlora";
  readonly parameters: { readonly total: number; readonly trained: number };
  readonly settings: Readonly<Record<string, unknown>>;
  readonly steps: number;
  readonly epochs: number;
  readonly tokens: number;
  readonly loss_tokens: number;
  readonly seconds: number;
  /** Before the first step. */
  readonly first?: { readonly eval_loss: number };
  readonly best?: { readonly step: number; readonly eval_loss: number; readonly checkpoint: string };
  readonly last?: { readonly step: number; readonly eval_loss: number };
  readonly stopped: "finished" | "early_stopping" | "interrupted";
  readonly warnings: readonly string[];
  readonly memory?: { readonly planned_bytes: number; readonly peak_bytes: number };
  /** Shares of answers that show a behaviour, in [0, 1]. */
  readonly behaviour?: readonly { readonly name: string; readonly rows: number; readonly before: number; readonly after: number }[];
}

export interface Generation {
  readonly id: string;
  readonly source: string;
  readonly prompt: readonly { readonly role: string; readonly content: string }[];
  readonly reference: string;
  readonly before: string;
  readonly after: string;
}

export function readTraining(folder: string): TrainingRecord | undefined {
  const path = join(folder, "training.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as TrainingRecord) : undefined;
}

export function readMetrics(folder: string): Metric[] {
  return readLines<Metric>(join(folder, "metrics.jsonl"));
}

export function readGenerations(folder: string): Generation[] {
  return readLines<Generation>(join(folder, "generations.jsonl"));
}

/** Whole lines only: a trainer may be in the middle of writing the last one. */
function readLines<Line>(path: string): Line[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  lines.pop();
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
}
