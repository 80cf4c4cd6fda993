// training.json and metrics.jsonl: what a training run leaves for people, the report and later tools. Names are a contract.
import { existsSync } from "node:fs";
import { readJsonFile } from "../io/json-file.ts";
import type { RunPaths } from "./paths.ts";
import type { Recipe } from "./recipe.ts";

export interface TrainingRecord {
  readonly engine: string;
  readonly device: string;
  readonly model: string;
  readonly method: "full" | "lora" | "qlora";
  readonly parameters: { readonly total: number; readonly trained: number };
  readonly settings: Recipe["train"];
  /** Done, and planned. */
  readonly steps: number;
  readonly planned_steps: number;
  readonly epochs: number;
  readonly tokens: number;
  readonly loss_tokens: number;
  /** Of this start; steps of earlier starts are not in it. */
  readonly seconds: number;
  /** Before the first step. */
  readonly first: { readonly eval_loss: number } | null;
  readonly best: { readonly step: number; readonly eval_loss: number; readonly checkpoint: string } | null;
  readonly last: { readonly step: number; readonly eval_loss: number } | null;
  readonly stopped: "finished" | "early_stopping" | "interrupted";
  readonly warnings: readonly string[];
  readonly memory: { readonly planned_bytes: number; readonly peak_bytes: number };
  /** Shares of the sample answers that behave so; rows: how many answers. */
  readonly behaviour: readonly { readonly name: string; readonly rows: number; readonly before: number; readonly after: number }[];
  /** Sample answers that ended by themselves. */
  readonly ended: { readonly rows: number; readonly before: number; readonly after: number } | null;
  /** The checkpoint to use, and the whole model where an adapter was merged; below the run's folder. */
  readonly checkpoint: string;
  readonly merged: string | null;
}

/** A line of generations.jsonl. */
export interface GenerationLine {
  readonly id: string;
  readonly source: string;
  readonly prompt: readonly { readonly role: string; readonly content: string }[];
  readonly reference: string;
  readonly before: string;
  readonly after: string;
}

/** The record of a training that ended, if there is one. */
export function readTrainingRecord(paths: RunPaths): TrainingRecord | undefined {
  return existsSync(paths.training) ? readJsonFile<TrainingRecord>(paths.training, "`sluice train RUN` writes it again") : undefined;
}
