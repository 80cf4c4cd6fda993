// Reads a recipe named on the command line and says how it was understood.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { recipeError, SluiceError } from "../core/errors.ts";
import { lineOfKey, parseRecipe, type Recipe } from "../pipeline/recipe.ts";

export function readRecipe(file: string, say: (text: string) => void): Recipe {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || stats.isDirectory()) {
    throw recipeError({
      where: file,
      expected: "a recipe (a YAML file)",
      found: stats === undefined ? "no such file" : "a folder",
      fix: stats !== undefined ? "name the recipe in it, or below pipelines/" : "check the path; pipelines/quickstart.yaml is an example",
    });
  }
  const { recipe, notes } = parseRecipe(readFileSync(file, "utf8"), file);
  for (const note of notes) say(`note: ${note}`);
  return recipe;
}

/** Works on a recipe; errors about one of its keys come with the file and the line. */
export async function withLines<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SluiceError) || error.parts.key === undefined || !existsSync(file)) throw error;
    const line = lineOfKey(readFileSync(file, "utf8"), error.parts.key);
    throw new SluiceError(error.kind, { ...error.parts, where: `${file}${line === undefined ? "" : `:${line}`} ${error.parts.where}` });
  }
}

/** Where a recipe's run is kept. */
export function runFolder(recipe: Recipe): string {
  return join("data", "runs", recipe.name);
}

/** A run named on the command line: its folder, or its name below data/runs. */
export function findRun(word: string): string {
  for (const folder of [word, join("data", "runs", word)]) if (existsSync(join(folder, "plan.json"))) return folder;
  throw recipeError({
    where: word,
    expected: "a run: its folder, or its name below data/runs",
    found: "no plan.json there",
    fix: "start one with `sluice run RECIPE`",
  });
}
