// distinct-n of texts (Li et al. 2016, "A Diversity-Promoting Objective Function"): how many of their word n-grams are different ones.
import { createNgrams, type Ngrams, type TextNgrams } from "./ngrams.ts";

/**
 * Different n-grams of words / all n-grams, in [0, 1]; 0 where there are none. N-grams do not cross texts; case is folded. The figure falls
 * as a sample grows, so compare samples of one size.
 */
export function distinctN(texts: readonly string[], n: number): number {
  return distinctUpTo(texts, n)[n - 1];
}

/** distinct-1 to distinct-n of the same texts. */
export function distinctUpTo(texts: readonly string[], n: number): number[] {
  const ngrams = createNgrams(n);
  const sample = texts.map(ngrams.of);
  return Array.from({ length: n }, (_, i) => distinctOf(sample, ngrams, i + 1));
}

/** distinct-n of texts whose n-grams are numbered already. */
export function distinctOf(sample: readonly TextNgrams[], ngrams: Ngrams, length: number): number {
  const seen = new Uint8Array(ngrams.count(length));
  let all = 0;
  let different = 0;
  for (const runs of sample) {
    const numbers = runs[length - 1];
    all += numbers.length;
    for (let i = 0; i < numbers.length; i++) {
      different += 1 - seen[numbers[i]];
      seen[numbers[i]] = 1;
    }
  }
  return all === 0 ? 0 : different / all;
}
