// The evaluation texts as typed arrays that rows are searched with: what their words weigh, an inverted index over each text's rarest terms,
// and the 8-grams of their words. Built once a worker; knows no rows. About 3 kB an item of benchmark size.
//
// A word of a verbatim run weighs less the more items share the run it stands in: a template or passage that many items share says little
// of any one of them.
import { createGramTable, type GramFinder, gramsOf, gramWords, lookupSlots, someOf, spread } from "./decontaminate-grams.ts";
import { isNumber } from "./decontaminate-terms.ts";
import { isArrangeable } from "./decontaminate-parts.ts";
import { type EvaluationItem, type PromptParts, readEvaluationTexts, type TextKind } from "./decontaminate-texts.ts";
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
  /** Of a benchmark's prompt that holds more than its question. */
  readonly parts: PromptParts | undefined;
  /** Is there enough in it to be recognised reworded? */
  readonly rewordable: boolean;
  /** Of such a prompt without a passage, the place of its question among the texts, where that may be recognised reworded. */
  readonly question: number | undefined;
  /** A question about a passage. */
  readonly about: boolean;
}

export interface EvaluationIndex extends GramFinder {
  readonly texts: readonly EvaluationText[];
  /** Words that stand before a question, and after it where the answer is to follow: "Question:", "Answer:". */
  readonly labels: { readonly before: Uint32Array; readonly after: Uint32Array };
  /** Is there enough in these terms, numbers of the vocabulary, to recognise them reworded? */
  isRewordable(term: Uint32Array): boolean;
  /** Hash to number in the vocabulary, or -1; the table it looks in, see lookupSlots. */
  find(term: number): number;
  readonly slots: Uint32Array;
  /** weight[vocabulary], 0..1. */
  readonly weight: Float32Array;
  /** number[vocabulary]: 1 for numbers. */
  readonly number: Uint8Array;
  /** A text's rarest terms, none where it is neither recognised reworded nor in another order: key[keyFrom[text], keyFrom[text + 1]). */
  readonly key: Uint32Array;
  readonly keyFrom: Uint32Array;
  /** Their summed weight: keyWeight[texts]. */
  readonly keyWeight: Float32Array;
  /** Texts that a term finds: posting[from[term], from[term + 1]). */
  readonly from: Uint32Array;
  readonly posting: Uint32Array;
}

/**
 * A candidate shares so many of a text's rarest terms, all of whose terms are among them or not, and so much of their weight. Two of them
 * find it.
 */
export const candidate = { terms: 4, allTerms: 6, share: 0.33 } as const;

/**
 * Terms a text is known by: its rarest. Those of some weight, and the first few at any weight, find it; of a text that is found by two,
 * all are compared. A prompt that is too short to be recognised reworded has as many as candidates must share, and two find it: of a
 * question with its choices, in whatever order, all are there.
 */
export const keyTerms = { most: 20, find: 16, weight: 0.4, few: 3, arranged: 2 };

/** Least weighted share of a held-out text's words that must stand in a row, 0..1. */
export const heldOutCoverage = 0.8;
/** 8-grams that more texts share are a template's. */
const fewTexts = 16;
/** Shares whose sums have another order may differ by less than this. */
const slack = 1e-9;

