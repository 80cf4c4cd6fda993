// Tokenizers of another kind than byte-level BPE (Unigram, WordPiece, SentencePiece-style BPE) through @huggingface/tokenizers.
// It normalises, cuts into words and looks them up; this file keeps control tokens out of ordinary text, and finds where in the text each
// token stands (fallback-offsets.ts), which the library does not say. About a fortieth as fast as our own.
import { createCutter, ordinaryTokens } from "./added-tokens.ts";
import { createAligner, type Word } from "./fallback-offsets.ts";
import { createLibraryTokenizer, type LibraryTokenizer } from "./huggingface.ts";
import { fileError, isObject, type AddedToken, type Json } from "./tokenizer-json.ts";
import { type Place, TokenBuffer, type Tokenizer, type TokenizerFiles } from "./types.ts";

export interface FallbackParts {
  readonly files: TokenizerFiles;
  readonly top: Json;
  readonly model: Json;
  readonly type: string;
  readonly added: readonly AddedToken[];
  /** Why our own BPE did not take it. */
  readonly why: string;
}

/** Words longer than this are cut: the library's Unigram keeps a node for every character (UTF-16 units). */
const longestWord = 16_384;

export function createFallback(parts: FallbackParts): Tokenizer {
  const { files, top, added } = parts;
  const ordinary = ordinaryTokens(added, files.config);
  const library = createLibrary(parts, ordinary);
  const { normalizer, pre_tokenizer: pretokenizer, model } = library;
  const cutter = createCutter(ordinary);
  const align = createAligner(top);
  const splitsWords = splitsAtMetaspace(top.pre_tokenizer);
  const addedIds = new Map(added.map(({ content, id }) => [content, id]));
  const addedTexts = new Map(added.map(({ content, id }) => [id, content]));
  let vocabSize = model.vocab.length;
  for (const { id } of added) vocabSize = Math.max(vocabSize, id + 1);

  /** The words of a text without added tokens, with their tokens and what they were cut from. */
  const wordsOf = (text: string, place: Place): { readonly normalized: string; readonly words: readonly Word[] } => {
    const normalized = normalizer === null ? text : normalizer(text);
    if (normalized === "") return { normalized, words: [] };
    const cut = pretokenizer === null ? [normalized] : pretokenizer(normalized, { section_index: place === "start" ? 0 : 1 });
    const pieces = (splitsWords ? cut.flatMap(splitAtMetaspace) : cut).flatMap(cutLong);
    return { normalized, words: pieces.map((word) => ({ text: word, tokens: model([word]) })) };
  };

  const encodeText = (text: string, base: number, place: Place, into: TokenBuffer, starts: TokenBuffer | undefined): void => {
    const { normalized, words } = wordsOf(text, place);
    for (const { tokens } of words) {
      for (const token of tokens) {
        const id = model.tokens_to_ids.get(token) ?? model.unk_token_id;
        if (id === undefined)
          throw fileError(files, "model.unk_token", "a token of model.vocab for text that the vocabulary lacks", "none");
        into.push(id);
      }
    }
    if (starts) for (const start of align(text, normalized, words)) starts.push(base + start);
  };

  const encode = (given: string, into: TokenBuffer, starts: TokenBuffer | undefined, place: Place): void => {
    // Lone surrogates are U+FFFD, as in UTF-8.
    const text = given.replace(/\p{Surrogate}/gu, "\ufffd");
    let done = 0;
    for (const { start, end, id } of cutter?.(text) ?? []) {
      if (start > done) encodeText(text.slice(done, start), done, done === 0 ? place : "inside", into, starts);
      into.push(id);
      starts?.push(start);
      done = end;
    }
    if (done < text.length) encodeText(text.slice(done), done, done === 0 ? place : "inside", into, starts);
  };

  /** A plain token that goes before decoded ones: decoders drop the space before the first. */
  const anchor = model.vocab.findIndex((token, id) => /^\u2581?[a-z]+$/.test(token ?? "") && !addedTexts.has(id));
  const decodeWith = (ids: readonly number[]): string => library.decode([...ids], { clean_up_tokenization_spaces: false });
  const decodePlain = (ids: readonly number[]): string => {
    if (anchor < 0) return decodeWith(ids);
    const [before, whole] = [decodeWith([anchor]), decodeWith([anchor, ...ids])];
    return whole.startsWith(before) ? whole.slice(before.length) : decodeWith(ids);
  };
  const decode = (ids: ArrayLike<number>): string => {
    let text = "";
    let plain: number[] = [];
    const flush = (): void => {
      if (plain.length > 0) text += decodePlain(plain);
      plain = [];
    };
    for (let i = 0; i < ids.length; i++) {
      const content = addedTexts.get(ids[i]);
      if (content === undefined && model.vocab[ids[i]] !== undefined) plain.push(ids[i]);
      else {
        flush();
        text += content ?? "";
      }
    }
    flush();
    return text;
  };

  const scratch = new TokenBuffer();
  return {
    kind: "fallback",
    vocabSize,
    addedTokens: added,
    encode: (text, into, place = "start") => encode(text, into, undefined, place),
    encodeWithOffsets: (text, into, starts, place = "start") => encode(text, into, starts, place),
    encodeParts() {
      throw new Error("texts of this tokenizer have no breaks");
    },
    count(text) {
      scratch.clear();
      encode(text, scratch, undefined, "start");
      return scratch.length;
    },
    decode,
    addedToken: (content) => addedIds.get(content),
  };
}

