// Byte-pair merging of one word: the pair of lowest rank first, the leftmost of equals. Short words scan for it, long
// ones keep a heap (bpe-long.ts); the result is the same. Knows nothing of text, words or caches.
import { mergeLong } from "./bpe-long.ts";
import type { MergeTable } from "./merge-table.ts";

/** No pair: ranks are below this. */
export const noRank = 0x7fffffff;

/** Words of more bytes than this are merged with a heap: there its n log n beats scanning's n squared. */
const shortBytes = 64;

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
