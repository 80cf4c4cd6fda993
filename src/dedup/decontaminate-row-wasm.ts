// The WebAssembly twin of decontaminate-row.ts. Memory is fixed: some 3 MiB and what the evaluation texts take. Rows that are too long for it
// are read by TypeScript.
import { createKernelInstance } from "../core/wasm.ts";
import type { Message } from "../core/row.ts";
import { leaving, lookupSlots } from "./decontaminate-grams.ts";
import type { EvaluationIndex } from "./decontaminate-index.ts";
import {
  type Candidate,
  candidate,
  createTypeScriptRowReader,
  grownStarts,
  leastHits,
  leastTerms,
  type LoadedRow,
  type RowReader,
} from "./decontaminate-row.ts";
import { surfaces, synonyms } from "./decontaminate-stems.ts";
import { changingUnit, unitTables } from "./decontaminate-terms.ts";
import { wasm } from "./terms.wasm.ts";

interface Exports {
  place(text: number, letters: number, known: number, word: number, term: number, counts: number): void;
  placeTables(
    surfaces: number,
    surfaceMask: number,
    synonyms: number,
    synonymMask: number,
    vocabulary: number,
    vocabularyMask: number,
  ): void;
  scan(length: number): number;
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

const pageBytes = 65536;
/** UTF-16 units of a row that fit. */
const room = 1 << 16;
/** Arrays of terms, `room` long: hash of a number, place in the vocabulary, first unit, end. */
const termArrays = 4;
/** Parts of words that the kernel keeps, see assembly/terms.ts. */
const knownParts = 0x10000;
/** Ends a list of postings. */
const listEnd = 0xffff_ffff;

export function createWasmRowReader(index: EvaluationIndex): RowReader | undefined {
  const { texts, weight, from, key, keyFrom } = index;

  // The first page is the module's own.
  let used = pageBytes;
  const place = (length: number): number => {
    const at = used;
    used += Math.ceil(length / 64) * 64;
    return at;
  };
  const surfaceSlots = lookupSlots([...surfaces.keys()], [...surfaces.values()]);
  const synonymSlots = lookupSlots([...synonyms.keys()], [...synonyms.values()]);
  const at = {
    counts: place(16),
    text: place((room + 16) * 2),
    letters: place(0x10000 * 4),
    normalised: place(0x10000 * 4),
    known: place(knownParts * 16),
    word: place(room * 4),
    term: place(room * 4 * termArrays),
    surfaces: place(surfaceSlots.byteLength),
    synonyms: place(synonymSlots.byteLength),
    vocabulary: place(index.slots.byteLength),
    bits: place(index.gramBits.byteLength),
    grams: place(index.grams.byteLength),
    held: place(room * 4 + 4),
    terms: place((weight.length + 1) * 8),
    postings: place((index.posting.length + weight.length + 1) * 4),
    texts: place(texts.length * 16),
    keys: place(key.length * 8),
    keyWeight: place(texts.length * 4),
    scratch: place((room + texts.length + 2) * 4),
    found: place(texts.length * 16),
  };
  const memory = new WebAssembly.Memory({ initial: Math.ceil(used / pageBytes) });
  const kernel = createKernelInstance<Exports>(wasm, memory);
  if (!kernel) return undefined;
  const uint32 = new Uint32Array(memory.buffer);
  const float32 = new Float32Array(memory.buffer);
  const float64 = new Float64Array(memory.buffer);
  const units = new Uint16Array(memory.buffer, at.text, room);
  const text = Buffer.from(memory.buffer, at.text, room * 2);
  const counts = new Uint32Array(memory.buffer, at.counts, 4);

  const { kinds, lower, changing } = unitTables();
  for (let unit = 0; unit < 0x10000; unit++) {
    const letter = (kinds[unit] << 16) | lower[unit];
    uint32[at.normalised / 4 + unit] = letter;
    uint32[at.letters / 4 + unit] = changing[unit] === 1 ? changingUnit << 16 : letter;
  }
  uint32.set(surfaceSlots, at.surfaces / 4);
  uint32.set(synonymSlots, at.synonyms / 4);
  uint32.set(index.slots, at.vocabulary / 4);
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
    uint32[at.texts / 4 + 4 * i + 3] = (leastHits(index, i) << 8) | leastTerms(index, i);
  }
  for (let i = 0; i < key.length; i++) {
    uint32[at.keys / 4 + 2 * i] = key[i] + 1;
    float32[at.keys / 4 + 2 * i + 1] = weight[key[i]];
  }
  float32.set(index.keyWeight, at.keyWeight / 4);

