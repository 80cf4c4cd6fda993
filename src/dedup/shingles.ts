// What "similar" means: the Jaccard similarity of two texts' sets of word n-grams. Anybody can recompute it with `jaccard`.
//
// Words are those of words.ts over the normal form of normalise.ts. A text is short while it has fewer than `shortBelow` (64)
// different 2-grams. Two texts are compared by their 5-grams where both are long, else by their 2-grams: one changed word costs a
// 12-word prompt 2 of its 11 2-grams, and would cost it 5 of its 8 5-grams. A text of fewer words than n is one shingle; a text
// without words has none and is similar to nothing.
import { foldText } from "./normalise.ts";
import { createWordHashes, hashWords, type WordHashes } from "./words.ts";

/** How texts are cut into shingles. */
export interface ShingleOptions {
  /** Words a shingle where a short text takes part. */
  readonly shortWords: number;
  /** Words a shingle between two long texts; 5 as datatrove's default. */
  readonly longWords: number;
  /** A text is short while it has fewer different short shingles than this. */
  readonly shortBelow: number;
}

export const shingleDefaults: ShingleOptions = { shortWords: 2, longWords: 5, shortBelow: 64 };

export function checkShingleOptions(options: ShingleOptions): ShingleOptions {
  for (const key of ["shortWords", "longWords", "shortBelow"] as const) {
    const value = options[key];
    if (!(Number.isInteger(value) && value >= 1 && value <= 1024))
      throw new RangeError(`${key} must be an integer in 1..1024, got ${value}`);
  }
  if (options.longWords < options.shortWords)
    throw new RangeError(`longWords must be at least shortWords (${options.shortWords}), got ${options.longWords}`);
  return options;
}

/**
 * A long text with this many different short shingles and more cannot be similar to a short one: |A| <= |B| and J(A, B) >= t
 * need |B| <= |A| / t.
 */
export function tooManyForShort({ shortBelow }: ShingleOptions, threshold: number): number {
  return Math.floor((shortBelow - 1) / threshold + 1e-9) + 1;
}

/** A text's shingles as sorted, distinct 48-bit hashes: two different shingles share one with probability 2^-48. */
export interface Shingles {
  readonly short: Float64Array;
  /** Undefined where the text is short. */
  readonly long: Float64Array | undefined;
}

const words = createWordHashes();

export function shingles(text: string, options: ShingleOptions = shingleDefaults): Shingles {
  hashWords(foldText(text), words);
  const short = shingleSet(words, options.shortWords);
  return { short, long: short.length < options.shortBelow ? undefined : shingleSet(words, options.longWords) };
}

/** Multiplier of the polynomial over words; odd. Shared by all kernels. */
export const shingleBase = 0x2c1b3c6d;
const highBase = 0x297a2d39;

function shingleSet({ count, low, high }: WordHashes, size: number): Float64Array {
  if (count === 0) return new Float64Array(0);
  const n = Math.min(size, count);
  const values = new Float64Array(count - n + 1);
  for (let i = 0; i < values.length; i++) {
    let a = 0;
    let b = 0;
    for (let j = i; j < i + n; j++) {
      a = (Math.imul(a, shingleBase) + low[j]) | 0;
      b = (Math.imul(b, highBase) + high[j]) | 0;
    }
    values[i] = (b >>> 16) * 2 ** 32 + (a >>> 0);
  }
  return distinct(values.sort());
}

/** Drops repeats of a sorted array. */
function distinct(sorted: Float64Array): Float64Array {
  let kept = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[kept++] = sorted[i];
  return kept === sorted.length ? sorted : sorted.slice(0, kept);
}

/** The Jaccard similarity of two texts, in 0..1. */
export function jaccard(a: string, b: string, options: ShingleOptions = shingleDefaults): number {
  return similarity(shingles(a, options), shingles(b, options));
}

export function similarity(a: Shingles, b: Shingles): number {
  return a.long && b.long ? setJaccard(a.long, b.long) : setJaccard(a.short, b.short);
}

/** |a and b| / |a or b| of two sorted, distinct arrays; 0 where both are empty. */
function setJaccard(a: Float64Array, b: Float64Array): number {
  const shared = overlap(a, b, 0);
  const union = a.length + b.length - shared;
  return union === 0 ? 0 : shared / union;
}

/** |a and b|, or -1 as soon as it is known to be under `least`. */
export function overlap(a: Float64Array, b: Float64Array, least: number): number {
  let shared = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (shared + Math.min(a.length - i, b.length - j) < least) return -1;
    const x = a[i];
    const y = b[j];
    if (x === y) shared++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return shared < least ? -1 : shared;
}
