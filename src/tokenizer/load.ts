// A tokenizer from its files: our own byte-level BPE where the model is of that kind (GPT-2, Llama 3, Qwen, SmolLM,
// Mistral-Nemo, gpt-4o ...), @huggingface/tokenizers for all others. Reads no files itself.
import { createCutter, ordinaryTokens } from "./added-tokens.ts";
import { byteCharacter } from "./byte-level.ts";
import { MergeTable } from "./bpe.ts";
import { createBpeTokenizer } from "./bpe-tokenizer.ts";
import { createFallback } from "./fallback.ts";
import { readForms } from "./normalize.ts";
import { createPretokenizer } from "./pretokenize.ts";
import { fileError, isObject, readAddedTokens, readBpe, readTop, type AddedToken, type BpeModel, type Json } from "./tokenizer-json.ts";
import type { Tokenizer, TokenizerFiles } from "./types.ts";
import { Unsupported } from "./unsupported.ts";
import { createVocabulary, createWholeWords, noId } from "./vocabulary.ts";

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

function createOwn(files: TokenizerFiles, top: Json, model: Json, added: readonly AddedToken[]): Tokenizer {
  const decoder = top.decoder;
  if (!isObject(decoder) || decoder.type !== "ByteLevel") throw new Unsupported("a decoder other than ByteLevel");
  if (model.byte_fallback === true) throw new Unsupported("byte_fallback");
  if (model.continuing_subword_prefix) throw new Unsupported("continuing_subword_prefix");
  if (model.end_of_word_suffix) throw new Unsupported("end_of_word_suffix");
  const forms = readForms(top.normalizer);
  const pretokenizer = createPretokenizer(top.pre_tokenizer);

  const bpe = readBpe(files, model);
  for (let byte = 0; byte < 256; byte++) {
    if (!bpe.tokens.has(byteCharacter(byte))) throw new Unsupported(`a vocabulary without a token for byte ${byte}`);
  }
  const ordinary = ordinaryTokens(added, files.config);
  const reserved = new Set(added.map(({ id }) => id));
  const vocabulary = createVocabulary(bpe.tokens, added);
  // A single byte must stay encodable, even where an added token has taken its id.
  for (let byte = 0; byte < 256; byte++)
    if (vocabulary.byteIds[byte] === noId) vocabulary.byteIds[byte] = bpe.tokens.get(byteCharacter(byte)) ?? noId;
  return createBpeTokenizer({
    vocabulary,
    merges: createMerges(files, bpe, new Set(added.filter(({ content }) => !ordinary.has(content)).map(({ id }) => id))),
    wholeWord: bpe.ignoreMerges ? createWholeWords(vocabulary, reserved) : undefined,
    forms,
    pretokenizer,
    cutter: createCutter(ordinary),
    addedTokens: added,
  });
}

/** Merges as ids. Those that would make a control token out of ordinary text are left out. */
function createMerges(files: TokenizerFiles, { tokens, merges }: BpeModel, control: ReadonlySet<number>): MergeTable {
  const table = new MergeTable(merges.length);
  for (let rank = 0; rank < merges.length; rank++) {
    const [left, right] = merges[rank];
    const [leftId, rightId, mergedId] = [tokens.get(left), tokens.get(right), tokens.get(left + right)];
    if (leftId === undefined || rightId === undefined || mergedId === undefined) {
      throw fileError(files, `model.merges[${rank}]`, "tokens of model.vocab, and what they merge to as well", `${left} ${right}`);
    }
    if (!control.has(mergedId)) table.set(leftId, rightId, rank, mergedId);
  }
  return table;
}
