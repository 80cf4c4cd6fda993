// MinHash signatures of word shingles in plain TypeScript: the reference for the WebAssembly kernel and what stands in for it.
//
// A quarter as many linear hashes as values: each gives its least and greatest value in unsigned and in signed order. These four
// are the first points met from two places of the 32-bit circle in both directions: each is a min-hash of its own, and any two of
// them pick different members (sampling without replacement), so the estimate's variance is J(1-J)/permutations or a little less.
// signature[permutations] = [least unsigned | greatest unsigned | least signed | greatest signed] of hashes[permutations / 4].
import { createRandom, mix32 } from "../core/random.ts";
import { shingleBase } from "./shingles.ts";

export interface MinHashOptions {
  /** Values a signature; a multiple of 16. */
  readonly permutations: number;
  readonly seed: number;
}

/** multipliers[permutations / 4] (odd), then addends[permutations / 4]. */
export function linearHashes({ permutations, seed }: MinHashOptions): Uint32Array {
  if (!(Number.isInteger(permutations) && permutations >= 16 && permutations <= 1024 && permutations % 16 === 0))
    throw new RangeError(`permutations must be a multiple of 16 in 16..1024, got ${permutations}`);
  const random = createRandom(seed);
  const count = permutations / 4;
  const table = new Uint32Array(count * 2);
  for (let i = 0; i < count; i++) {
    table[i] = random.uint32() | 1;
    table[count + i] = random.uint32();
  }
  return table;
}

let shingles = new Uint32Array(1024);

/** Fills signature[permutations] from the n-grams of low[0, count); a text of fewer words than n is one shingle. count >= 1. */
export function minHash(low: Uint32Array, count: number, size: number, table: Uint32Array, signature: Uint32Array): void {
  const n = Math.min(size, count);
  const total = count - n + 1;
  if (shingles.length < total) shingles = new Uint32Array(total * 2);
  for (let i = 0; i < total; i++) {
    let hash = 0;
    for (let j = i; j < i + n; j++) hash = (Math.imul(hash, shingleBase) + low[j]) | 0;
    shingles[i] = mix32(hash);
  }
  const hashes = signature.length / 4;
  for (let h = 0; h < hashes; h++) {
    const multiplier = table[h];
    const addend = table[hashes + h];
    let least = 0xffffffff;
    let greatest = 0;
    let leastSigned = 0x7fffffff;
    let greatestSigned = -0x80000000;
    for (let i = 0; i < total; i++) {
      const value = (Math.imul(shingles[i], multiplier) + addend) | 0;
      const unsigned = value >>> 0;
      if (unsigned < least) least = unsigned;
      if (unsigned > greatest) greatest = unsigned;
      if (value < leastSigned) leastSigned = value;
      if (value > greatestSigned) greatestSigned = value;
    }
    signature[h] = least;
    signature[hashes + h] = greatest;
    signature[2 * hashes + h] = leastSigned;
    signature[3 * hashes + h] = greatestSigned;
  }
}

/** The share of equal values: an unbiased estimate of the Jaccard similarity. */
export function estimate(a: Uint32Array, b: Uint32Array): number {
  let equal = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal++;
  return equal / a.length;
}
