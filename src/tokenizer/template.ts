// Chat templates: how a conversation becomes the text a model is trained on, and which of its characters carry loss.
// This file picks the template; it does not know tokens. The loss mask is known while rendering (nothing is searched for
// afterwards): assistant content and its end-of-turn token are trained, the rest is not.
import { recipeError } from "../core/errors.ts";
import { builtinJinja, createAlpaca, createChatml } from "./template-builtin.ts";
import { createJinjaTemplate } from "./template-jinja.ts";
import type { ChatTemplate } from "./template-skeleton.ts";
import type { TokenizerFiles } from "./types.ts";

export type { ChatTemplate, Piece, Refusal, RowMeta, Segment, Skeleton } from "./template-skeleton.ts";
export { isRefusal } from "./template-skeleton.ts";

export interface TemplateOptions {
  readonly source: "chatml" | "alpaca" | { readonly jinja: string; readonly name: string };
  /** bos_token, eos_token ... are variables of a template; a turn ends at the first special token after the content. */
  readonly files: TokenizerFiles;
}

export function createChatTemplate({ source, files }: TemplateOptions): ChatTemplate {
  if (source === "chatml") return createChatml();
  const tokens = specialTokensOf(files.config);
  if (source === "alpaca") return createAlpaca({ eos: tokens["eos_token"], bos: addedBos(files.tokenizer) });
  const specialTokens = specialTexts(files.tokenizer);
  return createJinjaTemplate({ jinja: source.jinja, name: source.name, tokens, specialTokens });
}

/** A built-in template as Jinja text, with the tokenizer's own tokens in it. */
export function builtinTemplateJinja(name: "chatml" | "alpaca", files: TokenizerFiles): string {
  return builtinJinja(name, { eos: specialTokensOf(files.config)["eos_token"], bos: addedBos(files.tokenizer) });
}

/** The chat template that comes with a tokenizer: tokenizer_config.json's chat_template, one text or a list of named ones. */
export function tokenizerTemplate(
  config: Readonly<Record<string, unknown>>,
  name: string,
): { readonly jinja: string; readonly name: string } {
  const given = config["chat_template"];
  if (typeof given === "string") return { jinja: given, name: `${name} chat_template` };
  if (Array.isArray(given)) {
    const named = given.filter((entry): entry is { name: string; template: string } => isNamedTemplate(entry));
    const chosen = named.find((entry) => entry.name === "default") ?? (named.length === 1 ? named[0] : undefined);
    if (chosen !== undefined) return { jinja: chosen.template, name: `${name} chat_template ${chosen.name}` };
  }
  throw recipeError({
    where: `chat_template: tokenizer (${name})`,
    expected: "a chat_template in the tokenizer's tokenizer_config.json or chat_template.jinja",
    found: Array.isArray(given) ? "a list of named templates without one called default" : "none",
    fix: "set chat_template to chatml, alpaca or a .jinja file",
  });
}

function isNamedTemplate(entry: unknown): boolean {
  if (typeof entry !== "object" || entry === null) return false;
  const { name, template } = entry as { name?: unknown; template?: unknown };
  return typeof name === "string" && typeof template === "string";
}

/** bos_token, eos_token, pad_token ... of a tokenizer_config.json: strings, or added-token objects with a content. */
export function specialTokensOf(config: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!key.endsWith("_token")) continue;
    const content = typeof value === "object" && value !== null ? (value as { content?: unknown }).content : value;
    if (typeof content === "string") tokens[key] = content;
  }
  return tokens;
}

/** The special tokens of a tokenizer.json, longest first. */
function specialTexts(tokenizer: unknown): string[] {
  const added = (tokenizer as { added_tokens?: readonly { content: string; special: boolean }[] } | null)?.added_tokens ?? [];
  const texts = added.filter((token) => token.special && token.content.trim() !== "").map((token) => token.content);
  return texts.sort((a, b) => b.length - a.length);
}

/** The token that a tokenizer.json's post-processor puts before plain text, if it does. */
function addedBos(tokenizer: unknown): string | undefined {
  const pending: unknown[] = [(tokenizer as { post_processor?: unknown } | null)?.post_processor];
  for (let processor = pending.pop(); processor !== undefined; processor = pending.pop()) {
    const { type, processors, single } = (processor ?? {}) as {
      type?: string;
      processors?: unknown[];
      single?: { SpecialToken?: { id: string } }[];
    };
    if (type === "Sequence") pending.push(...(processors ?? []));
    if (type === "TemplateProcessing") return single?.[0]?.SpecialToken?.id;
  }
  return undefined;
}
