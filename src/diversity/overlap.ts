// How much two samples of texts say the same things in the same words.
import { Ngrams } from "./ngrams.ts";

/** Three words: a pair of function words is common to any two English texts, a run of three seldom is. */
export const overlapWords = 3;

/**
 * The overlap coefficient (Szymkiewicz-Simpson) of the samples' sets of different word 3-grams: those in both / those in the smaller set.
 * In [0, 1], symmetric; 1 where all that the smaller sample says stands in the other, 0 where a sample has no 3-gram.
 */
export function overlapOf(a: readonly string[], b: readonly string[]): number {
  const ngrams = new Ngrams(overlapWords);
  const numbersOf = (texts: readonly string[]): number[] => texts.map((text) => ngrams.add(text));
  return overlapsOf([numbersOf(a), numbersOf(b)], ngrams)[0][1];
}

/** The overlap of every two samples, lists of texts' numbers; 1 for a sample with itself: overlaps[samples][samples]. */
export function overlapsOf(samples: readonly (readonly number[])[], ngrams: Ngrams): number[][] {
  /** marks[n-gram] is the number of the round in which it was met last. */
  const marks = new Uint32Array(ngrams.count(overlapWords));
  const sets = samples.map((sample, i) => different(sample, ngrams, marks, i + 1));
  const overlaps = sets.map(() => new Array<number>(sets.length).fill(1));
  for (let a = 0; a < sets.length; a++) {
    const round = samples.length + 1 + a;
    for (let i = 0; i < sets[a].length; i++) marks[sets[a][i]] = round;
    for (let b = 0; b < a; b++)
      overlaps[a][b] = overlaps[b][a] = marked(sets[b], marks, round) / Math.max(1, Math.min(sets[a].length, sets[b].length));
  }
  return overlaps;
}

/** The different n-grams of a sample. */
function different(sample: readonly number[], { starts, numbers }: Ngrams, marks: Uint32Array, round: number): Uint32Array {
  const runs = numbers[overlapWords - 1];
  const set = new Uint32Array(marks.length);
  let count = 0;
  for (const text of sample) {
    for (let word = starts[text]; word + overlapWords <= starts[text + 1]; word++) {
      if (marks[runs[word]] !== round) set[count++] = runs[word];
      marks[runs[word]] = round;
    }
  }
  return set.subarray(0, count);
}

function marked(set: Uint32Array, marks: Uint32Array, round: number): number {
  let count = 0;
  for (let i = 0; i < set.length; i++) if (marks[set[i]] === round) count++;
  return count;
}
