// A text of UTF-16 units in WebAssembly memory, its words as bits, and words found by hash. Kernels of other folders are made of it; what
// a word is, their class tables say. Texts have at most LIMIT units. Pointers are byte offsets.

export const LIMIT: i32 = 32768;
/** Units behind a text that are read with it. */
const PAD: i32 = 128;

/** The text: u16[LIMIT + PAD]. The first page is the module's own. */
export const TEXT: usize = 0x10000;
/** The text as bytes, ASCII capitals as small letters, joiners as "'", units beyond Latin-1 as 0xff: u8[LIMIT + PAD]. */
export const LOW: usize = TEXT + <usize>(2 * (LIMIT + PAD));
/** The text as u16, ASCII capitals as small letters; only after `widen`. */
export const WIDE: usize = LOW + <usize>(LIMIT + PAD);
/** A bit a unit: part of a word. */
export const WORD_BITS: usize = WIDE + <usize>(2 * (LIMIT + PAD));
/** A bit a unit: of the third class. */
export const OTHER_BITS: usize = WORD_BITS + <usize>((LIMIT + PAD) / 8 + 16);
/** Free from here on. */
export const UNITS_END: usize = 0x40000;

/** Class bits of a unit. JOINER: part of a word between two word units. OTHER: what the third bits are of. */
const WORD: u32 = 1;
const JOINER: u32 = 2;
const OTHER: u32 = 4;
/** The unit behind it counts as nothing, whatever it is; and so on from there. */
const LEAD: u32 = 8;
/** A text that holds one is not for WebAssembly. Tables that refuse nothing may keep kinds of units in their upper four bits. */
const REFUSED: u32 = 16;

export const marksFailed: i32 = -1;
export const marksWide: i32 = 1;

/** Where the class table lies: classes[0x10000], then for each of the three classes 2 x 16 bytes: bit h of byte l of the first is unit 16h + l. */
export const SETS: usize = 0x10000;
export const CLASSES_SIZE: usize = SETS + 96;

/**
 * Finds words in TEXT[length]; the units behind it become `pad`. Gives marksFailed for a refused unit, marksWide where words hold units
 * beyond Latin-1, else 0.
 */
export function mark(length: i32, classes: usize, pad: u16): i32 {
  const padding = i16x8.splat(pad);
  for (let i = 0; i < PAD; i += 8) v128.store(TEXT + ((<usize>(length + i)) << 1), padding);
  const sets = classes + SETS;
  const powersBelow = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  const powersAbove = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, -128);
  const groups = (length >> 6) + 1;
  let at = TEXT;
  let low = LOW;
  let seen: u32 = 0;
  let wide = 0;
  let skip = false;
  // Of the group before: its word bits, its joiner bits, and the last word bit of the group before that.
  let words: u64 = 0;
  let joiners: u64 = 0;
  let carry: u64 = 0;
  for (let group = 0; group <= groups; group++) {
    let nextWords: u64 = 0;
    let nextJoiners: u64 = 0;
    let others: u64 = 0;
    for (let shift: u64 = 0; shift < 64; shift += 16) {
      const a = v128.load(at);
      const b = v128.load(at, 16);
      if (!v128.any_true(v128.and(v128.or(a, b), i16x8.splat(<i16>0xff00)))) {
        const units = i8x16.narrow_i16x8_u(a, b);
        const high = v128.and(i16x8.shr_u(units, 4), i8x16.splat(15));
        const column = v128.and(units, i8x16.splat(15));
        const below = i8x16.swizzle(powersBelow, high);
        const above = i8x16.swizzle(powersAbove, high);
        const joined = member(sets + 32, column, below, above);
        let word = <u64>i8x16.bitmask(member(sets, column, below, above));
        if (skip) {
          word &= ~1;
          skip = false;
        }
        nextWords |= word << shift;
        nextJoiners |= (<u64>i8x16.bitmask(joined)) << shift;
        others |= (<u64>i8x16.bitmask(member(sets + 64, column, below, above))) << shift;
        const capital = i8x16.lt_u(i8x16.sub(units, i8x16.splat(0x41)), i8x16.splat(26));
        const folded = v128.or(units, v128.and(capital, i8x16.splat(0x20)));
        v128.store(low, v128.bitselect(i8x16.splat(0x27), folded, joined));
      } else {
        for (let i: u64 = 0; i < 16; i++) {
          const unit = <u32>load<u16>(at + ((<usize>i) << 1));
          let kind = <u32>load<u8>(classes + <usize>unit);
          seen |= kind;
          others |= (<u64>((kind & OTHER) >> 2)) << (shift + i);
          if (skip) {
            kind = 0;
            skip = false;
          } else skip = (kind & LEAD) != 0;
          if (unit > 0xff && (kind & (WORD | JOINER)) != 0) wide = marksWide;
          nextWords |= (<u64>(kind & WORD)) << (shift + i);
          nextJoiners |= (<u64>((kind & JOINER) >> 1)) << (shift + i);
          store<u8>(low + <usize>i, (kind & JOINER) != 0 ? 0x27 : unit > 0xff ? 0xff : unit - 0x41 < 26 ? unit | 0x20 : unit);
        }
      }
      at += 32;
      low += 16;
    }
    store<u64>(OTHER_BITS + ((<usize>group) << 3), others);
    if (group > 0) {
      const inside = words | (joiners & ((words << 1) | carry) & ((words >> 1) | (nextWords << 63)));
      store<u64>(WORD_BITS + ((<usize>(group - 1)) << 3), inside);
      carry = words >> 63;
    }
    words = nextWords;
    joiners = nextJoiners;
  }
  store<u64>(WORD_BITS + ((<usize>groups) << 3), 0);
  return (seen & REFUSED) != 0 ? marksFailed : wide;
}

