// The recipe: YAML text to a frozen value with every default filled in, or errors that name line, key, what was expected and found.
// It reads no files; paths in it are checked by whoever opens them.
import { Document, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, type Scalar, type YAMLMap } from "yaml";
import type { Action } from "../core/verdict.ts";
import { filters as registry } from "../filters/index.ts";
import { type PresetName, presets } from "../train/presets.ts";
import { checkRecipe, withoutEffect } from "./recipe-checks.ts";
import { lineOf, pairOf, problems, schemaProblems, syntaxProblem } from "./recipe-problems.ts";
import { type RecipeInput, recipeSchema } from "./recipe-schema.ts";
import { synonyms } from "./recipe-synonyms.ts";

export interface RecipeSource {
  readonly name: string;
  readonly path: readonly string[];
  readonly format: "auto" | "messages" | "sharegpt" | "alpaca" | "prompt-completion" | "text";
  readonly columns?: Readonly<Record<string, string>>;
}

export interface RecipeFilter {
  readonly name: string;
  readonly action: Action;
  readonly options: Readonly<Record<string, unknown>>;
}

type Stage<Key extends "hold_out" | "decontaminate" | "dedup"> = Exclude<NonNullable<RecipeInput[Key]>, false>;

export interface Recipe extends Omit<RecipeInput, "name" | "sources" | "filters" | "hold_out" | "decontaminate" | "dedup"> {
  readonly name: string;
  /** In the recipe's order, which is the order of priority. */
  readonly sources: readonly RecipeSource[];
  readonly filters: readonly RecipeFilter[];
  /** null: the stage is off. */
  readonly hold_out: Stage<"hold_out"> | null;
  readonly decontaminate: Stage<"decontaminate"> | null;
  readonly dedup: Stage<"dedup"> | null;
}

/** What decides the shards: a change of other training settings needs no new curation. */
export interface CurationRecipe extends Omit<Recipe, "train"> {
  readonly train: Pick<Recipe["train"], "max_length" | "packing">;
}

export function curationOf(recipe: Recipe): CurationRecipe {
  const { max_length, packing } = recipe.train;
  return { ...recipe, train: { max_length, packing } };
}

export interface ParsedRecipe {
  readonly recipe: Recipe;
  /** To be told: which words were read as which, and which do nothing. */
  readonly notes: readonly string[];
}

/** `file` is for messages and for the default name. */
export function parseRecipe(text: string, file: string): ParsedRecipe {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw problems(
      file,
      document.errors.map((error) => syntaxProblem(error, document, lines)),
    );
  }
  if (!isMap(document.contents)) {
    const found = document.contents === null ? "nothing" : isScalar(document.contents) ? "one value" : "a list";
    throw problems(file, [
      { line: 1, expected: "keys and values: name, tokenizer, sources ...", found, fix: "pipelines/quickstart.yaml is an example" },
    ]);
  }
  const notes = renameSynonyms(document as Document<YAMLMap>, lines);
  const parsed = recipeSchema.safeParse(withPreset(plainValue(document, file)));
  if (!parsed.success)
    throw problems(
      file,
      parsed.error.issues.flatMap((issue) => schemaProblems(issue, document, lines)),
    );
  const recipe = frozen(filledIn(parsed.data, document, file));
  const place = { file, document, lines };
  checkRecipe(recipe, place);
  return { recipe, notes: [...notes, ...withoutEffect(recipe, place)] };
}

/** The line of a key of the recipe, or of the nearest key around it; undefined where not even its section is there. */
export function lineOfKey(text: string, key: readonly string[]): number | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (!isMap(document.contents)) return undefined;
  renameSynonyms(document as Document<YAMLMap>, lines);
  return document.has(key[0]) ? lineOf(document, lines, key) : undefined;
}

