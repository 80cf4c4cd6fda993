// The plan: everything that decides the run's bytes, frozen in plan.json before any work. A run with another plan is refused, with what changed.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { aboutKey, dataError, recipeError, type SluiceError } from "../core/errors.ts";
import { writeAtomic } from "../io/atomic.ts";
import { type InputFile, type PlannedFile, type PlanOptions, resolveInputs, type Split } from "../io/index.ts";
import { loadTokenizerFiles } from "../io/tokenizer-files.ts";
import { decisionsFile, readDecisions } from "./decisions.ts";
import { planHash } from "./frozen-plan.ts";
import type { RunPaths } from "./paths.ts";
import { type CurationRecipe, curationOf, type Recipe } from "./recipe.ts";
import { diffRecipes } from "./recipe-diff.ts";
import { frozenDecisions } from "./reviewed.ts";

export interface PlannedInput {
  readonly source: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly format: string;
  readonly compression: string;
}

/** A piece of an input file that one task reads. */
export interface PlannedSplit {
  /** Number of the source in the recipe. */
  readonly source: number;
  /** As it stands in row ids. */
  readonly file: string;
  readonly split: Split;
}

export interface PlannedDecisions {
  readonly file: string;
  readonly lines: number;
  readonly sha256: string;
}

/**
 * Raised whenever work files are written in another way, or the same row could be judged otherwise: what an earlier build left half done
 * is then started over, not read wrongly.
 */
const workFormat = 6;

export interface Plan {
  readonly sluice: string;
  readonly work_format: number;
  readonly recipe: CurationRecipe;
  readonly inputs: readonly PlannedInput[];
  readonly splits: readonly PlannedSplit[];
  readonly evaluation: readonly PlannedInput[];
  readonly evaluation_splits: readonly PlannedSplit[];
  readonly skipped_files: readonly string[];
  /** SHA-256 of each tokenizer file. */
  readonly tokenizer: Readonly<Record<string, string>>;
  /** The review decisions as they were: what was decided later belongs to the next run. */
  readonly decisions: PlannedDecisions;
  /** The Jinja text where the recipe does not name a built-in template. */
  readonly chat_template: string | undefined;
}

/** Looks at input files; the answers are in the files' order. */
export type PlanFiles = (files: readonly InputFile[], options: PlanOptions) => Promise<readonly PlannedFile[]>;

/** Looks at every input file once: sizes, hashes, split points. Also copies the tokenizer into the run. */
export async function makePlan(options: {
  readonly recipe: Recipe;
  /** Review decisions stand beside it. */
  readonly recipeFile: string;
  readonly version: string;
  readonly paths: RunPaths;
  readonly planFiles: PlanFiles;
}): Promise<Plan> {
  const { recipeFile, version, paths, planFiles } = options;
  const recipe = curationOf(options.recipe);
  const cacheDir = join(paths.work, "inputs");
  const skipped: string[] = [];
  const wanted: { readonly file: InputFile; readonly source: string; readonly number: number }[] = [];
  for (const [number, source] of recipe.sources.entries()) {
    const found = await aboutKey(["sources", source.name, "path"], () =>
      resolveInputs({ where: `sources.${source.name} path`, path: source.path, cacheDir }),
    );
    skipped.push(...found.skipped);
    for (const file of found.files) wanted.push({ file, source: source.name, number });
  }
  const sourceFiles = wanted.length;
  for (const path of recipe.decontaminate?.against ?? []) {
    const found = await resolveEvaluation(path, cacheDir);
    for (const file of found.files) wanted.push({ file, source: "decontaminate.against", number: 0 });
  }
  const [planned, tokenizer] = await Promise.all([
    planFiles(
      wanted.map(({ file }) => file),
      { splitBytes: recipe.split_bytes, cacheDir },
    ),
    planTokenizer(recipe, paths),
  ]);
  const inputs = planned.map(({ name, bytes, sha256, format, compression }, i): PlannedInput => {
    return { source: wanted[i].source, file: name, bytes, sha256, format, compression };
  });
  const splits = planned.map(({ name, splits: pieces }, i) =>
    pieces.map((split): PlannedSplit => ({ source: wanted[i].number, file: name, split })),
  );
  return {
    sluice: version,
    work_format: workFormat,
    recipe,
    inputs: inputs.slice(0, sourceFiles),
    splits: splits.slice(0, sourceFiles).flat(),
    evaluation: inputs.slice(sourceFiles),
    evaluation_splits: splits.slice(sourceFiles).flat(),
    skipped_files: skipped,
    decisions: planDecisions(decisionsFile(recipeFile, recipe.name), paths),
    ...tokenizer,
  };
}

/** The files of a path of decontaminate.against. */
export function resolveEvaluation(path: string, cacheDir: string): ReturnType<typeof resolveInputs> {
  return aboutKey(["decontaminate", "against"], () => resolveInputs({ where: "decontaminate.against", path: [path], cacheDir }));
}

