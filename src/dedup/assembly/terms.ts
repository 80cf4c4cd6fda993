// Words and terms of UTF-16 texts. The same arithmetic as ../decontaminate-terms.ts, which says what it means. All pointers are byte offsets
// into the imported memory.
import { counts, NEXT, placeRow, term, word } from "./row";
import { finish, LONGEST, numberOf, PRIME, putLetter, SEED, termOf } from "./stems";

export { placeGrams, placeTexts, searchRow } from "./row-search";
export { placeTables } from "./stems";

const LOWER: u32 = 1;
const UPPER: u32 = 2;
const DIGIT: u32 = 3;
const SINGLE: u32 = 4;
const APOSTROPHE: u32 = 5;
/** In the table for texts as they come: NFKC may change the unit, by itself or with its neighbours. */
const CHANGING: u32 = 6;

const CHECK_SEED: u32 = 0x2545f491;
const CHECK_PRIME: u32 = 0x9e3779b1;
/** Odd numbers whose bits are spread. */
const FIRST: u64 = ((<u64>0xff51afd7) << 32) | 0xed558ccd;
const SECOND: u64 = ((<u64>0xc4ceb9fe) << 32) | 0x1a85ec53;
/** Pairs of known parts. */
const KNOWN_MASK: u32 = 0x7fff;

let text: usize = 0;
let letters: usize = 0;
let known: usize = 0;

/** Where the next word and term are written. */
let toWord: usize = 0;
let toTerm: usize = 0;

/**
 * Where things lie: text (UTF-16 units and a 0), letters[0x10000] (class << 16 | lower case), known[0x8000, 2] (the two latest parts of
 * words with these lower bits of a hash: the hash, 8 bytes, what the part is in a word's hash, what `numberOf` tells of its term), and the
 * row.
 */
export function place(textAt: usize, lettersAt: usize, knownAt: usize, wordAt: usize, termAt: usize, countsAt: usize): void {
  text = textAt;
  letters = lettersAt;
  known = knownAt;
  placeRow(wordAt, termAt, countsAt);
}

/** Class and lower case of a unit. */
function letterAt(at: usize): u32 {
  return load<u32>(letters + ((<usize>load<u16>(at)) << 2));
}

/** a to z, and the small letters of Latin-1, which begin with 0xdf and are all after it but 0xf7. */
function smallLatin(units: v128): v128 {
  const ascii = i16x8.le_u(i16x8.sub(units, i16x8.splat(0x61)), i16x8.splat(25));
  const latin = i16x8.le_u(i16x8.sub(units, i16x8.splat(0xdf)), i16x8.splat(0x20));
  return v128.or(ascii, v128.andnot(latin, i16x8.eq(units, i16x8.splat(0xf7))));
}

/** 16 bytes of ones, then of zeros. */
const ONES = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/** A hash of letters of Latin-1, 0 behind their end. */
function hashOf(letters: v128): u64 {
  let hash: u64 = (<u64>i64x2.extract_lane(letters, 0) ^ SECOND) * FIRST;
  hash = (hash ^ (hash >> 32) ^ <u64>i64x2.extract_lane(letters, 1)) * SECOND;
  return hash ^ (hash >> 32);
}

/** The pair that a part with this hash stands in, if it is known. */
function pairOf(hash: u64): usize {
  return known + ((<usize>(<u32>hash & KNOWN_MASK)) << 5);
}

/** Puts what is known of the part first in its pair; what was there before is second. */
function bringForward(pair: usize, hash: u64, from: usize, end: usize): void {
  const before = v128.load(pair);
  if (load<u64>(pair, 16) == hash) v128.store(pair, v128.load(pair, 16));
  else {
    learn(from, end, pair);
    store<u64>(pair, hash);
  }
  v128.store(pair, before, 16);
}

/** Appends the words and terms of text[length]; false, and nothing of use, where it holds a unit that NFKC may change. */
export function scan(length: i32): bool {
  const last = text + ((<usize>length) << 1);
  toWord = word + ((<usize>load<u32>(counts)) << 2);
  toTerm = term + ((<usize>load<u32>(counts, 4)) << 2);
  let wordAt = toWord;
  let termAt = toTerm;
  let at = text;
  while (at < last) {
    const letter = letterAt(at);
    const kind = letter >> 16;
    if (kind == 0 || kind == APOSTROPHE) {
      at += 2;
      continue;
    }
    if (kind == CHANGING) return false;
    if (kind <= UPPER) {
      // Most words are one part of up to 16 letters, small but for the first, with nothing to join after them: found and hashed without a
      // branch that depends on their length.
      const low = v128.load(at);
      const high = v128.load(at, 16);
      const small = <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(smallLatin(low), smallLatin(high)));
      const length = <usize>ctz(~(small | 1));
      const after = at + (length << 1);
      if (i32(letterAt(after) >> 16 == 0) & i32((letter & 0xff00) == 0)) {
        const letters = v128.and(i8x16.narrow_i16x8_u(low, high), v128.load(ONES + 16 - length));
        const hash = hashOf(i8x16.replace_lane(letters, 0, <i8>letter));
        const pair = pairOf(hash);
        if (load<u64>(pair) != hash) bringForward(pair, hash, at, after);
        store<u32>(wordAt, load<u32>(pair, 8));
        // Most words are stop words or terms as chance has it: no branch.
        const number = load<i32>(pair, 12);
        store<u32>(termAt, 0);
        store<i32>(termAt, number - 2, NEXT);
        store<u32>(termAt, <u32>((at - text) >> 1), 2 * NEXT);
        store<u32>(termAt, <u32>((after - text) >> 1), 3 * NEXT);
        store<u32>(termAt, <u32>((wordAt - word) >> 2), 4 * NEXT);
        termAt += (<usize>(number != 0)) << 2;
        wordAt += 4;
        // The unit after is no letter.
        at = after + 2;
        continue;
      }
    }
    toWord = wordAt;
    toTerm = termAt;
    at = appendWord(at, last);
    wordAt = toWord;
    termAt = toTerm;
  }
  store<u32>(counts, <u32>((wordAt - word) >> 2));
  store<u32>(counts, <u32>((termAt - term) >> 2), 4);
  return true;
}

