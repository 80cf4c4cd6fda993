// Byte-pair merging of one word: the pair of lowest rank first, the leftmost of equals. Short words scan for it, long
// ones keep a heap (bpe-long.ts); the result is the same. Knows nothing of text, words or caches.
import { mergeLong } from "./bpe-long.ts";

/** No pair: ranks are below this. */
export const noRank = 0x7fffffff;

/** Words of more bytes than this are merged with a heap: there its n log n beats scanning's n squared. */
const shortBytes = 64;

/** Merges by pair of ids, open addressing, four numbers a slot: left id, right id, rank, id of the merged token. */
export class MergeTable {
  readonly slots: Int32Array;
  private readonly mask: number;

  constructor(merges: number) {
    let capacity = 16;
    while (capacity < merges * 1.6) capacity *= 2;
    this.slots = new Int32Array(capacity * 4).fill(-1);
    this.mask = capacity - 1;
  }

  /** Where slots hold this pair, or -1. */
  find(left: number, right: number): number {
    const { slots, mask } = this;
    for (let slot = hashPair(left, right) & mask; ; slot = (slot + 1) & mask) {
      const at = slot << 2;
      const found = slots[at];
      if (found === left && slots[at + 1] === right) return at;
      if (found === -1) return -1;
    }
  }

  /** A later rank for the same pair replaces the earlier one, as in the native library. */
  set(left: number, right: number, rank: number, merged: number): void {
    const { slots, mask } = this;
    let slot = hashPair(left, right) & mask;
    while (slots[slot << 2] !== -1 && (slots[slot << 2] !== left || slots[(slot << 2) + 1] !== right)) slot = (slot + 1) & mask;
    slots.set([left, right, rank, merged], slot << 2);
  }
}

function hashPair(left: number, right: number): number {
  const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

const ranks = new Int32Array(shortBytes);
const merged = new Int32Array(shortBytes);

/** Merges symbols[0, length) in place and returns how many are left. */
export function mergeSymbols(table: MergeTable, symbols: Int32Array, length: number): number {
  if (length > shortBytes) return mergeLong(table, symbols, length);
  const { slots } = table;
  let last = length - 1;
  for (let i = 0; i < last; i++) rankPair(table, slots, symbols, i);
  for (;;) {
    let best = noRank;
    let at = -1;
    for (let i = 0; i < last; i++) {
      if (ranks[i] < best) {
        best = ranks[i];
        at = i;
      }
    }
    if (at < 0) return last + 1;
    symbols[at] = merged[at];
    for (let i = at + 1; i < last; i++) {
      symbols[i] = symbols[i + 1];
      ranks[i] = ranks[i + 1];
      merged[i] = merged[i + 1];
    }
    last--;
    if (at < last) rankPair(table, slots, symbols, at);
    if (at > 0) rankPair(table, slots, symbols, at - 1);
  }
}

function rankPair(table: MergeTable, slots: Int32Array, symbols: Int32Array, i: number): void {
  const found = table.find(symbols[i], symbols[i + 1]);
  ranks[i] = found < 0 ? noRank : slots[found + 2];
  if (found >= 0) merged[i] = slots[found + 3];
}
