// Words and terms of UTF-16 texts, the 8-grams of words that evaluation texts may hold, and the texts that share rare terms with a row. The
// same arithmetic as ../decontaminate-terms.ts and ../decontaminate-row.ts, which say what it means. All pointers are byte offsets into
// the imported memory.

const LOWER: u32 = 1;
const UPPER: u32 = 2;
const DIGIT: u32 = 3;
const SINGLE: u32 = 4;
const APOSTROPHE: u32 = 5;
/** In the table for texts as they come: NFKC may change the unit, by itself or with its neighbours. */
const CHANGING: u32 = 6;

const SEED: u32 = 0x811c9dc5;
const PRIME: u32 = 0x01000193;
const CHECK_SEED: u32 = 0x2545f491;
const CHECK_PRIME: u32 = 0x9e3779b1;
const KNOWN_MASK: u32 = 0xffff;
/** Units of a part or a number that count. */
const LONGEST: i32 = 64;

/** Bytes from one of the arrays of terms to the next. */
const NEXT: usize = 1 << 18;

let text: usize = 0;
let letters: usize = 0;
let known: usize = 0;
let word: usize = 0;
let term: usize = 0;
let counts: usize = 0;

/**
 * Where things lie: text (UTF-16 units and a 0), letters[0x10000] (class << 16 | lower case), known[0x10000, 4] (two hashes of a part, its
 * term, its number), word[words], term[5, 0x10000] (term, number, word, first unit, end), counts[2] (words, terms).
 */
export function place(textAt: usize, lettersAt: usize, knownAt: usize, wordAt: usize, termAt: usize, countsAt: usize): void {
  text = textAt;
  letters = lettersAt;
  known = knownAt;
  word = wordAt;
  term = termAt;
  counts = countsAt;
}

let surfaces: usize = 0;
let surfaceMask: u32 = 0;
let synonyms: usize = 0;
let synonymMask: u32 = 0;
let vocabulary: usize = 0;
let vocabularyMask: u32 = 0;

/** Tables of slots: key, value + 1. Whole words to terms, stems to stems, terms to their numbers. */
export function placeTables(s: usize, sMask: u32, y: usize, yMask: u32, v: usize, vMask: u32): void {
  surfaces = s;
  surfaceMask = sMask;
  synonyms = y;
  synonymMask = yMask;
  vocabulary = v;
  vocabularyMask = vMask;
}

/** The value of a key plus one, or 0. */
function lookup(table: usize, mask: u32, key: u32): u32 {
  let slot = (((key ^ (key >> 15)) * 0x9e3779b1) >> 7) & mask;
  let at = table + ((<usize>slot) << 3);
  while (load<u32>(at, 4) != 0 && load<u32>(at) != key) {
    slot = (slot + 1) & mask;
    at = table + ((<usize>slot) << 3);
  }
  return load<u32>(at, 4);
}

/** The number of a term in the vocabulary, or -1. */
function find(found: u32): i32 {
  return <i32>lookup(vocabulary, vocabularyMask, found) - 1;
}

/** Class and lower case of a unit. */
function letterAt(at: usize): u32 {
  return load<u32>(letters + ((<usize>load<u16>(at)) << 2));
}

