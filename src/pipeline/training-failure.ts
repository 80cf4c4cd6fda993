// training-failure.json: how the last start of a training failed, for people and the report. The next start that trains takes it away.
import { existsSync, rmSync } from "node:fs";
import { type ErrorParts, SluiceError } from "../core/errors.ts";
import { writeAtomic } from "../io/atomic.ts";
import { readJsonFile } from "../io/json-file.ts";
import { checkpointName, lastWhole } from "./checkpoint-folder.ts";
import type { RunPaths } from "./paths.ts";

export interface TrainingFailure extends ErrorParts {
  /** As the recipe names it. */
  readonly model: string;
  /** The last whole checkpoint, below the run's folder; null where none was saved. */
  readonly checkpoint: string | null;
}

/** Writes how training failed. A start that was refused for its recipe says nothing about the training, and leaves no trace. */
export function noteFailure(paths: RunPaths, model: string, error: unknown): void {
  if (error instanceof SluiceError && error.kind === "recipe") return;
  const { step: last } = lastWhole(paths.checkpoints, "train");
  const failure: TrainingFailure = {
    model,
    ...(error instanceof SluiceError ? error.parts : ourFault(error)),
    checkpoint: last === undefined ? null : `checkpoints/${checkpointName(last)}`,
  };
  writeAtomic(paths.trainingFailure, `${JSON.stringify(failure, null, 1)}\n`);
}

function ourFault(error: unknown): ErrorParts {
  return {
    where: "the trainer",
    expected: "no fault of Sluice's own",
    found: error instanceof Error ? error.message : String(error),
    fix: "report it; the same command goes on from the last whole checkpoint",
  };
}

export function forgetFailure(paths: RunPaths): void {
  rmSync(paths.trainingFailure, { force: true });
}

export function readTrainingFailure(paths: RunPaths): TrainingFailure | undefined {
  const fix = "the next `sluice train RUN` takes it away; or delete it";
  return existsSync(paths.trainingFailure) ? readJsonFile<TrainingFailure>(paths.trainingFailure, fix) : undefined;
}
