// Which added tokens are ordinary vocabulary, found in any text, and which only a chat template may write. Knows texts, not ids' meaning.
//
// A row's text must never become a control token: "<|im_end|>" typed by a user ends no turn. But not every added token is one:
// <think> and <tool_call> in Qwen's vocabulary, or runs of spaces in GPT-NeoX's, are marked `special: false`, and a model that
// is trained on the letters "<", "think", ">" learns something it will never be asked for. Those are cut out of text as the
// native library does. Files mark some control tokens `special: false` too, so what looks like one or is named as one is not taken.
import type { AddedToken } from "./tokenizer-json.ts";

/** Written like a control token: <|...|>, [INST], <s>, <end_of_turn> ... */
const controlLike = /^(?:<[|\uff5c].*[|\uff5c]>|\[\/?[A-Z_]+\]|<\/?s>|<\/?\w*(?:turn|bos|eos|pad|unk|mask|_of_)\w*>)$/su;

/** Texts of the ordinary ones to their ids. `config` is tokenizer_config.json, which names control tokens. */
export function ordinaryTokens(added: readonly AddedToken[], config: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> {
  const named = namedTokens(config);
  return new Map(
    added
      .filter(({ content, special, exact }) => !special && exact && !named.has(content) && !controlLike.test(content))
      .map(({ content, id }) => [content, id]),
  );
}

/** eos_token, pad_token ..., additional_special_tokens and extra_special_tokens of a tokenizer_config.json. */
function namedTokens(config: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const named = new Set<string>();
  const note = (value: unknown): void => {
    if (typeof value === "string") named.add(value);
    else if (Array.isArray(value)) value.forEach(note);
    else if (typeof value === "object" && value !== null) note((value as { content?: unknown }).content);
  };
  for (const [key, value] of Object.entries(config)) if (/_tokens?$/.test(key)) note(value);
  return named;
}

/** An ordinary added token in a text: text.slice(start, end). */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly id: number;
}

export type Cutter = (text: string) => readonly Cut[];

const noCuts: readonly Cut[] = [];
/** With more different first characters than this, looking for them is no shorter way. */
const maxFirsts = 4;

/** Finds ordinary added tokens, the longest at each place, from left to right; undefined where there are none to find. */
export function createCutter(ordinary: ReadonlyMap<string, number>): Cutter | undefined {
  if (ordinary.size === 0) return undefined;
  const texts = [...ordinary.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(texts.map(escaped).join("|"), "g");
  const firsts = [...new Set(texts.map((text) => text[0]))];
  return (text) => {
    if (firsts.length <= maxFirsts && firsts.every((first) => !text.includes(first))) return noCuts;
    return Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({
      start: index,
      end: index + found.length,
      id: ordinary.get(found) ?? 0,
    }));
  };
}

/** A text as part of a regular expression that matches it. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
