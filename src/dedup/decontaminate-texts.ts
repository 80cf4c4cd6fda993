// The evaluation texts: their words, their terms with weights, and which of them may be recognised reworded. It knows nothing of how rows
// are searched for them.
//
// Weights: a term that few texts hold weighs 1, one that most hold nears 0 (inverse document frequency over the items themselves, with
// a prior so that a handful of items, or one, is enough).
import { gramsOf, sequenceKey, spread, tableSize } from "./decontaminate-grams.ts";
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
  readonly hashes: Uint32Array;
  /** weight[vocabulary], 0..1. */
  readonly weight: Float32Array;
  /** number[vocabulary]: 1 for numbers. */
  readonly number: Uint8Array;
  /** Texts that are long enough to be recognised reworded. */
  readonly rewordable: ReadonlySet<Draft>;
  /** Is there enough in these terms, numbers of the vocabulary, to recognise them reworded? */
  isRewordable(term: Uint32Array): boolean;
  /** Different words among terms; numbers do not count. */
  contentOf(term: Uint32Array): number;
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
  const known = new Map<number, Draft>();
  const owners: { readonly item: EvaluationItem; readonly draft: Draft }[] = [];
  for (const item of inOrder(items)) {
    const held = item.file === heldOut;
    add(item, "prompt", item.prompt, held);
    const words = add(item, "answer", item.answer, held);
    if (words > 0 && code.test(item.answer)) add(item, "both", `${item.prompt}\n${item.answer}`, held);
  }
  const drafts = [...known.values()];
  const hashes = numberTerms(drafts);
  const number = Uint8Array.from(hashes, (hash) => (isNumber(hash) ? 1 : 0));
  const weight = termWeights(drafts, hashes);
  const seen = new Uint32Array(hashes.length);
  let stamp = 0;
  /** How many different terms there are, how many of them are words, and what these weigh together. */
  const measure = (term: Uint32Array): { different: number; content: number; sum: number } => {
    const found = { different: 0, content: 0, sum: 0 };
    stamp++;
    for (const one of term) {
      if (seen[one] === stamp) continue;
      seen[one] = stamp;
      found.different++;
      if (number[one] === 1) continue;
      found.content++;
      found.sum += weight[one];
    }
    return found;
  };
  const isRewordable = (term: Uint32Array): boolean => {
    const { different, sum } = measure(term);
    return different >= rewordedLeast.terms && sum >= rewordedLeast.weight;
  };
  const rewordable = new Set(drafts.filter(({ kind, term }) => kind !== "answer" && isRewordable(term)));
  return { drafts, hashes, weight, number, rewordable, isRewordable, contentOf: (term) => measure(term).content, owners };

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
    const term = scanned.term.slice(0, scanned.terms);
    const lines = inLines ? Uint32Array.from([...scanned.starts, words]) : undefined;
    const word = scanned.word.slice(0, words);
    const draft: Draft = { item, kind, held, word, gram: gramsOf(word), term, at: scanned.at.slice(0, term.length), lines };
    known.set(key, draft);
    owners.push({ item, draft });
    return words;
  }
}

/** Turns the drafts' terms from hashes into numbers, in the order in which they are met; returns the hashes. */
function numberTerms(drafts: readonly Draft[]): Uint32Array {
  const total = drafts.reduce((sum, { term }) => sum + term.length, 0);
  const size = tableSize(total);
  /** Hash and number + 1. */
  const slots = new Uint32Array(size * 2);
  const hashes = new Uint32Array(total);
  let count = 0;
  for (const { term } of drafts) {
    for (let i = 0; i < term.length; i++) {
      const hash = term[i];
      let slot = spread(hash) & (size - 1);
      while (slots[slot * 2 + 1] !== 0 && slots[slot * 2] !== hash) slot = (slot + 1) & (size - 1);
      if (slots[slot * 2 + 1] === 0) {
        slots[slot * 2] = hash;
        hashes[count] = hash;
        slots[slot * 2 + 1] = ++count;
      }
      term[i] = slots[slot * 2 + 1] - 1;
    }
  }
  return hashes.slice(0, count);
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
