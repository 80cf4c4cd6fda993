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
let bytes: usize = 0;
let plain: usize = 0;
let other: usize = 0;
let letters: usize = 0;
let known: usize = 0;

/** Where the next word and term are written. */
let toWord: usize = 0;
let toTerm: usize = 0;

/**
 * Where things lie: text (UTF-16 units and a 0), what is made of it (bytes[0x10000 + 64], plain[0x2008], other[0x2008]), letters[0x10000] (class << 16 | lower case), known[0x8000, 2] (the two latest parts of
 * words with these lower bits of a hash: the hash, 8 bytes, what the part is in a word's hash, what `numberOf` tells of its term), and the
 * row.
 */
export function place(
  textAt: usize,
  bytesAt: usize,
  plainAt: usize,
  otherAt: usize,
  lettersAt: usize,
  knownAt: usize,
  wordAt: usize,
  termAt: usize,
  countsAt: usize,
): void {
  text = textAt;
  bytes = bytesAt;
  plain = plainAt;
  other = otherAt;
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
  const ascii = i8x16.le_u(i8x16.sub(units, i8x16.splat(0x61)), i8x16.splat(25));
  const latin = i8x16.le_u(i8x16.sub(units, i8x16.splat(<i8>0xdf)), i8x16.splat(0x20));
  return v128.or(ascii, v128.andnot(latin, i8x16.eq(units, i8x16.splat(<i8>0xf7))));
}

/**
 * Marks the units of text[length]: a bit each in `plain` for letters that may stand in a plain word, small Latin ones and ASCII capitals that
 * begin a word, and in `other` for whatever is neither that nor an ASCII space or mark. Puts the units into `bytes`, ASCII capitals as
 * small letters.
 */
function markUnits(length: i32): void {
  let carry: u64 = 0;
  let at = text;
  let to = bytes;
  for (let group = 0; group <= length >> 6; group++) {
    let small: u64 = 0;
    let capital: u64 = 0;
    let others: u64 = 0;
    for (let shift: u64 = 0; shift < 64; shift += 16) {
      const low = v128.load(at);
      const high = v128.load(at, 16);
      const units = i8x16.narrow_i16x8_u(low, high);
      const above = i8x16.narrow_i16x8_s(i16x8.gt_u(low, i16x8.splat(0xff)), i16x8.gt_u(high, i16x8.splat(0xff)));
      const smalls = v128.andnot(smallLatin(units), above);
      const capitals = v128.andnot(i8x16.le_u(i8x16.sub(units, i8x16.splat(0x41)), i8x16.splat(25)), above);
      const digits = i8x16.le_u(i8x16.sub(units, i8x16.splat(0x30)), i8x16.splat(9));
      const joiners = i8x16.eq(units, i8x16.splat(0x27));
      const rest = v128.andnot(v128.or(v128.or(units, above), v128.or(digits, joiners)), smalls);
      v128.store(to, v128.or(units, v128.and(capitals, i8x16.splat(0x20))));
      small |= (<u64>i8x16.bitmask(smalls)) << shift;
      capital |= (<u64>i8x16.bitmask(capitals)) << shift;
      // Of a unit as it is the bit says that it is beyond ASCII.
      others |= (<u64>i8x16.bitmask(rest)) << shift;
      at += 32;
      to += 16;
    }
    const letter = small | capital;
    const inner = capital & ((letter << 1) | carry);
    carry = letter >> 63;
    const bits = (<usize>group) << 3;
    store<u64>(plain + bits, letter & ~inner);
    store<u64>(other + bits, others | inner);
  }
}

/** The 57 bits or more from bit `i` on. */
function bitsFrom(bits: usize, i: i32): u64 {
  return load<u64>(bits + (<usize>i >> 3)) >> <u64>(i & 7);
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

/** Where a part with this hash stands if it is known, else some other place of its pair. */
function placeOf(hash: u64): usize {
  const pair = known + ((<usize>(<u32>hash & KNOWN_MASK)) << 5);
  // Which of the two it is comes as chance has it: no branch.
  return pair + ((<usize>(load<u64>(pair) != hash)) << 4);
}

/** Learns the part [from, end) in its pair's first place, and moves what was there to the second; returns the place. */
function learned(hash: u64, from: usize, end: usize): usize {
  const pair = known + ((<usize>(<u32>hash & KNOWN_MASK)) << 5);
  v128.store(pair, v128.load(pair), 16);
  learn(from, end, pair);
  store<u64>(pair, hash);
  return pair;
}

/** Appends the words and terms of text[length]; false, and nothing of use, where it holds a unit that NFKC may change. */
export function scan(length: i32): bool {
  const last = text + ((<usize>length) << 1);
  markUnits(length);
  toWord = word + ((<usize>load<u32>(counts)) << 2);
  toTerm = term + ((<usize>load<u32>(counts, 4)) << 2);
  let wordAt = toWord;
  let termAt = toTerm;
  let read = 0;
  let carry: u64 = 0;
  for (let group = 0; group <= length >> 6; group++) {
    const letters = load<u64>(plain + ((<usize>group) << 3));
    const others = load<u64>(other + ((<usize>group) << 3));
    for (let starts = (letters & ~((letters << 1) | carry)) | others; starts != 0; starts &= starts - 1) {
      const i = (group << 6) + <i32>ctz(starts);
      if (i < read) continue;
      if (i >= length) break;
      // Most words are up to 16 plain letters with nothing to join after them: found and hashed without a branch that depends on their length.
      const size = <i32>ctz(~bitsFrom(plain, i));
      const end = i + size;
      if (<u32>(size - 1) < 16 && (bitsFrom(other, end) & 1) == 0) {
        const hash = hashOf(v128.and(v128.load(bytes + <usize>i), v128.load(ONES + <usize>(16 - size))));
        let entry = placeOf(hash);
        if (load<u64>(entry) != hash) entry = learned(hash, text + ((<usize>i) << 1), text + ((<usize>end) << 1));
        store<u32>(wordAt, load<u32>(entry, 8));
        // Most words are stop words or terms as chance has it: no branch.
        const number = load<i32>(entry, 12);
        store<u32>(termAt, 0);
        store<i32>(termAt, number - 2, NEXT);
        store<u32>(termAt, <u32>i, 2 * NEXT);
        store<u32>(termAt, <u32>end, 3 * NEXT);
        store<u32>(termAt, <u32>((wordAt - word) >> 2), 4 * NEXT);
        termAt += (<usize>(number != 0)) << 2;
        wordAt += 4;
        continue;
      }
      const kind = letterAt(text + ((<usize>i) << 1)) >> 16;
      if (kind == CHANGING) return false;
      if (kind == 0 || kind == APOSTROPHE) continue;
      toWord = wordAt;
      toTerm = termAt;
      read = <i32>((appendWord(text + ((<usize>i) << 1), last) - text) >> 1);
      wordAt = toWord;
      termAt = toTerm;
    }
    carry = letters >> 63;
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
      let entry = placeOf(hash);
      if (load<u64>(entry) != hash) entry = learned(hash, from, at);
      number = load<i32>(entry, 12);
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
