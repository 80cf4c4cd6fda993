// A fixed set of words and phrases, found in text by a rolling hash of each whole word: no substring ever matches.

/** Word numbers start at 1; 0 is a word that is not in the lexicon. */
export interface Lexicon<Entry> {
  /** hash -> word number; a word's hash is that of its lower-case ASCII letters and digits. */
  find(hash: number): number;
  /** word -> word number */
  readonly words: ReadonlyMap<string, number>;
  /** Phrases that begin with a word, longest first: phrases[word number]. */
  readonly phrases: readonly (readonly Phrase<Entry>[])[];
}

export interface Phrase<Entry> {
  /** The word numbers of the phrase. */
  readonly words: readonly number[];
  readonly entry: Entry;
}

export const hashStart = 0x811c9dc5;

/** One step of FNV-1a over a lower-case ASCII character. */
export function hashStep(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

export function hashWord(word: string): number {
  let hash = hashStart;
  for (let i = 0; i < word.length; i++) hash = hashStep(hash, word.charCodeAt(i));
  return hash;
}

/**
 * Builds a lexicon from phrases whose words are joined by "_". Entries of one phrase are merged by the caller.
 * Words are told apart by 32-bit hash alone: a foreign word passes for one of a thousand entries once in four million.
 */
export function createLexicon<Entry>(entries: ReadonlyMap<string, Entry>): Lexicon<Entry> {
  const numbers = new Map<string, number>();
  const phrases: Phrase<Entry>[][] = [[]];
  const numberOf = (word: string): number => {
    let number = numbers.get(word);
    if (number === undefined) {
      number = numbers.size + 1;
      numbers.set(word, number);
      phrases.push([]);
    }
    return number;
  };
  for (const [phrase, entry] of entries) {
    const words = phrase.split("_").map(numberOf);
    phrases[words[0]].push({ words, entry });
  }
  for (const list of phrases) list.sort((a, b) => b.words.length - a.words.length);

  const slots = 1 << Math.ceil(Math.log2(numbers.size * 4 + 1));
  const hashes = new Int32Array(slots);
  const values = new Uint16Array(slots);
  for (const [word, number] of numbers) {
    const hash = hashWord(word);
    let slot = hash & (slots - 1);
    while (values[slot] !== 0) {
      if (hashes[slot] === hash) throw new Error(`two words of a lexicon share a hash; one is ${word}`);
      slot = (slot + 1) & (slots - 1);
    }
    hashes[slot] = hash;
    values[slot] = number;
  }
  return {
    phrases,
    words: numbers,
    find(hash) {
      let slot = hash & (slots - 1);
      while (values[slot] !== 0) {
        if (hashes[slot] === hash) return values[slot];
        slot = (slot + 1) & (slots - 1);
      }
      return 0;
    },
  };
}
