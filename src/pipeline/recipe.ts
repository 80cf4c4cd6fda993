// The recipe: YAML text to a frozen value with every default filled in, or errors that name line, key, what was expected and found.
// It reads no files; paths in it are checked by whoever opens them.
import {
  Document,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import type { z } from "zod";
import { nearest, recipeError, SluiceError } from "../core/errors.ts";
import type { Action } from "../core/verdict.ts";
import { filters as registry } from "../filters/index.ts";
import { columnLayout } from "../io/schemas/columns.ts";
import { type PresetName, presets } from "../train/presets.ts";
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
  /** To be told: which words were read as which. */
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
      parsed.error.issues.flatMap((issue) => describe(issue, document, lines)),
    );
  const recipe = frozen(filledIn(parsed.data, document, file));
  checkColumns(recipe, { file, document, lines });
  checkProportions(recipe, { file, document, lines });
  checkPrecision(recipe, { file, document, lines });
  checkFilterOptions(recipe, { file, document, lines });
  return { recipe, notes };
}

/** The line of a key of the recipe, or of the nearest key around it; undefined where not even its section is there. */
export function lineOfKey(text: string, key: readonly string[]): number | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (!isMap(document.contents)) return undefined;
  renameSynonyms(document as Document<YAMLMap>, lines);
  return document.has(key[0]) ? lineOf(document, lines, key) : undefined;
}

function syntaxProblem(error: YAMLError, document: Document, lines: LineCounter): Problem {
  const { line } = lines.linePos(error.pos[0]);
  const twice = error.code === "DUPLICATE_KEY" ? keyAt(document, error.pos[0]) : undefined;
  if (twice === undefined) return { line, expected: "YAML", found: error.message, fix: "mend the syntax; indent with spaces" };
  const { name, first } = twice;
  const before = lines.linePos(first).line;
  return {
    line,
    key: name,
    expected: "each key once",
    found: `${name} again; it stands on line ${before} too`,
    fix: "keep one of the two",
  };
}

/** The key that is written at an offset, and the offset where the same map has it first. */
function keyAt(document: Document, offset: number): { readonly name: string; readonly first: number } | undefined {
  let found: { readonly name: string; readonly first: number } | undefined;
  visit(document, {
    Map(_, { items }) {
      const keys = items.flatMap(({ key }) => (isScalar(key) && key.range ? [{ name: String(key.value), at: key.range[0] }] : []));
      const here = keys.find(({ at }) => at === offset);
      if (here) found = { name: here.name, first: keys.find(({ name }) => name === here.name)!.at };
    },
  });
  return found;
}