  kernel.placeTables(
    at.surfaces,
    surfaceSlots.length / 2 - 1,
    at.synonyms,
    synonymSlots.length / 2 - 1,
    at.vocabulary,
    index.slots.length / 2 - 1,
  );
  kernel.place(at.text, at.letters, at.known, at.word, at.term, at.counts);
  kernel.placeGrams(at.bits, Math.clz32(index.gramBits.length) + 1, leaving, at.grams, index.grams.length - 1, at.held);
  kernel.placeTexts(at.terms, at.postings, at.texts, at.keys, at.keyWeight, candidate.share, at.scratch, at.found);

  const termArray = (number: number): Uint32Array => new Uint32Array(memory.buffer, at.term + number * room * 4, room);
  const row: LoadedRow = {
    words: 0,
    terms: 0,
    word: new Uint32Array(memory.buffer, at.word, room),
    term: termArray(0),
    id: new Int32Array(memory.buffer, at.term + room * 4, room),
    start: termArray(2),
    end: termArray(3),
    starts: new Uint32Array(16),
    termStarts: new Uint32Array(16),
    grams: 0,
    gram: new Uint32Array(memory.buffer, at.held, room + 1),
    candidates: 0,
  };
  let rows = 0;

  const longRows = createTypeScriptRowReader(index);
  let inside = true;

  /** Reads a message, in NFKC where that changes it; false where the row is too long. */
  const read = (content: string): boolean => {
    if (!write(content)) return false;
    if (kernel.scan(content.length) !== 0) return true;
    const normalised = content.normalize("NFKC");
    if (!write(normalised)) return false;
    kernel.place(at.text, at.normalised, at.known, at.word, at.term, at.counts);
    kernel.scan(normalised.length);
    kernel.place(at.text, at.letters, at.known, at.word, at.term, at.counts);
    return true;
  };

  function write(content: string): boolean {
    if (counts[0] + content.length >= room || counts[1] + content.length >= room) return false;
    text.write(content, "utf16le");
    units[content.length] = 0;
    return true;
  }

  function readAll(messages: readonly Message[]): boolean {
    counts[0] = counts[1] = 0;
    const starts = (row.starts = grownStarts(row.starts, messages.length));
    const termStarts = (row.termStarts = grownStarts(row.termStarts, messages.length));
    for (let i = 0; i < messages.length; i++) {
      starts[i] = counts[0];
      termStarts[i] = counts[1];
      if (!read(messages[i].content)) return false;
    }
    starts[messages.length] = counts[0];
    return true;
  }

  return {
    kind: "wasm",
    load(messages) {
      inside = readAll(messages);
      if (!inside) return longRows.load(messages);
      // Rows are told apart by 24 bits.
      if (++rows === 1 << 24) {
        rows = 1;
        for (let term = 0; term <= weight.length; term++) uint32[at.terms / 4 + 2 * term] = 0;
        for (let i = 0; i < texts.length; i++) uint32[at.texts / 4 + 4 * i] = 0;
      }
      kernel.searchRow(rows);
      row.words = counts[0];
      row.terms = counts[1];
      row.grams = counts[2];
      row.candidates = counts[3];
      return row;
    },
    candidates() {
      if (!inside) return longRows.candidates();
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
