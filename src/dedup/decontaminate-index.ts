// The evaluation texts as typed arrays: their words, their terms with weights, an inverted index over each text's rarest terms, and the
// 8-grams of their words. Built once a worker; knows no rows. About 1 kB an item of GSM8K's size.
//
// Weights: a term that few texts hold weighs 1, one that most hold nears 0 (inverse document frequency over the items themselves, with
// a prior so that a handful of items, or one, is enough). A word of a verbatim run weighs less the more items share the run it stands in:
// a template or passage that many items share says little of any one of them.
import { commonTerms, createScanned, isNumber, scan } from "./decontaminate-terms.ts";

export interface EvaluationItem {
  readonly id: string;
  readonly file: string;
  readonly prompt: string;
  readonly answer: string;
}

/** What `file` says of an item that is a held-out row. */
export const heldOut = "held out";

/** prompt and answer are matched verbatim; prompt, and prompt with an answer that is code, reworded. */
export type TextKind = "prompt" | "answer" | "both";

export interface EvaluationText {
  readonly item: EvaluationItem;
  readonly kind: TextKind;
  readonly heldOut: boolean;
  /** word[words]: hashes in order. */
  readonly word: Uint32Array;
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

export interface EvaluationIndex {
  readonly texts: readonly EvaluationText[];
  /** Items with a text that is long enough to be recognised reworded. */
  readonly rewordable: ReadonlySet<EvaluationItem>;
  /** Hash to number in the vocabulary, or -1. */
  find(term: number): number;
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
  /** May an 8-gram of words be one of those by which texts are found? Never wrong where it says no. */
  mayFind(gram: number): boolean;
  /** Appends the texts that are found by an 8-gram of words. */
  textsOf(gram: number, into: Set<number>): void;
}

/** Words of the n-grams that verbatim matching stands on; 8 as Tulu 3 and OLMo 2 use. */
export const gramWords = 8;
/** Least words of an answer that is matched by itself. Held-out rows hold stock replies that thousands of other rows rightly share. */
const answerWords = { benchmark: 13, heldOut: 50 };
/**
 * Terms a text is known by: its rarest. Those of some weight, and the first few at any weight, find it; of a text that is found by two,
 * all are compared.
 */
export const keyTerms = { most: 20, find: 16, weight: 0.4, few: 3 };
/** Every so manyth 8-gram of a text finds it, and its last: any run of 11 words holds one. */
const gramStride = 4;
/** A text is recognised reworded from so many different terms on, numbers among them, and so many words. */
export const rewordedLeast = { terms: 9, words: 6 };
/** Texts' worth of prior evidence, and in what share of them a term is supposed to stand. */
const prior = { texts: 400, common: 0.02, rare: 0.0006 };

const code = /(?:^|\n)\s*(?:def |function |class |return\b|import |from \w+ import|#include|const |let |var |public |for ?\()/;

export function createEvaluationIndex(items: readonly EvaluationItem[]): EvaluationIndex {
  const scanned = createScanned();
  const vocabulary = new Map<number, number>();
  const hashes: number[] = [];
  const drafts = new Map<number, Draft>();
  const rewordable = new Set<EvaluationItem>();
  for (const item of inOrder(items)) {
    const held = item.file === heldOut;
    add(item, "prompt", item.prompt, held);
    const words = add(item, "answer", item.answer, held);
    if (words > 0 && code.test(item.answer)) add(item, "both", `${item.prompt}\n${item.answer}`, held);
  }

  const texts = [...drafts.values()];
  const df = new Uint32Array(hashes.length);
  const seen = new Uint32Array(hashes.length);
  let counted = 0;
  // An item's prompt and answer count once.
  texts.forEach(({ item, kind, term }, i) => {
    if (kind === "both") return;
    if (i === 0 || texts[i - 1].item !== item) counted++;
    for (const one of term) {
      if (seen[one] !== counted) df[one]++;
      seen[one] = counted;
    }
  });
  const most = -Math.log((prior.texts * prior.rare) / (counted + prior.texts));
  const weight = new Float32Array(hashes.length);
  const number = new Uint8Array(hashes.length);
  hashes.forEach((hash, term) => {
    const share = commonTerms.has(hash) ? prior.common : prior.rare;
    weight[term] = Math.min(1, -Math.log((df[term] + prior.texts * share) / (counted + prior.texts)) / most);
    number[term] = isNumber(hash) ? 1 : 0;
  });

  const shared = countGrams(texts);
  const contents = texts.map(({ term }) => new Set(term.filter((one) => number[one] === 0)).size);
  const keys = texts.map(({ kind, term }) =>
    kind === "answer" || !isRewordable(term, (one) => number[one] === 1) ? [] : chooseKeys(term, weight, hashes),
  );
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

  return {
    rewordable,
    texts: texts.map((text, i) => {
      const { item, kind, held, word, term, lines, at } = text;
      const contentWords = contents[i];
      const weights = kind === "both" ? new Float32Array(0) : wordWeights(text, weight, number, shared);
      const kept = held ? at : undefined;
      return {
        item,
        kind,
        heldOut: held,
        word,
        weight: weights,
        term,
        content: contentWords,
        lines,
        at: kept,
      };
    }),
    find: createLookup(hashes),
    weight,
    number,
    from,
    posting,
    key: Uint32Array.from(keys.flat()),
    keyFrom,
    keyWeight: Float32Array.from(keys, (list) => list.reduce((sum, one) => sum + weight[one], 0)),
    ...createGramFinder(texts),
  };

  /** Scans a text into a draft unless it is there already; returns its words, 0 where it is not matched. */
  function add(item: EvaluationItem, kind: TextKind, text: string, held: boolean): number {
    scanned.words = scanned.terms = 0;
    let lines: number[] | undefined;
    if (held && kind === "prompt") {
      lines = [];
      for (const line of text.split("\n")) {
        lines.push(scanned.words);
        scan(line, scanned);
      }
      lines.push(scanned.words);
    } else scan(text, scanned);
    const { words } = scanned;
    if (words === 0) return 0;
    if (kind !== "answer" && isRewordable(scanned.term.subarray(0, scanned.terms), isNumber)) rewordable.add(item);
    if (kind === "answer" && words < (held ? answerWords.heldOut : answerWords.benchmark)) return words;
    const key = sequenceKey(scanned.word, 0, words, kind === "both" ? 1 : 0);
    if (drafts.has(key)) return words;
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
    drafts.set(key, { item, kind, held, word, term, at: scanned.at.slice(0, term.length), lines: lines && Uint32Array.from(lines) });
    return words;
  }
}

/** Has a text enough different terms to be recognised by some of them? */
export function isRewordable(term: Uint32Array, isNumberAt: (one: number) => boolean): boolean {
  const different = new Set(term);
  let words = 0;
  for (const one of different) if (!isNumberAt(one)) words++;
  return different.size >= rewordedLeast.terms && words >= rewordedLeast.words;
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

/** A 53-bit key of a run of words. */
export function sequenceKey(word: Uint32Array, from: number, to: number, start = 0): number {
  let a = start;
  let b = start ^ 0x2545f491;
  for (let i = from; i < to; i++) {
    a = (Math.imul(a, 0x2c1b3c6d) + word[i]) | 0;
    b = Math.imul(b ^ word[i], 0x297a2d39);
    b ^= b >>> 15;
  }
  return (b >>> 11) * 2 ** 32 + (a >>> 0);
}

/** A text's rarest terms, words before numbers of the same weight. */
function chooseKeys(term: Uint32Array, weight: Float32Array, hashes: readonly number[]): number[] {
  const rank = (one: number): number => (isNumber(hashes[one]) ? weight[one] * 0.5 : weight[one]);
  return [...new Set(term)].sort((a, b) => rank(b) - rank(a) || hashes[a] - hashes[b]).slice(0, keyTerms.most);
}

/** Open addressing from term hashes to their place in the list. */
function createLookup(hashes: readonly number[]): (term: number) => number {
  const size = tableSize(hashes.length);
  const keys = new Uint32Array(size);
  const values = new Int32Array(size).fill(-1);
  hashes.forEach((hash, place) => {
    let slot = spread(hash) & (size - 1);
    while (values[slot] >= 0) slot = (slot + 1) & (size - 1);
    keys[slot] = hash;
    values[slot] = place;
  });
  return (term) => {
    let slot = spread(term) & (size - 1);
    while (values[slot] >= 0) {
      if (keys[slot] === term) return values[slot];
      slot = (slot + 1) & (size - 1);
    }
    return -1;
  };
}

function tableSize(entries: number): number {
  return 2 ** Math.ceil(Math.log2(entries * 1.5 + 2));
}

function spread(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 7;
}

/** Hashes of all 8-grams of words: out[words - 7]. */
export function gramHashes(word: Uint32Array, words: number, out: Uint32Array): number {
  const count = Math.max(0, words - gramWords + 1);
  let hash = 0;
  let leaving = 1;
  for (let i = 0; i < gramWords; i++) leaving = Math.imul(leaving, gramBase);
  for (let i = 0; i < words; i++) {
    hash = (Math.imul(hash, gramBase) + word[i]) | 0;
    if (i >= gramWords) hash = (hash - Math.imul(word[i - gramWords], leaving)) | 0;
    // 0 marks an empty slot.
    if (i >= gramWords - 1) out[i - gramWords + 1] = hash || 1;
  }
  return count;
}

const gramBase = 0x2c1b3c6d;

/** In how many texts each 8-gram stands; needed only while the weights are made. */
function countGrams(texts: readonly Draft[]): (hash: number) => number {
  let total = 0;
  let longest = 0;
  for (const { kind, word } of texts) {
    if (kind === "both") continue;
    total += Math.max(0, word.length - gramWords + 1);
    longest = Math.max(longest, word.length);
  }
  const size = tableSize(total);
  const keys = new Uint32Array(size);
  const counts = new Uint16Array(size);
  const last = new Int32Array(size);
  const hashes = new Uint32Array(longest);
  texts.forEach(({ kind, word }, number) => {
    if (kind === "both") return;
    const count = gramHashes(word, word.length, hashes);
    for (let i = 0; i < count; i++) {
      const hash = hashes[i];
      let slot = spread(hash) & (size - 1);
      while (keys[slot] !== 0 && keys[slot] !== hash) slot = (slot + 1) & (size - 1);
      keys[slot] = hash;
      if (last[slot] === number + 1) continue;
      last[slot] = number + 1;
      if (counts[slot] < 0xffff) counts[slot]++;
    }
  });
  return (hash) => {
    let slot = spread(hash) & (size - 1);
    while (keys[slot] !== 0) {
      if (keys[slot] === hash) return counts[slot];
      slot = (slot + 1) & (size - 1);
    }
    return 0;
  };
}

/** Finds texts by some of their 8-grams: a table of hashes to lists of texts, and a bitmap before it. */
function createGramFinder(texts: readonly Draft[]): Pick<EvaluationIndex, "mayFind" | "textsOf"> {
  const pairs: { readonly gram: number[]; readonly text: number[] } = { gram: [], text: [] };
  let hashes = new Uint32Array(1024);
  texts.forEach(({ kind, word }, text) => {
    if (kind === "both") return;
    if (hashes.length < word.length) hashes = new Uint32Array(word.length * 2);
    const count = gramHashes(word, word.length, hashes);
    for (let i = 0; i < count; i++) {
      if (i % gramStride !== 0 && i !== count - 1) continue;
      pairs.gram.push(hashes[i]);
      pairs.text.push(text);
    }
  });
  const total = pairs.gram.length;
  const size = tableSize(total);
  const keys = new Uint32Array(size);
  /** The latest entry of a gram plus one, and the entry before each: next[total]. */
  const heads = new Uint32Array(size);
  const next = new Uint32Array(total);
  const text = Uint32Array.from(pairs.text);
  const bits = new Uint32Array(Math.max(1, size / 4));
  const mask = bits.length * 32 - 1;
  for (let entry = 0; entry < total; entry++) {
    const gram = pairs.gram[entry];
    let slot = spread(gram) & (size - 1);
    while (keys[slot] !== 0 && keys[slot] !== gram) slot = (slot + 1) & (size - 1);
    keys[slot] = gram;
    next[entry] = heads[slot];
    heads[slot] = entry + 1;
    const bit = (gram ^ (gram >>> 13)) & mask;
    bits[bit >>> 5] |= 1 << (bit & 31);
  }
  return {
    mayFind(gram) {
      const bit = (gram ^ (gram >>> 13)) & mask;
      return ((bits[bit >>> 5] >>> (bit & 31)) & 1) === 1;
    },
    textsOf(gram, into) {
      let slot = spread(gram) & (size - 1);
      while (keys[slot] !== 0 && keys[slot] !== gram) slot = (slot + 1) & (size - 1);
      if (keys[slot] === 0) return;
      for (let entry = heads[slot]; entry !== 0; entry = next[entry - 1]) into.add(text[entry - 1]);
    },
  };
}

/** What stop words and numbers weigh in verbatim coverage, beside 1 for a rare word. */
const lightWord = 0.05;
const numberWeight = 0.4;

function wordWeights(text: Draft, weight: Float32Array, number: Uint8Array, grams: (hash: number) => number): Float32Array {
  const { word, term, at } = text;
  const weights = new Float32Array(word.length).fill(lightWord);
  for (let i = 0; i < term.length; i++) {
    const value = number[term[i]] === 1 ? weight[term[i]] * numberWeight : weight[term[i]];
    weights[at[i]] = Math.max(weights[at[i]], value);
  }
  const hashes = new Uint32Array(word.length);
  const count = gramHashes(word, word.length, hashes);
  const shared = new Float32Array(word.length).fill(Infinity);
  for (let i = 0; i < count; i++) {
    const texts = grams(hashes[i]);
    for (let j = i; j < i + gramWords; j++) shared[j] = Math.min(shared[j], texts);
  }
  if (count > 0) for (let i = 0; i < word.length; i++) weights[i] /= shared[i];
  return weights;
}
