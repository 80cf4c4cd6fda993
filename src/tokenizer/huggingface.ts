// The parts of @huggingface/tokenizers that the fallback uses, with types: its own declarations do not resolve in modules of Node.
import * as exported from "@huggingface/tokenizers";
import type { Json } from "./tokenizer-json.ts";

export interface LibraryTokenizer {
  readonly normalizer: ((text: string) => string) | null;
  /** section_index 0: the row's first text. */
  readonly pre_tokenizer: ((text: string, options: { readonly section_index: number }) => string[]) | null;
  readonly model: LibraryModel;
  decode(ids: number[], options: { readonly clean_up_tokenization_spaces: boolean }): string;
}

export interface LibraryModel {
  /** Words to tokens. */
  (words: string[]): string[];
  readonly vocab: readonly (string | undefined)[];
  readonly tokens_to_ids: ReadonlyMap<string, number>;
  readonly unk_token_id: number | undefined;
}

interface Library {
  readonly Tokenizer: new (tokenizer: Json, config: Json) => LibraryTokenizer;
  readonly SequenceNormalizer: new (config: Json) => { normalize(text: string): string };
}

const library = exported as unknown as Library;

/** Throws an Error where the library lacks a part that the file names. */
export function createLibraryTokenizer(tokenizer: Json, config: Json): LibraryTokenizer {
  return new library.Tokenizer(tokenizer, config);
}

export function createLibraryNormalizer(steps: readonly Json[]): (text: string) => string {
  const sequence = new library.SequenceNormalizer({ type: "Sequence", normalizers: steps });
  return (text) => sequence.normalize(text);
}