/** Checks the decisions and copies them into the run. */
function planDecisions(file: string, paths: RunPaths): PlannedDecisions {
  const { lines, sha256 } = readDecisions(file);
  if (lines > 0) writeAtomic(frozenDecisions(paths), readFileSync(file));
  return { file, lines, sha256 };
}

async function planTokenizer(recipe: CurationRecipe, paths: RunPaths): Promise<Pick<Plan, "tokenizer" | "chat_template">> {
  const files = await aboutKey(["tokenizer"], () => loadTokenizerFiles(recipe.tokenizer));
  const hashes: Record<string, string> = {};
  const folder = join(paths.work, "tokenizer");
  for (const [name, bytes] of Object.entries(files)) {
    hashes[name] = createHash("sha256").update(bytes).digest("hex");
    writeAtomic(join(folder, name), bytes);
  }
  return { tokenizer: hashes, chat_template: templateText(recipe, files) };
}

/** The Jinja text a recipe asks for: the tokenizer's own, or a file's; undefined for the built-in ones. */
export function templateText(recipe: CurationRecipe, files: Readonly<Record<string, Uint8Array>>): string | undefined {
  if (recipe.chat_template === "chatml" || recipe.chat_template === "alpaca") return undefined;
  if (recipe.chat_template !== "tokenizer") {
    if (existsSync(recipe.chat_template)) return readFileSync(recipe.chat_template, "utf8");
    throw recipeError({
      where: "chat_template",
      key: ["chat_template"],
      expected: "tokenizer, chatml, alpaca, or a .jinja file",
      found: `${recipe.chat_template}, and no such file`,
      fix: "check the path: it is relative to where the command runs",
    });
  }
  const separate = files["chat_template.jinja"];
  return separate ? Buffer.from(separate).toString("utf8") : undefined;
}

/** Throws what changed where a run is continued with another plan. */
export function refuseChange(before: Plan, now: Plan, run: string): void {
  if (planHash(before) === planHash(now)) return;
  const changes: string[] = [];
  if (before.sluice !== now.sluice) changes.push(`sluice ${before.sluice} -> ${now.sluice}`);
  for (const { path, before: old, after } of diffRecipes(before.recipe, now.recipe))
    changes.push(`${path}: ${shown(old)} -> ${shown(after)}`);
  const recipeChanged = changes.length > 0;
  if (before.work_format !== now.work_format) changes.push("this build of sluice writes work files in another way");
  changes.push(...changedFiles([...before.inputs, ...before.evaluation], [...now.inputs, ...now.evaluation]));
  for (const name of new Set([...Object.keys(before.tokenizer), ...Object.keys(now.tokenizer)])) {
    if (before.tokenizer[name] !== now.tokenizer[name]) changes.push(`tokenizer file ${name} differs`);
  }
  const othersChanged = changes.length > 0 || before.chat_template !== now.chat_template;
  if (before.decisions?.file !== now.decisions.file)
    changes.push(`review decisions are looked for in ${now.decisions.file}, before in ${before.decisions?.file ?? "no file"}`);
  else if (before.decisions.sha256 !== now.decisions.sha256)
    changes.push(`review decisions ${now.decisions.file}: ${before.decisions?.lines ?? 0} lines -> ${now.decisions.lines} lines`);
  if (before.chat_template !== now.chat_template) changes.push("the chat template differs");
  const fix = othersChanged
    ? "undo the change, give the recipe another name, or start over with --fresh"
    : "start over with --fresh, which replays the decisions, or give the recipe another name";
  throw changedError({ recipeChanged, run, changes, fix });
}

function changedError(change: {
  readonly recipeChanged: boolean;
  readonly run: string;
  readonly changes: readonly string[];
  readonly fix: string;
}): SluiceError {
  const { recipeChanged, run, changes, fix } = change;
  const make = recipeChanged ? recipeError : dataError;
  return make({
    where: run,
    expected: "the recipe and the inputs this run was started with",
    found: changes.join("\n            "),
    fix,
  });
}

function changedFiles(before: readonly PlannedInput[], now: readonly PlannedInput[]): string[] {
  const key = (input: PlannedInput): string => `${input.source}/${input.file}`;
  const old = new Map(before.map((input) => [key(input), input]));
  const changes: string[] = [];
  for (const input of now) {
    const known = old.get(key(input));
    old.delete(key(input));
    if (!known) changes.push(`new input ${key(input)}`);
    else if (known.sha256 !== input.sha256) {
      changes.push(
        `input ${key(input)} changed: ${known.bytes} bytes, sha256 ${known.sha256.slice(0, 12)} -> ${input.bytes} bytes, ${input.sha256.slice(0, 12)}`,
      );
    }
  }
  for (const name of old.keys()) changes.push(`input ${name} is gone`);
  return changes;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "(not set)";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
