// Terms of parts of words: what they are looked up as, and their endings taken off. The same arithmetic as ../decontaminate-stems.ts, which
// says what it means.

export const SEED: u32 = 0x811c9dc5;
export const PRIME: u32 = 0x01000193;
/** Units of a part or a number that count. */
export const LONGEST: i32 = 64;

let surfaces: usize = 0;
let surfaceMask: u32 = 0;
let synonyms: usize = 0;
let synonymMask: u32 = 0;
let vocabulary: usize = 0;
let vocabularyMask: u32 = 0;

/** Tables of slots: key, value + 1. Whole words to terms, stems to stems, terms to their numbers in the vocabulary; 0: there is none. */
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

/** What is told of a term: its number in the vocabulary + 2, or 1; without a vocabulary its hash; 0 for no term. */
export function numberOf(found: u32): i32 {
  if (found == 0) return 0;
  return vocabulary == 0 ? <i32>found : <i32>lookup(vocabulary, vocabularyMask, found) + 1;
}

export function finish(hash: u32): u32 {
  let h = (hash ^ (hash >> 15)) * 0x2c1b3c6d;
  h = (h ^ (h >> 13)) * 0x297a2d39;
  return (h ^ (h >> 16)) & 0xfffffffe;
}

/** The letters of the part of a word at hand, in lower case. */
const buffer = memory.data(128);

export function putLetter(index: i32, letter: u16): void {
  store<u16>(buffer + ((<usize>index) << 1), letter);
}

function bufferAt(index: i32): u32 {
  return <u32>load<u16>(buffer + ((<usize>index) << 1));
}

/** The term of the `used` letters in the buffer, 0 for none. */
export function termOf(used: i32): u32 {
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
