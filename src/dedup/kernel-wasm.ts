// The WebAssembly SIMD twin of kernel.ts. ASCII texts are folded, cut into words and hashed in WebAssembly; texts with other characters are
// read by TypeScript, and their MinHash is made in WebAssembly. Memory is fixed, under 1 MiB: long texts go in pieces.
import { murmur128 } from "../core/hash.ts";
import { asciiFolds } from "./fold-table.ts";
import { createTypeScriptKernel, exactKeyOf, asciiSeed, type TextKernel } from "./kernel.ts";
import { wasm } from "./kernel.wasm.ts";
import { linearHashes, type MinHashOptions } from "./minhash.ts";
import { endWithoutPunctuation, foldText } from "./normalise.ts";
import { asciiClasses, createWordHashes, hashWords } from "./words.ts";

interface Exports {
  fold(text: number, length: number, folds: number, folded: number): number;
  scan(folded: number, length: number, classes: number, words: number): number;
  clear(signature: number, permutations: number): void;
  accumulate(words: number, count: number, n: number, shingles: number, table: number, signature: number, permutations: number): void;
}

const pageBytes = 65536;
/** Longest text, in characters, that WebAssembly reads; also words a piece. */
const piece = 32768;

/** Where things lie in memory, in bytes. The first page is the module's own. */
const place = { text: pageBytes, folded: 2 * pageBytes, words: 3 * pageBytes, shingles: 5 * pageBytes, tables: 7 * pageBytes } as const;
const foldsAt = place.tables;
const classesAt = place.tables + 128;
const linearAt = place.tables + 256;

/** Undefined where this machine's WebAssembly has no SIMD. */
export function createWasmKernel(options: MinHashOptions): TextKernel | undefined {
  const kernelModule = compile();
  if (!kernelModule) return undefined;
  const { permutations } = options;
  const table = linearHashes(options);
  const signatureAt = linearAt + table.byteLength;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((signatureAt + permutations * 4) / pageBytes) });
  const kernel = new WebAssembly.Instance(kernelModule, { env: { memory, abort } }).exports as unknown as Exports;
  const bytes = new Uint8Array(memory.buffer);
  const textBytes = new Uint8Array(memory.buffer, place.text, piece);
  const folded = { units: new Uint8Array(memory.buffer, place.folded, piece + 2), length: 0 };
  const pieceWords = new Uint32Array(memory.buffer, place.words, piece);
  const signature = new Uint32Array(memory.buffer, signatureAt, permutations);
  bytes.set(asciiFolds(), foldsAt);
  bytes.set(asciiClasses(), classesAt);
  new Uint32Array(memory.buffer, linearAt, table.length).set(table);

  const encoder = new TextEncoder();
  const words = createWordHashes();
  let loaded: string | undefined;
  let inside = false;
  let count = 0;

  /** Has WebAssembly read the text; false where it is long or not ASCII. */
  const readInside = (text: string): boolean => {
    if (text.length > piece) return false;
    const { read, written } = encoder.encodeInto(text, textBytes);
    // A byte a character is ASCII, but for a text cut short because it does not fit.
    if (read !== text.length || written !== text.length) return false;
    folded.length = kernel.fold(place.text, written, foldsAt, place.folded);
    count = kernel.scan(place.folded, folded.length, classesAt, place.words);
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
    exactKey(out) {
      if (!inside) return exactKeyOf(loaded ?? "", out);
      const end = endWithoutPunctuation(folded);
      if (end === 0) out.fill(0, 0, 4);
      else murmur128(folded.units, end, asciiSeed, out);
    },
    signature(size) {
      const n = Math.min(size, count);
      kernel.clear(signatureAt, permutations);
      // Pieces overlap by n - 1 words, so that every n-gram lies whole in one.
      for (let from = 0; from + n <= count; from += piece - n + 1) {
        const length = Math.min(piece, count - from);
        if (!inside) pieceWords.set(words.low.subarray(from, from + length));
        kernel.accumulate(place.words, length, n, place.shingles, linearAt, signatureAt, permutations);
      }
      return signature;
    },
  };
}

/** The fastest there is on this machine. */
export function createKernel(options: MinHashOptions): TextKernel {
  return createWasmKernel(options) ?? createTypeScriptKernel(options);
}

let compiled: WebAssembly.Module | undefined;

function compile(): WebAssembly.Module | undefined {
  if (compiled) return compiled;
  const module = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(module)) return undefined;
  compiled = new WebAssembly.Module(module);
  return compiled;
}

function abort(): never {
  throw new Error("the dedup kernel stopped");
}
