// sluice run RECIPE: curates, and says what came out and where it is.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { count, counted } from "../../core/count.ts";
import { recipeError, SluiceError } from "../../core/errors.ts";
import type { Manifest } from "../../pipeline/manifest.ts";
import { runPaths } from "../../pipeline/paths.ts";
import { type RunOptions, runRecipe, type RunOutcome, stageNames, type StageName } from "../../pipeline/run.ts";
import { type Command, type CommandInput, type CommandOption, jsonOption } from "../command.ts";
import { createInterrupt } from "../interrupt.ts";
import { createProgress } from "../progress.ts";
import { readRecipe, runFolder, withLines } from "../recipe-file.ts";
import { printable } from "../show.ts";
import { formatShare, formatTable } from "../table.ts";
import { trainingText } from "../training-text.ts";
import { version } from "../version.ts";

export const workersOption: CommandOption = {
  type: "string",
  value: "N",
  help: "threads that read, judge and write rows; left out: one for every core. The result does not depend on it",
};

export const run: Command = {
  words: "RECIPE",
  positionals: { least: 1, most: 1 },
  options: {
    workers: workersOption,
    fresh: { type: "boolean", help: "delete what an earlier run of this name left, and start over" },
    "dry-run": { type: "boolean", help: "stop before any shard is written and show the mix; the same as --until mix" },
    until: { type: "string", value: "STAGE", help: `stop after this stage: ${stageNames.join(", ")}; left out: train` },
    json: jsonOption,
  },
  async run({ values, positionals }) {
    const progress = createProgress(process.stderr);
    const recipe = readRecipe(positionals[0], progress.say);
    const folder = runFolder(recipe);
    const options: RunOptions = {
      recipe,
      recipeFile: positionals[0],
      version,
      folder,
      workers: workersOf(values.workers),
      fresh: values.fresh === true,
      until: stageOf(values),
      progress,
      interrupt: createInterrupt(progress.say),
    };
    const outcome = withLines(positionals[0], () => runRecipe(options));
    // Loaded while workers start; the first step does not wait for it.
    void loadReport();
    return finishCommand(values, await orReportedFailure(outcome, { folder, say: progress.say }));
  },
};

const loadReport = (): Promise<typeof import("../../report/index.ts")> => import("../../report/index.ts");

/** What a run came to. Where training failed, the report tells of it before the error does. */
export async function orReportedFailure(
  outcome: Promise<RunOutcome>,
  { folder, say }: { readonly folder: string; readonly say: (text: string) => void },
): Promise<RunOutcome> {
  try {
    return await outcome;
  } catch (error) {
    // A run that was refused before it began has no report, and one that cannot be written must not hide the error.
    if (error instanceof SluiceError && existsSync(runPaths(folder).trainingFailure)) {
      const { writeReport } = await loadReport();
      const report = await writeReport(folder).catch(() => undefined);
      if (report) say(`the report tells how far training came: ${report}`);
    }
    throw error;
  }
}

/** Writes the report and tells what came out. Returns the exit code: 130, as shells have it, where Ctrl-C ended the training. */
export async function finishCommand(values: CommandInput["values"], outcome: RunOutcome): Promise<number> {
  const { writeReport } = await loadReport();
  const report = outcome.manifest ? await writeReport(outcome.paths.folder) : undefined;
  process.stdout.write(values.json === true ? `${JSON.stringify(asJson(outcome, report))}\n` : asText(outcome, report, values));
  return outcome.training?.stopped === "interrupted" ? 130 : 0;
}

export function workersOf(word: unknown): number {
  if (word === undefined) return availableParallelism();
  const workers = Number(word);
  if (Number.isInteger(workers) && workers >= 1 && workers <= 256) return workers;
  throw recipeError({
    where: "--workers",
    expected: "a whole number from 1 to 256",
    found: String(word),
    fix: "leave it out to use every core",
  });
}

function stageOf({ "dry-run": dry, until: word }: CommandInput["values"]): StageName {
  if (dry === true && word !== undefined) {
    const fix = "leave out one of them: --dry-run is --until mix";
    throw recipeError({ where: "--dry-run --until", expected: "one of them", found: "both", fix });
  }
  if (word === undefined) return dry === true ? "mix" : "train";
  const stage = stageNames.find((name) => name === word);
  if (stage) return stage;
  throw recipeError({ where: "--until", expected: stageNames.join(", "), found: String(word), fix: "name one of these stages" });
}

function asJson(outcome: RunOutcome, report: string | undefined): unknown {
  const { manifest, mixed, training, paths, alreadyComplete, trainedNow, notWhole } = outcome;
  if (manifest) {
    const complete = alreadyComplete && !trainedNow;
    return { run: paths.folder, already_complete: complete, not_whole: notWhole, report, record: manifest, training };
  }
  return {
    run: paths.folder,
    mix: mixed && { sources: mixed.plan.sources, warnings: mixed.plan.warnings, available: mixed.available, achieved: mixed.achieved },
    diversity: mixed?.diversity,
  };
}

function asText(outcome: RunOutcome, report: string | undefined, values: CommandInput["values"]): string {
  const { manifest, mixed, paths } = outcome;
  if (manifest && report) return finishedText(manifest, outcome, report);
  if (!mixed) return `stopped as asked; what is done is kept in ${paths.folder}\n`;
  return `${mixText(outcome)}\nNo shards were written. Run without ${values["dry-run"] === true ? "--dry-run" : "--until"} to write them to ${paths.folder}\n`;
}

