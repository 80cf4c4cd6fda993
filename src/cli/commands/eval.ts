// sluice eval RUN|CHECKPOINT: the held-out loss of a checkpoint, by source, and how its sample answers behave.
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { counted } from "../../core/count.ts";
import { recipeError } from "../../core/errors.ts";
import { readJsonFile } from "../../io/json-file.ts";
import { evaluateCheckpoint } from "../../pipeline/evaluate-checkpoint.ts";
import type { Manifest } from "../../pipeline/manifest.ts";
import { checkpointOf } from "../../pipeline/open-checkpoint.ts";
import type { Recipe } from "../../pipeline/recipe.ts";
import { type Command, jsonOption } from "../command.ts";
import { findRun } from "../recipe-file.ts";
import { formatShare, formatTable } from "../table.ts";

export const evaluate: Command = {
  words: "RUN|CHECKPOINT",
  positionals: { least: 1, most: 1 },
  options: {
    run: { type: "string", value: "RUN", help: "whose held-out rows to measure on, where the checkpoint is not in a run's folder" },
    json: jsonOption,
  },
  async run({ values, positionals: [word] }) {
    const say = (text: string): void => void process.stderr.write(`${text}\n`);
    const checkpoint = checkpointOf(word, say);
    const folder = typeof values.run === "string" ? findRun(values.run) : runOf(checkpoint);
    const manifest = readJsonFile<Manifest>(join(folder, "run.json"), "`sluice run RECIPE` makes it again from the run's work files");
    const figures = await evaluateCheckpoint({ checkpoint, folder, manifest, settings: (manifest.recipe as Recipe).train, say });
    if (values.json === true) {
      process.stdout.write(`${JSON.stringify({ checkpoint, run: folder, ...figures })}\n`);
      return 0;
    }
    const { eval_loss, eval_loss_by_source, tokens, behaviour, answers } = figures;
    const line = (name: string, loss: number): string[] => [name, loss.toFixed(4), Math.exp(loss).toFixed(2)];
    process.stdout.write(
      `${checkpoint} on ${counted(tokens, "held-out token")} with loss of ${folder}\n\n${formatTable([
        ["source", "loss", "perplexity"],
        ...Object.entries(eval_loss_by_source).map(([source, loss]) => line(source, loss)),
        line("all", eval_loss),
      ])}`,
    );
    const rates = Object.entries(behaviour).filter(([, share]) => share > 0);
    if (answers > 0 && rates.length === 0) process.stdout.write(`\nnone of ${answers} sample answers refuses, disclaims or apologises\n`);
    else if (answers > 0)
      process.stdout.write(
        `\n${formatTable([[`of ${answers} sample answers`, "share"], ...rates.map(([name, share]) => [name.replaceAll("_", " "), formatShare(share)])])}`,
      );
    return 0;
  },
};

/** The run that a checkpoint was made by: data/runs/<name>/checkpoints/step-N or data/runs/<name>/merged. */
function runOf(checkpoint: string): string {
  if (existsSync(checkpoint)) {
    const real = realpathSync(checkpoint);
    for (const folder of [dirname(real), dirname(dirname(real))]) if (existsSync(join(folder, "run.json"))) return folder;
  }
  throw recipeError({
    where: checkpoint,
    expected: "a checkpoint inside a run's folder, or --run RUN",
    found: "no run.json above it",
    fix: "say on whose held-out rows: --run data/runs/<name>",
  });
}
