// A tokenizer from its files: our own byte-level BPE where the model is of that kind (GPT-2, Llama 3, Qwen, SmolLM,
// Mistral-Nemo, gpt-4o ...), @huggingface/tokenizers for all others. Reads no files itself.
import { createCutter, ordinaryTokens } from "./added-tokens.ts";
import { type BpeTables, bpeTablesOfBytes, createBpeTables } from "./bpe-tables.ts";
import { createBpeTokenizer, type BpeParts } from "./bpe-tokenizer.ts";
import { createFallback } from "./fallback.ts";
import { readModelBytes } from "./model-bytes.ts";
import { readForms } from "./normalize.ts";
import { createPretokenizer } from "./pretokenize.ts";
import { fileError, isObject, readAddedTokens, readTop, type AddedToken, type Json } from "./tokenizer-json.ts";
import type { Tokenizer, TokenizerFiles } from "./types.ts";
import { Unsupported } from "./unsupported.ts";

/** Throws a recipe error that names the file and the part where nothing can encode as it says. */
export function createTokenizer(files: TokenizerFiles): Tokenizer {
  const { top, model, type } = readTop(files);
  const added = readAddedTokens(files, top);
  if (typeof model.dropout === "number" && model.dropout > 0) {
    throw fileError(files, "model.dropout", "null or 0: the same text always has the same ids", String(model.dropout), "set it to null");
  }
  let why = `a model of type ${type}`;
  if (type === "BPE") {
    try {
      return createOwn(files, top, model, added);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      why = error.message;
    }
  }
  return createFallback({ files, top, model, type, added, why });
}

/**
 * The same files for another thread: with tables in shared memory in place of the vocabulary and merges, which take long to read. Undefined
 * where our own BPE does not take the model.
 */
export function shareTokenizer(files: TokenizerFiles): TokenizerFiles | undefined {
  return withTables(files, (model, added) => createBpeTables(files, model, added, ordinaryTokens(added, files.config)));
}

/** The same from the bytes of tokenizer.json, in a third of the time; undefined also where it takes shareTokenizer to tell. */
export function shareTokenizerBytes(name: string, bytes: Uint8Array, config: TokenizerFiles["config"]): TokenizerFiles | undefined {
  const read = readModelBytes(bytes);
  return read && withTables({ name, tokenizer: read.tokenizer, config }, (model, added) => bpeTablesOfBytes(read, model, added));
}

function withTables(
  files: TokenizerFiles,
  makeTables: (model: Json, added: readonly AddedToken[]) => BpeTables | undefined,
): TokenizerFiles | undefined {
  const { top, model, type } = readTop(files);
  if (type !== "BPE") return undefined;
  const added = readAddedTokens(files, top);
  try {
    readOwn(top, model);
    const tables = makeTables(model, added);
    return tables && { ...files, tokenizer: { ...top, model: { ...model, vocab: {}, merges: [] } }, tables };
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

function createOwn(files: TokenizerFiles, top: Json, model: Json, added: readonly AddedToken[]): Tokenizer {
  const { forms, pretokenizer } = readOwn(top, model);
  const ordinary = ordinaryTokens(added, files.config);
  const tables = files.tables ?? createBpeTables(files, model, added, ordinary);
  return createBpeTokenizer({ tables, forms, pretokenizer, cutter: createCutter(ordinary), addedTokens: added });
}

/** What surrounds the tables; throws Unsupported where our own BPE does not do as the file says. */
function readOwn(top: Json, model: Json): Pick<BpeParts, "forms" | "pretokenizer"> {
  const { decoder } = top;
  if (!isObject(decoder) || decoder.type !== "ByteLevel") throw new Unsupported("a decoder other than ByteLevel");
  if (model.byte_fallback === true) throw new Unsupported("byte_fallback");
  if (model.continuing_subword_prefix) throw new Unsupported("continuing_subword_prefix");
  if (model.end_of_word_suffix) throw new Unsupported("end_of_word_suffix");
  return { forms: readForms(top.normalizer), pretokenizer: createPretokenizer(top.pre_tokenizer) };
}
