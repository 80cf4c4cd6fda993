// The evaluation texts: their words, their terms with weights, and which of them may be recognised reworded. It knows nothing of how rows
// are searched for them.
//
// Weights: a term that few texts hold weighs 1, one that most hold nears 0 (inverse document frequency over the items themselves, with
// a prior so that a handful of items, or one, is enough).
import { gramsOf, sequenceKey } from "./decontaminate-grams.ts";
import { isNumber } from "./decontaminate-terms.ts";
import { createTextScanner } from "./decontaminate-terms-wasm.ts";
import { termWeights } from "./decontaminate-weights.ts";

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

/** A text before it is known what its words weigh. */
export interface Draft {
  readonly item: EvaluationItem;
  readonly kind: TextKind;
  readonly held: boolean;
  readonly word: Uint32Array;
  /** Hashes of its 8-grams. */
  readonly gram: Uint32Array;
  /** term[terms]: numbers of the vocabulary, in order. */
  readonly term: Uint32Array;
  /** The word each term stands in: at[terms]. */
  readonly at: Uint32Array;
  /** Where each line begins, in words, then the end. Only of held-out prompts. */
  readonly lines: Uint32Array | undefined;
}

export interface EvaluationTexts {
  readonly drafts: readonly Draft[];
  /** The vocabulary: hashes[vocabulary] of the terms. */
  readonly hashes: readonly number[];
  /** weight[vocabulary], 0..1. */
  readonly weight: Float32Array;
  /** number[vocabulary]: 1 for numbers. */
  readonly number: Uint8Array;
  /** Texts that are long enough to be recognised reworded. */
  readonly rewordable: ReadonlySet<Draft>;
  /** Is there enough in these terms, numbers of the vocabulary, to recognise them reworded? */
  isRewordable(term: Uint32Array): boolean;
  /** Whose texts are whose; items that say the same share a draft. */
  readonly owners: readonly { readonly item: EvaluationItem; readonly draft: Draft }[];
}

/** Least words of an answer that is matched by itself. Held-out rows hold stock replies that thousands of other rows rightly share. */
const answerWords = { benchmark: 13, heldOut: 50 };
/** A text is recognised reworded from so many different terms on, numbers among them, and so much summed weight of its words. */
export const rewordedLeast = { terms: 9, weight: 2 };

const code = /(?:^|\n)\s*(?:def |function |class |return\b|import |from \w+ import|#include|const |let |var |public |for ?\()/;

/** `scan` is for tests to choose. */
export function readEvaluationTexts(items: readonly EvaluationItem[], scan = createTextScanner()): EvaluationTexts {
  const vocabulary = new Map<number, number>();
  const hashes: number[] = [];
  const known = new Map<number, Draft>();
  const owners: { readonly item: EvaluationItem; readonly draft: Draft }[] = [];
  for (const item of inOrder(items)) {
    const held = item.file === heldOut;
    add(item, "prompt", item.prompt, held);
    const words = add(item, "answer", item.answer, held);
    if (words > 0 && code.test(item.answer)) add(item, "both", `${item.prompt}\n${item.answer}`, held);
  }
  const drafts = [...known.values()];
  const number = Uint8Array.from(hashes, (hash) => (isNumber(hash) ? 1 : 0));
  const weight = termWeights(drafts, hashes);
  const isRewordable = (term: Uint32Array): boolean => {
    const different = new Set(term);
    let sum = 0;
    for (const one of different) if (number[one] === 0) sum += weight[one];
    return different.size >= rewordedLeast.terms && sum >= rewordedLeast.weight;
  };
  const rewordable = new Set(drafts.filter(({ kind, term }) => kind !== "answer" && isRewordable(term)));
  return { drafts, hashes, weight, number, rewordable, isRewordable, owners };

  /** Scans a text into a draft unless it is there already; returns its words, 0 where it is not matched. */
  function add(item: EvaluationItem, kind: TextKind, text: string, held: boolean): number {
    const inLines = held && kind === "prompt";
    const scanned = scan(inLines ? text.split("\n") : [text]);
    const { words } = scanned;
    if (words === 0) return 0;
    if (kind === "answer" && words < (held ? answerWords.heldOut : answerWords.benchmark)) return words;
    const key = sequenceKey(scanned.word, 0, words, textKinds.indexOf(kind));
    const there = known.get(key);
    if (there) {
      owners.push({ item, draft: there });
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
    const lines = inLines ? Uint32Array.from([...scanned.starts, words]) : undefined;
    const word = scanned.word.slice(0, words);
    const draft: Draft = { item, kind, held, word, gram: gramsOf(word), term, at: scanned.at.slice(0, term.length), lines };
    known.set(key, draft);
    owners.push({ item, draft });
    return words;
  }
}

/** Ids of items with too few different terms (see `rewordedLeast`): these are recognised as they are, not reworded. */
export function tooShortItems(items: readonly EvaluationItem[]): string[] {
  const { owners, rewordable } = readEvaluationTexts(items);
  const long = new Set(owners.filter(({ draft }) => rewordable.has(draft)).map(({ item }) => item));
  return items.filter((item) => !long.has(item)).map(({ id }) => id);
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
