// What a training run came to, for the terminal.
import { count } from "../core/count.ts";
import { readJsonLines } from "../io/json-file.ts";
import type { RunPaths } from "../pipeline/paths.ts";
import type { GenerationLine, TrainingRecord } from "../pipeline/training-record.ts";
import { onOneLine } from "./show.ts";
import { formatShare, formatTable } from "./table.ts";

/** Sample answers shown. */
const shown = 3;
/** Characters of each that are shown. */
const width = 200;

export function trainingText(training: TrainingRecord, paths: RunPaths): string {
  const { first, best, last, stopped, steps, planned_steps, behaviour, ended, method, seconds, loss_tokens } = training;
  const parts: string[] = [];
  const how = { finished: "trained", early_stopping: "stopped early", interrupted: "interrupted; the same command continues" }[stopped];
  parts.push(
    `${how}: ${count(steps)} of ${count(planned_steps)} steps (${method}), ${count(loss_tokens)} tokens with loss, ${seconds.toFixed(1)} s\n`,
  );
  const evals = [
    ["before training", first?.eval_loss],
    ["best", best?.eval_loss],
    ["last", last?.eval_loss],
  ] as const;
  const rows = evals.flatMap(([name, loss]) =>
    loss === undefined ? [] : [[name, name === "best" ? `step ${best!.step}` : "", loss.toFixed(4)]],
  );
  if (rows.length > 0) parts.push(formatTable([["evaluation", "", "loss"], ...rows]));
  const changed = behaviour.filter(({ before, after }) => before > 0 || after > 0);
  const rates = changed.map(({ name, before, after }) => [name.replaceAll("_", " "), formatShare(before), formatShare(after)]);
  if (ended) rates.push(["ends by itself", formatShare(ended.before), formatShare(ended.after)]);
  if (rates.length > 0) parts.push(formatTable([[`of ${ended?.rows ?? behaviour[0].rows} sample answers`, "before", "after"], ...rates]));
  if (stopped !== "interrupted")
    for (const line of readJsonLines<GenerationLine>(paths.generations).slice(0, shown)) parts.push(sampleText(line));
  return parts.join("\n");
}

function sampleText({ prompt, before, after }: GenerationLine): string {
  const question = prompt.findLast(({ role }) => role === "user")?.content ?? "";
  return `prompt  ${onOneLine(question, width)}\nbefore  ${onOneLine(before, width)}\nafter   ${onOneLine(after, width)}\n`;
}
