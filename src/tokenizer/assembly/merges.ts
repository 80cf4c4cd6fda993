// The tokens of a new word: the word itself where the model looks for whole words first, else its bytes, merged pair by pair, the pair of
// lowest rank first and the leftmost of equals. The tables are those of ../merge-table.ts and ../token-table.ts.
import { BYTE_IDS, PAIRS } from "./layout";

/** No merge of a pair; above all ranks. */
const NO_PAIR: u64 = -1;
const NONE: usize = -1;
const EMPTY: i32 = -1;

/** Slots of 16 bytes: left id, right id, rank, id of the merged token. */
let merges: usize = 0;
let mergeMask: u32 = 0;
/** Slots of 4 bytes: an id. Without whole words the mask is 0. */
let words: usize = 0;
let wordMask: u32 = 0;
/** Bytes of id: pool[offsets[id], offsets[id + 1]). */
let offsets: usize = 0;
let pool: usize = 0;

export function prepareMerges(
  mergeSlots: usize,
  mergeCount: u32,
  wordSlots: usize,
  wordCount: u32,
  tokenOffsets: usize,
  tokenPool: usize,
): void {
  merges = mergeSlots;
  mergeMask = mergeCount - 1;
  words = wordSlots;
  wordMask = wordCount > 0 ? wordCount - 1 : 0;
  offsets = tokenOffsets;
  pool = tokenPool;
}

/** Stores the ids of the word at `at` at `ids` and returns how many there are: 1 to length. */
export function tokensOf(at: usize, length: usize, ids: usize): usize {
  if (wordMask != 0) {
    const id = wholeWord(at, length);
    if (id != EMPTY) {
      store<i32>(ids, id);
      return 1;
    }
  }
  for (let i: usize = 0; i < length; i++) store<u32>(ids + (i << 2), load<u32>(BYTE_IDS + ((<usize>load<u8>(at + i)) << 2)));
  return merge(ids, length);
}

/** Merges ids[0, length) in place and returns how many are left. */
function merge(ids: usize, length: usize): usize {
  // In bytes, as are positions below.
  let last = (length - 1) << 2;
  for (let i: usize = 0; i < last; i += 4) rankPair(ids, i);
  for (let at = lowest(last); at != NONE; at = lowest(last)) {
    store<u32>(ids + at, load<u32>(PAIRS + (at << 1)));
    last -= 4;
    memory.copy(ids + at + 4, ids + at + 8, last - at);
    memory.copy(PAIRS + (at << 1) + 8, PAIRS + (at << 1) + 16, (last - at) << 1);
    if (at < last) rankPair(ids, at);
    if (at > 0) rankPair(ids, at - 4);
  }
  return (last >> 2) + 1;
}

/** The leftmost of the pairs with the lowest rank, or NONE. */
function lowest(last: usize): usize {
  const end = PAIRS + (last << 1);
  store<u64>(end, NO_PAIR);
  let best = NO_PAIR;
  for (let i = PAIRS; i < end; i += 16) best = min(best, min(load<u64>(i), load<u64>(i, 8)));
  if (best == NO_PAIR) return NONE;
  let at = PAIRS;
  while (load<u64>(at) != best) at += 8;
  return (at - PAIRS) >> 1;
}

/** Notes what the symbol at ids + i and the next merge to: rank << 32 | id. Equal ranks are the same pair. */
function rankPair(ids: usize, i: usize): void {
  const left = load<u32>(ids + i);
  const right = load<u32>(ids + i, 4);
  const both = <u64>left | ((<u64>right) << 32);
  let hash = (left * 0x9e3779b1) ^ (right * 0x85ebca6b);
  hash ^= hash >> 15;
  let slot = mergeSlot(hash);
  while (load<u64>(slot) != both && load<i32>(slot) != EMPTY) slot = mergeSlot(++hash);
  const pair = load<u64>(slot) == both ? ((<u64>load<u32>(slot, 8)) << 32) | load<u32>(slot, 12) : NO_PAIR;
  store<u64>(PAIRS + (i << 1), pair);
}

function mergeSlot(hash: u32): usize {
  return merges + ((<usize>(hash & mergeMask)) << 4);
}

/** The id whose bytes are the word's, or EMPTY. */
function wholeWord(at: usize, length: usize): i32 {
  let hash: u32 = 0x811c9dc5;
  for (let i: usize = 0; i < length; i++) hash = (hash ^ load<u8>(at + i)) * 0x01000193;
  hash ^= hash >> 15;
  let id = wordAt(hash);
  while (id != EMPTY && !isToken(id, at, length)) id = wordAt(++hash);
  return id;
}

function wordAt(hash: u32): i32 {
  return load<i32>(words + ((<usize>(hash & wordMask)) << 2));
}

function isToken(id: usize, at: usize, length: usize): bool {
  const start = <usize>load<u32>(offsets + (id << 2));
  return <usize>load<u32>(offsets + (id << 2), 4) - start == length && sameBytes(pool + start, at, length);
}

function sameBytes(a: usize, b: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}