/** 0xff where a unit is in a set: set[2][16] by the unit's lower four bits, bit `below` or `above` by its upper four. */
function member(set: usize, column: v128, below: v128, above: v128): v128 {
  const bits = v128.or(v128.and(i8x16.swizzle(v128.load(set), column), below), v128.and(i8x16.swizzle(v128.load(set, 16), column), above));
  return i8x16.ne(bits, i8x16.splat(0));
}

/** Makes WIDE of TEXT[length]. */
export function widen(length: i32): void {
  for (let i: usize = 0; i <= (<usize>length) << 1; i += 16) {
    const units = v128.load(TEXT + i);
    const capital = i16x8.lt_u(i16x8.sub(units, i16x8.splat(0x41)), i16x8.splat(26));
    v128.store(WIDE + i, v128.or(units, v128.and(capital, i16x8.splat(0x20))));
  }
}

/** Of 64 units, bits where words begin and of units that are neither part of a word nor of the third class. */
export function events(group: i32): u64 {
  const at = (<usize>group) << 3;
  const words = load<u64>(WORD_BITS + at);
  // The byte before the first is always 0.
  const before = <u64>load<u8>(WORD_BITS + at - 1) >> 7;
  return (words & ~((words << 1) | before)) | ~(words | load<u64>(OTHER_BITS + at));
}

/** The same from unit `i` on: a word that it is part of begins there. */
export function eventsFrom(i: i32): u64 {
  const bit = (<u64>1) << (<u64>(i & 63));
  return (events(i >> 6) & ~(bit - 1)) | (load<u64>(WORD_BITS + ((<usize>(i >> 6)) << 3)) & bit);
}

/** The place of the first unit from `i` on that is not part of a word; at least one is, in TEXT's padding. */
export function wordEnd(i: i32): i32 {
  while (true) {
    const outside = ~load<u64>(WORD_BITS + (<usize>i >> 3)) >> <u64>(i & 7);
    if (outside != 0) return i + <i32>ctz(outside);
    i += 64 - (i & 7);
  }
}

/** The same of the word that starts at `start`, from the word bits of its group of 64 units; most words end within it. */
export function wordEndIn(words: u64, start: i32): i32 {
  const outside = ~words >> <u64>(start & 63);
  return outside == 0 ? wordEnd(start) : start + <i32>ctz(outside);
}

/** maskOf[16 - size]: `size` bytes of ones. */
const ONES = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/** Odd numbers whose bits are spread. */
const FIRST: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;
const SECOND: u64 = ((<u64>0xff51afd7) << 32) | 0xed558ccd;
const THIRD: u64 = ((<u64>0xc4ceb9fe) << 32) | 0x1a85ec53;

/** A hash of bytes; 16 from their start on must be readable. */
export function hashBytes(at: usize, size: i32): u32 {
  let hash: u64 = <u64>size * FIRST;
  while (size > 16) {
    hash = mixed(hash, v128.load(at));
    at += 16;
    size -= 16;
  }
  hash = mixed(hash, v128.and(v128.load(at), v128.load(ONES + 16 - <usize>size)));
  return <u32>(hash ^ (hash >> 32));
}

function mixed(hash: u64, piece: v128): u64 {
  hash = (hash ^ <u64>i64x2.extract_lane(piece, 0)) * SECOND;
  return (hash ^ (hash >> 32) ^ <u64>i64x2.extract_lane(piece, 1)) * THIRD;
}

/**
 * A table of words in memory: u16[TABLE_SLOTS] by hash, places of entries or 0, then the entries, u64 of (hash, value) each. The first entry
 * holds the number of entries instead. A value is not 0.
 */
const TABLE_SLOTS: u32 = 16384;
const ENTRIES: usize = 32768;

/** Adds value's bits to a word's: LOW[size]. */
export function putWord(table: usize, size: i32, value: u32): void {
  const hash = hashBytes(LOW, size);
  let slot = slotOf(table, hash);
  while (load<u16>(slot) != 0 && <u32>(load<u64>(entryOf(table, slot)) >> 32) != hash) slot = slotAfter(table, slot);
  if (load<u16>(slot) == 0) {
    const count = load<u64>(table + ENTRIES) + 1;
    store<u64>(table + ENTRIES, count);
    store<u16>(slot, <u16>count);
  }
  const entry = entryOf(table, slot);
  store<u64>(entry, ((<u64>hash) << 32) | (load<u64>(entry) & 0xffff_ffff) | <u64>value);
}

/** The value of a word's hash, 0 for none. Words of the table and others come in no order that a processor could foresee: there is no branch for them. */
export function findWord(table: usize, hash: u32): u32 {
  const slot = slotOf(table, hash);
  const entry = load<u64>(entryOf(table, slot));
  const differs = <u32>(entry >> 32) != hash;
  const taken = load<u16>(slot) != 0;
  if (i32(taken) & i32(differs)) return searchWord(table, slot, hash);
  return select<u32>(<u32>entry, 0, taken);
}

function searchWord(table: usize, slot: usize, hash: u32): u32 {
  while (load<u16>(slot) != 0) {
    const entry = load<u64>(entryOf(table, slot));
    if (<u32>(entry >> 32) == hash) return <u32>entry;
    slot = slotAfter(table, slot);
  }
  return 0;
}

function slotOf(table: usize, hash: u32): usize {
  return table + ((<usize>(hash & (TABLE_SLOTS - 1))) << 1);
}

function slotAfter(table: usize, slot: usize): usize {
  return table + ((slot - table + 2) & (ENTRIES - 1));
}

function entryOf(table: usize, slot: usize): usize {
  return table + ENTRIES + ((<usize>load<u16>(slot)) << 3);
}
