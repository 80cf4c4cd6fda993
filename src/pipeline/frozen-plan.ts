// plan.json as it stands in a run's folder. Apart from how a plan is made, so that workers do not load what only that needs: it doubles
// the time they take to start.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readJsonFile } from "../io/json-file.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import { canonicalJson } from "./recipe-diff.ts";

/** The frozen plan of an earlier start, if there is one. */
export function readPlan(paths: RunPaths): Plan | undefined {
  if (!existsSync(paths.plan)) return undefined;
  return readJsonFile<Plan>(paths.plan, "`sluice run RECIPE` writes it again");
}

export function planHash(plan: Plan): string {
  return createHash("sha256").update(canonicalJson(plan)).digest("hex");
}
