// What decides a training run's bytes, frozen before its first step: settings, model, shards, engine. Continuing with another plan is refused.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { recipeError } from "../core/errors.ts";
import { readJsonFile } from "../io/json-file.ts";
import { writeAtomic } from "../io/atomic.ts";
import type { FileRecord } from "../io/atomic.ts";
import { weightsFingerprint } from "../io/weights-fingerprint.ts";
import { checkpointSteps } from "./checkpoint-folder.ts";
import type { RunPaths } from "./paths.ts";
import type { Recipe } from "./recipe.ts";
import { canonicalJson, diffRecipes } from "./recipe-diff.ts";
import type { BaseModel } from "./training-setup.ts";

export interface TrainingPlan {
  readonly sluice: string;
  readonly seed: number;
  readonly settings: Recipe["train"];
  /** The engine's name: another one rounds differently. */
  readonly engine: string;
  /** Of the base model: SHA-256 of its configs, weights as io/weights-fingerprint tells them. */
  readonly model: Readonly<Record<string, string>>;
  readonly shards: readonly FileRecord[];
}

/** Freezes the plan, or throws what changed since an earlier start. */
export function freezeTrainingPlan(paths: RunPaths, now: TrainingPlan): void {
  if (!existsSync(paths.trainingPlan)) {
    if (checkpointSteps(paths.checkpoints).length > 0) {
      throw recipeError({
        where: paths.checkpoints,
        expected: "training-plan.json beside it, which says what these checkpoints were trained with",
        found: "none",
        fix: "put the file back, or start training over on these shards with `sluice train RECIPE --fresh`",
      });
    }
    writeAtomic(paths.trainingPlan, `${canonicalJson(now)}\n`);
    return;
  }
  const before = readJsonFile<TrainingPlan>(paths.trainingPlan, "start training over on these shards with `sluice train RECIPE --fresh`");
  // What is only kept or told does not change the trained bytes.
  const deciding = (plan: TrainingPlan): TrainingPlan => ({
    ...plan,
    settings: { ...plan.settings, save_total_limit: 0, save_merged: false },
  });
  const changes = diffRecipes(deciding(before), deciding(now));
  if (changes.length === 0) return;
  throw recipeError({
    where: paths.checkpoints,
    expected: "the settings, model and shards that this training was started with",
    found: changes
      .map(({ path, before: old, after }) => `${path}: ${JSON.stringify(old)} -> ${JSON.stringify(after)}`)
      .join("\n            "),
    fix: "undo the change, or start training over on these shards with `sluice train RECIPE --fresh`",
  });
}

/** weights: false where they start at random, whatever lies in the folder. */
export async function modelFingerprint(
  { folder, configFile }: Pick<BaseModel, "folder" | "configFile">,
  { weights }: { readonly weights: boolean },
): Promise<Record<string, string>> {
  const files = weights ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [basename(configFile)];
  const sum = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
  return { ...Object.fromEntries(files.sort().map((name) => [name, sum(name)])), ...(weights ? await weightsFingerprint(folder) : {}) };
}
