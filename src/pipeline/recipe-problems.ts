// What is wrong with a recipe, in words: every problem with its line, its key, what was expected and found, and what to do.
import {
  type Document,
  isMap,
  isPair,
  isScalar,
  type LineCounter,
  type Node,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import type { z } from "zod";
import { nearest, recipeError } from "../core/errors.ts";
import { recipeSchema } from "./recipe-schema.ts";
import { instead, synonyms } from "./recipe-synonyms.ts";

export interface Problem {
  readonly line: number | undefined;
  readonly key?: string;
  readonly expected: string;
  readonly found: string;
  readonly fix: string;
}

/** All problems in one error, each with its line. */
export function problems(file: string, list: readonly Problem[]): Error {
  const at = ({ line, key }: Problem): string => `${file}${line === undefined ? "" : `:${line}`}${key ? ` ${key}` : ""}`;
  const [first, ...rest] = list;
  const others = rest
    .map((problem) => `\n${at(problem)}\n  expected: ${problem.expected}\n  found:    ${problem.found}\n  to do:    ${problem.fix}`)
    .join("");
  return recipeError({ where: at(first), expected: first.expected, found: first.found, fix: first.fix + others });
}

export function syntaxProblem(error: YAMLError, document: Document, lines: LineCounter): Problem {
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

export function schemaProblems(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): Problem[] {
  const path = issue.path.map(String);
  const key = path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((unknown) => {
      const known = knownKeys(path);
      const section = path.join(".");
      return {
        line: lineOf(document, lines, [...path, unknown]),
        key: [...path, unknown].join("."),
        expected:
          known.length <= keysTold
            ? `one of ${known.join(", ")}`
            : `one of the ${known.length} keys ${section === "" ? "of a recipe" : `of ${section}`} (pipelines/recipe.schema.json)`,
        found: `an unknown key ${unknown}`,
        fix: insteadOf(unknown, section, known),
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
      return inner.flatMap((error) =>
        schemaProblems({ ...error, path: [...issue.path, ...error.path] } as z.core.$ZodIssue, document, lines),
      );
    }
    const expected = [...new Set(branches.flat().map((error) => expectation(error)))].join(" or ");
    return [{ line: lineOf(document, lines, path), key, expected, ...foundAt(document, path) }];
  }
  return [{ line: lineOf(document, lines, path), key, expected: expectation(issue), ...foundAt(document, path) }];
}

/** More keys than these are not listed in an error. */
const keysTold = 12;

function insteadOf(unknown: string, section: string, known: readonly string[]): string {
  const ours = synonyms[section]?.[unknown];
  if (ours) return `it means ${ours}, which is there too: keep one of them`;
  if ((section === "train" || section === "") && Object.hasOwn(instead, unknown)) return instead[unknown];
  if (section === "" && (knownKeys(["train"]).includes(unknown) || unknown in synonyms.train))
    return `write it below train: train.${unknown}`;
  const near = nearest(unknown, known);
  return near ? `did you mean ${near}?` : "remove it or mend its name";
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
  readonly origin?: unknown;
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
      if (issue.origin === "string") return "a text that is not empty";
      if (issue.origin === "array") return "a list that is not empty";
      return `${issue.inclusive === false ? "more than" : "at least"} ${String(issue.minimum)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${String(issue.maximum)}`;
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
export function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number | undefined {
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

export function pairOf(map: YAMLMap, key: string): { readonly key: Scalar; readonly value: Node | null } | undefined {
  return map.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key) as
    | { readonly key: Scalar; readonly value: Node | null }
    | undefined;
}
