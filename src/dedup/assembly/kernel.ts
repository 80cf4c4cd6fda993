// Normal form, exact key, words and MinHash of texts (WebAssembly SIMD). The same arithmetic as ../normalise.ts, ../words.ts, ../kernel.ts
// and ../minhash.ts, which say what it means. All pointers are byte offsets into the imported memory; those of 32-bit values are 16-byte aligned.

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

const SPACE: u32 = 0x20;
const DOT: u16 = 0x2e;
const REMOVED: u32 = 0;
const NOT_PLAIN: u32 = 0xffff;
const ELLIPSIS: u32 = 0x2026;
const REPLACEMENT: u32 = 0xfffd;

function isHigh(unit: u32): bool {
  return (unit & 0xfc00) == 0xd800;
}

function isLow(unit: u32): bool {
  return (unit & 0xfc00) == 0xdc00;
}

function isPicture(high: u32, low: u32): bool {
  return high == 0xd83d || (high == 0xd83e && low < 0xdff0) || (high == 0xd83c && low >= 0xdf00);
}

/** Printable ASCII but the grave accent, and the small letters of Latin-1: 0xdf and all after it but 0xf7. Only capitals change. */
function isEasy(units: v128): v128 {
  const ascii = i16x8.le_u(i16x8.sub(units, i16x8.splat(0x20)), i16x8.splat(0x5e));
  const latin = i16x8.le_u(i16x8.sub(units, i16x8.splat(0xdf)), i16x8.splat(0x20));
  const other = v128.or(i16x8.eq(units, i16x8.splat(0x60)), i16x8.eq(units, i16x8.splat(0xf7)));
  return v128.andnot(v128.or(ascii, latin), other);
}

/**
 * Folds text[length] of UTF-16 units by plainFolds[0x10000] into folded, which has room for three times as many; returns the folded
 * length, or -1 where a character's fold is not plain.
 */
export function fold(text: usize, length: i32, folds: usize, folded: usize): i32 {
  const end = text + ((<usize>length) << 1);
  let to = folded;
  let last = SPACE;
  let at = text;
  while (at < end) {
    if (at + 16 <= end) {
      // Eight units that fold by themselves, and no two spaces in a row.
      const units = v128.load(at);
      const spaces = i16x8.bitmask(i16x8.eq(units, i16x8.splat(0x20)));
      if (i16x8.all_true(isEasy(units)) && (spaces & ((spaces << 1) | i32(last == SPACE))) == 0) {
        const capitals = i16x8.le_u(i16x8.sub(units, i16x8.splat(0x41)), i16x8.splat(25));
        v128.store(to, i16x8.add(units, v128.and(capitals, i16x8.splat(0x20))));
        last = <u32>load<u16>(to, 14);
        to += 16;
        at += 16;
        continue;
      }
    }
    for (const stop = min(at + 16, end); at < stop; at += 2) {
      let code = <u32>load<u16>(at);
      let unit = <u32>load<u16>(folds + ((<usize>code) << 1));
      if (unit == NOT_PLAIN) {
        if (code == ELLIPSIS) {
          store<u16>(to, DOT);
          store<u16>(to, DOT, 2);
          store<u16>(to, DOT, 4);
          to += 6;
          last = DOT;
          continue;
        }
        if ((code & 0xf800) != 0xd800) return -1;
        const low = at + 2 < end ? <u32>load<u16>(at + 2) : 0;
        if (isHigh(code) && isLow(low)) {
          if (!isPicture(code, low)) return -1;
          store<u16>(to, <u16>code);
          store<u16>(to, <u16>low, 2);
          to += 4;
          at += 2;
          last = low;
          continue;
        }
        unit = REPLACEMENT;
      }
      store<u16>(to, <u16>unit);
      // Most spaces stand alone, and few units are removed: no branch.
      const left = unit == REMOVED || (unit == SPACE && last == SPACE);
      to += left ? 0 : 2;
      last = left ? last : unit;
    }
  }
  if (to > folded && last == SPACE) to -= 2;
  return <i32>((to - folded) >> 1);
}

const WORD: u32 = 1;
const UNSPACED: u32 = 2;
const JOINER: u32 = 3;
const SIGN: u32 = 4;
const SIGN_BEFORE_DIGIT: u32 = 5;
const SIGN_AFTER_WORD: u32 = 6;
const BANG: u32 = 7;

function isDigit(unit: u32): bool {
  return unit - 0x30 <= 9;
}

/** Hashes the words of folded[length] by classes[0x10000] into words; returns their count. At least one readable unit follows the text. */
export function scan(folded: usize, length: i32, classes: usize, words: usize): i32 {
  const end = folded + ((<usize>length) << 1);
  let to = words;
  let at = folded;
  while (at < end) {
    const start = at;
    let unit = <u32>load<u16>(at);
    at += 2;
    const kind = <u32>load<u8>(classes + <usize>unit);
    if (kind == 0 || kind == JOINER) continue;
    let hash: u32 = (0x811c9dc5 ^ unit) * 0x01000193;
    if (kind == WORD) {
      for (; at < end; at += 2) {
        unit = <u32>load<u16>(at);
        const next = <u32>load<u8>(classes + <usize>unit);
        if (next != WORD) {
          if (next != JOINER || at + 2 >= end || <u32>load<u8>(classes + <usize>load<u16>(at + 2)) != WORD) break;
        }
        hash = (hash ^ unit) * 0x01000193;
      }
    } else if (kind == SIGN) {
      for (; at < end; at += 2) {
        unit = <u32>load<u16>(at);
        if (<u32>load<u8>(classes + <usize>unit) != SIGN) break;
        hash = (hash ^ unit) * 0x01000193;
      }
    } else if (kind == SIGN_BEFORE_DIGIT) {
      if (at >= end) continue;
      if (!isDigit(<u32>(<u32>load<u16>(at) == SPACE ? load<u16>(at + 2) : load<u16>(at)))) continue;
    } else if (kind == SIGN_AFTER_WORD) {
      if (start == folded) continue;
      const before = <u32>load<u16>(start - 2);
      if (<u32>load<u8>(classes + <usize>before) != WORD) continue;
      if (isLow(before) && <u32>load<u8>(classes + <usize>load<u16>(start - 4)) == UNSPACED) continue;
    } else if (kind == BANG) {
      const before = start == folded ? SPACE : <u32>load<u16>(start - 2);
      if (!isDigit(before) && (at >= end || load<u16>(at) != 0x3d)) continue;
    } else if (isHigh(unit) && at < end && isLow(<u32>load<u16>(at))) {
      hash = (hash ^ <u32>load<u16>(at)) * 0x01000193;
      at += 2;
    }
    hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
    store<u32>(to, hash ^ (hash >> 16));
    to += 4;
  }
  return <i32>((to - words) >> 2);
}

