// What the rest of Sluice knows of a tokenizer. Ids are unsigned 32-bit; offsets are UTF-16 code units.

import type { BpeTables } from "./bpe-tables.ts";

const shortList = 32;

/** A growing list of token ids that is reused from row to row: ids[0, length). */
export class TokenBuffer {
  ids: Uint32Array = new Uint32Array(4096);
  length = 0;

  push(id: number): void {
    if (this.length === this.ids.length) this.reserve(this.length + 1);
    this.ids[this.length++] = id;
  }

  append(ids: Uint32Array): void {
    const from = this.length;
    this.length = from + ids.length;
    this.reserve(this.length);
    // A template's own ids are a few at a time, for which a call costs more than they do.
    if (ids.length > shortList) this.ids.set(ids, from);
    else for (let i = 0; i < ids.length; i++) this.ids[from + i] = ids[i];
  }

  /** Appends ids; returns where they are now: a view that stays as it is until the buffer is cleared and filled anew. */
  extend(ids: Uint32Array): Uint32Array {
    const from = this.length;
    this.append(ids);
    return this.ids.subarray(from, this.length);
  }

  /** Makes room for this many ids in all. */
  reserve(capacity: number): void {
    if (capacity <= this.ids.length) return;
    const larger = new Uint32Array(Math.max(capacity, this.ids.length * 2));
    larger.set(this.ids);
    this.ids = larger;
  }

  clear(): void {
    this.length = 0;
  }
}

/**
 * Where a text stands in a row: at its start, or behind a special token. Some SentencePiece vocabularies put a space before a row's first
 * text only.
 */
export type Place = "start" | "inside";

export interface Tokenizer {
  /** "bpe" is our own byte-level BPE; "fallback" is @huggingface/tokenizers. */
  readonly kind: "bpe" | "fallback";
  /** Ids are below this. */
  readonly vocabSize: number;
  /** Appends the ids of ordinary text: nothing in it is ever a special token. place: "start" unless given. */
  encode(text: string, into: TokenBuffer, place?: Place): void;
  /** As encode, and appends for every id the offset in text of the first character that it holds a byte of. */
  encodeWithOffsets(text: string, into: TokenBuffer, starts: TokenBuffer, place?: Place): void;
  /**
   * Appends the ids of text[0, start), text[start, end) and the rest, where text has breaks (breaks.ts) at start and end. Returns how many
   * ids there are behind the first part and behind the second.
   */
  encodeParts(text: string, start: number, end: number, into: TokenBuffer): readonly [number, number];
  /** Tokens that encode would append. */
  count(text: string): number;
  decode(ids: ArrayLike<number>): string;
  /** The id of an added (special) token by its exact text, e.g. "<|im_end|>". */
  addedToken(content: string): number | undefined;
  /** All added tokens, longest text first: what a chat template's own text is cut at. */
  readonly addedTokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
}

/** tokenizer.json and tokenizer_config.json as parsed JSON, with where they came from for errors. */
export interface TokenizerFiles {
  readonly name: string;
  readonly tokenizer: unknown;
  /** bos_token, eos_token, pad_token, chat_template ...; {} where the file is missing. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Tables made of the model's vocabulary and merges; `tokenizer` need not hold those then. */
  readonly tables?: BpeTables;
}
