// Keys of a recipe that are right by themselves and not beside others, or that the code behind them refuses. Each check throws all it finds;
// what was written and does nothing is only told.
import { type Document, isMap, type LineCounter } from "yaml";
import { nearest, SluiceError } from "../core/errors.ts";
import { filters as registry } from "../filters/index.ts";
import { columnLayout } from "../io/schemas/columns.ts";
import { checkProportions as checkShares } from "../mix/shares.ts";
import { targetModules } from "../train/model/lora.ts";
import { warms } from "../train/schedule.ts";
import type { Recipe } from "./recipe.ts";
import { lineOf, type Problem, problems } from "./recipe-problems.ts";

export interface Place {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** Throws what a recipe contradicts itself in. */
export function checkRecipe(recipe: Recipe, place: Place): void {
  checkColumns(recipe, place);
  checkProportions(recipe, place);
  checkPrecision(recipe, place);
  checkWarmup(recipe, place);
  checkEarlyStopping(recipe, place);
  checkTargetModules(recipe, place);
  checkFilterOptions(recipe, place);
}

/** What `columns` may name is known where records are read; a wrong name is told before any is. */
function checkColumns({ sources }: Recipe, { file, document, lines }: Place): void {
  const found = sources.flatMap(({ name, format, columns }) =>
    columns ? refusalOf(() => columnLayout(columns, format), ["sources", name, "columns"], { document, lines }) : [],
  );
  if (found.length > 0) throw problems(file, found);
}

function checkTargetModules({ train }: Recipe, { file, document, lines }: Place): void {
  const found = refusalOf(() => targetModules(train.target_modules), ["train", "target_modules"], { document, lines });
  if (found.length > 0) throw problems(file, found);
}

/** What the code behind a key says against its value, told with the key and its line. */
function refusalOf(use: () => unknown, path: readonly string[], { document, lines }: Omit<Place, "file">): Problem[] {
  try {
    use();
    return [];
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const { expected, found, fix, key = path } = error.parts;
    return [{ line: lineOf(document, lines, key), key: key.join("."), expected, found, fix }];
  }
}

function checkProportions({ mix, sources }: Recipe, { file, document, lines }: Place): void {
  const { proportions } = mix;
  if (proportions === undefined) return;
  const names = sources.map(({ name }) => name);
  const unknown = Object.keys(proportions).filter((name) => !names.includes(name));
  const found = unknown.map((name): Problem => ({
    line: lineOf(document, lines, ["mix", "proportions", name]),
    key: `mix.proportions.${name}`,
    expected: `one of the sources ${names.join(", ")}`,
    found: name,
    fix: nearest(name, names) ? `did you mean ${nearest(name, names)}?` : "remove it or add the source",
  }));
  if (found.length === 0) found.push(...refusalOf(() => checkShares(proportions, names), ["mix", "proportions"], { document, lines }));
  if (found.length > 0) throw problems(file, found);
}

function checkPrecision({ train }: Recipe, { file, document, lines }: Place): void {
  if (!train.bf16 || !train.fp16) return;
  const line = lineOf(document, lines, ["train", "fp16"]);
  const fix = "leave one of them out; bf16 needs no loss scaling";
  throw problems(file, [{ line, key: "train.fp16", expected: "bf16 or fp16", found: "both", fix }]);
}

function checkWarmup({ train }: Recipe, { file, document, lines }: Place): void {
  const written = (key: string): boolean => document.hasIn(["train", key]);
  if (!written("warmup_steps") || !written("warmup_ratio")) return;
  const line = lineOf(document, lines, ["train", "warmup_steps"]);
  const found = `both: ${train.warmup_steps} steps and a share of ${train.warmup_ratio}`;
  throw problems(file, [{ line, key: "train.warmup_steps", expected: "warmup_steps or warmup_ratio", found, fix: "remove one of them" }]);
}

function checkEarlyStopping({ train }: Recipe, { file, document, lines }: Place): void {
  if (train.early_stopping_patience === undefined || train.eval_strategy !== "no") return;
  const key = "early_stopping_patience";
  const line = lineOf(document, lines, ["train", key]);
  const fix = `remove ${key}, or set eval_strategy: epoch or steps`;
  throw problems(file, [{ line, key: `train.${key}`, expected: "evaluations to count", found: "eval_strategy: no", fix }]);
}

/** Keys that were written and do nothing beside others. */
export function withoutEffect({ train }: Recipe, place: Omit<Place, "file">): string[] {
  if (train.model === undefined) return withoutModel(place);
  const { document, lines } = place;
  const idle: readonly (readonly [boolean, readonly string[], string])[] = [
    [!warms(train), ["warmup_ratio", "warmup_steps"], "with lr_scheduler_type: constant; constant_with_warmup rises to a constant rate"],
    [train.eval_strategy !== "steps", ["eval_steps"], `with eval_strategy: ${train.eval_strategy}`],
    [train.early_stopping_patience === undefined, ["early_stopping_threshold"], "without early_stopping_patience"],
    [
      train.method === "full",
      ["r", "lora_alpha", "lora_dropout", "target_modules", "use_rslora", "save_merged"],
      "with method: full; lora and qlora train adapters",
    ],
  ];
  return idle.flatMap(([is, keys, why]) =>
    keys
      .filter((key) => is && document.hasIn(["train", key]))
      .map((key) => `train.${key} (line ${lineOf(document, lines, ["train", key])}) has no effect ${why}`),
  );
}

/** Keys of train that the shards depend on, and a preset, which may set them. */
const usedByShards: readonly string[] = ["max_length", "packing", "preset"];

function withoutModel({ document, lines }: Omit<Place, "file">): string[] {
  const section = document.get("train");
  const written = isMap(section) ? section.items.map(({ key }) => String(key)) : [];
  const told = written
    .filter((key) => !usedByShards.includes(key))
    .map((key) => `${key} (line ${lineOf(document, lines, ["train", key])})`);
  return told.length === 0 ? [] : [`train names no model, so nothing is trained and these have no effect: ${told.join(", ")}`];
}

/** Filters check the options they are given, not their own defaults: some take long to make. What they say is told with the line. */
function checkFilterOptions({ filters }: Recipe, { file, document, lines }: Place): void {
  const found: Problem[] = [];
  for (const { name, options } of filters) {
    const filter = registry.find((candidate) => candidate.name === name);
    const defaults = filter?.defaults as Readonly<Record<string, unknown>> | undefined;
    if (Object.entries(options).every(([key, value]) => value === defaults?.[key])) continue;
    try {
      filter?.create(options);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      found.push({
        line: lineOf(document, lines, ["filters", name]),
        key: `filters.${name}`,
        expected: error.message,
        found: JSON.stringify(options),
        fix: "mend the option",
      });
    }
  }
  if (found.length > 0) throw problems(file, found);
}
