// Where the words and terms of the row at hand lie in memory. All pointers are byte offsets.

export let word: usize = 0;
export let term: usize = 0;
export let counts: usize = 0;

/** Bytes from one of the arrays of terms to the next. */
export const NEXT: usize = 1 << 18;

/**
 * word[words], term[5, 0x10000] (the hash of a number, any even number for a word; number of the term less 2, see terms.ts; first
 * unit, end, word), counts[4] (words, terms, held 8-grams, candidates).
 */
export function placeRow(wordAt: usize, termAt: usize, countsAt: usize): void {
  word = wordAt;
  term = termAt;
  counts = countsAt;
}
