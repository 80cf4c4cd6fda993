// Runs of words as hashes: 8-grams, the tables that count them and that find texts by them, and keys of whole texts. Knows no terms.

/** Words of the n-grams that verbatim matching stands on; 8 as Tulu 3 and OLMo 2 use. */
export const gramWords = 8;

const gramStride = 4;

/** Every so manyth 8-gram of a text, and its last: any run of 11 words holds one. */
export function someOf(gram: Uint32Array): Uint32Array {
  return gram.filter((_, i) => i % gramStride === 0 || i === gram.length - 1);
}

/** A 53-bit key of a run of words. */
export function sequenceKey(word: Uint32Array, from: number, to: number, start = 0): number {
  let a = start;
  let b = start ^ 0x2545f491;
  for (let i = from; i < to; i++) {
    a = (Math.imul(a, 0x2c1b3c6d) + word[i]) | 0;
    b = Math.imul(b ^ word[i], 0x297a2d39);
    b ^= b >>> 15;
  }
  return (b >>> 11) * 2 ** 32 + (a >>> 0);
}

/** Hashes of all 8-grams of words: out[words - 7]. */
export function gramHashes(word: Uint32Array, words: number, out: Uint32Array): number {
  const count = Math.max(0, words - gramWords + 1);
  let hash = 0;
  for (let i = 0; i < words; i++) {
    hash = (Math.imul(hash, gramBase) + word[i]) | 0;
    if (i >= gramWords) hash = (hash - Math.imul(word[i - gramWords], leaving)) | 0;
    // 0 marks an empty slot.
    if (i >= gramWords - 1) out[i - gramWords + 1] = hash || 1;
  }
  return count;
}

const gramBase = 0x2c1b3c6d;

/** gramBase to the power of gramWords. */
export const leaving = powerOf(gramBase, gramWords);

function powerOf(base: number, exponent: number): number {
  let power = 1;
  for (let i = 0; i < exponent; i++) power = Math.imul(power, base);
  return power;
}

/** Hashes of all 8-grams of words, in an array of their own. */
export function gramsOf(word: Uint32Array): Uint32Array {
  const grams = new Uint32Array(Math.max(0, word.length - gramWords + 1));
  gramHashes(word, word.length, grams);
  return grams;
}

/** Bits of a hash by which a set says at once of most hashes that it does not hold them. */
const marked = 0xfff;

/** The 8-grams of one row, by hash; emptied by raising a stamp. */
export class GramSet {
  size = 0;
  private readonly marks = new Uint8Array(marked + 1);
  private hashes = new Uint32Array(2048);
  private stamps = new Uint32Array(2048);
  private stamp = 1;

  clear(): void {
    if (this.size > 0) this.marks.fill(0);
    this.size = 0;
    if (++this.stamp <= 0xffff_ffff) return;
    this.stamps.fill(0);
    this.stamp = 1;
  }

  add(hash: number): void {
    if (this.size * 2 >= this.hashes.length) this.grow();
    const slot = this.slotOf(hash);
    if (this.stamps[slot] === this.stamp) return;
    this.stamps[slot] = this.stamp;
    this.hashes[slot] = hash;
    this.marks[hash & marked] = 1;
    this.size++;
  }

  has(hash: number): boolean {
    return this.marks[hash & marked] === 1 && this.stamps[this.slotOf(hash)] === this.stamp;
  }

