// How much two samples of texts say the same things in the same words.
import { createNgrams, type Ngrams } from "./ngrams.ts";

/** Three words: a pair of function words is common to any two English texts, a run of three seldom is. */
const size = 3;

/**
 * The overlap coefficient (Szymkiewicz-Simpson) of the samples' sets of different word 3-grams: those in both / those in the smaller set.
 * In [0, 1], symmetric; 1 where all that the smaller sample says stands in the other, 0 where a sample has no 3-gram.
 */
export function overlapOf(a: readonly string[], b: readonly string[]): number {
  return overlapsOf([a, b])[0][1];
}

/** The overlap of every two samples, 1 for a sample with itself: overlaps[samples][samples]. Each sample is read once. */
export function overlapsOf(samples: readonly (readonly string[])[]): number[][] {
  const ngrams = createNgrams(size);
  const sets = samples.map((texts) => setOf(texts, ngrams));
  const overlaps = sets.map(() => new Array<number>(sets.length).fill(1));
  for (let a = 0; a < sets.length; a++) {
    for (let b = 0; b < a; b++) overlaps[a][b] = overlaps[b][a] = shareOfSmaller(sets[a], sets[b]);
  }
  return overlaps;
}

function shareOfSmaller(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  if (small.size === 0) return 0;
  let shared = 0;
  for (const ngram of small) if (large.has(ngram)) shared++;
  return shared / small.size;
}

function setOf(texts: readonly string[], ngrams: Ngrams): Set<number> {
  const set = new Set<number>();
  for (const text of texts) ngrams.each(text, (ngram) => set.add(ngram));
  return set;
}
