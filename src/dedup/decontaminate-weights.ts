// What the terms and the words of evaluation texts weigh, 0..1: little where many items hold them.
import { gramWords } from "./decontaminate-grams.ts";
import { commonTerms } from "./decontaminate-stems.ts";
import { isNumber } from "./decontaminate-terms.ts";

/** A text as the weights see it. */
export interface WeighedText {
  readonly item: { readonly file: string };
  readonly kind: string;
  /** word[words]: hashes; term[terms]: numbers of the vocabulary; at[terms]: the word a term stands in. */
  readonly word: Uint32Array;
  readonly term: Uint32Array;
  readonly at: Uint32Array;
}

/** Texts' worth of prior evidence, and in what share of them a term is supposed to stand. */
const prior = { texts: 400, commonNumber: 0.1, common: 0.02, rare: 0.0006 };

/**
 * What each term weighs: by the share of items that hold it, of all or of one file, whichever is more. Where a benchmark asks a thousand
 * times for a function over a list, these words tell none of its items from another, however rare they are elsewhere.
 */
export function termWeights(texts: readonly WeighedText[], hashes: Uint32Array): Float32Array {
  const all = new Uint32Array(hashes.length);
  const inFile = new Uint32Array(hashes.length);
  const seen = new Uint32Array(hashes.length);
  const share = new Float64Array(hashes.length);
  const priors = Float64Array.from(hashes, (hash) => {
    if (!commonTerms.has(hash)) return prior.texts * prior.rare;
    return prior.texts * (isNumber(hash) ? prior.commonNumber : prior.common);
  });
  const files = new Map<string, WeighedText[]>();
  for (const text of texts) {
    // Their prompts and answers are in the list.
    if (text.kind === "both" || text.kind === "question") continue;
    const list = files.get(text.item.file);
    if (list) list.push(text);
    else files.set(text.item.file, [text]);
  }
  let items = 0;
  for (const list of files.values()) {
    const before = items;
    const terms: number[] = [];
    list.forEach(({ item, term }, i) => {
      // An item's prompt and answer count once.
      if (i === 0 || list[i - 1].item !== item) items++;
      for (const one of term) {
        if (seen[one] === items) continue;
        seen[one] = items;
        all[one]++;
        if (inFile[one]++ === 0) terms.push(one);
      }
    });
    for (const one of terms) {
      share[one] = Math.max(share[one], (inFile[one] + priors[one]) / (items - before + prior.texts));
      inFile[one] = 0;
    }
  }
  const most = -Math.log((prior.texts * prior.rare) / (items + prior.texts));
  return Float32Array.from(hashes, (_, term) =>
    Math.min(1, -Math.log(Math.max(share[term], (all[term] + priors[term]) / (items + prior.texts))) / most),
  );
}

/** What stop words and numbers weigh in verbatim coverage, beside 1 for a rare word. */
const lightWord = 0.05;
const numberWeight = 0.4;

/** `gram`: hashes of the text's 8-grams; `sharedBy` tells how many texts hold one. */
export function wordWeights(
  { word, term, at, gram }: WeighedText & { readonly gram: Uint32Array },
  weight: Float32Array,
  number: Uint8Array,
  sharedBy: (gram: number) => number,
): Float32Array {
  const weights = new Float32Array(word.length).fill(lightWord);
  for (let i = 0; i < term.length; i++) {
    const value = number[term[i]] === 1 ? weight[term[i]] * numberWeight : weight[term[i]];
    weights[at[i]] = Math.max(weights[at[i]], value);
  }
  if (gram.length === 0) return weights;
  const shared = new Float32Array(word.length).fill(Infinity);
  for (let i = 0; i < gram.length; i++) {
    const texts = sharedBy(gram[i]);
    for (let j = i; j < i + gramWords; j++) shared[j] = Math.min(shared[j], texts);
  }
  for (let i = 0; i < word.length; i++) weights[i] /= shared[i];
  return weights;
}
