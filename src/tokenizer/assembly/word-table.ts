// Word to ids, bounded: two generations of open-addressing tables. A full young generation becomes the old one, whose words move back when
// they are met again. What it answers never depends on what it holds, only how fast.
import { ENDS, GENERATIONS, MASKS } from "./layout";
import { tokensOf } from "./merges";

const SLOT_BITS: u64 = 17;
const SLOT_BYTES: usize = 32;
const SLOTS_BYTES: usize = (1 << 17) * SLOT_BYTES;
/** Words that a generation holds, and bytes for long words and for ids of words that have many. */
const MOST: i32 = 75_000;
const KEY_BYTES: usize = 1 << 20;
const ID_BYTES: usize = 1 << 20;
const GENERATION_BYTES: usize = SLOTS_BYTES + KEY_BYTES + ID_BYTES;

// A slot: 16 bytes of key, then up to four ids, or where more of them are and how many. A short word has at most 15 bytes, which are its key.
const FIRST: usize = 0;
/** Bits 60..63: how many ids, 0 where they are elsewhere. Bits 56..59: a short word's length, 0 for others. All 0: empty. */
const SECOND: usize = 8;
const SLOT_IDS: usize = 16;
const COUNT_SHIFT: u64 = 60;
const LENGTH_SHIFT: u64 = 56;
const SHORT: usize = 15;
const INLINE_IDS: usize = 4;
/** Of a long word FIRST is a hash and SECOND has where its bytes are and, from this bit on, how many. */
const LONG_SHIFT: u64 = 32;

let young: usize = GENERATIONS;
let old: usize = GENERATIONS + GENERATION_BYTES;
let words: i32 = 0;
let oldWords: i32 = 0;
/** Ends of what the young generation's long words and many ids take. */
let keysEnd: usize = GENERATIONS + SLOTS_BYTES;
let idsEnd: usize = GENERATIONS + SLOTS_BYTES + KEY_BYTES;

/** Before the first word. */
export function prepareWordTable(): void {
  for (let length: u64 = 0; length <= <u64>SHORT; length++) {
    const low = min<u64>(length, 8);
    const high = length - low;
    const at = MASKS + ((<usize>length) << 4);
    store<u64>(at, low == 0 ? 0 : <u64>-1 >> (64 - 8 * low));
    store<u64>(at, high == 0 ? 0 : <u64>-1 >> (64 - 8 * high), 8);
  }
}

/**
 * Stores the ids of the words that end at ENDS..endsEnd, the first of which starts at `at`, at `out`; returns the ids' end. There is room for
 * an id a byte and three more.
 */
export function appendWords(at: usize, endsEnd: usize, out: usize): usize {
  for (let i = ENDS; i < endsEnd; i += 4) {
    const end = <usize>load<u32>(i);
    const length = end - at;
    if (length <= SHORT) {
      const masks = MASKS + (length << 4);
      const first = load<u64>(at) & load<u64>(masks);
      const second = (load<u64>(at, 8) & load<u64>(masks, 8)) | ((<u64>length) << LENGTH_SHIFT);
      const slot = findShort(young, first, second);
      if (load<u64>(slot, SECOND) != 0) out = appendIds(slot, out);
      else out = appendNew(slot, at, length, first, second, hashOf(first, second), out);
    } else out = appendLong(at, length, out);
    at = end;
  }
  return out;
}

/** Stores the ids of the word at `at` (1..LONGEST bytes) at `out` and returns their end. */
export function appendWord(at: usize, length: usize, out: usize): usize {
  store<u32>(ENDS, <u32>(at + length));
  return appendWords(at, ENDS + 4, out);
}

function appendLong(at: usize, length: usize, out: usize): usize {
  const first = hashLong(at, length);
  const second = (<u64>length) << LONG_SHIFT;
  const slot = findLong(young, at, length, first, second);
  return load<u64>(slot, SECOND) != 0 ? appendIds(slot, out) : appendNew(slot, at, length, first, second, first, out);
}

/** A word that the young generation has no slot for but this one. */
function appendNew(slot: usize, at: usize, length: usize, first: u64, second: u64, hash: u64, out: usize): usize {
  let end = out;
  if (oldWords > 0) {
    const found = length <= SHORT ? findShort(old, first, second) : findLong(old, at, length, first, second);
    if (load<u64>(found, SECOND) != 0) end = appendIds(found, out);
  }
  if (end == out) end += tokensOf(at, length, out) << 2;
  insert(slot, at, length, first, second, hash, out, (end - out) >> 2);
  return end;
}