function finish(hash: u32): u32 {
  let h = (hash ^ (hash >> 15)) * 0x2c1b3c6d;
  h = (h ^ (h >> 13)) * 0x297a2d39;
  return (h ^ (h >> 16)) & 0xfffffffe;
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

/** The letters of the part of a word at hand, in lower case. */
const buffer = memory.data(128);

function bufferAt(index: i32): u32 {
  return <u32>load<u16>(buffer + ((<usize>index) << 1));
}

/** Writes the term of the part of a word [from, end), 0 for none, and its number into an entry of the known parts. */
function learn(from: usize, end: usize, entry: usize): void {
  let used = 0;
  for (let at = from; at < end && used < LONGEST; at += 2) {
    const one = letterAt(at);
    if (one >> 16 == APOSTROPHE) continue;
    store<u16>(buffer + ((<usize>used) << 1), <u16>one);
    used++;
  }
  const found = end - from > 2 ? termOf(used) : 0;
  store<u32>(entry, found, 8);
  store<i32>(entry, found == 0 ? 0 : find(found), 12);
}

function termOf(used: i32): u32 {
  const whole = lookup(surfaces, surfaceMask, hashOf(used));
  if (whole != 0) return whole - 1;
  const stemmed = hashOf(stem(used));
  const first = lookup(synonyms, synonymMask, stemmed);
  return first != 0 ? first - 1 : stemmed;
}

function hashOf(used: i32): u32 {
  let hash: u32 = SEED;
  for (let i = 0; i < used; i++) hash = (hash ^ bufferAt(i)) * PRIME;
  return finish(hash);
}

function stem(length: i32): i32 {
  let n = length;
  if (n <= 3) return n;
  if (bufferAt(n - 1) == 0x73) {
    const second = bufferAt(n - 2);
    if (second == 0x65) {
      const before = bufferAt(n - 3);
      if (before == 0x69 && n > 4) {
        n -= 2;
        store<u16>(buffer + ((<usize>(n - 1)) << 1), 0x79);
      } else if (
        n > 5 &&
        (before == 0x73 || before == 0x78 || before == 0x7a || (before == 0x68 && (bufferAt(n - 4) == 0x63 || bufferAt(n - 4) == 0x73)))
      )
        n -= 2;
      else n--;
    } else if (second != 0x73 && second != 0x75 && second != 0x69) n--;
  }
  n = cut(n);
  if (n > 4 && bufferAt(n - 1) == bufferAt(n - 2) && doubled(bufferAt(n - 1))) n--;
  if (n > 3 && bufferAt(n - 1) == 0x65) n--;
  if (n > 4 && bufferAt(n - 1) == 0x69) store<u16>(buffer + ((<usize>(n - 1)) << 1), 0x79);
  return n;
}

/** Do the letters before n, `back` from it, end so? */
function ends(a: u32, b: u32, n: i32): bool {
  return bufferAt(n - 2) == a && bufferAt(n - 1) == b;
}

function ing(n: i32): bool {
  return ends(0x6e, 0x67, n) && bufferAt(n - 3) == 0x69;
}

function cut(n: i32): i32 {
  if (ends(0x6c, 0x79, n)) {
    if (n >= 8 && ing(n - 2)) return n - 5;
    if (n >= 7 && ends(0x65, 0x64, n - 2)) return n - 4;
    return n >= 5 ? n - 2 : n;
  }
  if (n >= 6 && ing(n)) return n - 3;
  if (n >= 5 && ends(0x65, 0x64, n)) return n - 2;
  return n;
}

function doubled(code: u32): bool {
  return (
    code == 0x62 ||
    code == 0x64 ||
    code == 0x66 ||
    code == 0x67 ||
    code == 0x6d ||
    code == 0x6e ||
    (code >= 0x70 && code != 0x73 && code <= 0x74 && code != 0x71)
  );
}

const GRAM_BASE: u32 = 0x2c1b3c6d;

/** Writes those hashes of 8-grams of the words to `held` that `bits` does not turn away; returns their count. leaving: GRAM_BASE ** 8. */
export function heldGrams(bits: usize, shift: u32, leaving: u32, held: usize): i32 {
  const words = load<u32>(counts);
  if (words < 8) return 0;
  const end = word + ((<usize>words) << 2);
  let hash: u32 = 0;
  let to = held;
  let at = word;
  for (; at < word + 28; at += 4) hash = hash * GRAM_BASE + load<u32>(at);
  let gone: u32 = 0;
  for (; at < end; at += 4) {
    hash = hash * GRAM_BASE + load<u32>(at) - gone * leaving;
    gone = load<u32>(at - 28);
    const gram: u32 = hash == 0 ? 1 : hash;
    const mixed: u32 = (gram ^ (gram >> 15)) * 0x9e3779b1;
    const wanted = ((<u32>1) << (mixed & 31)) | ((<u32>1) << ((mixed >> 5) & 31)) | ((<u32>1) << ((mixed >> 10) & 31));
    store<u32>(to, gram);
    to += (<usize>((load<u32>(bits + ((<usize>(mixed >> shift)) << 2)) & wanted) == wanted)) << 2;
  }
  return <i32>((to - held) >> 2);
}

/**
 * Texts that at least two of the row's terms find and that share enough of their rarest terms with it. terms[vocabulary + 1, 4] (row in
 * which it was last seen, where its postings begin and end; the first stands for no term), postings (texts),
 * texts[texts, 4] (row << 8 | hits, where its keys begin and end, least terms), keys (entry of terms, weight), keyWeight[texts]. Writes
 * found[count] and share[count], 8 bytes each, to `out`.
 */
export function candidates(
  row: u32,
  terms: usize,
  postings: usize,
  texts: usize,
  keys: usize,
  keyWeight: usize,
  leastShare: f64,
  scratch: usize,
  out: usize,
): i32 {
  const ids = term + NEXT;
  const end = ids + ((<usize>load<u32>(counts, 4)) << 2);
  let list = scratch;
  for (let at = ids; at < end; at += 4) {
    const entry = terms + ((<usize>(load<i32>(at) + 1)) << 4);
    const fresh = load<u32>(entry) != row && load<u32>(entry, 4) != load<u32>(entry, 8);
    store<u32>(entry, row);
    store<u32>(list, <u32>entry);
    list += (<usize>fresh) << 2;
  }
  const none = row << 8;
  let twice = list;
  for (let at = scratch; at < list; at += 4) {
    const entry = <usize>load<u32>(at);
    const last = postings + ((<usize>load<u32>(entry, 8)) << 2);
    for (let p = postings + ((<usize>load<u32>(entry, 4)) << 2); p < last; p += 4) {
      const found = texts + ((<usize>load<u32>(p)) << 4);
      const hits = max(load<u32>(found), none) + 1;
      store<u32>(found, hits);
      store<u32>(twice, <u32>found);
      twice += (<usize>(hits == none + 2)) << 2;
    }
  }
  let to = out;
  for (let at = list; at < twice; at += 4) {
    const found = <usize>load<u32>(at);
    const last = keys + ((<usize>load<u32>(found, 8)) << 3);
    let shared: u32 = 0;
    let share: f64 = 0;
    for (let k = keys + ((<usize>load<u32>(found, 4)) << 3); k < last; k += 8) {
      const here = load<u32>(terms + ((<usize>load<u32>(k)) << 4)) == row;
      shared += <u32>here;
      share += here ? <f64>load<f32>(k, 4) : 0;
    }
    const text = (found - texts) >> 4;
    share /= <f64>load<f32>(keyWeight + (text << 2));
    if (shared < load<u32>(found, 12) || !(share >= leastShare)) continue;
    store<u32>(to, <u32>text);
    store<f64>(to, share, 8);
    to += 16;
  }
  return <i32>((to - out) >> 4);
}
