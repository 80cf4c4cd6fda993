// What a sketcher asks of a kernel, and the kernel in plain TypeScript. kernel-wasm.ts gives bit for bit the same answers.
import { murmur128 } from "../core/hash.ts";
import { linearHashes, minHash, type MinHashOptions } from "./minhash.ts";
import { endWithoutPunctuation, foldText } from "./normalise.ts";
import { shingleBase } from "./shingles.ts";
import { createWordHashes, hashWords } from "./words.ts";

/** Takes one text at a time; what it gives is valid until the next load. One per worker. */
export interface TextKernel {
  readonly kind: "wasm" | "typescript";
  /** Reads a text; returns its number of words. A text that is loaded already costs nothing. */
  load(text: string): number;
  /** Hashes of the loaded text's words: low[0, words). */
  readonly low: Uint32Array;
  /** Counts the loaded text's different n-grams, and stops at `limit`, which is always the same. */
  distinct(n: number, limit: number): number;
  /** The 128-bit key of the loaded text's normal form without closing punctuation; all zero where nothing is left. */
  exactKey(out: Uint32Array): void;
  /** MinHash values of the loaded text's n-grams: signature[permutations]. The text must have a word. */
  signature(n: number): Uint32Array;
}

export function createTypeScriptKernel(options: MinHashOptions): TextKernel {
  const table = linearHashes(options);
  const signature = new Uint32Array(options.permutations);
  const countDistinct = createDistinctCounter();
  const words = createWordHashes();
  let loaded: string | undefined;
  return {
    kind: "typescript",
    load(text) {
      if (text !== loaded) hashWords(foldText(text), words);
      loaded = text;
      return words.count;
    },
    get low() {
      return words.low;
    },
    distinct: (n, limit) => countDistinct(words.low, words.count, n, limit),
    exactKey(out) {
      exactKeyOf(loaded ?? "", out);
    },
    signature(n) {
      minHash(words.low, words.count, n, table, signature);
      return signature;
    },
  };
}

let bytes = new Uint8Array(1 << 16);
let view = new DataView(bytes.buffer);

/** The key is of single bytes where the normal form is ASCII, else of its UTF-16 units in little-endian order. */
export function exactKeyOf(text: string, out: Uint32Array): void {
  const folded = foldText(text);
  const end = endWithoutPunctuation(folded);
  if (end === 0) return void out.fill(0, 0, 4);
  const { units } = folded;
  if (bytes.length < end * 2) {
    bytes = new Uint8Array(end * 4);
    view = new DataView(bytes.buffer);
  }
  let all = 0;
  for (let i = 0; i < end; i++) {
    all |= units[i];
    bytes[i] = units[i];
  }
  if (all <= 0x7f) return void murmur128(view, 0, end, asciiSeed, out);
  for (let i = 0; i < end; i++) {
    bytes[2 * i] = units[i];
    bytes[2 * i + 1] = units[i] >>> 8;
  }
  murmur128(view, 0, end * 2, wideSeed, out);
}

/** Seeds that keep the two kinds of exact key apart. */
const asciiSeed = 0;
const wideSeed = 1;

/** Slots of a table that counts up to `limit`. */
export function distinctSlots(limit: number): number {
  return 2 ** Math.ceil(Math.log2(limit * 2 + 2));
}

/** Counts different n-grams of words, and stops at `limit`: a set of stamps that never needs clearing. */
export function createDistinctCounter(): (low: Uint32Array, words: number, n: number, limit: number) => number {
  let values = new Uint32Array(0);
  let stamps = new Uint32Array(0);
  let stamp = 0;
  return (low, words, n, limit) => {
    const size = distinctSlots(limit);
    if (values.length !== size) {
      values = new Uint32Array(size);
      stamps = new Uint32Array(size);
      stamp = 0;
    }
    if (stamp === 0xffff_ffff) stamps.fill((stamp = 0));
    stamp++;
    const length = Math.min(n, words);
    let found = 0;
    for (let i = 0; i + length <= words && found < limit; i++) {
      let hash = 0;
      for (let j = i; j < i + length; j++) hash = (Math.imul(hash, shingleBase) + low[j]) | 0;
      hash >>>= 0;
      let place = (hash ^ (hash >>> 15)) & (size - 1);
      while (stamps[place] === stamp && values[place] !== hash) place = (place + 1) & (size - 1);
      if (stamps[place] === stamp) continue;
      stamps[place] = stamp;
      values[place] = hash;
      found++;
    }
    return found;
  };
}
