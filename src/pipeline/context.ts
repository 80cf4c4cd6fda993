// What a worker builds once and uses for all its tasks: the plan, the tokenizer, the filters, the sketcher.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TokenizerBytes } from "../io/tokenizer-files.ts";
import { readColumns } from "../io/columns-file.ts";
import { aboutKey } from "../core/errors.ts";
import { readJsonFile, readJsonLines } from "../io/json-file.ts";
import type { Judge } from "../core/filter.ts";
import type { Action } from "../core/verdict.ts";
import { createDecontaminator, type Decontaminator, type EvaluationItem } from "../dedup/decontaminate.ts";
import { createSketcher, type Sketcher } from "../dedup/sketch.ts";
import { filters as registry } from "../filters/index.ts";
import { createConversationEncoder, type ConversationEncoder } from "../tokenizer/conversation.ts";
import { createTokenizer, shareTokenizer, shareTokenizerBytes } from "../tokenizer/load.ts";
import { type ChatTemplate, createChatTemplate, tokenizerTemplate } from "../tokenizer/template.ts";
import type { Tokenizer, TokenizerFiles } from "../tokenizer/types.ts";
import { planHash } from "./frozen-plan.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import { createReasonTable, type ReasonTable } from "./reasons.ts";
import type { CurationRecipe } from "./recipe.ts";

/** Everything that judging a row needs. */
export interface JudgeTools {
  readonly reasons: ReasonTable;
  readonly heldOutCode: number;
  readonly encoder: ConversationEncoder;
  readonly maxLength: number;
  readonly filters: readonly { readonly name: string; readonly action: Action; readonly judge: Judge<string> }[];
  readonly decontaminator: Decontaminator | undefined;
  readonly sketcher: Sketcher | undefined;
  readonly scope: "prompt" | "response" | "conversation";
}

export interface WorkerContext {
  readonly paths: RunPaths;
  readonly plan: Plan;
  readonly hash: string;
  /** As the main thread prepared it; else the tools read it from the run's folder. */
  tokenizer: TokenizerFiles | undefined;
  /** Built on first use: reading needs none of it. */
  readonly tools: JudgeTools;
  /** Undefined where the recipe does not look for duplicates. */
  readonly sketcher: Sketcher | undefined;
  /** Lets the tools go, tables and all: no row is judged any more. */
  releaseTools(): void;
  /** Record numbers of a split's rows; all that were asked for are kept, 4 bytes a row. */
  recordsOf(split: number): ArrayLike<number>;
}

export function createContext(paths: RunPaths): WorkerContext {
  const plan = readJsonFile<Plan>(paths.plan, "start `sluice run RECIPE` again");
  const { recipe } = plan;
  let tools: JudgeTools | undefined;
  let sketcher: Sketcher | undefined;
  const records = new Map<number, ArrayLike<number>>();
  return {
    paths,
    plan,
    hash: planHash(plan),
    tokenizer: undefined,
    get tools() {
      tools ??= createTools(paths, plan, this.tokenizer ?? readTokenizer(paths, recipe), this.sketcher);
      return tools;
    },
    get sketcher() {
      if (recipe.dedup !== null) sketcher ??= createSketcher({ ...recipe.dedup, seed: recipe.seed });
      return sketcher;
    },
    releaseTools() {
      tools = undefined;
      this.tokenizer = undefined;
    },
    recordsOf(split) {
      let known = records.get(split);
      if (known === undefined) records.set(split, (known = readColumns(paths.part("read", split), ["record"]).record));
      return known;
    },
  };
}

function createTools(paths: RunPaths, plan: Plan, tokenizer: TokenizerFiles, sketcher: Sketcher | undefined): JudgeTools {
  const { recipe } = plan;
  const reasons = createReasonTable(recipe);
  return {
    reasons,
    heldOutCode: reasons.code("hold_out", "held_out"),
    encoder: createEncoder(recipe, tokenizer, plan.chat_template).encoder,
    maxLength: recipe.train.max_length,
    filters: createFilters(recipe),
    decontaminator:
      recipe.decontaminate === null ? undefined : createDecontaminator({ items: readProtected(paths), options: recipe.decontaminate }),
    sketcher,
    scope: recipe.dedup?.scope ?? "prompt",
  };
}

/** The encoder of a recipe: its tokenizer, its chat template, its max_length. `jinja` is the plan's template text, where it has one. */
export function createEncoder(
  recipe: CurationRecipe,
  files: TokenizerFiles,
  jinja: string | undefined,
): { encoder: ConversationEncoder; tokenizer: Tokenizer } {
  const tokenizer = aboutKey(["tokenizer"], () => createTokenizer(files));
  const template = aboutKey(["chat_template"], () => createTemplate(recipe, files, jinja));
  return { tokenizer, encoder: createConversationEncoder({ tokenizer, files, template, maxLength: recipe.train.max_length }) };
}

function createTemplate({ chat_template }: CurationRecipe, files: TokenizerFiles, jinja: string | undefined): ChatTemplate {
  if (chat_template === "chatml" || chat_template === "alpaca") return createChatTemplate({ source: chat_template, files });
  const source = jinja === undefined ? tokenizerTemplate(files.config, files.name) : { jinja, name: chat_template };
  return createChatTemplate({ source, files });
}

export function createFilters(recipe: CurationRecipe): JudgeTools["filters"] {
  return recipe.filters.map(({ name, action, options }) => {
    const filter = registry.find((candidate) => candidate.name === name);
    if (!filter) throw new Error(`no filter ${name}`);
    return { name, action, judge: filter.create(options) };
  });
}

/** The tokenizer's files as the plan stage copied them into the run. */
export function readTokenizer(paths: RunPaths, recipe: CurationRecipe): TokenizerFiles {
  return tokenizerFilesOf(recipe.tokenizer, readTokenizerBytes(paths));
}

/** The same with tables that workers share; undefined where it has none to share. */
export function readSharedTokenizer(paths: RunPaths, { tokenizer }: CurationRecipe): TokenizerFiles | undefined {
  const bytes = readTokenizerBytes(paths);
  return shareTokenizerBytes(tokenizer, bytes["tokenizer.json"], configOf(bytes)) ?? shareTokenizer(tokenizerFilesOf(tokenizer, bytes));
}

function readTokenizerBytes(paths: RunPaths): TokenizerBytes {
  const folder = join(paths.work, "tokenizer");
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

export function tokenizerFilesOf(name: string, bytes: TokenizerBytes): TokenizerFiles {
  return { name, tokenizer: parsed(bytes["tokenizer.json"]), config: configOf(bytes) };
}

function configOf(bytes: TokenizerBytes): TokenizerFiles["config"] {
  const config = bytes["tokenizer_config.json"];
  return config ? (parsed(config) as TokenizerFiles["config"]) : {};
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString("utf8"));
}

/** Texts that must not reach training: one JSON item a line, written by the hold-out stage. */
export function readProtected(paths: RunPaths): EvaluationItem[] {
  return readJsonLines<EvaluationItem>(join(paths.work, "protected.jsonl"));
}
