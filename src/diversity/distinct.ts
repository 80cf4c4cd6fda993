// distinct-n of texts (Li et al. 2016, "A Diversity-Promoting Objective Function"): how many of their word n-grams are different ones.
import { Ngrams } from "./ngrams.ts";

/**
 * Different n-grams of words / all n-grams, in [0, 1]; 0 where there are none. N-grams do not cross texts; case is folded. The figure falls
 * as a sample grows, so compare samples of one size.
 */
export function distinctN(texts: readonly string[], n: number): number {
  return distinctUpTo(texts, n)[n - 1];
}

/** distinct-1 to distinct-n of the same texts. */
export function distinctUpTo(texts: readonly string[], n: number): number[] {
  const ngrams = new Ngrams(n);
  const sample = texts.map((text) => ngrams.add(text));
  return Array.from({ length: n }, (_, i) => distinctOf(sample, ngrams, i + 1));
}

/** distinct-n of texts, by their numbers. */
export function distinctOf(sample: readonly number[], ngrams: Ngrams, length: number): number {
  const { starts } = ngrams;
  const numbers = ngrams.numbers[length - 1];
  const seen = new Uint8Array(ngrams.count(length));
  let all = 0;
  let different = 0;
  for (const text of sample) {
    for (let word = starts[text]; word + length <= starts[text + 1]; word++) {
      all++;
      different += 1 - seen[numbers[word]];
      seen[numbers[word]] = 1;
    }
  }
  return all === 0 ? 0 : different / all;
}
