// How much two samples of texts say the same things in the same words.
import { createNgrams, type Ngrams, type TextNgrams } from "./ngrams.ts";

/** Three words: a pair of function words is common to any two English texts, a run of three seldom is. */
export const overlapWords = 3;

/**
 * The overlap coefficient (Szymkiewicz-Simpson) of the samples' sets of different word 3-grams: those in both / those in the smaller set.
 * In [0, 1], symmetric; 1 where all that the smaller sample says stands in the other, 0 where a sample has no 3-gram.
 */
export function overlapOf(a: readonly string[], b: readonly string[]): number {
  const ngrams = createNgrams(overlapWords);
  return overlapsOf([a.map(ngrams.of), b.map(ngrams.of)], ngrams)[0][1];
}

/** The overlap of every two samples, 1 for a sample with itself: overlaps[samples][samples]. */
export function overlapsOf(samples: readonly (readonly TextNgrams[])[], ngrams: Ngrams): number[][] {
  /** marks[n-gram] is the number of the round in which it was met last. */
  const marks = new Uint32Array(ngrams.count(overlapWords));
  let round = 0;
  const sets = samples.map((sample) => {
    round++;
    const set: number[] = [];
    for (const runs of sample) {
      for (const ngram of runs[overlapWords - 1]) {
        if (marks[ngram] !== round) set.push(ngram);
        marks[ngram] = round;
      }
    }
    return set;
  });
  const overlaps = sets.map(() => new Array<number>(sets.length).fill(1));
  for (let a = 0; a < sets.length; a++) {
    round++;
    for (const ngram of sets[a]) marks[ngram] = round;
    for (let b = 0; b < a; b++) overlaps[a][b] = overlaps[b][a] = shareOfSmaller(sets[a], sets[b], (ngram) => marks[ngram] === round);
  }
  return overlaps;
}

function shareOfSmaller(a: readonly number[], b: readonly number[], isInA: (ngram: number) => boolean): number {
  const smaller = Math.min(a.length, b.length);
  if (smaller === 0) return 0;
  let shared = 0;
  for (const ngram of b) if (isInA(ngram)) shared++;
  return shared / smaller;
}
