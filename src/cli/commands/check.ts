// sluice check RECIPE: is the recipe sound, how are its files understood, which tokens are trained on.
import { checkData } from "../../pipeline/check-data.ts";
import { checkTraining, type TrainingCheck } from "../../pipeline/check-training.ts";
import { previewRecipe, type ShownRow, type SourcePreview } from "../../pipeline/preview.ts";
import type { Recipe } from "../../pipeline/recipe.ts";
import { type SmokeResult, smokeTest } from "../../pipeline/smoke.ts";
import { type BaseModel, findBaseModel } from "../../pipeline/training-setup.ts";
import { count, mebibytes } from "../../core/count.ts";
import { exitCodes } from "../../core/errors.ts";
import { type Command, jsonOption, rowsToShow } from "../command.ts";
import { readRecipe, withLines } from "../recipe-file.ts";
import { onOneLine, printable, printableName } from "../show.ts";
import { formatTable } from "../table.ts";

export const check: Command = {
  words: "RECIPE",
  positionals: { least: 1, most: 1 },
  options: {
    show: { type: "string", value: "ROWS", default: "1", help: "show so many rows of each source, with the tokens that are trained on" },
    smoke: { type: "boolean", help: "rehearse the training: a hundred steps on a few rows, then go or no-go" },
    json: jsonOption,
  },
  async run({ values, positionals: [file] }) {
    const show = rowsToShow(values.show);
    const say = (text: string): void => void process.stderr.write(`${text}\n`);
    const recipe = readRecipe(file, say);
    const smoke = values.smoke === true;
    const looked = await withLines(file, () => previewRecipe(recipe, smoke ? Math.max(show, smokeRows) : show));
    const previews = looked.map((preview) => ({ ...preview, shown: preview.shown.slice(0, show) }));
    const base = recipe.train.model === undefined && !smoke ? undefined : await withLines(file, () => findBaseModel(recipe.train, say));
    const training = base && (await withLines(file, () => checkTraining(recipe, base)));
    const { problems, warnings } = checkData(recipe, looked);
    const rehearsal = base && smoke && problems.length === 0 ? await rehearse(recipe, base, looked, say) : undefined;
    const code = problems.length > 0 ? exitCodes.data : rehearsal && !rehearsal.go ? exitCodes.training : 0;
    if (values.json === true) {
      process.stdout.write(`${JSON.stringify({ recipe, sources: previews, problems, training, smoke: rehearsal })}\n`);
      return code;
    }
    // no-color.org: any value but an empty one asks for none.
    const style = process.stdout.isTTY && !process.env.NO_COLOR ? styles.terminal : styles.plain;
    const verdict = problems.length === 0 ? "is sound" : "has no mistake in itself, but a run of it would fail";
    process.stdout.write(`recipe ${recipe.name}: ${file} ${verdict}\n`);
    for (const problem of problems) process.stdout.write(`problem: ${printable(problem)}\n`);
    process.stdout.write(`\n${sourceTable(previews)}`);
    for (const warning of warnings) process.stdout.write(`warning: ${printable(warning)}\n`);
    if (show > 0) process.stdout.write(`\n${style.legend}\n`);
    for (const { shown } of previews) for (const row of shown) process.stdout.write(`\n${rowText(row, style)}`);
    if (training) process.stdout.write(`\n${trainingText(training)}`);
    if (rehearsal) process.stdout.write(`\n${smokeText(rehearsal)}`);
    else if (smoke) process.stdout.write("\nno rehearsal: a run would fail before it trains\n");
    return code;
  },
};

/** Rows of each source that a rehearsal trains on. */
const smokeRows = 64;

/** How trained text is marked: green on a terminal, in double brackets elsewhere. */
const styles = {
  terminal: { start: "\u001b[32m", end: "\u001b[0m", legend: "Trained tokens are green; the rest carries no loss." },
  plain: { start: "[[", end: "]]", legend: "Trained tokens stand between [[ and ]]; the rest carries no loss." },
} as const;

function sourceTable(previews: readonly SourcePreview[]): string {
  const named = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, records]) => `${name} ${count(records)}`)
      .join(", ");
  return formatTable([
    ["source", "file", "format", "bytes", "looked at", "recognised as", "not readable"],
    ...previews.flatMap(({ name, files, records, schemas, malformed }) =>
      files.map((file, i) => [
        i === 0 ? name : "",
        file.name,
        file.compression === "none" ? file.format : `${file.format} (${file.compression})`,
        file.bytes,
        i === 0 ? records : "",
        i === 0 ? named(schemas) : "",
        i === 0 ? named(malformed) : "",
      ]),
    ),
  ]);
}

function trainingText({ engine, device, memory, warnings, notes }: TrainingCheck): string {
  const { parameters, parts, bytes } = memory;
  return [
    `training: ${count(parameters.total)} parameters, ${count(parameters.trained)} trained, on ${engine}: ${device}; ${mebibytes(bytes)} of memory (weights ${mebibytes(parts.weights)}, optimizer ${mebibytes(parts.optimizer)}, activations ${mebibytes(parts.activations)})\n`,
    ...warnings.map((text) => `warning (train): ${text}\n`),
    ...notes.map((text) => `note (train): ${text}\n`),
  ].join("");
}

function rehearse(recipe: Recipe, base: BaseModel, previews: readonly SourcePreview[], say: (text: string) => void): Promise<SmokeResult> {
  return smokeTest(
    recipe,
    base,
    previews.flatMap(({ shown }) => shown.slice(0, smokeRows)),
    say,
  );
}

function smokeText({ go, reasons, steps, loss, memory, tokens_per_second, answers }: SmokeResult): string {
  const lines = [
    `rehearsal: ${steps} steps, loss ${loss.first.toFixed(4)} -> ${loss.last.toFixed(4)}, ${count(Math.round(tokens_per_second))} tokens/s, ${mebibytes(memory.peak_bytes)} of memory (${mebibytes(memory.planned_bytes)} planned)`,
    ...answers.map(
      ({ prompt, text, ended }) => `  asked   ${onOneLine(prompt, 160)}\n  answer  ${onOneLine(text, 160)}${ended ? "" : " ... (cut)"}`,
    ),
    go ? "go" : `no-go: ${reasons.join("; ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function rowText({ id, tokens, lossTokens, mask, error }: ShownRow, style: (typeof styles)[keyof typeof styles]): string {
  if (error !== undefined) return `${printableName(id)}\nthe chat template refuses this row: ${printable(error)}\n`;
  const text = mask.map((run) => (run.trained ? `${style.start}${printable(run.text)}${style.end}` : printable(run.text))).join("");
  return `${printableName(id)}  ${count(tokens)} tokens, ${count(lossTokens)} trained\n${text}\n`;
}