/** Puts a preset's values under the keys that are written beside it. */
function withPreset(value: unknown): unknown {
  const { train } = value as { readonly train?: unknown };
  if (typeof train !== "object" || train === null) return value;
  const {
    preset: name,
    fp16,
    eval_strategy,
  } = train as { readonly preset?: PresetName; readonly fp16?: unknown; readonly eval_strategy?: unknown };
  const preset = presets[name!];
  // What is written excludes these.
  const instead = { ...(fp16 === true && { bf16: false }), ...(eval_strategy === "no" && { early_stopping_patience: undefined }) };
  return preset ? { ...(value as object), train: { ...preset, ...instead, ...train } } : value;
}

/** Aliases that would grow without end are refused by the YAML library. */
function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw problems(file, [{ line: undefined, expected: "YAML with few aliases (*name)", found, fix: "write the values out" }]);
  }
}

/** Moves other tools' words to where ours stand; a word of ours that is there already wins the place and makes theirs an error. */
function renameSynonyms(document: Document<YAMLMap>, lines: LineCounter): string[] {
  const notes: string[] = [];
  for (const [section, words] of Object.entries(synonyms)) {
    const map = section === "" ? document.contents : document.getIn([section], true);
    if (!isMap(map)) continue;
    for (const [theirs, ours] of Object.entries(words)) {
      const at = section === "" ? [theirs] : [section, theirs];
      if (!document.hasIn(at)) continue;
      const target = ours.split(".");
      if (document.hasIn(target)) continue; // both are there: theirs stays and is reported as unknown
      if (target.length > 1 && !document.has(target[0])) document.contents?.items.push(document.createPair(target[0], {}) as Pair);
      const into = target.length > 1 ? document.get(target[0]) : document.contents;
      if (!isMap(into)) continue; // hold_out: false, train: 3
      const line = lineOf(document, lines, at);
      const pair = document.createPair(target[target.length - 1], null) as unknown as Pair<Scalar, Node | null>;
      pair.key.range = pairOf(map, theirs)?.key.range; // errors name the line where it was written
      pair.value = document.getIn(at, true) as Node | null;
      document.deleteIn(at);
      into.items.push(pair);
      notes.push(`${at.join(".")} (line ${line}) is read as ${ours}`);
    }
  }
  return notes;
}

function filledIn(input: RecipeInput, document: Document, file: string): Recipe {
  const { name, sources, filters, hold_out, decontaminate, dedup, ...rest } = input;
  return {
    name: name ?? nameOf(file),
    ...rest,
    sources: writtenKeys(document, "sources").map((source) => ({ name: source, ...sources[source] })),
    filters: filledFilters(filters, writtenKeys(document, "filters")),
    hold_out: hold_out || null,
    decontaminate: decontaminate || null,
    dedup: dedup || null,
  };
}

/** A section's keys in the order in which they were written; parsed objects have another (the schema's, or numbers first). */
function writtenKeys(document: Document, section: string): string[] {
  const map = document.get(section);
  return isMap(map) ? map.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : [];
}

/** The filters that are named, in the recipe's order; all with their defaults where none is. */
function filledFilters(given: RecipeInput["filters"], written: readonly string[]): RecipeFilter[] {
  const names = given ? written : registry.filter(({ optIn }) => optIn !== true).map(({ name }) => name);
  return names.flatMap((name) => {
    const filter = registry.find((candidate) => candidate.name === name);
    const wanted = given?.[name as keyof typeof given] as false | Record<string, unknown> | undefined;
    if (!filter || wanted === false) return [];
    const { action, ...options } = { action: filter.action, ...(filter.defaults as object), ...wanted };
    return [{ name, action, options }];
  });
}

function nameOf(file: string): string {
  const base = file.split(/[\\/]/).pop() ?? "";
  return (
    base
      .replace(/\.ya?ml$/i, "")
      .replace(/[^A-Za-z0-9._-]+/g, "-")
      .replace(/^[^A-Za-z0-9]+/, "") || "recipe"
  );
}

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
