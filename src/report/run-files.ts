// What a run left, read from its folder. Nothing is computed here; files that a run need not have are undefined or empty.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { recipeError } from "../core/errors.ts";
import { readJsonFile } from "../io/json-file.ts";
import type { Examples, Manifest } from "../pipeline/manifest.ts";
import { runPaths } from "../pipeline/paths.ts";
import { readPlan } from "../pipeline/frozen-plan.ts";
import type { Plan } from "../pipeline/plan.ts";
import type { GenerationLine, TrainingRecord } from "../pipeline/training-record.ts";
import { type Metric, readGenerations, readMetrics, readTraining } from "./training-files.ts";
import { readReview, type ReviewState } from "./review-state.ts";

export interface RunFiles {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly examples: Examples;
  readonly plan: Plan | undefined;
  readonly training: TrainingRecord | undefined;
  readonly metrics: readonly Metric[];
  readonly generations: readonly GenerationLine[];
  readonly review: ReviewState;
}

const madeAgain = "`sluice run RECIPE` makes it again from the run's work files";

export async function readRun(folder: string): Promise<RunFiles> {
  const paths = runPaths(folder);
  if (!existsSync(paths.runRecord) || !existsSync(paths.examples)) {
    throw recipeError({
      where: folder,
      expected: "a finished run, with run.json and examples.json",
      found: existsSync(paths.plan) ? "a run that is not finished" : "no run",
      fix: "finish it with `sluice run RECIPE`, or watch it with `sluice report RUN --live`",
    });
  }
  const manifest = readJsonFile<Manifest>(paths.runRecord, madeAgain);
  if (manifest.samples.read === undefined || manifest.rules === undefined) {
    throw recipeError({
      where: paths.runRecord,
      expected: "a run record of this version of Sluice",
      found: "one that lacks figures the report shows",
      fix: "run the recipe again with --fresh",
    });
  }
  return {
    folder,
    manifest,
    examples: readJsonFile<Examples>(paths.examples, madeAgain),
    plan: readPlan(paths),
    training: readTraining(folder),
    metrics: readMetrics(folder),
    generations: readGenerations(folder),
    review: await readReview(manifest.review?.file ?? join("pipelines", `${manifest.name}.decisions.jsonl`), paths.ledger),
  };
}
