// The WebAssembly twin of decontaminate-row.ts. Memory is fixed: some 3 MiB and what the evaluation texts take. Rows that are too long for it
// are read by TypeScript.
import type { Message } from "../core/row.ts";
import { leaving } from "./decontaminate-grams.ts";
import { candidate, type EvaluationIndex } from "./decontaminate-index.ts";
import { type Candidate, createTypeScriptRowReader, grownStarts, leastTerms, type LoadedRow, type RowReader } from "./decontaminate-row.ts";
import { createTermKernel, room } from "./decontaminate-terms-wasm.ts";

interface Exports {
  placeGrams(bits: number, shift: number, leaving: number, grams: number, mask: number, held: number): void;
  placeTexts(
    terms: number,
    postings: number,
    texts: number,
    keys: number,
    keyWeight: number,
    share: number,
    scratch: number,
    found: number,
  ): void;
  searchRow(row: number): void;
}

/** Ends a list of postings. */
const listEnd = 0xffff_ffff;

export function createWasmRowReader(index: EvaluationIndex): RowReader | undefined {
  const { texts, weight, from, key, keyFrom } = index;
  const bytes = {
    bits: index.gramBits.byteLength,
    grams: index.grams.byteLength,
    held: room * 4 + 4,
    terms: (weight.length + 1) * 8,
    postings: (index.posting.length + weight.length + 1) * 4,
    texts: texts.length * 16,
    keys: key.length * 8,
    keyWeight: texts.length * 4,
    scratch: (room + texts.length + 2) * 4,
    found: texts.length * 16,
  };
  const kernel = createTermKernel<Exports, keyof typeof bytes>(index.slots, bytes);
  if (kernel === undefined) return undefined;
  const { exports, memory, at, counts } = kernel;
  const uint32 = new Uint32Array(memory);
  const float32 = new Float32Array(memory);
  const float64 = new Float64Array(memory);
  uint32.set(index.gramBits, at.bits / 4);
  uint32.set(index.grams, at.grams / 4);
  let postings = 0;
  const putPosting = (text: number): void => void (uint32[at.postings / 4 + postings++] = text);
  putPosting(listEnd);
  for (let term = 0; term < weight.length; term++) {
    if (from[term] === from[term + 1]) continue;
    uint32[at.terms / 4 + 2 * term + 3] = postings;
    for (let i = from[term]; i < from[term + 1]; i++) putPosting(index.posting[i]);
    putPosting(listEnd);
  }
  for (let i = 0; i < texts.length; i++) {
    uint32[at.texts / 4 + 4 * i + 1] = keyFrom[i];
    uint32[at.texts / 4 + 4 * i + 2] = keyFrom[i + 1];
    uint32[at.texts / 4 + 4 * i + 3] = leastTerms(index, i);
  }
  for (let i = 0; i < key.length; i++) {
    uint32[at.keys / 4 + 2 * i] = key[i] + 1;
    float32[at.keys / 4 + 2 * i + 1] = weight[key[i]];
  }
  float32.set(index.keyWeight, at.keyWeight / 4);

  exports.placeGrams(at.bits, Math.clz32(index.gramBits.length) + 1, leaving, at.grams, index.grams.length - 1, at.held);
  exports.placeTexts(at.terms, at.postings, at.texts, at.keys, at.keyWeight, candidate.share, at.scratch, at.found);

  const { word, term, id, start, end } = kernel;
  const row: LoadedRow = {
    words: 0,
    terms: 0,
    word,
    term,
    id,
    start,
    end,
    starts: new Uint32Array(16),
    termStarts: new Uint32Array(16),
    grams: 0,
    gram: new Uint32Array(memory, at.held, room + 1),
    candidates: 0,
  };
  let rows = 0;

  let longRows: RowReader | undefined;
  let inside = true;

  const readAll = (messages: readonly Message[]): boolean => {
    counts[0] = counts[1] = 0;
    const starts = (row.starts = grownStarts(row.starts, messages.length));
    const termStarts = (row.termStarts = grownStarts(row.termStarts, messages.length));
    for (let i = 0; i < messages.length; i++) {
      starts[i] = counts[0];
      termStarts[i] = counts[1];
      if (!kernel.read(messages[i].content)) return false;
    }
    starts[messages.length] = counts[0];
    return true;
  };

  return {
    kind: "wasm",
    load(messages) {
      inside = readAll(messages);
      if (!inside) return (longRows ??= createTypeScriptRowReader(index)).load(messages);
      // Rows are told apart by 24 bits.
      if (++rows === 1 << 24) {
        rows = 1;
        for (let term = 0; term <= weight.length; term++) uint32[at.terms / 4 + 2 * term] = 0;
        for (let i = 0; i < texts.length; i++) uint32[at.texts / 4 + 4 * i] = 0;
      }
      exports.searchRow(rows);
      row.words = counts[0];
      row.terms = counts[1];
      row.grams = counts[2];
      row.candidates = counts[3];
      return row;
    },
    candidates() {
      if (!inside && longRows) return longRows.candidates();
      const list: Candidate[] = [];
      for (let i = 0; i < row.candidates; i++) list.push({ text: uint32[at.found / 4 + 4 * i], share: float64[at.found / 8 + 2 * i + 1] });
      return list;
    },
  };
}

/** The fastest there is on this machine. */
export function createRowReader(index: EvaluationIndex): RowReader {
  return createWasmRowReader(index) ?? createTypeScriptRowReader(index);
}
