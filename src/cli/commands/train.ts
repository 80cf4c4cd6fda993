// sluice train RECIPE|RUN: trains on a run's shards; curates first where that is not done yet.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { recipeError } from "../../core/errors.ts";
import { readJsonFile } from "../../io/json-file.ts";
import type { Manifest } from "../../pipeline/manifest.ts";
import type { Plan } from "../../pipeline/plan.ts";
import type { Recipe } from "../../pipeline/recipe.ts";
import { type RunOptions, runRecipe } from "../../pipeline/run.ts";
import { type Command, jsonOption } from "../command.ts";
import { createInterrupt } from "../interrupt.ts";
import { createProgress } from "../progress.ts";
import { findRun, readRecipe, runFolder, withLines } from "../recipe-file.ts";
import { version } from "../version.ts";
import { finishCommand, workersOf, workersOption } from "./run.ts";

export const train: Command = {
  words: "RECIPE|RUN",
  positionals: { least: 1, most: 1 },
  options: {
    fresh: { type: "boolean", help: "start the training over; the shards are kept" },
    workers: workersOption,
    json: jsonOption,
  },
  async run({ values, positionals: [word] }) {
    const progress = createProgress(process.stderr);
    const { recipe, recipeFile, folder } = /\.ya?ml$/i.test(word) ? fromRecipe(word, progress.say) : fromRun(word);
    if (recipe.train.model === undefined) {
      throw recipeError({
        where: `${recipeFile} train.model`,
        expected: "a folder in the Hugging Face layout or a Hub id",
        found: "nothing",
        fix: "name the model to train, e.g. train: { model: Qwen/Qwen2.5-0.5B }",
      });
    }
    const options: RunOptions = {
      recipe,
      recipeFile,
      version,
      folder,
      workers: workersOf(values.workers),
      fresh: false,
      freshTraining: values.fresh === true,
      until: "train",
      progress,
      interrupt: createInterrupt(progress.say),
    };
    const outcome = await withLines(recipeFile, () => runRecipe(options));
    return finishCommand(values, outcome);
  },
};

interface Named {
  readonly recipe: Recipe;
  readonly recipeFile: string;
  readonly folder: string;
}

function fromRecipe(recipeFile: string, say: (text: string) => void): Named {
  const recipe = readRecipe(recipeFile, say);
  return { recipe, recipeFile, folder: runFolder(recipe) };
}

/** A finished run keeps the recipe it was started with. */
function fromRun(word: string): Named {
  const folder = findRun(word);
  const record = join(folder, "run.json");
  if (!existsSync(record)) {
    throw recipeError({ where: folder, expected: "a finished run", found: "no run.json", fix: "finish it with `sluice run RECIPE`" });
  }
  const fix = "`sluice run RECIPE` makes it again from the run's work files";
  const { recipe, recipe_file } = readJsonFile<Manifest>(record, fix);
  const { decisions } = readJsonFile<Plan>(join(folder, "plan.json"), fix);
  // The recipe's folder is where its review decisions stand.
  return { recipe: recipe as Recipe, recipeFile: join(dirname(decisions.file), recipe_file), folder };
}
