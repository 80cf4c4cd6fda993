// Tokens by their bytes. Knows a vocabulary's bytes, not what a tokenizer does with them.
import { noId, type Vocabulary } from "./vocabulary.ts";

/** Ids by their bytes, open addressing: a slot is an id or noId. */
export class TokenTable {
  readonly slots: Int32Array;
  private readonly vocabulary: Vocabulary;

  constructor(vocabulary: Vocabulary, slots: Int32Array) {
    this.vocabulary = vocabulary;
    this.slots = slots;
  }

  /** The id whose bytes are exactly bytes[start, end), or noId. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = hashBytes(bytes, start, end) & mask;
    for (let id = slots[slot]; id !== noId; id = slots[slot]) {
      if (this.is(id, bytes, start, end)) return id;
      slot = (slot + 1) & mask;
    }
    return noId;
  }

  /** Whether these are the bytes of an id. */
  is(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { pool, offsets } = this.vocabulary;
    return offsets[id + 1] - offsets[id] === end - start && sameBytes(bytes, start, end, pool, offsets[id]);
  }
}

/** In shared memory. `without` ids are never found, nor those that have no bytes. */
export function createTokenTable(vocabulary: Vocabulary, without: ReadonlySet<number>): TokenTable {
  const { size, pool, offsets } = vocabulary;
  let capacity = 1024;
  while (capacity < size * 2) capacity *= 2;
  const slots = new Int32Array(new SharedArrayBuffer(capacity * 4)).fill(noId);
  for (let id = 0; id < size; id++) {
    if (offsets[id] === offsets[id + 1] || without.has(id)) continue;
    let slot = hashBytes(pool, offsets[id], offsets[id + 1]) & (capacity - 1);
    while (slots[slot] !== noId) slot = (slot + 1) & (capacity - 1);
    slots[slot] = id;
  }
  return new TokenTable(vocabulary, slots);
}

/** FNV-1a, 32 bits, with a final mix for the low bits. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash ^ (hash >>> 15);
}

function sameBytes(a: Uint8Array, start: number, end: number, b: Uint8Array, at: number): boolean {
  for (let i = start; i < end; i++, at++) if (a[i] !== b[at]) return false;
  return true;
}
