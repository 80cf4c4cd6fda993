// Words and terms of UTF-16 texts. The same arithmetic as ../decontaminate-terms.ts, which says what it means. All pointers are byte offsets
// into the imported memory.
import { counts, NEXT, placeRow, term, word } from "./row";
import { find, finish, LONGEST, PRIME, putLetter, SEED, termOf } from "./stems";

export { candidates, heldGrams } from "./row-search";
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
const KNOWN_MASK: u32 = 0xffff;

let text: usize = 0;
let letters: usize = 0;
let known: usize = 0;

/**
 * Where things lie: text (UTF-16 units and a 0), letters[0x10000] (class << 16 | lower case), known[0x10000, 4] (two hashes of a part, its
 * term, its number), and the row.
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

/** How many units of 16 the first and the small Latin letters after it are. */
function smallRun(at: usize): u32 {
  const both = i8x16.narrow_i16x8_s(smallLatin(v128.load(at)), smallLatin(v128.load(at, 16)));
  return <u32>ctz(~(i8x16.bitmask(both) | 1));
}

/** a to z, and the small letters of Latin-1, which begin with 0xdf and are all after it but 0xf7. */
function smallLatin(units: v128): v128 {
  const ascii = i16x8.le_u(i16x8.sub(units, i16x8.splat(0x61)), i16x8.splat(25));
  const latin = i16x8.le_u(i16x8.sub(units, i16x8.splat(0xdf)), i16x8.splat(0x20));
  return v128.or(ascii, v128.andnot(latin, i16x8.eq(units, i16x8.splat(0xf7))));
}

/** A hash that takes in unit k of those at `at`, or stays as it is where there are only `length` of them. */
function partWith(part: u32, at: usize, k: u32, length: u32): u32 {
  return select<u32>((part ^ <u32>load<u16>(at + ((<usize>k) << 1))) * PRIME, part, k < length);
}

function checkWith(check: u32, at: usize, k: u32, length: u32): u32 {
  return select<u32>((check + <u32>load<u16>(at + ((<usize>k) << 1))) * CHECK_PRIME, check, k < length);
}

/** Where what is known of the part [from, end) of a word with these hashes stands. */
function entryOf(part: u32, check: u32, from: usize, end: usize): usize {
  const entry = known + ((<usize>((part ^ (part >> 16)) & KNOWN_MASK)) << 4);
  if (load<u32>(entry) != part || load<u32>(entry, 4) != check) {
    learn(from, end, entry);
    store<u32>(entry, part);
    store<u32>(entry, check, 4);
  }
  return entry;
}

/** Appends the words and terms of text[length]; false, and nothing of use, where it holds a unit that NFKC may change. */
export function scan(length: i32): bool {
  const last = text + ((<usize>length) << 1);
  let toWord = word + ((<usize>load<u32>(counts)) << 2);
  let words = load<u32>(counts);
  let toTerm = term + ((<usize>load<u32>(counts, 4)) << 2);
  let at = text;
  while (at < last) {
    let letter = letterAt(at);
    let kind = letter >> 16;
    if (kind == 0 || kind == APOSTROPHE) {
      at += 2;
      continue;
    }
    if (kind == CHANGING) return false;
    if (kind <= UPPER) {
      // Most words are one part of up to 16 letters, small but for the first, with nothing to join after them: found and hashed without a
      // branch that depends on their length.
      const length = smallRun(at);
      const after = at + ((<usize>length) << 1);
      if (letterAt(after) >> 16 == 0) {
        let part = (SEED ^ (letter & 0xffff)) * PRIME;
        let check = (CHECK_SEED + (letter & 0xffff)) * CHECK_PRIME;
        part = partWith(part, at, 1, length);
        check = checkWith(check, at, 1, length);
        part = partWith(part, at, 2, length);
        check = checkWith(check, at, 2, length);
        part = partWith(part, at, 3, length);
        check = checkWith(check, at, 3, length);
        part = partWith(part, at, 4, length);
        check = checkWith(check, at, 4, length);
        part = partWith(part, at, 5, length);
        check = checkWith(check, at, 5, length);
        part = partWith(part, at, 6, length);
        check = checkWith(check, at, 6, length);
        part = partWith(part, at, 7, length);
        check = checkWith(check, at, 7, length);
        if (length > 8) {
          part = partWith(part, at, 8, length);
          check = checkWith(check, at, 8, length);
          part = partWith(part, at, 9, length);
          check = checkWith(check, at, 9, length);
          part = partWith(part, at, 10, length);
          check = checkWith(check, at, 10, length);
          part = partWith(part, at, 11, length);
          check = checkWith(check, at, 11, length);
          part = partWith(part, at, 12, length);
          check = checkWith(check, at, 12, length);
          part = partWith(part, at, 13, length);
          check = checkWith(check, at, 13, length);
          part = partWith(part, at, 14, length);
          check = checkWith(check, at, 14, length);
          part = partWith(part, at, 15, length);
          check = checkWith(check, at, 15, length);
        }
        const entry = entryOf(part, check, at, after);
        const found = load<u32>(entry, 8);
        store<u32>(toTerm, found);
        store<i32>(toTerm, load<i32>(entry, 12), NEXT);
        store<u32>(toTerm, words, 2 * NEXT);
        store<u32>(toTerm, <u32>((at - text) >> 1), 3 * NEXT);
        store<u32>(toTerm, <u32>((after - text) >> 1), 4 * NEXT);
        toTerm += (<usize>(found != 0)) << 2;
        store<u32>(toWord, part);
        toWord += 4;
        words++;
        // The unit after is no letter.
        at = after + 2;
        continue;
      }
    }
    let whole: u32 = SEED;
    const first = at;
    const single = kind == SINGLE;
    for (;;) {
      const from = at;
      let found: u32;
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
        number = find(found);
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
        const entry = entryOf(part, check, from, at);
        found = load<u32>(entry, 8);
        number = load<i32>(entry, 12);
      }
      // Most parts are stop words or terms as chance has it: no branch.
      store<u32>(toTerm, found);
      store<i32>(toTerm, number, NEXT);
      store<u32>(toTerm, words, 2 * NEXT);
      store<u32>(toTerm, <u32>((from - text) >> 1), 3 * NEXT);
      store<u32>(toTerm, <u32>((at - text) >> 1), 4 * NEXT);
      toTerm += (<usize>(found != 0)) << 2;
      letter = letterAt(at);
      kind = letter >> 16;
      if (single || kind == 0 || kind > DIGIT) break;
    }
    store<u32>(toWord, whole);
    toWord += 4;
    words++;
  }
  store<u32>(counts, words);
  store<u32>(counts, <u32>((toTerm - term) >> 2), 4);
  return true;
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

/** Writes the term of the part of a word [from, end), 0 for none, and its number into an entry of the known parts. */
function learn(from: usize, end: usize, entry: usize): void {
  let used = 0;
  for (let at = from; at < end && used < LONGEST; at += 2) {
    const one = letterAt(at);
    if (one >> 16 == APOSTROPHE) continue;
    putLetter(used++, <u16>one);
  }
  const found = end - from > 2 ? termOf(used) : 0;
  store<u32>(entry, found, 8);
  store<i32>(entry, found == 0 ? 0 : find(found), 12);
}
