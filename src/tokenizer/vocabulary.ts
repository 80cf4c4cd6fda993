// A byte-level vocabulary: ids and the bytes they stand for, both ways. Knows nothing of merges or text.
import { writeTokenBytes } from "./byte-level.ts";

/** An id that is not one. */
export const noId = -1;

export interface Vocabulary {
  /** Ids are below this. */
  readonly size: number;
  /** Bytes of id: pool[offsets[id], offsets[id + 1]); none for ids that nothing has. */
  readonly pool: Uint8Array;
  readonly offsets: Uint32Array;
  /** Id of the token that is one byte, by byte[256]; noId where there is none. */
  readonly byteIds: Int32Array;
}

export interface NamedId {
  readonly id: number;
  readonly content: string;
}

/** From the model's vocabulary (byte-level text to id) and the added tokens (plain text), which win. */
export function createVocabulary(tokens: ReadonlyMap<string, number>, added: readonly NamedId[]): Vocabulary {
  let size = 0;
  for (const id of tokens.values()) size = Math.max(size, id + 1);
  for (const { id } of added) size = Math.max(size, id + 1);
  const texts = new Array<string | undefined>(size);
  for (const [text, id] of tokens) texts[id] = text;
  const plain = new Map(added.map(({ id, content }) => [id, content]));

  let pool = new Uint8Array(size * 8);
  const offsets = new Uint32Array(size + 1);
  const byteIds = new Int32Array(256).fill(noId);
  let at = 0;
  for (let id = 0; id < size; id++) {
    offsets[id] = at;
    const content = plain.get(id) ?? texts[id] ?? "";
    if (at + content.length * 3 > pool.length) pool = enlarged(pool, at, content.length * 3);
    const after = plain.has(id) ? -1 : writeTokenBytes(content, pool, at);
    if (after === at + 1) byteIds[pool[at]] = id;
    at = after >= 0 ? after : at + encoder.encodeInto(content, pool.subarray(at)).written;
  }
  offsets[size] = at;
  return { size, pool: pool.slice(0, at), offsets, byteIds };
}

function enlarged(pool: Uint8Array, held: number, more: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(pool.length * 2 + more);
  larger.set(pool.subarray(0, held));
  return larger;
}

const encoder = new TextEncoder();
// A byte order mark is text like any other here.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of these ids; ids that nothing has give nothing, bytes that are no UTF-8 give U+FFFD. */
export function decodeIds({ pool, offsets, size }: Vocabulary, ids: ArrayLike<number>): string {
  let length = 0;
  for (let i = 0; i < ids.length; i++) if (ids[i] < size) length += offsets[ids[i] + 1] - offsets[ids[i]];
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] >= size) continue;
    for (let k = offsets[ids[i]]; k < offsets[ids[i] + 1]; k++) bytes[at++] = pool[k];
  }
  return decoder.decode(bytes);
}

/** Finds the id whose bytes are exactly bytes[start, end), or noId. */
export type WholeWord = (bytes: Uint8Array, start: number, end: number) => number;

/** For `ignore_merges`: words that are tokens as they stand. `reserved` ids are never found. */
export function createWholeWords({ pool, offsets, size }: Vocabulary, reserved: ReadonlySet<number>): WholeWord {
  let capacity = 1024;
  while (capacity < size * 2) capacity *= 2;
  const slots = new Int32Array(capacity).fill(noId);
  for (let id = 0; id < size; id++) {
    if (offsets[id] === offsets[id + 1] || reserved.has(id)) continue;
    let slot = hashBytes(pool, offsets[id], offsets[id + 1]) & (capacity - 1);
    while (slots[slot] !== noId) slot = (slot + 1) & (capacity - 1);
    slots[slot] = id;
  }
  return (bytes, start, end) => {
    let slot = hashBytes(bytes, start, end) & (capacity - 1);
    for (let id = slots[slot]; id !== noId; id = slots[slot]) {
      if (offsets[id + 1] - offsets[id] === end - start && sameBytes(bytes, start, end, pool, offsets[id])) return id;
      slot = (slot + 1) & (capacity - 1);
    }
    return noId;
  };
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
