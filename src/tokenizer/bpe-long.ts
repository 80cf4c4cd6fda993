// Byte-pair merging of long words in n log n: a linked list of symbols and a heap of pairs by rank, then position.
// Pairs that a merge made stale stay in the heap and are passed over. Same result as the scan for shorter words, assembly/merges.ts.
import type { MergeTable } from "./merge-table.ts";

/** A heap entry is rank * 2^31 + position: below 2^53 for ranks below 4 million. */
const positions = 2 ** 31;

/** Merges symbols in place and returns how many are left. */
export function mergeLong(table: MergeTable, symbols: Int32Array): number {
  const { length } = symbols;
  const next = new Int32Array(length);
  const previous = new Int32Array(length);
  /** Rank of the pair that starts here, -1 where there is none. */
  const ranks = new Int32Array(length).fill(-1);
  const heap = new PairHeap(length);

  const rank = (i: number): void => {
    ranks[i] = -1;
    if (next[i] >= length) return;
    const found = table.find(symbols[i], symbols[next[i]]);
    if (found < 0) return;
    ranks[i] = table.slots[found + 2];
    heap.push(ranks[i] * positions + i);
  };

  for (let i = 0; i < length; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  for (let i = 0; i < length; i++) rank(i);
  while (heap.size > 0) {
    const entry = heap.pop();
    const at = entry % positions;
    const right = next[at];
    if (ranks[at] !== Math.floor(entry / positions)) continue;
    symbols[at] = table.slots[table.find(symbols[at], symbols[right]) + 3];
    ranks[right] = -1;
    next[at] = next[right];
    if (next[at] < length) previous[next[at]] = at;
    rank(at);
    if (previous[at] >= 0) rank(previous[at]);
  }
  let left = 0;
  for (let i = 0; i < length; i = next[i]) symbols[left++] = symbols[i];
  return left;
}

/** A binary heap of numbers, smallest first. */
class PairHeap {
  size = 0;
  private values: Float64Array;

  constructor(capacity: number) {
    this.values = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.size === this.values.length) {
      const larger = new Float64Array(this.size * 2);
      larger.set(this.values);
      this.values = larger;
    }
    const { values } = this;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (values[parent] <= value) break;
      values[at] = values[parent];
      at = parent;
    }
    values[at] = value;
  }

  pop(): number {
    const { values } = this;
    const top = values[0];
    const last = values[--this.size];
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && values[child + 1] < values[child]) child++;
      if (values[child] >= last) break;
      values[at] = values[child];
      at = child;
    }
    values[at] = last;
    return top;
  }
}
