// distinct-n of texts (Li et al. 2016, "A Diversity-Promoting Objective Function"): how many of their word n-grams are different ones.
import { createNgrams } from "./ngrams.ts";

/**
 * Different n-grams of words / all n-grams, in [0, 1]; 0 where there are none. N-grams do not cross texts; case is folded. The figure falls
 * as a sample grows, so compare samples of one size.
 */
export function distinctN(texts: readonly string[], n: number): number {
  const ngrams = createNgrams(n);
  const seen = new Set<number>();
  let total = 0;
  for (const text of texts) {
    ngrams.each(text, (ngram) => {
      seen.add(ngram);
      total++;
    });
  }
  return total === 0 ? 0 : seen.size / total;
}

/** distinct-1 to distinct-n of the same texts in one pass. */
export function distinctUpTo(texts: readonly string[], n: number): number[] {
  const ngrams = createNgrams(n);
  const seen = Array.from({ length: n }, () => new Set<number>());
  const totals = new Float64Array(n);
  for (const text of texts) {
    ngrams.eachUpTo(text, (ngram, length) => {
      seen[length - 1].add(ngram);
      totals[length - 1]++;
    });
  }
  return seen.map(({ size }, i) => (totals[i] === 0 ? 0 : size / totals[i]));
}
