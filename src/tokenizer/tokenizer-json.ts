// The parts of a tokenizer.json and tokenizer_config.json that encoding needs, checked. Names and shapes are those of
// Hugging Face's tokenizers library. Knows nothing of text.
import { recipeError, type SluiceError } from "../core/errors.ts";
import type { TokenizerFiles } from "./types.ts";

export type Json = Readonly<Record<string, unknown>>;

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  /** No lstrip, rstrip or single_word: the token matches its text and nothing around it. */
  readonly exact: boolean;
}

/** A BPE model's vocabulary. */
export interface Vocab {
  /** Byte-level text to id; a parsed object, so ask with Object.hasOwn. */
  readonly ids: Readonly<Record<string, number>>;
  /** texts[id]: the other way; of several with one id the last. */
  readonly texts: readonly (string | undefined)[];
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An error about a tokenizer's files. */
export function fileError(files: TokenizerFiles, part: string, expected: string, found: string, fix?: string): SluiceError {
  return recipeError({
    where: `tokenizer ${files.name}: tokenizer.json: ${part}`,
    expected,
    found,
    fix: fix ?? "use the tokenizer.json that was saved with the model, or save it again with transformers' save_pretrained",
  });
}

/** tokenizer.json with its model's type. */
export function readTop(files: TokenizerFiles): { readonly top: Json; readonly model: Json; readonly type: string } {
  const top = files.tokenizer;
  if (!isObject(top)) throw fileError(files, "the whole file", "a JSON object", described(top));
  if (!isObject(top.model)) throw fileError(files, "model", "an object with a type, a vocab ...", described(top.model));
  const { model } = top;
  // Older files name no type; merges tell BPE, a list of pairs Unigram.
  const type =
    typeof model.type === "string" ? model.type : Array.isArray(model.merges) ? "BPE" : Array.isArray(model.vocab) ? "Unigram" : "";
  if (!["BPE", "WordPiece", "WordLevel", "Unigram"].includes(type)) {
    throw fileError(files, "model.type", "BPE, Unigram or WordPiece", described(model.type));
  }
  return { top, model, type };
}

export function readVocab(files: TokenizerFiles, model: Json): Vocab {
  const { vocab } = model;
  if (!isObject(vocab)) throw fileError(files, "model.vocab", "an object of token: id", described(vocab));
  const tokens = Object.keys(vocab);
  const texts = new Array<string | undefined>(tokens.length);
  let size = 0;
  for (const token of tokens) {
    const id = vocab[token];
    if (!isId(id)) throw fileError(files, `model.vocab[${JSON.stringify(token)}]`, "an id: an integer from 0", described(id));
    texts[id] = token;
    size = Math.max(size, id + 1);
  }
  texts.length = size;
  return { ids: vocab as Vocab["ids"], texts };
}

/** A BPE model's merges, best first, each of which readMerge reads. */
export function readMerges(files: TokenizerFiles, model: Json): readonly unknown[] {
  if (!Array.isArray(model.merges)) throw fileError(files, "model.merges", "a list of merges", described(model.merges));
  return model.merges;
}

/** Two byte-level texts that become one: merges[i]. */
export function readMerge(files: TokenizerFiles, merge: unknown, i: number): { readonly left: string; readonly right: string } {
  if (typeof merge === "string") {
    const space = merge.indexOf(" ");
    if (space > 0 && space < merge.length - 1 && merge.indexOf(" ", space + 1) < 0)
      return { left: merge.slice(0, space), right: merge.slice(space + 1) };
  } else if (Array.isArray(merge) && merge.length === 2 && typeof merge[0] === "string" && typeof merge[1] === "string") {
    return { left: merge[0], right: merge[1] };
  }
  throw fileError(files, `model.merges[${i}]`, 'two tokens: "a b" or [a, b]', described(merge));
}

/** Added tokens of tokenizer.json and of the config's added_tokens_decoder, longest text first; the first file's win. */
export function readAddedTokens(files: TokenizerFiles, top: Json): AddedToken[] {
  const byContent = new Map<string, AddedToken>();
  const listed = top.added_tokens ?? [];
  if (!Array.isArray(listed)) throw fileError(files, "added_tokens", "a list", described(listed));
  for (const [i, token] of listed.entries()) {
    if (!isObject(token) || typeof token.content !== "string" || !isId(token.id)) {
      throw fileError(files, `added_tokens[${i}]`, "an object with id and content", described(token));
    }
    if (token.content !== "") byContent.set(token.content, addedToken(token.id, token.content, token));
  }
  const ids = new Set([...byContent.values()].map(({ id }) => id));
  const decoder = files.config.added_tokens_decoder;
  for (const [key, token] of Object.entries(isObject(decoder) ? decoder : {})) {
    const id = Number(key);
    if (!isId(id) || ids.has(id) || !isObject(token) || typeof token.content !== "string" || token.content === "") continue;
    if (!byContent.has(token.content)) byContent.set(token.content, addedToken(id, token.content, token));
  }
  return [...byContent.values()].sort((a, b) => b.content.length - a.content.length || a.id - b.id);
}

function addedToken(id: number, content: string, json: Json): AddedToken {
  const exact = json.lstrip !== true && json.rstrip !== true && json.single_word !== true;
  return { id, content, special: json.special === true, exact };
}

/** Ids are stored as 32-bit integers; no vocabulary is near a hundred million. */
function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1e8;
}

function described(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)} ...` : text;
}