/**
 * The library's tokenizer, without added tokens and without post-processing. In the model's own vocabulary control tokens get names that
 * no text has (they start with half a character), so that "</s>" in a row is four letters and not the end of the text.
 */
function createLibrary({ files, top, model, type, added, why }: FallbackParts, ordinary: ReadonlyMap<string, number>): LibraryTokenizer {
  const hidden = new Map(added.filter(({ content }) => !ordinary.has(content)).map(({ content }) => [content, `\ud800${content}`]));
  const name = (token: unknown): unknown => (typeof token === "string" ? (hidden.get(token) ?? token) : token);
  const { vocab, merges } = model;
  const entries = (list: readonly unknown[]): unknown[] =>
    list.map((entry: unknown) => (Array.isArray(entry) ? [name(entry[0]), ...entry.slice(1)] : entry));
  const changed = {
    ...model,
    type,
    unk_token: name(model.unk_token),
    vocab: Array.isArray(vocab)
      ? entries(vocab)
      : Object.fromEntries(Object.entries(isObject(vocab) ? vocab : {}).map(([token, id]) => [name(token), id])),
    // A merge to a name that is not in the vocabulary any more would end as the unknown token.
    ...(Array.isArray(merges) && { merges: merges.filter((merge: unknown) => !hidden.has(mergedText(merge))) }),
  };
  try {
    return createLibraryTokenizer(
      {
        ...top,
        normalizer: top.normalizer ?? null,
        pre_tokenizer: top.pre_tokenizer ?? null,
        decoder: top.decoder ?? null,
        post_processor: null,
        added_tokens: [],
        model: changed,
      },
      // WordLevel models take the unknown token from here.
      { unk_token: changed.unk_token },
    );
  } catch (reason) {
    const found = `${why}; ${reason instanceof Error ? reason.message : String(reason)}`;
    throw fileError(files, "model", "byte-level BPE, or what @huggingface/tokenizers reads", found);
  }
}

function mergedText(merge: unknown): string {
  return Array.isArray(merge) ? merge.join("") : String(merge).replace(" ", "");
}

/** The native library's Metaspace cuts before every space unless it is told not to; this one never does. */
function splitsAtMetaspace(json: unknown): boolean {
  if (!isObject(json)) return false;
  if (json.type === "Sequence" && Array.isArray(json.pretokenizers)) return json.pretokenizers.some(splitsAtMetaspace);
  return json.type === "Metaspace" && json.split !== false;
}

function splitAtMetaspace(word: string): string[] {
  return word.split(/(?=\u2581)/u);
}

function cutLong(word: string): string[] {
  if (word.length <= longestWord) return [word];
  const pieces: string[] = [];
  for (let at = 0; at < word.length;) {
    let end = Math.min(word.length, at + longestWord);
    // Not inside a surrogate pair.
    if (end < word.length && (word.charCodeAt(end) & 0xfc00) === 0xdc00) end--;
    pieces.push(word.slice(at, end));
    at = end;
  }
  return pieces;
}