function finishedText(manifest: Manifest, outcome: RunOutcome, report: string): string {
  const { paths, training } = outcome;
  const { states, stages, mix, packing, warnings } = manifest;
  const parts: string[] = [];
  if (outcome.alreadyComplete) parts.push(completeText(outcome));
  const names = Object.keys(states).filter((name) => name !== "");
  parts.push(
    formatTable([
      ["source", "read", "used", "unused", "dropped", "quarantined", "held out"],
      ...[...names, ""].map((name) => {
        const counts = states[name];
        return [name || "all", counts.read, counts.used, counts.unused, counts.dropped, counts.quarantined, counts.held_out];
      }),
    ]),
  );
  const drops = stages.flatMap(({ stage, reasons }) => Object.entries(reasons).map(([reason, rows]) => [stage, reason, rows]));
  if (drops.length > 0) parts.push(formatTable([["stage", "reason", "rows"], ...drops]));
  const flags = Object.entries(manifest.flags).map(([flag, bySource]) => [flag, Object.values(bySource).reduce((a, b) => a + b, 0)]);
  if (flags.length > 0) parts.push(formatTable([["flag", "rows"], ...flags]));
  if (mix) {
    parts.push(
      formatTable([
        ["mix", "requested", "achieved", "rows", "tokens", "loss tokens", "repeats"],
        ...mix.sources.map((source) => [
          source.name,
          formatShare(source.proportion),
          formatShare(source.achieved_share),
          source.achieved.rows,
          source.achieved.tokens,
          source.achieved.loss_tokens,
          source.repeats.least === source.repeats.most ? `${source.repeats.most}x` : `${source.repeats.least}-${source.repeats.most}x`,
        ]),
      ]),
    );
  }
  if (manifest.review) parts.push(reviewText(manifest.review));
  for (const { stage, text } of warnings) parts.push(`warning (${stage}): ${printable(text)}\n`);
  if (packing) {
    parts.push(
      `${counted(packing.documents, "document")} packed into ${counted(packing.rows, "row")} of ${counted(packing.max_length, "token")}, ${formatShare(packing.efficiency)} full\n`,
    );
  }
  if (training) parts.push(trainingText(training, paths));
  parts.push(
    [
      `curated shards   ${join(paths.folder, "curated")}`,
      `training shards  ${join(paths.folder, "tokenized")}`,
      `ledger           ${paths.ledger}`,
      `run record       ${paths.runRecord}`,
      `report           ${report}`,
      ...(training ? [`checkpoint       ${join(paths.folder, training.checkpoint)}`] : []),
      ...(training?.merged ? [`merged model     ${join(paths.folder, training.merged)}`] : []),
      "",
    ].join("\n"),
  );
  return parts.join("\n");
}

/** What an earlier start had done, and whether it is all there. */
function completeText({ manifest, paths, training, trainedNow, notWhole }: RunOutcome): string {
  const trained = manifest !== undefined && "training" in manifest;
  if (trainedNow || (trained && !training)) return "The data were curated already, and their files are whole.\n";
  if (notWhole.length === 0) return "This run was complete already and all its files are whole.\n";
  const list = notWhole.map((text) => `  ${text}\n`).join("");
  return `This run was complete already, and the checkpoint to use is whole. Of what else its training left, this is missing or changed:\n${list}It is not made again; \`sluice train ${paths.folder} --fresh\` trains anew.\n`;
}

function reviewText({ file, decisions, applied, unmatched, rows }: NonNullable<Manifest["review"]>): string {
  const done = `${counted(rows.kept, "row")} kept (${count(rows.brought_back)} brought back), ${count(rows.dropped)} dropped, ${count(rows.edited)} edited`;
  return `review: ${count(applied)} of ${counted(decisions, "decision")} in ${file} applied: ${done}; ${count(unmatched)} ${unmatched === 1 ? "matches" : "match"} no row any more\n`;
}

/** The plan of the mix: what is there, what is wanted, what it takes. */
function mixText({ mixed, plan }: RunOutcome): string {
  if (!mixed) return "";
  const unit = plan.recipe.mix.weigh_by;
  const table = formatTable([
    ["source", "rows", "tokens", "loss tokens", "share", `wanted ${unit}`, "repeats", "gets rows", "gets tokens", "gets loss tokens"],
    ...mixed.plan.sources.map((source, i) => [
      source.name,
      mixed.available[i].rows,
      mixed.available[i].tokens,
      mixed.available[i].loss_tokens,
      formatShare(source.proportion),
      source.wanted,
      source.repeatFloor === source.repeatCeil ? `${source.repeatCeil}x` : `${source.repeatFloor}-${source.repeatCeil}x`,
      mixed.achieved[i].rows,
      mixed.achieved[i].tokens,
      mixed.achieved[i].loss_tokens,
    ]),
  ]);
  const { tasks, entropy_bits, entropy_share, instruction_tokens, response_tokens } = mixed.diversity;
  const rows = Object.values(tasks).reduce((a, b) => a + b, 0);
  const kinds = Object.entries(tasks)
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([task, count]) => [task, count, rows === 0 ? "" : formatShare(count / rows)]);
  const lengths = formatTable([
    ["tokens", "mean", "p5", "p50", "p95", "max"],
    ...Object.entries({ instruction: instruction_tokens, response: response_tokens }).map(([name, l]) => [
      name,
      Math.round(l.mean),
      l.p5,
      l.p50,
      l.p95,
      l.max,
    ]),
  ]);
  const warnings = mixed.warnings.map((text) => `warning (mix): ${printable(text)}\n`).join("");
  const diversity = `${formatTable([["task in the mix", "rows", "share"], ...kinds])}\nentropy ${entropy_bits.toFixed(2)} bits, ${formatShare(entropy_share)} of its maximum\n`;
  return [table, warnings, diversity, lengths].filter((part) => part !== "").join("\n");
}
