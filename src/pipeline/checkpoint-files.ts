// What every checkpoint holds beside its weights: the tokenizer, the chat template that was trained with, and what the base model's config.json
// and generation_config.json said, with the special tokens aligned as transformers 5 does (align_special_tokens): what the tokenizer names
// comes first, what it does not name stays as it was, and no end token of the base model is lost.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJsonObject } from "../io/json-file.ts";
import { builtinTemplateJinja, specialTokensOf } from "../tokenizer/template.ts";
import type { Tokenizer, TokenizerFiles } from "../tokenizer/types.ts";
import { modelConfigJson } from "../train/model/config.ts";
import { fileTypes } from "./checkpoint.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import type { BaseModel } from "./training-setup.ts";

export interface CheckpointFiles {
  /** By name, the same for whole models and adapters. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** config.json, for whole models. */
  readonly config: Uint8Array;
}

type Json = Readonly<Record<string, unknown>>;

export function checkpointFiles(options: {
  readonly paths: RunPaths;
  readonly plan: Plan;
  readonly files: TokenizerFiles;
  readonly tokenizer: Tokenizer;
  readonly base: BaseModel;
  /** How weights are written. */
  readonly storage: keyof typeof fileTypes;
  /** Tokens that end an answer, by this template. */
  readonly endTokens: Iterable<number>;
}): CheckpointFiles {
  const { paths, plan, files, tokenizer, base, storage, endTokens } = options;
  const folder = join(paths.work, "tokenizer");
  const out: Record<string, Uint8Array> = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  const { chat_template } = plan.recipe;
  const jinja = chat_template === "chatml" || chat_template === "alpaca" ? builtinTemplateJinja(chat_template, files) : plan.chat_template;
  if (jinja !== undefined) {
    out["chat_template.jinja"] = Buffer.from(jinja);
    // A template in the tokenizer's own file is what older readers take.
    const { chat_template: before } = files.config;
    if (before !== undefined && before !== jinja) out["tokenizer_config.json"] = asFile({ ...files.config, chat_template: jinja });
  }
  const tokens = specialTokensOf(files.config);
  const id = (name: string): number | undefined => (tokens[name] === undefined ? undefined : tokenizer.addedToken(tokens[name]));
  const named = { bos: id("bos_token"), pad: id("pad_token"), ends: [...endTokens, ...present(id("eos_token"))] };
  const generation = generationConfigOf(base.folder);
  const special = specialIds(named, generation, base.json);
  // What transformers wrote it with, or from, is no longer so.
  const { transformers_version: _, _from_model_config: __, ...kept } = generation;
  out["generation_config.json"] = asFile({ ...kept, ...special });
  const config = modelConfigJson(base.config, fileTypes[storage].torch, base.json);
  return { files: out, config: asFile({ ...config, ...specialIds(named, base.json, generation) }) };
}

/** What the base model's generation_config.json says; nothing where there is none. */
function generationConfigOf(folder: string): Json {
  const path = join(folder, "generation_config.json");
  if (!existsSync(path)) return {};
  return readJsonObject(path, "get the model again, or delete the file: then defaults are used");
}

/** Special ids by name in the two files; a file that lacks one gets the other's. */
function specialIds(
  named: { readonly bos: number | undefined; readonly pad: number | undefined; readonly ends: readonly number[] },
  own: Json,
  other: Json,
): Json {
  const before = (key: string): unknown => own[key] ?? other[key] ?? undefined;
  const eos = before("eos_token_id");
  const ends = [...new Set([...named.ends, ...(Array.isArray(eos) ? eos : present(eos))])];
  return {
    bos_token_id: named.bos ?? before("bos_token_id"),
    eos_token_id: ends.length > 1 ? ends : ends[0],
    pad_token_id: named.pad ?? before("pad_token_id") ?? ends[0],
  };
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function asFile(json: Json): Uint8Array {
  return Buffer.from(`${JSON.stringify(json, null, 2)}\n`);
}
