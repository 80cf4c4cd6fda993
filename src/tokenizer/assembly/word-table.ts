// Word to ids, bounded: two generations of open-addressing tables. A full young generation becomes the old one, whose words move back when
// they are met again. What it answers never depends on what it holds, only how fast.
import { GENERATIONS, MASKS, TEXT } from "./layout";

/** Makes the ids of the word text[start, start + length), stores them at `ids` and returns how many there are: 1 to length. */
declare function merge(start: usize, length: i32, ids: usize): i32;

/** Longer words are not kept (bytes). */
export const LONGEST: usize = 255;

const SLOT_BITS: u64 = 17;
const SLOT_BYTES: usize = 32;
const SLOTS_BYTES: usize = (1 << 17) * SLOT_BYTES;
/** Words that a generation holds, and bytes for those longer than 16 and for ids of words that have more than three. */
const WORDS: i32 = 75_000;
const KEY_BYTES: usize = 1 << 20;
const ID_BYTES: usize = 1 << 20;
const GENERATION_BYTES: usize = SLOTS_BYTES + KEY_BYTES + ID_BYTES;

// A slot. Words of at most 16 bytes are their own key; longer ones have their hash and where their bytes are.
const FIRST: usize = 0;
const SECOND: usize = 8;
/** bytes | ids << 8; 0: empty. */
const META: usize = 16;
/** Up to three ids, or where more of them are. */
const SLOT_IDS: usize = 20;

let young: usize = GENERATIONS;
let old: usize = GENERATIONS + GENERATION_BYTES;
let words: i32 = 0;
let oldWords: i32 = 0;
/** Ends of what the young generation's long words and ids take. */
let keysEnd: usize = GENERATIONS + SLOTS_BYTES;
let idsEnd: usize = GENERATIONS + SLOTS_BYTES + KEY_BYTES;

/** Before the first word. */
export function prepareMasks(): void {
  for (let length: u64 = 0; length <= 16; length++) {
    const low = min<u64>(length, 8);
    const high = length - low;
    const at = MASKS + ((<usize>length) << 4);
    store<u64>(at, low == 0 ? 0 : <u64>-1 >> (64 - 8 * low));
    store<u64>(at, high == 0 ? 0 : <u64>-1 >> (64 - 8 * high), 8);
  }
}

/** Stores the ids of the word at `at` (1..LONGEST bytes) at `out` and returns their end. Room for LONGEST ids is there. */
export function appendWord(at: usize, length: usize, out: usize): usize {
  let first: u64;
  let second: u64;
  let hash: u64;
  if (length <= 16) {
    const masks = MASKS + (length << 4);
    first = load<u64>(at) & load<u64>(masks);
    second = load<u64>(at, 8) & load<u64>(masks, 8);
    hash = mixed(first, second + length);
  } else {
    hash = hashLong(at, length);
    first = hash;
    second = 0;
  }
  let slot = find(young, at, length, first, second, hash);
  if (load<u32>(slot, META) == 0) {
    if (oldWords > 0) {
      const found = find(old, at, length, first, second, hash);
      const meta = load<u32>(found, META);
      if (meta != 0) {
        // What has no room starts a new generation below, which clears the one that these ids are in: take them first.
        const count = meta >> 8;
        copyIds(count > 3 ? <usize>load<u32>(found, SLOT_IDS) : found + SLOT_IDS, out, count);
        insert(slot, at, length, first, second, hash, out, count);
        return out + (count << 2);
      }
    }
    const count = merge(at - TEXT, <i32>length, out);
    insert(slot, at, length, first, second, hash, out, count);
    return out + ((<usize>count) << 2);
  }
  const count = <usize>(load<u32>(slot, META) >> 8);
  if (count <= 3) {
    store<u64>(out, load<u64>(slot, SLOT_IDS));
    store<u32>(out, load<u32>(slot, SLOT_IDS + 8), 8);
  } else copyIds(load<u32>(slot, SLOT_IDS), out, count);
  return out + (count << 2);
}

/** The slot of a generation that holds the word, or the empty one where it would be. */
function find(generation: usize, at: usize, length: usize, first: u64, second: u64, hash: u64): usize {
  let slot = generation + <usize>((hash >> (64 - SLOT_BITS)) << 5);
  for (let meta = load<u32>(slot, META); meta != 0; meta = load<u32>(slot, META)) {
    if (load<u64>(slot, FIRST) == first && <usize>(meta & 0xff) == length) {
      if (length > 16) {
        if (sameBytes(<usize>load<u64>(slot, SECOND), at, length)) break;
      } else if (load<u64>(slot, SECOND) == second) break;
    }
    slot += SLOT_BYTES;
    if (slot == generation + SLOTS_BYTES) slot = generation;
  }
  return slot;
}

/** Keeps a word that neither generation needs to be asked for again, at the empty slot that find gave. */
function insert(slot: usize, at: usize, length: usize, first: u64, second: u64, hash: u64, ids: usize, count: usize): void {
  const keyBytes = length > 16 ? length : 0;
  const idBytes = count > 3 ? count << 2 : 0;
  if (words == WORDS || keysEnd + keyBytes > young + SLOTS_BYTES + KEY_BYTES || idsEnd + idBytes > young + GENERATION_BYTES) {
    const full = young;
    young = old;
    old = full;
    oldWords = words;
    words = 0;
    keysEnd = young + SLOTS_BYTES;
    idsEnd = keysEnd + KEY_BYTES;
    memory.fill(young, 0, SLOTS_BYTES);
    slot = young + <usize>((hash >> (64 - SLOT_BITS)) << 5);
  }
  store<u64>(slot, first, FIRST);
  if (keyBytes > 0) {
    memory.copy(keysEnd, at, length);
    second = keysEnd;
    keysEnd += length;
  }
  store<u64>(slot, second, SECOND);
  store<u32>(slot, <u32>(length | (count << 8)), META);
  if (count <= 3) {
    for (let i: usize = 0; i < count; i++) store<u32>(slot + (i << 2), load<u32>(ids + (i << 2)), SLOT_IDS);
  } else {
    memory.copy(idsEnd, ids, idBytes);
    store<u32>(slot, <u32>idsEnd, SLOT_IDS);
    idsEnd += idBytes;
  }
  words++;
}

/** Copies ids two by two: one more is read and written. */
function copyIds(from: usize, to: usize, count: usize): void {
  for (const end = to + (count << 2); to < end; to += 8, from += 8) store<u64>(to, load<u64>(from));
}

/** Whether two words of more than 16 bytes are the same. */
function sameBytes(a: usize, b: usize, length: usize): bool {
  const last = length - 8;
  for (let i: usize = 0; i < last; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  return load<u64>(a + last) == load<u64>(b + last);
}

/** A 64-bit hash of 128 bits. */
function mixed(first: u64, second: u64): u64 {
  let hash = (first ^ (second * 0x1e3779b97f4a7d)) * 0x16e8feb86659fd;
  hash ^= hash >> 32;
  return hash * 0x12b2ae3d27d4eb;
}

function hashLong(at: usize, length: usize): u64 {
  let hash: u64 = length;
  const end = at + length - 16;
  for (; at < end; at += 16) hash = mixed(hash ^ load<u64>(at), load<u64>(at, 8));
  return mixed(hash ^ load<u64>(end), load<u64>(end, 8));
}