/** Appends the word that begins at `first`, part for part; returns its end. */
function appendWord(first: usize, last: usize): usize {
  let at = first;
  let letter = letterAt(at);
  let kind = letter >> 16;
  let whole: u32 = SEED;
  const single = kind == SINGLE;
  do {
    const from = at;
    let found: u32 = 0;
    let number: i32;
    if (kind == DIGIT || single) {
      if (single) {
        const code = <u32>load<u16>(at);
        whole = (whole ^ code) * PRIME;
        const before = at > text ? <u32>load<u16>(at - 2) : 0;
        const pair = at > text && letterAt(at - 2) >> 16 == SINGLE ? ((SEED + before) ^ code) * PRIME : whole;
        found = finish((pair ^ (pair >> 13)) * CHECK_PRIME);
        at += 2;
      } else {
        at = scanNumber(at);
        found = numberFound;
        whole = (whole ^ found) * PRIME;
      }
      number = numberOf(found);
    } else {
      let check: u32 = CHECK_SEED;
      let part: u32 = SEED;
      for (;;) {
        let before: u32;
        do {
          const small = letter & 0xffff;
          part = (part ^ small) * PRIME;
          check = (check + small) * CHECK_PRIME;
          before = kind;
          at += 2;
          letter = letterAt(at);
          kind = letter >> 16;
        } while (kind == LOWER || (kind == UPPER && before != LOWER));
        if (kind != APOSTROPHE) break;
        if (at + 2 >= last) break;
        const after = letterAt(at + 2);
        if (after >> 16 != LOWER && after >> 16 != UPPER) break;
        at += 2;
        letter = after;
        kind = after >> 16;
      }
      if (first == from) whole = part;
      else {
        for (let j = from; j < at; j += 2) {
          const one = letterAt(j);
          if (one >> 16 != APOSTROPHE) whole = (whole ^ (one & 0xffff)) * PRIME;
        }
      }
      const hash = ((<u64>check) << 32) | <u64>(part ^ (part >> 16));
      const pair = pairOf(hash);
      if (load<u64>(pair) != hash) bringForward(pair, hash, from, at);
      number = load<i32>(pair, 12);
    }
    store<u32>(toTerm, found);
    store<i32>(toTerm, number - 2, NEXT);
    store<u32>(toTerm, <u32>((from - text) >> 1), 2 * NEXT);
    store<u32>(toTerm, <u32>((at - text) >> 1), 3 * NEXT);
    store<u32>(toTerm, <u32>((toWord - word) >> 2), 4 * NEXT);
    toTerm += (<usize>(number != 0)) << 2;
    letter = letterAt(at);
    kind = letter >> 16;
  } while (!single && kind != 0 && kind <= DIGIT);
  store<u32>(toWord, whole);
  toWord += 4;
  return at;
}

let numberFound: u32 = 0;

/** Reads a number with grouping commas and a fraction; returns its end. */
function scanNumber(from: usize): usize {
  let at = from;
  let used: i32 = 0;
  let hash: u32 = SEED;
  let fraction: i32 = -1;
  let hashBefore: u32 = 0;
  let zeros = true;
  for (; ; at += 2) {
    const code = <u32>load<u16>(at);
    if (letterAt(at) >> 16 == DIGIT) {
      if (fraction >= 0 && code != 0x30) zeros = false;
    } else if (code == 0x2c) {
      if (!groups(at)) break;
      continue;
    } else {
      if (code != 0x2e || fraction >= 0 || letterAt(at + 2) >> 16 != DIGIT) break;
      fraction = used;
      hashBefore = hash;
    }
    if (used < LONGEST) {
      used++;
      hash = (hash ^ code) * PRIME;
    }
  }
  numberFound = finish(fraction >= 0 && zeros ? hashBefore : hash) | 1;
  return at;
}

/** Is the comma one of "12,345"? */
function groups(at: usize): bool {
  for (let j = at + 2; j <= at + 6; j += 2) if (letterAt(j) >> 16 != DIGIT) return false;
  return letterAt(at + 8) >> 16 != DIGIT;
}

/** Writes into an entry of the known parts what the part of a word [from, end) is in a word's hash, and what is told of its term. */
function learn(from: usize, end: usize, entry: usize): void {
  let used = 0;
  let part: u32 = SEED;
  for (let at = from; at < end; at += 2) {
    const one = letterAt(at);
    if (one >> 16 == APOSTROPHE) continue;
    part = (part ^ (one & 0xffff)) * PRIME;
    if (used < LONGEST) putLetter(used++, <u16>one);
  }
  const found = end - from > 2 ? termOf(used) : 0;
  store<u32>(entry, part, 8);
  store<i32>(entry, numberOf(found), 12);
}
