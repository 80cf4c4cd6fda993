// The words that shingles are made of, as hashes. A word is
// - a run of letters, digits and marks, joined by inner apostrophes;
// - one character of a script that is written without spaces (Han, kana, Thai, Lao, Khmer, Myanmar): no dictionary, so every
//   version of Node finds the same words; and one emoji or other picture;
// - a run of signs that change what is asked: + < = > % & ^ $ @ and other mathematical and currency signs, "#" right after a word
//   (C#), * / - before a digit, and "!" after a digit (5!) or before "=" (!=). All other punctuation is left out.
import { mix32 } from "../core/random.ts";
import { putUnits } from "../core/unit-sets.ts";
import type { Folded } from "./normalise.ts";

/** Hashes of a text's words in order: low[count] 32 bits, high[count] 32 further bits. Reused by the next scan into it. */
export interface WordHashes {
  count: number;
  low: Uint32Array;
  high: Uint32Array;
}

export function createWordHashes(): WordHashes {
  return { count: 0, low: new Uint32Array(4096), high: new Uint32Array(4096) };
}

const Class = { other: 0, word: 1, unspaced: 2, joiner: 3, sign: 4, signBeforeDigit: 5, signAfterWord: 6, bang: 7 } as const;

let classes: Uint8Array | undefined;

/** Classes of folded UTF-16 units, made on first use (some 3 ms). */
export function wordClasses(): Uint8Array {
  if (classes) return classes;
  const table = new Uint8Array(0x10000);
  const unspaced =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30fc]+/gu;
  putUnits(table, /[\p{Sm}\p{Sc}%&^@]+/gu, Class.sign);
  putUnits(table, /[\p{L}\p{N}\p{M}_]+/gu, Class.word);
  putUnits(table, unspaced, Class.unspaced);
  // Letters beyond the first plane come as surrogate pairs, and so do emoji. Of pictures in the first plane these are the ones asked about.
  for (let code = 0xd800; code < 0xe000; code++) table[code] = Class.word;
  for (let code = 0xd83c; code <= 0xd83e; code++) table[code] = Class.unspaced;
  for (let code = 0x2600; code <= 0x27bf; code++) table[code] = Class.unspaced;
  for (const character of "|~") table[character.charCodeAt(0)] = Class.other;
  for (const character of "*/-") table[character.charCodeAt(0)] = Class.signBeforeDigit;
  table[0x23] = Class.signAfterWord;
  table[0x27] = Class.joiner;
  table[0x21] = Class.bang;
  classes = table;
  return table;
}

/** Hashes the words of a folded text. */
export function hashWords({ units, length }: Folded, into: WordHashes): WordHashes {
  const kinds = wordClasses();
  let { low, high } = into;
  let count = 0;
  let i = 0;
  while (i < length) {
    const kind = kinds[units[i]];
    if (kind === Class.other || kind === Class.joiner) {
      i++;
      continue;
    }
    const start = i++;
    if (kind === Class.word) {
      for (; i < length; i++) {
        const next = kinds[units[i]];
        if (next === Class.word) continue;
        if (next !== Class.joiner || i + 1 >= length || kinds[units[i + 1]] !== Class.word) break;
      }
    } else if (kind === Class.sign) {
      while (i < length && kinds[units[i]] === Class.sign) i++;
    } else if (kind === Class.signBeforeDigit) {
      const next = units[i] === 0x20 ? units[i + 1] : units[i];
      if (i >= length || !isDigit(next)) continue;
    } else if (kind === Class.signAfterWord) {
      if (start === 0 || kinds[units[start - 1]] !== Class.word) continue;
      if (isLow(units[start - 1]) && kinds[units[start - 2]] === Class.unspaced) continue;
    } else if (kind === Class.bang) {
      if (!(start > 0 && isDigit(units[start - 1])) && !(i < length && units[i] === 0x3d)) continue;
    } else if (isHigh(units[start]) && i < length && isLow(units[i])) i++;
    if (count === low.length) {
      into.low = low = grown(low);
      into.high = high = grown(high);
    }
    let a = 0x811c9dc5;
    let b = 0x2545f491;
    for (let j = start; j < i; j++) {
      a = Math.imul(a ^ units[j], 0x01000193);
      b = Math.imul(b + units[j], 0x9e3779b1);
    }
    low[count] = mix32(a);
    high[count++] = mix32(b);
  }
  into.count = count;
  return into;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

function grown(values: Uint32Array): Uint32Array {
  const larger = new Uint32Array(values.length * 2);
  larger.set(values);
  return larger;
}