/** Counts different n-grams of words[count], and stops at `limit`. slots[size], a power of 2 over the limit, is scratch. */
export function distinct(words: usize, count: i32, n: i32, limit: i32, slots: usize, size: u32): i32 {
  memory.fill(slots, 0, (<usize>size) << 3);
  const length = min(n, count);
  let found = 0;
  for (let i = 0; i + length <= count && found < limit; i++) {
    let hash: u32 = 0;
    const start = words + ((<usize>i) << 2);
    for (let j = 0; j < length; j++) hash = hash * BASE + load<u32>(start + ((<usize>j) << 2));
    let place = (hash ^ (hash >> 15)) & (size - 1);
    let slot = slots + ((<usize>place) << 3);
    while (load<u32>(slot) != 0 && load<u32>(slot, 4) != hash) {
      place = (place + 1) & (size - 1);
      slot = slots + ((<usize>place) << 3);
    }
    if (load<u32>(slot) != 0) continue;
    store<u32>(slot, 1);
    store<u32>(slot, hash, 4);
    found++;
  }
  return found;
}

const C1: u32 = 0x239b961b;
const C2: u32 = 0xab0e9789;
const C3: u32 = 0x38b34ae5;
const C4: u32 = 0xa1e38b93;

/**
 * The 128-bit key of folded[length], not empty: of single bytes and seed 0 where all are ASCII, else of UTF-16 units and seed 1.
 * bytes[length] is scratch.
 */
export function exactKey(folded: usize, length: i32, bytes: usize, out: usize): void {
  const end = folded + ((<usize>length) << 1);
  let all: u32 = 0;
  let to = bytes;
  for (let at = folded; at < end; at += 2) {
    const unit = <u32>load<u16>(at);
    all |= unit;
    store<u8>(to++, <u8>unit);
  }
  if (all <= 0x7f) murmur128(bytes, <u32>length, 0, out);
  else murmur128(folded, (<u32>length) << 1, 1, out);
}

/** MurmurHash3 x86 128-bit (Austin Appleby, public domain). */
function murmur128(bytes: usize, length: u32, seed: u32, out: usize): void {
  let h1 = seed;
  let h2 = seed;
  let h3 = seed;
  let h4 = seed;
  const blocks = bytes + <usize>(length & ~15);
  let at = bytes;
  for (; at < blocks; at += 16) {
    h1 = (rotl<u32>(h1 ^ (rotl<u32>(load<u32>(at) * C1, 15) * C2), 19) + h2) * 5 + 0x561ccd1b;
    h2 = (rotl<u32>(h2 ^ (rotl<u32>(load<u32>(at, 4) * C2, 16) * C3), 17) + h3) * 5 + 0x0bcaa747;
    h3 = (rotl<u32>(h3 ^ (rotl<u32>(load<u32>(at, 8) * C3, 17) * C4), 15) + h4) * 5 + 0x96cd1c35;
    h4 = (rotl<u32>(h4 ^ (rotl<u32>(load<u32>(at, 12) * C4, 18) * C1), 13) + h1) * 5 + 0x32ac3b17;
  }
  const tail = length & 15;
  if (tail > 0) {
    let k1: u32 = 0;
    let k2: u32 = 0;
    let k3: u32 = 0;
    let k4: u32 = 0;
    for (let j: u32 = 0; j < tail; j++) {
      const shifted = (<u32>load<u8>(at + <usize>j)) << ((j & 3) << 3);
      if (j >= 12) k4 |= shifted;
      else if (j >= 8) k3 |= shifted;
      else if (j >= 4) k2 |= shifted;
      else k1 |= shifted;
    }
    h4 ^= rotl<u32>(k4 * C4, 18) * C1;
    h3 ^= rotl<u32>(k3 * C3, 17) * C4;
    h2 ^= rotl<u32>(k2 * C2, 16) * C3;
    h1 ^= rotl<u32>(k1 * C1, 15) * C2;
  }
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 += h2 + h3 + h4;
  h2 += h1;
  h3 += h1;
  h4 += h1;
  h1 = finalise(h1);
  h2 = finalise(h2);
  h3 = finalise(h3);
  h4 = finalise(h4);
  h1 += h2 + h3 + h4;
  store<u32>(out, h1);
  store<u32>(out, h2 + h1, 4);
  store<u32>(out, h3 + h1, 8);
  store<u32>(out, h4 + h1, 12);
}

function finalise(value: u32): u32 {
  let h = (value ^ (value >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}
