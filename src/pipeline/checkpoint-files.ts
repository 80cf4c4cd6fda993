// What every checkpoint holds beside its weights: the tokenizer, the chat template that was trained with, and generation_config.json.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { builtinTemplateJinja, specialTokensOf } from "../tokenizer/template.ts";
import type { Tokenizer, TokenizerFiles } from "../tokenizer/types.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";

export function checkpointFiles(options: {
  readonly paths: RunPaths;
  readonly plan: Plan;
  readonly files: TokenizerFiles;
  readonly tokenizer: Tokenizer;
  /** Tokens that end an answer, by this template. */
  readonly endTokens: Iterable<number>;
}): Record<string, Uint8Array> {
  const { paths, plan, files, tokenizer, endTokens } = options;
  const folder = join(paths.work, "tokenizer");
  const out: Record<string, Uint8Array> = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  const { chat_template } = plan.recipe;
  const jinja = chat_template === "chatml" || chat_template === "alpaca" ? builtinTemplateJinja(chat_template, files) : plan.chat_template;
  if (jinja !== undefined) out["chat_template.jinja"] = Buffer.from(jinja);
  const tokens = specialTokensOf(files.config);
  const id = (name: string): number | undefined => (tokens[name] === undefined ? undefined : tokenizer.addedToken(tokens[name]));
  const ends = [...new Set(endTokens)];
  const generation = {
    bos_token_id: id("bos_token"),
    eos_token_id: ends.length === 1 ? ends[0] : ends.length > 1 ? ends : undefined,
    pad_token_id: id("pad_token") ?? ends[0],
  };
  out["generation_config.json"] = Buffer.from(`${JSON.stringify(generation, null, 2)}\n`);
  return out;
}
