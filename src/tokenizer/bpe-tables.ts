// What a byte-level BPE model encodes with: vocabulary, merges and the words that are tokens as they stand. Numbers in shared memory, so
// that one thread makes them and others use them. Knows the model's JSON, not text.
import { byteCharacter, writeTokenBytes } from "./byte-level.ts";
import { MergeTable } from "./merge-table.ts";
import type { ByteTexts, ModelBytes } from "./model-bytes.ts";
import { fileError, readMerge, readMerges, readVocab, type AddedToken, type Json, type Vocab } from "./tokenizer-json.ts";
import { createTokenTable, type TokenTable } from "./token-table.ts";
import type { TokenizerFiles } from "./types.ts";
import { Unsupported } from "./unsupported.ts";
import { createVocabulary, noId, type Vocabulary, vocabularyOfBytes } from "./vocabulary.ts";

export interface BpeTables {
  readonly vocabulary: Vocabulary;
  /** Slots of a merge table. */
  readonly merges: Int32Array;
  /** For `ignore_merges`, slots of a token table: words that are tokens as they stand. */
  readonly words: Int32Array | undefined;
}

/** `ordinary` are the added tokens that text may hold, by their texts; the others are control tokens, which no text ever merges to. */
export function createBpeTables(
  files: TokenizerFiles,
  model: Json,
  added: readonly AddedToken[],
  ordinary: ReadonlyMap<string, number>,
): BpeTables {
  const vocab = readVocab(files, model);
  for (let byte = 0; byte < 256; byte++) {
    if (!Object.hasOwn(vocab.ids, byteCharacter(byte))) throw new Unsupported(`a vocabulary without a token for byte ${byte}`);
  }
  const { vocabulary, verbatim } = createVocabulary(vocab.texts, added);
  const { size, pool, offsets, byteIds } = vocabulary;
  // A single byte must stay encodable, even where an added token has taken its id.
  for (let byte = 0; byte < 256; byte++) if (byteIds[byte] === noId) byteIds[byte] = vocab.ids[byteCharacter(byte)];
  const words = createTokenTable(vocabulary, verbatim);
  const control = new Set(added.filter(({ content }) => !ordinary.has(content)).map(({ id }) => id));
  const merges = createMerges(files, model, vocab, words, control);
  return sharedTables({ size, pool, offsets, byteIds }, merges, model.ignore_merges === true ? words : undefined);
}

/** The same from the file's bytes. Undefined where createBpeTables has more to look at: tokens that share an id, merges of added tokens ... */
export function bpeTablesOfBytes({ tokens, ids, merges }: ModelBytes, model: Json, added: readonly AddedToken[]): BpeTables | undefined {
  const read = vocabularyOfBytes(tokens, ids, added);
  if (read === undefined || read.vocabulary.byteIds.includes(noId)) return undefined;
  const { vocabulary, verbatim } = read;
  const words = createTokenTable(vocabulary, verbatim);
  const { size, pool, offsets } = vocabulary;
  for (let id = 0; id < size; id++) {
    if (offsets[id] < offsets[id + 1] && !verbatim.has(id) && words.find(pool, offsets[id], offsets[id + 1]) !== id) return undefined;
  }
  const table = mergesOfBytes(merges, words, verbatim);
  return table && sharedTables(vocabulary, table, model.ignore_merges === true ? words : undefined);
}

function sharedTables({ size, pool, offsets, byteIds }: Vocabulary, merges: MergeTable, words: TokenTable | undefined): BpeTables {
  const vocabulary = { size, pool: shared(pool), offsets: shared(offsets), byteIds: shared(byteIds) };
  return { vocabulary, merges: merges.slots, words: words?.slots };
}

/** Merges as ids. Those that would make a control token out of ordinary text are left out. */
function createMerges(files: TokenizerFiles, model: Json, vocab: Vocab, tokens: TokenTable, control: ReadonlySet<number>): MergeTable {
  const merges = readMerges(files, model);
  const table = MergeTable.forMerges(merges.length);
  const idOf = (text: string): number => (Object.hasOwn(vocab.ids, text) ? vocab.ids[text] : noId);
  let bytes = new Uint8Array(1024);
  for (let rank = 0; rank < merges.length; rank++) {
    const { left, right } = readMerge(files, merges[rank], rank);
    if (left.length + right.length > bytes.length) bytes = new Uint8Array((left.length + right.length) * 2);
    const middle = writeTokenBytes(left, bytes, 0);
    const end = middle < 0 ? middle : writeTokenBytes(right, bytes, middle);
    let [leftId, rightId, mergedId] = [noId, noId, noId];
    if (end >= 0) {
      leftId = tokens.find(bytes, 0, middle);
      rightId = tokens.find(bytes, middle, end);
      mergedId = tokens.find(bytes, 0, end);
    }
    if (leftId === noId || rightId === noId || mergedId === noId) {
      // Not in that table: added tokens, and what is not written in the byte-level alphabet.
      [leftId, rightId, mergedId] = [idOf(left), idOf(right), idOf(left + right)];
    }
    if (leftId === noId || rightId === noId || mergedId === noId) {
      throw fileError(files, `model.merges[${rank}]`, "tokens of model.vocab, and what they merge to as well", `${left} ${right}`);
    }
    if (!control.has(mergedId)) table.set(leftId, rightId, rank, mergedId);
  }
  return table;
}

/** The same from texts in bytes. Undefined where one is not in the table. */
function mergesOfBytes({ pool, ends }: ByteTexts, tokens: TokenTable, verbatim: ReadonlySet<number>): MergeTable | undefined {
  const table = MergeTable.forMerges(ends.length / 2);
  let start = 0;
  let merged = 0;
  for (let rank = 0; 2 * rank < ends.length; rank++) {
    const middle = ends[2 * rank];
    const end = ends[2 * rank + 1];
    const left = tokens.find(pool, start, middle);
    const right = tokens.find(pool, middle, end);
    // Files list merges by what they make: mostly the same token again, or the one behind it.
    if (!tokens.is(merged, pool, start, end) && !tokens.is(++merged, pool, start, end)) merged = tokens.find(pool, start, end);
    if (left === noId || right === noId || merged === noId || verbatim.has(merged)) return undefined;
    table.set(left, right, rank, merged);
    start = end;
  }
  return table;
}

/** The same numbers in memory that threads share. */
function shared<T extends Uint8Array | Uint32Array | Int32Array>(numbers: T): T {
  const copy = new (numbers.constructor as new (buffer: SharedArrayBuffer) => T)(new SharedArrayBuffer(numbers.byteLength));
  copy.set(numbers);
  return copy;
}
