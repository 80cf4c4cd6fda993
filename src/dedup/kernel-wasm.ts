// The WebAssembly SIMD twin of kernel.ts. Texts are folded, cut into words and hashed in WebAssembly; long texts, and those with characters
// whose normal form depends on their neighbours, are read by TypeScript, and their MinHash is made in WebAssembly. Memory is fixed, 1 MiB:
// long texts go in pieces.
import { createKernelInstance } from "../core/wasm.ts";
import { plainFolds } from "./fold-table.ts";
import { createDistinctCounter, createTypeScriptKernel, distinctSlots, exactKeyOf, type TextKernel } from "./kernel.ts";
import { wasm } from "./kernel.wasm.ts";
import { linearHashes, type MinHashOptions } from "./minhash.ts";
import { endWithoutPunctuation, foldText } from "./normalise.ts";
import { createWordHashes, hashWords, wordClasses } from "./words.ts";

interface Exports {
  fold(text: number, length: number, folds: number, folded: number): number;
  scan(folded: number, length: number, classes: number, words: number): number;
  distinct(words: number, count: number, n: number, limit: number, slots: number, size: number): number;
  exactKey(folded: number, length: number, bytes: number, out: number): void;
  clear(signature: number, permutations: number): void;
  accumulate(words: number, count: number, n: number, shingles: number, table: number, signature: number, permutations: number): void;
}

const pageBytes = 65536;
/** Longest text, in UTF-16 units, that WebAssembly reads; also words a piece. */
const piece = 32768;
/** Greatest limit of `distinct` that WebAssembly counts to. */
const mostDistinct = 4095;

/** Where things lie in memory, in bytes. The first page is the module's own. An ellipsis folds to three units. */
const place = {
  text: pageBytes,
  folded: 2 * pageBytes,
  words: 6 * pageBytes,
  shingles: 8 * pageBytes,
  folds: 10 * pageBytes,
  classes: 12 * pageBytes,
  slots: 13 * pageBytes,
  key: 14 * pageBytes,
  linear: 14 * pageBytes + 64,
} as const;

/** Undefined where this machine's WebAssembly has no SIMD. */
export function createWasmKernel(options: MinHashOptions): TextKernel | undefined {
  const { permutations } = options;
  const table = linearHashes(options);
  const signatureAt = place.linear + table.byteLength;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((signatureAt + permutations * 4) / pageBytes) });
  const kernel = createKernelInstance<Exports>(wasm, memory);
  if (!kernel) return undefined;
  const textBytes = Buffer.from(memory.buffer, place.text, piece * 2);
  const folded = { units: new Uint16Array(memory.buffer, place.folded, piece * 3 + 1), length: 0 };
  const pieceWords = new Uint32Array(memory.buffer, place.words, piece);
  const key = new Uint32Array(memory.buffer, place.key, 4);
  const signature = new Uint32Array(memory.buffer, signatureAt, permutations);
  new Uint16Array(memory.buffer, place.folds).set(plainFolds());
  new Uint8Array(memory.buffer, place.classes).set(wordClasses());
  new Uint32Array(memory.buffer, place.linear, table.length).set(table);

  const words = createWordHashes();
  const countDistinct = createDistinctCounter();
  let loaded: string | undefined;
  /** Of the limit that was counted to last. */
  let slots = { limit: 0, size: distinctSlots(0) };
  let inside = false;
  let count = 0;

  /** Has WebAssembly read the text; false where it cannot. */
  const readInside = (text: string): boolean => {
    if (text.length > piece) return false;
    textBytes.write(text, "utf16le");
    folded.length = kernel.fold(place.text, text.length, place.folds, place.folded);
    if (folded.length < 0) return false;
    count = kernel.scan(place.folded, folded.length, place.classes, place.words);
    return true;
  };

  return {
    kind: "wasm",
    load(text) {
      if (text === loaded) return count;
      inside = readInside(text);
      if (!inside) count = hashWords(foldText(text), words).count;
      loaded = text;
      return count;
    },
    get low() {
      return inside ? pieceWords : words.low;
    },
    distinct(n, limit) {
      if (!inside || limit > mostDistinct) return countDistinct(inside ? pieceWords : words.low, count, n, limit);
      if (limit !== slots.limit) slots = { limit, size: distinctSlots(limit) };
      return kernel.distinct(place.words, count, n, limit, place.slots, slots.size);
    },
    exactKey(out) {
      if (!inside) return exactKeyOf(loaded ?? "", out);
      const end = endWithoutPunctuation(folded);
      if (end === 0) return void out.fill(0, 0, 4);
      kernel.exactKey(place.folded, end, place.shingles, place.key);
      out.set(key);
    },
    signature(size) {
      const n = Math.min(size, count);
      kernel.clear(signatureAt, permutations);
      // Pieces overlap by n - 1 words, so that every n-gram lies whole in one.
      for (let from = 0; from + n <= count; from += piece - n + 1) {
        const length = Math.min(piece, count - from);
        if (!inside) pieceWords.set(words.low.subarray(from, from + length));
        kernel.accumulate(place.words, length, n, place.shingles, place.linear, signatureAt, permutations);
      }
      return signature;
    },
  };
}

/** The fastest there is on this machine. */
export function createKernel(options: MinHashOptions): TextKernel {
  return createWasmKernel(options) ?? createTypeScriptKernel(options);
}
