// The evaluation texts as typed arrays that rows are searched with: what their words weigh, an inverted index over each text's rarest terms,
// and the 8-grams of their words. Built once a worker; knows no rows. About 3 kB an item of benchmark size.
//
// A word of a verbatim run weighs less the more items share the run it stands in: a template or passage that many items share says little
// of any one of them.
import { createGramFinder, type GramFinder, lookupSlots, spread } from "./decontaminate-grams.ts";
import { isNumber } from "./decontaminate-terms.ts";
import { type EvaluationItem, readEvaluationTexts, type TextKind } from "./decontaminate-texts.ts";
import { createTextScanner } from "./decontaminate-terms-wasm.ts";
import { wordWeights } from "./decontaminate-weights.ts";

export interface EvaluationText {
  readonly item: EvaluationItem;
  readonly kind: TextKind;
  readonly heldOut: boolean;
  /** word[words]: hashes in order. */
  readonly word: Uint32Array;
  /** gram[words - 7]: hashes of its 8-grams. */
  readonly gram: Uint32Array;
  /** weight[words] of each word in verbatim coverage. */
  readonly weight: Float32Array;
  /** term[terms]: numbers of the vocabulary, in order. */
  readonly term: Uint32Array;
  /** Different words among the terms; numbers do not count. */
  readonly content: number;
  /** Where each line begins, in words, then the end: lines[count + 1]. Only of held-out prompts. */
  readonly lines: Uint32Array | undefined;
  /** The word each term stands in: at[terms]. Only of held-out rows. */
  readonly at: Uint32Array | undefined;
}

export interface EvaluationIndex extends GramFinder {
  readonly texts: readonly EvaluationText[];
  /** Is there enough in these terms, numbers of the vocabulary, to recognise them reworded? */
  isRewordable(term: Uint32Array): boolean;
  /** Hash to number in the vocabulary, or -1; the table it looks in, see lookupSlots. */
  find(term: number): number;
  readonly slots: Uint32Array;
  /** weight[vocabulary], 0..1. */
  readonly weight: Float32Array;
  /** number[vocabulary]: 1 for numbers. */
  readonly number: Uint8Array;
  /** A text's rarest terms, none where it is not recognised reworded: key[keyFrom[text], keyFrom[text + 1]). */
  readonly key: Uint32Array;
  readonly keyFrom: Uint32Array;
  /** Their summed weight: keyWeight[texts]. */
  readonly keyWeight: Float32Array;
  /** Texts that a term finds: posting[from[term], from[term + 1]). */
  readonly from: Uint32Array;
  readonly posting: Uint32Array;
}

/**
 * Terms a text is known by: its rarest. Those of some weight, and the first few at any weight, find it; of a text that is found by two,
 * all are compared.
 */
export const keyTerms = { most: 20, find: 16, weight: 0.4, few: 3 };
/** `scan` is for tests to choose. */
export function createEvaluationIndex(items: readonly EvaluationItem[], scan = createTextScanner()): EvaluationIndex {
  const { drafts, hashes, weight, number, rewordable, isRewordable, contentOf } = readEvaluationTexts(items, scan);
  const keys = drafts.map((text) => (rewordable.has(text) ? chooseKeys(text.term, weight, hashes) : []));
  const keyFrom = new Uint32Array(drafts.length + 1);
  keys.forEach((list, text) => void (keyFrom[text + 1] = keyFrom[text] + list.length));
  const from = new Uint32Array(hashes.length + 1);
  const finders = keys.map((list) => list.slice(0, keyTerms.find).filter((one, i) => i < keyTerms.few || weight[one] >= keyTerms.weight));
  for (const list of finders) for (const term of list) from[term + 1]++;
  for (let term = 0; term < hashes.length; term++) from[term + 1] += from[term];
  const fill = from.slice();
  const posting = new Uint32Array(from[hashes.length]);
  finders.forEach((list, text) => {
    for (const term of list) posting[fill[term]++] = text;
  });

  const slots = lookupSlots(
    hashes,
    hashes.map((_, place) => place),
  );
  const grams = createGramFinder(
    drafts.map(({ gram }) => gram),
    // Of a prompt with its answer nothing is matched verbatim: each is by itself.
    (text) => drafts[text].kind !== "both",
  );
  return {
    isRewordable,
    texts: drafts.map((draft) => ({
      item: draft.item,
      kind: draft.kind,
      heldOut: draft.held,
      word: draft.word,
      gram: draft.gram,
      weight: draft.kind === "both" ? new Float32Array(0) : wordWeights(draft, weight, number, grams.sharedBy),
      term: draft.term,
      content: contentOf(draft.term),
      lines: draft.lines,
      at: draft.held ? draft.at : undefined,
    })),
    find: createLookup(slots),
    slots,
    weight,
    number,
    from,
    posting,
    key: Uint32Array.from(keys.flat()),
    keyFrom,
    keyWeight: Float32Array.from(keys, (list) => list.reduce((sum, one) => sum + weight[one], 0)),
    ...grams,
  };
}

/** A text's rarest terms, words before numbers of the same weight. */
function chooseKeys(term: Uint32Array, weight: Float32Array, hashes: Uint32Array): number[] {
  const rank = (one: number): number => (isNumber(hashes[one]) ? weight[one] * 0.5 : weight[one]);
  return [...new Set(term)].sort((a, b) => rank(b) - rank(a) || hashes[a] - hashes[b]).slice(0, keyTerms.most);
}

/** The place of a term's hash in the list, or -1. */
function createLookup(slots: Uint32Array): (term: number) => number {
  const mask = slots.length / 2 - 1;
  return (term) => {
    let slot = spread(term) & mask;
    while (slots[slot * 2 + 1] !== 0) {
      if (slots[slot * 2] === term) return slots[slot * 2 + 1] - 1;
      slot = (slot + 1) & mask;
    }
    return -1;
  };
}