  private slotOf(hash: number): number {
    const { hashes, stamps, stamp } = this;
    const mask = hashes.length - 1;
    let slot = spread(hash) & mask;
    while (stamps[slot] === stamp && hashes[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { hashes, stamps, stamp } = this;
    this.hashes = new Uint32Array(hashes.length * 2);
    this.stamps = new Uint32Array(hashes.length * 2);
    this.size = 0;
    for (let i = 0; i < hashes.length; i++) if (stamps[i] === stamp) this.add(hashes[i]);
  }
}

/** All 8-grams of texts, and by some of them the texts, told by their place in the list. */
export interface GramFinder {
  /** A Bloom filter of all 8-grams, see `mayHold`: gramBits[a power of 2]. */
  readonly gramBits: Uint32Array;
  /** The 8-grams, 0 in empty slots: grams[a power of 2]. */
  readonly grams: Uint32Array;
  /** Does an 8-gram of words stand in a text? */
  holds(gram: number): boolean;
  /** How many of the texts that are counted hold it? */
  sharedBy(gram: number): number;
  /** Appends the texts that are found by an 8-gram of words. */
  textsOf(gram: number, into: Set<number>): void;
}

export interface GramTable extends GramFinder {
  /** From here on the text is found by these of its 8-grams. */
  findBy(gram: Uint32Array, text: number): void;
}

/**
 * A table of the 8-grams of all texts, which hang in lists on those they are found by. `counted`: for sharedBy; `within`: of a text whose 8-grams
 * all stand in another. A bitmap turns most rows' 8-grams away before it.
 */
export function createGramTable(
  texts: readonly Uint32Array[],
  { counted, within }: { readonly counted: (text: number) => boolean; readonly within: (text: number) => boolean },
): GramTable {
  const total = texts.reduce((sum, { length }, text) => (within(text) ? sum : sum + length), 0);
  const size = tableSize(total);
  const gramBits = new Uint32Array(Math.max(2, size / 2));
  const shift = Math.clz32(gramBits.length) + 1;
  const grams = new Uint32Array(size);
  /** Of each gram: how many texts that are counted hold it, the last of them + 1, and the latest of its entries + 1. */
  const counts = new Uint16Array(size);
  const last = new Uint32Array(size);
  const heads = new Uint32Array(size);
  /** The text of each entry, and the entry before it + 1. */
  const entryText: number[] = [];
  const next: number[] = [];
  const slotOf = (gram: number): number => {
    let slot = spread(gram) & (size - 1);
    while (grams[slot] !== 0 && grams[slot] !== gram) slot = (slot + 1) & (size - 1);
    return slot;
  };
  for (let text = 0; text < texts.length; text++) {
    const isCounted = counted(text);
    for (const gram of texts[text]) {
      const mixed = mixGram(gram);
      gramBits[mixed >>> shift] |= bitsOf(mixed);
      const slot = slotOf(gram);
      grams[slot] = gram;
      if (isCounted && last[slot] !== text + 1) {
        if (counts[slot] < 0xffff) counts[slot]++;
        last[slot] = text + 1;
      }
    }
  }
  return {
    gramBits,
    grams,
    holds: (gram) => grams[slotOf(gram)] !== 0,
    sharedBy: (gram) => counts[slotOf(gram)],
    findBy(gram, text) {
      for (const one of gram) {
        const slot = slotOf(one);
        entryText.push(text);
        next.push(heads[slot]);
        heads[slot] = entryText.length;
      }
    },
    textsOf(gram, into) {
      for (let entry = heads[slotOf(gram)]; entry !== 0; entry = next[entry - 1]) into.add(entryText[entry - 1]);
    },
  };
}

/** May an 8-gram of words stand in a text? Never wrong where it says no. 16 bits a gram, two of them set, both in one of gramBits. */
export function mayHold(gramBits: Uint32Array, gram: number): boolean {
  const mixed = mixGram(gram);
  const wanted = bitsOf(mixed);
  return (gramBits[mixed >>> (Math.clz32(gramBits.length) + 1)] & wanted) === wanted;
}

function bitsOf(mixed: number): number {
  return (1 << (mixed & 31)) | (1 << ((mixed >>> 5) & 31));
}

function mixGram(gram: number): number {
  return Math.imul(gram ^ (gram >>> 15), 0x9e3779b1);
}

/** Open addressing: slots for so many entries, and where a hash begins to look. */
export function tableSize(entries: number): number {
  return 2 ** Math.ceil(Math.log2(entries * 1.5 + 2));
}

/** Slots of key and value plus one; 0 for none. */
export function lookupSlots(keys: ArrayLike<number>, values: ArrayLike<number>): Uint32Array {
  const size = tableSize(keys.length);
  const slots = new Uint32Array(size * 2);
  for (let i = 0; i < keys.length; i++) {
    let slot = spread(keys[i]) & (size - 1);
    while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & (size - 1);
    slots[slot * 2] = keys[i];
    slots[slot * 2 + 1] = values[i] + 1;
  }
  return slots;
}

export function spread(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 7;
}
