// What a part of a word is a term of: looked up among stop words and number words, its English ending taken off, one stem for each group of
// synonyms. Parts stand in a buffer. It knows no texts.
import { commonNumbers, commonWords, numberWords, sameWords, stopWords } from "./decontaminate-lexicon.ts";

export const seed = 0x811c9dc5;
export const prime = 0x01000193;
/** The letters or digits of the part of a word at hand, in lower case; longer parts are cut. */
export const buffer = new Uint16Array(64);

/** Hash of buffer[0, used), even: the lowest bit is for numbers. */
export function hashOf(used: number): number {
  let hash = seed;
  for (let i = 0; i < used; i++) hash = Math.imul(hash ^ buffer[i], prime);
  return finish(hash);
}

export function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 13), 0x297a2d39);
  return ((h ^ (h >>> 16)) & 0xffff_fffe) >>> 0;
}

/** The term of the word in buffer[0, used), or 0 for a stop word. */
export function termOf(used: number): number {
  const plain = hashOf(used);
  const known = surfaces.get(plain);
  if (known !== undefined) return known;
  const stemmed = hashOf(stem(used));
  return synonyms.get(stemmed) ?? stemmed;
}

/** Takes an English ending off buffer[0, used), so that the forms of a word meet; returns the new length. */
function stem(length: number): number {
  let n = length;
  if (n <= 3) return n;
  const at = (back: number): number => buffer[n - back];
  if (at(1) === 0x73) {
    if (at(2) === 0x65) {
      const before = at(3);
      if (before === 0x69 && n > 4) {
        n -= 2;
        buffer[n - 1] = 0x79;
      } else if (
        n > 5 &&
        (before === 0x73 || before === 0x78 || before === 0x7a || (before === 0x68 && (at(4) === 0x63 || at(4) === 0x73)))
      )
        n -= 2;
      else n--;
    } else if (at(2) !== 0x73 && at(2) !== 0x75 && at(2) !== 0x69) n--;
  }
  const without = cut(n);
  if (without < n) n = without;
  if (n > 4 && at(1) === at(2) && doubled(at(1))) n--;
  if (n > 3 && at(1) === 0x65) n--;
  if (n > 4 && at(1) === 0x69) buffer[n - 1] = 0x79;
  return n;
}

/** Length without "ing", "ed", "ly", "ingly" or "edly", where at least three letters stay. */
function cut(n: number): number {
  const ends = (a: number, b: number, back: number): boolean => buffer[n - back - 2] === a && buffer[n - back - 1] === b;
  const ing = (back: number): boolean => ends(0x6e, 0x67, back) && buffer[n - back - 3] === 0x69;
  if (ends(0x6c, 0x79, 0)) {
    if (n >= 8 && ing(2)) return n - 5;
    if (n >= 7 && ends(0x65, 0x64, 2)) return n - 4;
    return n >= 5 ? n - 2 : n;
  }
  if (n >= 6 && ing(0)) return n - 3;
  if (n >= 5 && ends(0x65, 0x64, 0)) return n - 2;
  return n;
}

/** b d f g m n p r t: "stopped" and "stop" meet. */
function doubled(code: number): boolean {
  return (
    code === 0x62 ||
    code === 0x64 ||
    code === 0x66 ||
    code === 0x67 ||
    code === 0x6d ||
    code === 0x6e ||
    (code >= 0x70 && code !== 0x73 && code <= 0x74 && code !== 0x71)
  );
}

function load(text: string): number {
  const used = Math.min(text.length, buffer.length);
  for (let i = 0; i < used; i++) buffer[i] = text.charCodeAt(i);
  return used;
}

/** Whole words to terms: 0 for stop words, numbers for words that stand for them. */
export const surfaces = new Map<number, number>();
/** Stems to the stem of the first of their group. */
export const synonyms = new Map<number, number>();
for (const word of stopWords) surfaces.set(hashOf(load(word)), 0);
for (const [word, digits] of Object.entries(numberWords)) surfaces.set(hashOf(load(word)), (hashOf(load(digits)) | 1) >>> 0);
for (const group of sameWords) {
  const first = hashOf(stem(load(group[0])));
  for (const word of group) {
    const stemmed = hashOf(stem(load(word)));
    if (!synonyms.has(stemmed)) synonyms.set(stemmed, first);
  }
}

/** Terms that are weak evidence everywhere. */
export const commonTerms: ReadonlySet<number> = new Set([
  ...commonWords.map((word) => termOf(load(word))),
  ...commonNumbers.map((digits) => (hashOf(load(digits)) | 1) >>> 0),
]);
