// The evaluation texts as typed arrays: their words, their terms with weights, an inverted index over each text's rarest terms, and the
// 8-grams of their words. Built once a worker; knows no rows. About 3 kB an item of benchmark size.
//
// Weights: a term that few texts hold weighs 1, one that most hold nears 0 (inverse document frequency over the items themselves, with
// a prior so that a handful of items, or one, is enough). A word of a verbatim run weighs less the more items share the run it stands in:
// a template or passage that many items share says little of any one of them.
import {
  countGrams,
  createGramFinder,
  type GramFinder,
  gramsOf,
  sequenceKey,
  lookupSlots,
  spread,
  type WordRun,
} from "./decontaminate-grams.ts";
import { isNumber } from "./decontaminate-terms.ts";
import { createTextScanner } from "./decontaminate-terms-wasm.ts";
import { termWeights, wordWeights } from "./decontaminate-weights.ts";

export interface EvaluationItem {
  readonly id: string;
  readonly file: string;
  readonly prompt: string;
  readonly answer: string;
}

/** What `file` says of an item that is a held-out row. */
export const heldOut = "held out";

/** prompt and answer are matched verbatim; prompt, and prompt with an answer that is code, reworded. */
export const textKinds = ["prompt", "answer", "both"] as const;
export type TextKind = (typeof textKinds)[number];

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
  /** Items with a text that is long enough to be recognised reworded. */
  readonly rewordable: ReadonlySet<EvaluationItem>;
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
  /** Those of them that find the text: finders[texts]. */
  readonly finders: readonly (readonly number[])[];
  /** Texts that a term finds: posting[from[term], from[term + 1]). */
  readonly from: Uint32Array;
  readonly posting: Uint32Array;
}

/** Least words of an answer that is matched by itself. Held-out rows hold stock replies that thousands of other rows rightly share. */
const answerWords = { benchmark: 13, heldOut: 50 };
/**
 * Terms a text is known by: its rarest. Those of some weight, and the first few at any weight, find it; of a text that is found by two,
 * all are compared.
 */
export const keyTerms = { most: 20, find: 16, weight: 0.4, few: 3 };
/** A text is recognised reworded from so many different terms on, numbers among them, and so much summed weight of its words. */
export const rewordedLeast = { terms: 9, weight: 2 };

const code = /(?:^|\n)\s*(?:def |function |class |return\b|import |from \w+ import|#include|const |let |var |public |for ?\()/;

/** `scan` is for tests to choose. */
export function createEvaluationIndex(items: readonly EvaluationItem[], scan = createTextScanner()): EvaluationIndex {
  const vocabulary = new Map<number, number>();
  const hashes: number[] = [];
  const drafts = new Map<number, Draft>();
  /** Whose texts are whose; items that say the same share a draft. */
  const owners: { readonly item: EvaluationItem; readonly draft: Draft }[] = [];
  for (const item of inOrder(items)) {
    const held = item.file === heldOut;
    add(item, "prompt", item.prompt, held);
    const words = add(item, "answer", item.answer, held);
    if (words > 0 && code.test(item.answer)) add(item, "both", `${item.prompt}\n${item.answer}`, held);
  }

  const texts = [...drafts.values()];
  const number = Uint8Array.from(hashes, (hash) => (isNumber(hash) ? 1 : 0));
  const weight = termWeights(texts, hashes);
  const shared = countGrams(texts.map(verbatim));
  const isRewordable = (term: Uint32Array): boolean => {
    const different = new Set(term);
    let sum = 0;
    for (const one of different) if (number[one] === 0) sum += weight[one];
    return different.size >= rewordedLeast.terms && sum >= rewordedLeast.weight;
  };
  const rewordable = new Set(texts.filter(({ kind, term }) => kind !== "answer" && isRewordable(term)));
  const keys = texts.map((text) => (rewordable.has(text) ? chooseKeys(text.term, weight, hashes) : []));
  const keyFrom = new Uint32Array(texts.length + 1);
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
  return {
    isRewordable,
    rewordable: new Set(owners.filter(({ draft }) => rewordable.has(draft)).map(({ item }) => item)),
    texts: texts.map((draft) => ({
      item: draft.item,
      kind: draft.kind,
      heldOut: draft.held,
      word: draft.word,
      gram: gramsOf(draft.word),
      weight: draft.kind === "both" ? new Float32Array(0) : wordWeights(draft, weight, number, shared),
      term: draft.term,
      content: new Set(draft.term.filter((one) => number[one] === 0)).size,
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
    finders,
    keyWeight: Float32Array.from(keys, (list) => list.reduce((sum, one) => sum + weight[one], 0)),
    ...createGramFinder(texts, (text) => texts[text].kind !== "both"),
  };

  /** Scans a text into a draft unless it is there already; returns its words, 0 where it is not matched. */
  function add(item: EvaluationItem, kind: TextKind, text: string, held: boolean): number {
    const inLines = held && kind === "prompt";
    const scanned = scan(inLines ? text.split("\n") : [text]);
    const { words } = scanned;
    if (words === 0) return 0;
    if (kind === "answer" && words < (held ? answerWords.heldOut : answerWords.benchmark)) return words;
    const key = sequenceKey(scanned.word, 0, words, textKinds.indexOf(kind));
    const known = drafts.get(key);
    if (known) {
      owners.push({ item, draft: known });
      return words;
    }
    const term = new Uint32Array(scanned.terms);
    for (let i = 0; i < term.length; i++) {
      const hash = scanned.term[i];
      let place = vocabulary.get(hash);
      if (place === undefined) {
        vocabulary.set(hash, (place = hashes.length));
        hashes.push(hash);
      }
      term[i] = place;
    }
    const word = scanned.word.slice(0, words);
    const lines = inLines ? Uint32Array.from([...scanned.starts, words]) : undefined;
    const draft: Draft = { item, kind, held, word, term, at: scanned.at.slice(0, term.length), lines };
    drafts.set(key, draft);
    owners.push({ item, draft });
    return words;
  }
}

/** What of a draft is matched verbatim: of a prompt with its answer nothing, each is by itself. */
function verbatim({ kind, word }: Draft): WordRun {
  return { word: kind === "both" ? word.subarray(0, 0) : word };
}

/** Benchmarks before held-out rows, then by text and id: the order that items come in does not matter. */
function inOrder(items: readonly EvaluationItem[]): EvaluationItem[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...items].sort(
    (a, b) =>
      Number(a.file === heldOut) - Number(b.file === heldOut) ||
      compare(a.prompt, b.prompt) ||
      compare(a.answer, b.answer) ||
      compare(a.file, b.file) ||
      compare(a.id, b.id),
  );
}

/** A text's rarest terms, words before numbers of the same weight. */
function chooseKeys(term: Uint32Array, weight: Float32Array, hashes: readonly number[]): number[] {
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

interface Draft {
  readonly item: EvaluationItem;
  readonly kind: TextKind;
  readonly held: boolean;
  readonly word: Uint32Array;
  readonly term: Uint32Array;
  readonly at: Uint32Array;
  readonly lines: Uint32Array | undefined;
}