/** Puts a preset's values under the keys that are written beside it. */
function withPreset(value: unknown): unknown {
  const { train } = value as { readonly train?: unknown };
  if (typeof train !== "object" || train === null) return value;
  const { preset: name, fp16 } = train as { readonly preset?: PresetName; readonly fp16?: unknown };
  const preset = presets[name!];
  // The two exclude each other.
  const instead = fp16 === true ? { bf16: false } : {};
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

interface Place {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

interface Problem {
  readonly line: number | undefined;
  readonly key?: string;
  readonly expected: string;
  readonly found: string;
  readonly fix: string;
}

/** All problems in one error, each with its line. */
function problems(file: string, list: readonly Problem[]): Error {
  const at = ({ line, key }: Problem): string => `${file}${line === undefined ? "" : `:${line}`}${key ? ` ${key}` : ""}`;
  const [first, ...rest] = list;
  const others = rest
    .map((problem) => `\n${at(problem)}\n  expected: ${problem.expected}\n  found:    ${problem.found}\n  to do:    ${problem.fix}`)
    .join("");
  return recipeError({ where: at(first), expected: first.expected, found: first.found, fix: first.fix + others });
}

function describe(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): Problem[] {
  const path = issue.path.map(String);
  const key = path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((unknown) => {
      const known = knownKeys(path);
      const near = nearest(unknown, known);
      const ours = synonyms[path.join(".")]?.[unknown];
      return {
        line: lineOf(document, lines, [...path, unknown]),
        key: [...path, unknown].join("."),
        expected: `one of ${known.join(", ")}`,
        found: `an unknown key ${unknown}`,
        fix: ours
          ? `it means ${ours}, which is there too: keep one of them`
          : near
            ? `did you mean ${near}?`
            : "remove it or mend its name",
      };
    });
  }
  if (issue.code === "invalid_key") {
    const name = path[path.length - 1];
    return [{ line: lineOf(document, lines, path), key, expected: issue.issues[0].message, found: name, fix: "give it another name" }];
  }
  if (issue.code === "invalid_union") {
    // The branch that got furthest says most.
    const branches = issue.errors.filter((errors) => errors.length > 0);
    const deepest = branches.sort((a, b) => depth(b) - depth(a))[0] ?? [];
    const inner = deepest.filter((error) => depth([error]) === depth(deepest));
    if (depth(deepest) > 0 || inner.some((error) => error.code === "unrecognized_keys")) {
      return inner.flatMap((error) => describe({ ...error, path: [...issue.path, ...error.path] } as z.core.$ZodIssue, document, lines));
    }
    const expected = [...new Set(branches.flat().map((error) => expectation(error)))].join(" or ");
    return [{ line: lineOf(document, lines, path), key, expected, ...foundAt(document, path) }];
  }
  return [{ line: lineOf(document, lines, path), key, expected: expectation(issue), ...foundAt(document, path) }];
}

/** What stands at a path, and what to do about it. */
function foundAt(document: Document, path: readonly string[]): Pick<Problem, "found" | "fix"> {
  const found = shown(document.getIn(path));
  if (found === "null") return { found: "nothing behind the colon", fix: fillOrRemove(path) };
  return { found, fix: found === "nothing" ? `add ${path[path.length - 1]}` : "mend the value" };
}

/**
 * What to do about a key with no value: often all that stood under it is commented out. It is no silent default: whoever emptied `filters:`
 * may want no filter or the usual ones.
 */
function fillOrRemove(path: readonly string[]): string {
  const [section, name, ...deeper] = path;
  if (section === "filters" && name !== undefined && deeper.length === 0)
    return `write ${name}: {} for its defaults, ${name}: false to leave it out, or name options under it`;
  if (path.length > 1) return "write a value, or remove the line to have the default";
  return emptied[section] ?? "write a value, or remove the line to have the default";
}

const emptied: Readonly<Record<string, string>> = {
  tokenizer: "name a folder with tokenizer.json, or a Hub id",
  sources: "name a source under it, e.g. notes: { path: data/notes.jsonl }",
  filters: "remove the line to run all filters with their defaults, write filters: {} to run none, or name filters under it",
  mix: "remove the line to use every row once, or name its keys under it",
  hold_out: "remove the line or write hold_out: false to hold nothing out, hold_out: {} for its defaults, or name its keys under it",
  decontaminate: "remove the line for its defaults, write decontaminate: false to turn it off, or name its keys under it",
  dedup: "remove the line for its defaults, write dedup: false to turn it off, or name its keys under it",
  train: "remove the line, or name its keys under it",
};

function depth(errors: readonly { readonly path: readonly unknown[] }[]): number {
  return Math.max(0, ...errors.map((error) => error.path.length));
}

function expectation({
  ...issue
}: {
  readonly code?: string;
  readonly message: string;
  readonly expected?: unknown;
  readonly inclusive?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly values?: unknown;
}): string {
  switch (issue.code) {
    case "invalid_type":
      return (
        (
          {
            string: "a text",
            number: "a number",
            int: "a whole number",
            boolean: "true or false",
            object: "keys and values",
            record: "keys and values",
            array: "a list",
          } as Record<string, string>
        )[String(issue.expected)] ?? String(issue.expected)
      );
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${String(issue.minimum)}`;
    case "too_big":
      return `at most ${String(issue.maximum)}`;
    case "invalid_value":
      return (issue.values as readonly unknown[]).map(String).join(", ");
    case "invalid_format":
    case "custom":
      return issue.message;
    default:
      return issue.message;
  }
}

function shown(value: unknown): string {
  const plain = isScalar(value) ? value.value : value;
  if (plain === undefined) return "nothing";
  // JSON has no such numbers.
  if (typeof plain === "number" && !Number.isFinite(plain)) return String(plain);
  const text = JSON.stringify(plain) ?? String(plain);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The keys that may stand at a path. */
function knownKeys(path: readonly string[]): string[] {
  let schema: unknown = recipeSchema;
  for (const key of path) schema = childOf(unwrapped(schema), key);
  const found = unwrapped(schema);
  return found?.shape ? Object.keys(found.shape) : [];
}

interface SchemaParts {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly valueType?: unknown;
}

function childOf(schema: SchemaParts | undefined, key: string): unknown {
  return schema?.shape?.[key] ?? schema?.valueType;
}

/** Looks through optional, default, prefault and unions for the object or record inside. */
function unwrapped(schema: unknown): SchemaParts | undefined {
  const definition = (schema as { def?: { type: string; innerType?: unknown; options?: readonly unknown[]; in?: unknown } } | undefined)
    ?.def;
  if (!definition) return undefined;
  if (definition.type === "object" || definition.type === "record") return schema as SchemaParts;
  if (definition.innerType) return unwrapped(definition.innerType);
  if (definition.in) return unwrapped(definition.in);
  return definition.options?.map(unwrapped).find((option) => option !== undefined);
}

/** The line of a key, or of its nearest ancestor that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number | undefined {
  let node: Node | null = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const key of path) {
    if (!isMap(node)) break;
    const pair = pairOf(node, key);
    if (!pair) break;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return lines.linePos(offset).line;
}

function pairOf(map: YAMLMap, key: string): { readonly key: Scalar; readonly value: Node | null } | undefined {
  return map.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key) as
    | { readonly key: Scalar; readonly value: Node | null }
    | undefined;
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

/** What `columns` may name is known where records are read; a wrong name is told before any is. */
function checkColumns({ sources }: Recipe, { file, document, lines }: Place): void {
  const found = sources.flatMap(({ name, format, columns }): Problem[] => {
    if (!columns) return [];
    try {
      columnLayout(columns, format);
      return [];
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      const { expected, found: given, fix } = error.parts;
      const path = ["sources", name, "columns"];
      return [{ line: lineOf(document, lines, path), key: path.join("."), expected, found: given, fix }];
    }
  });
  if (found.length > 0) throw problems(file, found);
}

function checkProportions({ mix, sources }: Recipe, { file, document, lines }: Place): void {
  const names = sources.map(({ name }) => name);
  const unknown = Object.keys(mix.proportions ?? {}).filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw problems(
    file,
    unknown.map((name) => ({
      line: lineOf(document, lines, ["mix", "proportions", name]),
      key: `mix.proportions.${name}`,
      expected: `one of the sources ${names.join(", ")}`,
      found: name,
      fix: nearest(name, names) ? `did you mean ${nearest(name, names)}?` : "remove it or add the source",
    })),
  );
}

function checkPrecision({ train }: Recipe, { file, document, lines }: Place): void {
  if (!train.bf16 || !train.fp16) return;
  const line = lineOf(document, lines, ["train", "fp16"]);
  const fix = "leave one of them out; bf16 needs no loss scaling";
  throw problems(file, [{ line, key: "train.fp16", expected: "bf16 or fp16", found: "both", fix }]);
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

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
