// Word to ids, bounded: two generations of open-addressing tables. A full young generation becomes the old one, whose
// words move back when they are met again. Words are bytes of a Utf8Text; no strings and no objects are made.
// What it answers never depends on what it holds, only how fast.

/** Longer words are not kept (bytes). */
export const longestWord = 255;

/** Words a generation holds, and 32-bit cells for words over eight bytes and for ids of words with several. */
const sizes = { slotBits: 17, words: 75_000, keyCells: 1 << 18, idCells: 1 << 18 } as const;

/** By bytes of the word in a four-byte load, 0..4. */
const masks = new Int32Array([0, 0xff, 0xffff, 0xffffff, -1]);

/**
 * Four cells a slot: for words of at most eight bytes the bytes themselves, for longer ones the hash and where `keys`
 * holds the bytes; then bytes | ids << 8 (0: empty); then the id, or where `ids` holds them if there are several.
 */
class Generation {
  readonly slots = new Int32Array(4 << sizes.slotBits);
  readonly keys = new Int32Array(sizes.keyCells);
  readonly ids = new Int32Array(sizes.idCells);
  words = 0;
  keysUsed = 0;
  idsUsed = 0;

  clear(): void {
    this.slots.fill(0);
    this.words = this.keysUsed = this.idsUsed = 0;
  }
}

export class WordCache {
  private young = new Generation();
  private old = new Generation();
  // Of the last word looked for: what an insertion needs.
  private first = 0;
  private second = 0;
  private hash = 0;

  /** Cells of the young generation: find's answer points into these. */
  get slots(): Int32Array {
    return this.young.slots;
  }

  get ids(): Int32Array {
    return this.young.ids;
  }

  /** Where `slots` hold the word of `length` bytes (1..longestWord) at view[start], or -1. Call before insert. */
  find(view: DataView, start: number, length: number): number {
    let hash: number;
    if (length <= 8) {
      const first = length < 4 ? view.getInt32(start, true) & masks[length] : view.getInt32(start, true);
      const second = length > 4 ? view.getInt32(start + 4, true) & masks[length - 4] : 0;
      this.first = first;
      this.second = second;
      hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) ^ length;
      this.hash = hash;
      const { slots } = this.young;
      for (let at = (hash >>> (32 - sizes.slotBits)) << 2; ; at = (at + 4) & ((4 << sizes.slotBits) - 1)) {
        const meta = slots[at + 2];
        if ((meta & 0xff) === length && slots[at] === first && slots[at + 1] === second) return at;
        if (meta === 0) break;
      }
    } else {
      hash = length;
      const whole = start + (length & ~3);
      for (let i = start; i < whole; i += 4) {
        hash = Math.imul(hash ^ view.getInt32(i, true), 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      hash = Math.imul(hash ^ (view.getInt32(whole, true) & masks[length & 3]), 0xc2b2ae35);
      hash ^= hash >>> 13;
      hash = Math.imul(hash, 0x85ebca6b);
      this.first = this.hash = hash;
      const at = findLong(this.young, view, start, length, hash);
      if (at >= 0) return at;
    }
    return this.old.words > 0 ? this.promote(view, start, length) : -1;
  }

  /** Keeps the word that find was last asked for, with its ids (1..length of them). */
  insert(view: DataView, start: number, length: number, ids: ArrayLike<number>, from: number, count: number): number {
    const keyCells = length > 8 ? (length + 3) >> 2 : 0;
    const idCells = count > 1 ? count : 0;
    if (!this.hasRoom(keyCells, idCells)) {
      [this.young, this.old] = [this.old, this.young];
      this.young.clear();
    }
    const into = this.young;
    const at = emptySlot(into, this.hash);
    into.slots[at] = this.first;
    into.slots[at + 1] = length > 8 ? into.keysUsed : this.second;
    into.slots[at + 2] = length | (count << 8);
    into.slots[at + 3] = count > 1 ? into.idsUsed : ids[from];
    for (let i = 0; i < keyCells; i++) {
      const bytes = Math.min(4, length - i * 4);
      into.keys[into.keysUsed++] = view.getInt32(start + i * 4, true) & masks[bytes];
    }
    for (let i = 0; i < idCells; i++) into.ids[into.idsUsed++] = ids[from + i];
    into.words++;
    return at;
  }

  private hasRoom(keyCells: number, idCells: number): boolean {
    const { words, keysUsed, idsUsed } = this.young;
    return words < sizes.words && keysUsed + keyCells <= sizes.keyCells && idsUsed + idCells <= sizes.idCells;
  }

  /** Looks in the old generation; a word found there moves to the young one. */
  private promote(view: DataView, start: number, length: number): number {
    const { old } = this;
    const found = length > 8 ? findLong(old, view, start, length, this.hash) : findShort(old, length, this.first, this.second, this.hash);
    if (found < 0) return -1;
    const count = old.slots[found + 2] >>> 8;
    const [ids, from] = count > 1 ? [old.ids, old.slots[found + 3]] : [old.slots, found + 3];
    // Where there is no room, insert clears the generation that these ids are in: let the word be made anew.
    if (!this.hasRoom(length > 8 ? (length + 3) >> 2 : 0, count > 1 ? count : 0)) return -1;
    return this.insert(view, start, length, ids, from, count);
  }
}

function findShort({ slots }: Generation, length: number, first: number, second: number, hash: number): number {
  for (let at = firstSlot(hash); ; at = nextSlot(at)) {
    const meta = slots[at + 2];
    if (meta === 0) return -1;
    if ((meta & 0xff) === length && slots[at] === first && slots[at + 1] === second) return at;
  }
}

function findLong({ slots, keys }: Generation, view: DataView, start: number, length: number, hash: number): number {
  for (let at = firstSlot(hash); ; at = nextSlot(at)) {
    const meta = slots[at + 2];
    if (meta === 0) return -1;
    if ((meta & 0xff) === length && slots[at] === hash && sameWord(keys, slots[at + 1], view, start, length)) return at;
  }
}

function sameWord(keys: Int32Array, key: number, view: DataView, start: number, length: number): boolean {
  const whole = start + (length & ~3);
  for (let i = start; i < whole; i += 4) if (view.getInt32(i, true) !== keys[key++]) return false;
  return (length & 3) === 0 || (view.getInt32(whole, true) & masks[length & 3]) === keys[key];
}

function emptySlot({ slots }: Generation, hash: number): number {
  let at = firstSlot(hash);
  while (slots[at + 2] !== 0) at = nextSlot(at);
  return at;
}

function firstSlot(hash: number): number {
  return (hash >>> (32 - sizes.slotBits)) << 2;
}

function nextSlot(at: number): number {
  return (at + 4) & ((4 << sizes.slotBits) - 1);
}
