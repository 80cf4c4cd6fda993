// The evaluation texts: their words, their terms with weights, and which of them may be recognised reworded. It knows nothing of how rows
// are searched for them.
//
// Weights: a term that few texts hold weighs 1, one that most hold nears 0 (inverse document frequency over the items themselves, with
// a prior so that a handful of items, or one, is enough).
import { gramsOf, sequenceKey, spread, tableSize } from "./decontaminate-grams.ts";
import { isNumber, type ScannedText } from "./decontaminate-terms.ts";
import { createTextScanner } from "./decontaminate-terms-wasm.ts";
import { termWeights } from "./decontaminate-weights.ts";

export interface EvaluationItem {
  readonly id: string;
  readonly file: string;
  readonly prompt: string;
  readonly answer: string;
  /** What a prompt holds beside its question, "" or none where nothing: the passage it is about, and choices. */
  readonly parts?: ItemParts;
}

interface ItemParts {
  readonly passage: string;
  readonly question: string;
  readonly choices: readonly string[];
}

/** What `file` says of an item that is a held-out row. */
export const heldOut = "held out";

/**
 * prompt, question and answer are matched verbatim; prompt, question, and prompt with an answer that is code, reworded. A question is a
 * text of its own where the prompt holds more.
 */
const textKinds = ["prompt", "answer", "both", "question"] as const;
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
  lines: Uint32Array | undefined;
  /** Of a prompt that holds more than its question: these, and the question as a text of its own. */
  parts: PromptParts | undefined;
  question: Draft | undefined;
}

/** What became of a text: its words, and its draft where it is matched. */
interface Added {
  readonly words: number;
  readonly draft?: Draft;
}

/** A prompt's parts as words: part i is word[starts[i], starts[i + 1]); 0 is the passage, 1 the question, the others are choices. */
export interface PromptParts {
  readonly word: Uint32Array;
  readonly starts: Uint32Array;
}

export interface EvaluationTexts {
  readonly drafts: readonly Draft[];
  /** The vocabulary: hashes[vocabulary] of the terms. */
  readonly hashes: Uint32Array;
  /** weight[vocabulary], 0..1. */
  readonly weight: Float32Array;
  /** number[vocabulary]: 1 for numbers. */
  readonly number: Uint8Array;
  /** Questions that several items ask: they say too little of any one of them. */
  readonly common: ReadonlySet<Draft>;
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
const rewordedLeast = { terms: 9, weight: 2 };

const code = /(?:^|\n)\s*(?:def |function |class |return\b|import |from \w+ import|#include|const |let |var |public |for ?\()/;

/** `scan` is for tests to choose. */
export function readEvaluationTexts(items: readonly EvaluationItem[], scan = createTextScanner()): EvaluationTexts {
  const known = new Map<number, Draft>();
  const common = new Set<Draft>();
  const owners: { readonly item: EvaluationItem; readonly draft: Draft }[] = [];
  /** Of each question, the parts of the first item that asks it. */
  const askers = new Map<Draft, PromptParts>();
  for (const item of inOrder(items)) {
    if (item.parts) addParts(item, item.parts);
    else add(item, "prompt", item.prompt);
    // An answer out of the passage stands wherever the passage does.
    if (item.parts?.passage.includes(item.answer.trim())) continue;
    if (add(item, "answer", item.answer).words > 0 && code.test(item.answer)) add(item, "both", `${item.prompt}\n${item.answer}`);
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
  const rewordable = new Set(drafts.filter((draft) => draft.kind !== "answer" && !common.has(draft) && isRewordable(draft.term)));
  return { drafts, common, hashes, weight, number, rewordable, isRewordable, contentOf: (term) => measure(term).content, owners };

  /** Scans a text into a draft unless it is there already; tells its words, and no draft where it is not matched. */
  function add(item: EvaluationItem, kind: TextKind, text: string): Added {
    const held = item.file === heldOut;
    const inLines = held && kind === "prompt";
    const scanned = scan(inLines ? text.split("\n") : [text]);
    const { words } = scanned;
    if (kind === "answer" && words < (held ? answerWords.heldOut : answerWords.benchmark)) return { words };
    const added = addScanned(item, kind, scanned, 0, words);
    if (inLines && added.draft) added.draft.lines ??= Uint32Array.from([...scanned.starts, words]);
    return added;
  }

  /** The words [from, to) of what was scanned. */
  function addScanned(item: EvaluationItem, kind: TextKind, scanned: ScannedText, from: number, to: number): Added {
    if (from === to) return { words: 0 };
    const key = sequenceKey(scanned.word, from, to, textKinds.indexOf(kind));
    let draft = known.get(key);
    if (draft === undefined) {
      const { at: places, terms } = scanned;
      let first = 0;
      while (first < terms && places[first] < from) first++;
      let last = first;
      while (last < terms && places[last] < to) last++;
      const at = places.slice(first, last);
      if (from > 0) for (let i = 0; i < at.length; i++) at[i] -= from;
      const word = scanned.word.slice(from, to);
      const term = scanned.term.slice(first, last);
      const held = item.file === heldOut;
      draft = { item, kind, held, word, gram: gramsOf(word), term, at, lines: undefined, parts: undefined, question: undefined };
      known.set(key, draft);
    }
    owners.push({ item, draft });
    return { words: to - from, draft };
  }

  /** A prompt and its question, in one scan where the prompt is its parts and nothing else. */
  function addParts(item: EvaluationItem, { passage, question, choices }: ItemParts): void {
    const texts = [passage, question, ...choices];
    const isJoined = texts.filter((text) => text !== "").join("\n") === item.prompt;
    const whole = isJoined ? undefined : add(item, "prompt", item.prompt);
    // An item that is there twice has its parts.
    if (whole?.draft?.parts) return;
    const scanned = scan(texts);
    const prompt = (whole ?? addScanned(item, "prompt", scanned, 0, scanned.words)).draft;
    const starts = Uint32Array.from([...scanned.starts, scanned.words]);
    // What differs in spaces and marks alone is no other text.
    if (prompt === undefined || prompt.parts || starts[2] - starts[1] === prompt.word.length) return;
    const word = isJoined ? prompt.word : scanned.word.slice(0, scanned.words);
    prompt.parts = { word, starts };
    prompt.question = addScanned(item, "question", scanned, starts[1], starts[2]).draft;
    if (prompt.question === undefined) return;
    const first = askers.get(prompt.question);
    if (first === undefined) askers.set(prompt.question, prompt.parts);
    else if (!isSameItem(first, prompt.parts)) common.add(prompt.question);
  }
}

/** Do two items that ask the same question ask it about the same, with more or fewer of the same choices? */
function isSameItem(one: PromptParts, other: PromptParts): boolean {
  const keysOf = ({ word, starts }: PromptParts): number[] => Array.from(starts.subarray(1), (end, i) => sequenceKey(word, starts[i], end));
  const [passage, , ...choices] = keysOf(one);
  const [otherPassage, , ...otherChoices] = keysOf(other);
  const both = otherChoices.filter((choice) => choices.includes(choice)).length;
  return passage === otherPassage && both * 2 >= Math.min(choices.length, otherChoices.length);
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
