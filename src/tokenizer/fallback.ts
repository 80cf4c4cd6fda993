// stub
import { fileError, type AddedToken, type Json } from "./tokenizer-json.ts";
import type { Tokenizer, TokenizerFiles } from "./types.ts";

export interface FallbackParts {
  readonly files: TokenizerFiles;
  readonly top: Json;
  readonly model: Json;
  readonly type: string;
  readonly added: readonly AddedToken[];
  /** Why our own BPE did not take it. */
  readonly why: string;
}
export function createFallback({ files, why }: FallbackParts): Tokenizer {
  throw fileError(files, "model", "byte-level BPE", why);
}