/** minCoverage: weighted share of a benchmark text's words that must stand in a row, 0..1. `scan` is for tests to choose. */
export function createEvaluationIndex(
  items: readonly EvaluationItem[],
  { minCoverage, scan = createTextScanner() }: { readonly minCoverage: number; readonly scan?: ReturnType<typeof createTextScanner> },
): EvaluationIndex {
  const { drafts, common, hashes, weight, number, rewordable, isRewordable, contentOf } = readEvaluationTexts(items, scan);
  const placeOf = new Map(drafts.map((draft, place) => [draft, place]));
  const keys = drafts.map((text) => {
    // A reworded question is looked for where its prompt is a candidate.
    if (rewordable.has(text) && text.kind !== "question") return chooseKeys(text.term, weight, hashes);
    return text.parts && isArrangeable(text.parts) ? chooseKeys(text.term, weight, hashes).slice(0, candidate.allTerms) : [];
  });
  const keyFrom = new Uint32Array(drafts.length + 1);
  keys.forEach((list, text) => void (keyFrom[text + 1] = keyFrom[text] + list.length));
  const from = new Uint32Array(hashes.length + 1);
  const finders = keys.map((list, text) => {
    if (!rewordable.has(drafts[text])) return list.slice(0, keyTerms.arranged);
    return list.slice(0, keyTerms.find).filter((one, i) => i < keyTerms.few || weight[one] >= keyTerms.weight);
  });
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
  const { findBy, ...grams } = createGramTable(
    drafts.map(({ gram }) => gram),
    {
      counted: (text) => drafts[text].kind === "prompt" || drafts[text].kind === "answer",
      within: (text) => drafts[text].kind === "question",
    },
  );
  const wordsOf = (text: string): Uint32Array => {
    const { word, words } = scan([text]);
    return word.slice(0, words);
  };
  const texts = drafts.map((draft) => ({
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
    parts: draft.parts,
    rewordable: rewordable.has(draft),
    question: draft.question && draft.parts?.starts[1] === 0 && rewordable.has(draft.question) ? placeOf.get(draft.question) : undefined,
    about: draft.kind === "question" && draft.item.parts?.passage !== "",
  }));
  texts.forEach((text, place) => {
    // Of a prompt with its answer nothing is matched verbatim: each is by itself.
    if (text.kind === "both" || common.has(drafts[place])) return;
    const least = text.heldOut ? Math.max(heldOutCoverage, minCoverage) : minCoverage;
    findBy(findingGrams(text, grams.sharedBy, least), place);
  });
  return {
    isRewordable,
    labels: { before: wordsOf("question problem q"), after: wordsOf("answer a") },
    texts,
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

/**
 * The 8-grams that a text is found by. Those of a template would find all texts of it in every row of it: so many of them are left out as together
 * cover too little of the text, whose `least` share a match must cover.
 */
function findingGrams({ gram, weight, parts }: EvaluationText, sharedBy: (gram: number) => number, least: number): Uint32Array {
  const placesOf = new Map<number, number[]>();
  gram.forEach((one, i) => {
    if (sharedBy(one) <= fewTexts) return;
    const places = placesOf.get(one);
    if (places) places.push(i);
    else placesOf.set(one, [i]);
  });
  if (placesOf.size === 0) return someOf(gram);
  // Wherever question and choices are, in whatever order, this one is.
  const told = parts && rarestOf(parts, sharedBy);
  if (told !== undefined) placesOf.delete(told);
  const most = (least - slack) * weight.reduce((sum, value) => sum + value, 0);
  const covered = new Uint8Array(weight.length);
  const leftOut = new Set<number>();
  let sum = 0;
  for (const [one, places] of [...placesOf].sort(([a], [b]) => sharedBy(b) - sharedBy(a))) {
    for (const i of places) {
      for (let word = i; word < i + gramWords; word++) {
        if (covered[word] === 0) sum += weight[word];
        covered[word] = 1;
      }
    }
    if (sum >= most) break;
    leftOut.add(one);
  }
  // What is left lies in short runs: all of it finds the text.
  return gram.filter((one) => !leftOut.has(one));
}

/** Of the 8-grams within a prompt's question and choices the one that fewest texts share; undefined where all of these are shorter. */
function rarestOf({ word, starts }: PromptParts, sharedBy: (gram: number) => number): number | undefined {
  let rarest: number | undefined;
  for (let part = 1; part + 1 < starts.length; part++) {
    for (const one of gramsOf(word.subarray(starts[part], starts[part + 1])))
      if (rarest === undefined || sharedBy(one) < sharedBy(rarest)) rarest = one;
  }
  return rarest;
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
