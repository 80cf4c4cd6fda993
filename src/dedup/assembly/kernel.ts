// Normal form, words and MinHash of ASCII texts (WebAssembly SIMD). The same arithmetic as ../normalise.ts, ../words.ts and ../minhash.ts,
// which say what it means. All pointers are byte offsets into the imported memory; those of 32-bit values are 16-byte aligned.

const BASE: u32 = 0x2c1b3c6d;

/** Empty signature[permutations]. */
export function clear(signature: usize, permutations: i32): void {
  const part: usize = <usize>permutations;
  for (let i: usize = 0; i < part; i += 16) {
    v128.store(signature + i, i32x4.splat(-1));
    v128.store(signature + part + i, i32x4.splat(0));
    v128.store(signature + 2 * part + i, i32x4.splat(0x7fffffff));
    v128.store(signature + 3 * part + i, i32x4.splat(i32.MIN_VALUE));
  }
}

/** Takes the n-grams of words[count] into the signature; shingles[count] is scratch, table is multipliers then addends. */
export function accumulate(words: usize, count: i32, n: i32, shingles: usize, table: usize, signature: usize, permutations: i32): void {
  const total = count - n + 1;
  for (let i = 0; i < total; i++) {
    let hash: u32 = 0;
    const start = words + ((<usize>i) << 2);
    for (let j = 0; j < n; j++) hash = hash * BASE + load<u32>(start + ((<usize>j) << 2));
    hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
    store<u32>(shingles + ((<usize>i) << 2), hash ^ (hash >> 16));
  }
  // A quarter of the signature in bytes: permutations / 4 values of 4 bytes.
  const part: usize = <usize>permutations;
  const end = shingles + ((<usize>total) << 2);
  for (let h: usize = 0; h < part; h += 16) {
    const multiplier = v128.load(table + h);
    const addend = v128.load(table + part + h);
    const at = signature + h;
    let least = v128.load(at);
    let greatest = v128.load(at + part);
    let leastSigned = v128.load(at + 2 * part);
    let greatestSigned = v128.load(at + 3 * part);
    for (let s = shingles; s < end; s += 4) {
      const value = i32x4.add(i32x4.mul(v128.load32_splat(s), multiplier), addend);
      least = i32x4.min_u(least, value);
      greatest = i32x4.max_u(greatest, value);
      leastSigned = i32x4.min_s(leastSigned, value);
      greatestSigned = i32x4.max_s(greatestSigned, value);
    }
    v128.store(at, least);
    v128.store(at + part, greatest);
    v128.store(at + 2 * part, leastSigned);
    v128.store(at + 3 * part, greatestSigned);
  }
}

const SPACE: u8 = 0x20;

/** Folds text[length] of ASCII bytes by folds[128] into folded; returns the folded length. */
export function fold(text: usize, length: i32, folds: usize, folded: usize): i32 {
  const end = text + <usize>length;
  let to = folded;
  let last = SPACE;
  for (let at = text; at < end; at++) {
    const unit = load<u8>(folds + <usize>load<u8>(at));
    if (unit == SPACE && last == SPACE) continue;
    store<u8>(to++, unit);
    last = unit;
  }
  if (to > folded && last == SPACE) to--;
  return <i32>(to - folded);
}

const WORD: u8 = 1;
const JOINER: u8 = 3;
const SIGN: u8 = 4;
const SIGN_BEFORE_DIGIT: u8 = 5;
const SIGN_AFTER_WORD: u8 = 6;
const BANG: u8 = 7;

/** Hashes the words of folded[length] by classes[128] into words; returns their count. At least one readable byte follows the text. */
export function scan(folded: usize, length: i32, classes: usize, words: usize): i32 {
  const end = folded + <usize>length;
  let to = words;
  let at = folded;
  while (at < end) {
    const start = at;
    let unit = load<u8>(at++);
    const kind = load<u8>(classes + <usize>unit);
    if (kind == 0 || kind == JOINER) continue;
    let hash: u32 = (0x811c9dc5 ^ <u32>unit) * 0x01000193;
    if (kind == WORD) {
      for (; at < end; at++) {
        unit = load<u8>(at);
        const next = load<u8>(classes + <usize>unit);
        if (next != WORD && (next != JOINER || at + 1 >= end || load<u8>(classes + <usize>load<u8>(at + 1)) != WORD)) break;
        hash = (hash ^ <u32>unit) * 0x01000193;
      }
    } else if (kind == SIGN) {
      for (; at < end; at++) {
        unit = load<u8>(at);
        if (load<u8>(classes + <usize>unit) != SIGN) break;
        hash = (hash ^ <u32>unit) * 0x01000193;
      }
    } else if (kind == SIGN_BEFORE_DIGIT) {
      if (at >= end) continue;
      const digit = load<u8>(at) == SPACE ? load<u8>(at + 1) : load<u8>(at);
      if (digit < 0x30 || digit > 0x39) continue;
    } else if (kind == SIGN_AFTER_WORD) {
      if (start == folded || load<u8>(classes + <usize>load<u8>(start - 1)) != WORD) continue;
    } else if (kind == BANG) {
      const before: u8 = start == folded ? SPACE : load<u8>(start - 1);
      if ((before < 0x30 || before > 0x39) && (at >= end || load<u8>(at) != 0x3d)) continue;
    }
    hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
    store<u32>(to, hash ^ (hash >> 16));
    to += 4;
  }
  return <i32>((to - words) >> 2);
}
