// Numbers for the word n-grams of texts, exact (no hashing): n-grams of the same words, case folded, get the same number.
import { createWordSpans, scanWords } from "../core/text.ts";

export interface Ngrams {
  /** Calls back once for each run of n words of the text, with the n-gram's number. */
  each(text: string, found: (ngram: number) => void): void;
  /** Calls back for the runs of 1, 2 ... n words that begin at each word; numbers of different lengths differ. */
  eachUpTo(text: string, found: (ngram: number, length: number) => void): void;
}

export function createNgrams(n: number): Ngrams {
  if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`n-grams need a whole n of at least 1, got ${n}`);
  const spans = createWordSpans();
  const words = new Map<string, number>();
  // A node is a prefix of an n-gram; prefix and next word lead to the longer prefix. Both numbers stay far below 2^26.
  const nodes = new Map<number, number>();
  let numbers = new Uint32Array(1024);

  const numberOf = (word: string): number => {
    let number = words.get(word);
    if (number === undefined) words.set(word, (number = words.size));
    return number;
  };
  const follow = (node: number, word: number): number => {
    const key = node * 2 ** 26 + word;
    let next = nodes.get(key);
    if (next === undefined) nodes.set(key, (next = nodes.size + 1));
    return next;
  };
  const scan = (text: string): number => {
    const { count, starts, ends } = scanWords(text, spans);
    if (numbers.length < count) numbers = new Uint32Array(count * 2);
    for (let i = 0; i < count; i++) numbers[i] = numberOf(text.slice(starts[i], ends[i]).toLowerCase());
    return count;
  };
  return {
    eachUpTo(text, found) {
      const count = scan(text);
      for (let i = 0; i < count; i++) {
        let node = 0;
        for (let j = i; j < Math.min(i + n, count); j++) found((node = follow(node, numbers[j])), j - i + 1);
      }
    },
    each(text, found) {
      const count = scan(text);
      for (let i = 0; i + n <= count; i++) {
        let node = 0;
        for (let j = i; j < i + n; j++) node = follow(node, numbers[j]);
        found(node);
      }
    },
  };
}
