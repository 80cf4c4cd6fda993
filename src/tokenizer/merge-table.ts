// Merges of a byte-level BPE model by the pair that they join. Knows ids, not their bytes.

/** Merges by pair of ids, open addressing, four numbers a slot: left id, right id, rank, id of the merged token. */
export class MergeTable {
  readonly slots: Int32Array;
  private readonly mask: number;

  constructor(slots: Int32Array) {
    this.slots = slots;
    this.mask = (slots.length >> 2) - 1;
  }

  /** Empty, in shared memory, with room for so many. */
  static forMerges(merges: number): MergeTable {
    let capacity = 16;
    while (capacity < merges * 1.6) capacity *= 2;
    return new MergeTable(new Int32Array(new SharedArrayBuffer(capacity * 16)).fill(-1));
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
    const at = slot << 2;
    slots[at] = left;
    slots[at + 1] = right;
    slots[at + 2] = rank;
    slots[at + 3] = merged;
  }
}

function hashPair(left: number, right: number): number {
  const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
