// The WebAssembly twin of decontaminate-row.ts. Memory is fixed: some 3 MiB and what the evaluation texts take. Rows that are too long for it
// are read by TypeScript.
import { createKernelInstance } from "../core/wasm.ts";
import type { Message } from "../core/row.ts";
import { leaving, lookupSlots } from "./decontaminate-grams.ts";
import type { EvaluationIndex } from "./decontaminate-index.ts";
import { type Candidate, candidate, createTypeScriptRowReader, leastTerms, type LoadedRow, type RowReader } from "./decontaminate-row.ts";
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
  heldGrams(bits: number, shift: number, leaving: number, held: number): number;
  candidates(
    row: number,
    terms: number,
    postings: number,
    texts: number,
    keys: number,
    keyWeight: number,
    leastShare: number,
    scratch: number,
    out: number,
  ): number;
}

const pageBytes = 65536;
/** UTF-16 units of a row that fit. */
const room = 1 << 16;
/** Arrays of terms, `room` long: hash, number, word, first unit, end. */
const termArrays = 5;

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
    counts: place(8),
    text: place((room + 16) * 2),
    letters: place(0x10000 * 4),
    normalised: place(0x10000 * 4),
    known: place(0x10000 * 16),
    word: place(room * 4),
    term: place(room * 4 * termArrays),
    surfaces: place(surfaceSlots.byteLength),
    synonyms: place(synonymSlots.byteLength),
    vocabulary: place(index.slots.byteLength),
    bits: place(index.gramBits.byteLength),
    held: place(room * 4 + 4),
    terms: place((weight.length + 1) * 16),
    postings: place(index.posting.byteLength),
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
  const counts = new Uint32Array(memory.buffer, at.counts, 2);

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
  uint32.set(index.posting, at.postings / 4);
  for (let term = 0; term < weight.length; term++) {
    uint32[at.terms / 4 + 4 * term + 5] = from[term];
    uint32[at.terms / 4 + 4 * term + 6] = from[term + 1];
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

  kernel.placeTables(
    at.surfaces,
    surfaceSlots.length / 2 - 1,
    at.synonyms,
    synonymSlots.length / 2 - 1,
    at.vocabulary,
    index.slots.length / 2 - 1,
  );
  kernel.place(at.text, at.letters, at.known, at.word, at.term, at.counts);

  const termArray = (number: number): Uint32Array => new Uint32Array(memory.buffer, at.term + number * room * 4, room);
  const row: LoadedRow = {
    words: 0,
    terms: 0,
    word: new Uint32Array(memory.buffer, at.word, room),
    term: termArray(0),
    id: new Int32Array(memory.buffer, at.term + room * 4, room),
    at: termArray(2),
    start: termArray(3),
    end: termArray(4),
    starts: [],
    termStarts: [],
  };
  const held = { grams: new Uint32Array(memory.buffer, at.held, room + 1), count: 0 };
  const shift = Math.clz32(index.gramBits.length) + 1;
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
    row.starts.length = row.termStarts.length = 0;
    for (const { content } of messages) {
      row.starts.push(counts[0]);
      row.termStarts.push(counts[1]);
      if (!read(content)) return false;
    }
    row.starts.push(counts[0]);
    row.words = counts[0];
    row.terms = counts[1];
    return true;
  }

  return {
    kind: "wasm",
    load(messages) {
      inside = readAll(messages);
      return inside ? row : longRows.load(messages);
    },
    heldGrams() {
      if (!inside) return longRows.heldGrams();
      held.count = kernel.heldGrams(at.bits, shift, leaving, at.held);
      return held;
    },
    candidates() {
      if (!inside) return longRows.candidates();
      // Rows are told apart by 24 bits.
      if (++rows === 1 << 24) {
        rows = 1;
        for (let term = 0; term <= weight.length; term++) uint32[at.terms / 4 + 4 * term] = 0;
        for (let i = 0; i < texts.length; i++) uint32[at.texts / 4 + 4 * i] = 0;
      }
      const count = kernel.candidates(rows, at.terms, at.postings, at.texts, at.keys, at.keyWeight, candidate.share, at.scratch, at.found);
      const list: Candidate[] = [];
      for (let i = 0; i < count; i++) list.push({ text: uint32[at.found / 4 + 4 * i], share: float64[at.found / 8 + 2 * i + 1] });
      return list;
    },
  };
}

/** The fastest there is on this machine. */
export function createRowReader(index: EvaluationIndex): RowReader {
  return createWasmRowReader(index) ?? createTypeScriptRowReader(index);
}