/** Copies a slot's ids to `out` and returns their end; up to three more are written. */
function appendIds(slot: usize, out: usize): usize {
  const count = <usize>(load<u64>(slot, SECOND) >> COUNT_SHIFT);
  if (count != 0) {
    store<u64>(out, load<u64>(slot, SLOT_IDS));
    store<u64>(out, load<u64>(slot, SLOT_IDS + 8), 8);
    return out + (count << 2);
  }
  const bytes = (<usize>load<u32>(slot, SLOT_IDS + 4)) << 2;
  memory.copy(out, load<u32>(slot, SLOT_IDS), bytes);
  return out + bytes;
}

/** The slot of a generation that holds the word, or the empty one where it would be. */
function findShort(generation: usize, first: u64, second: u64): usize {
  let slot = slotAt(generation, hashOf(first, second));
  for (let key = load<u64>(slot, SECOND); key != 0; key = load<u64>(slot, SECOND)) {
    if (((load<u64>(slot, FIRST) ^ first) | ((key ^ second) << 4)) == 0) break;
    slot = slotBehind(slot, generation);
  }
  return slot;
}

function findLong(generation: usize, at: usize, length: usize, first: u64, second: u64): usize {
  let slot = slotAt(generation, first);
  for (let key = load<u64>(slot, SECOND); key != 0; key = load<u64>(slot, SECOND)) {
    const isAlike = load<u64>(slot, FIRST) == first && (key << 4) >> (LONG_SHIFT + 4) == second >> LONG_SHIFT;
    if (isAlike && sameBytes(<usize>(key & 0xffffffff), at, length)) break;
    slot = slotBehind(slot, generation);
  }
  return slot;
}

/** Keeps a word that neither generation needs to be asked for again, at the empty slot that find gave. */
function insert(slot: usize, at: usize, length: usize, first: u64, second: u64, hash: u64, ids: usize, count: usize): void {
  const keyBytes: usize = length > SHORT ? length : 0;
  const idBytes: usize = count > INLINE_IDS ? count << 2 : 0;
  if (words == MOST || keysEnd + keyBytes > young + SLOTS_BYTES + KEY_BYTES || idsEnd + idBytes > young + GENERATION_BYTES) {
    const full = young;
    young = old;
    old = full;
    oldWords = words;
    words = 0;
    keysEnd = young + SLOTS_BYTES;
    idsEnd = keysEnd + KEY_BYTES;
    memory.fill(young, 0, SLOTS_BYTES);
    slot = slotAt(young, hash);
  }
  if (keyBytes > 0) {
    memory.copy(keysEnd, at, length);
    second |= keysEnd;
    keysEnd += length;
  }
  if (idBytes > 0) {
    memory.copy(idsEnd, ids, idBytes);
    store<u32>(slot, <u32>idsEnd, SLOT_IDS);
    store<u32>(slot, <u32>count, SLOT_IDS + 4);
    idsEnd += idBytes;
  } else {
    memory.copy(slot + SLOT_IDS, ids, count << 2);
    second |= (<u64>count) << COUNT_SHIFT;
  }
  store<u64>(slot, first, FIRST);
  store<u64>(slot, second, SECOND);
  words++;
}

/** Whether two words of more than 15 bytes are the same. */
function sameBytes(a: usize, b: usize, length: usize): bool {
  const last = length - 8;
  for (let i: usize = 0; i < last; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  return load<u64>(a + last) == load<u64>(b + last);
}

function slotAt(generation: usize, hash: u64): usize {
  return generation + <usize>((hash >> (64 - SLOT_BITS)) << 5);
}

function slotBehind(slot: usize, generation: usize): usize {
  slot += SLOT_BYTES;
  return slot == generation + SLOTS_BYTES ? generation : slot;
}

/** A hash of 128 bits; its high bits are the best. */
function hashOf(first: u64, second: u64): u64 {
  const both = first ^ (second * 0x1e3779b97f4a7d);
  return (both ^ (both >> 32)) * 0x16e8feb86659fd;
}

function hashLong(at: usize, length: usize): u64 {
  let hash: u64 = length;
  const end = at + length - 16;
  for (; at < end; at += 16) hash = hashOf(hash ^ load<u64>(at), load<u64>(at, 8));
  return hashOf(hash ^ load<u64>(end), load<u64>(end, 8));
}
