// A byte-level vocabulary: ids and the bytes they stand for, both ways. Knows nothing of merges or text.
import { writeTokenBytes } from "./byte-level.ts";
import type { ByteTexts } from "./model-bytes.ts";

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

/**
 * From the model's tokens (byte-level texts by id) and the added tokens (plain text), which win. `verbatim` are the ids whose bytes are their
 * text as it stands: added tokens, and those not written in the byte-level alphabet.
 */
export function createVocabulary(
  texts: readonly (string | undefined)[],
  added: readonly NamedId[],
): { readonly vocabulary: Vocabulary; readonly verbatim: ReadonlySet<number> } {
  let size = texts.length;
  for (const { id } of added) size = Math.max(size, id + 1);
  const plain = new Map(added.map(({ id, content }) => [id, content]));
  const verbatim = new Set(plain.keys());

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
    if (after >= 0) at = after;
    else {
      at += encoder.encodeInto(content, pool.subarray(at)).written;
      verbatim.add(id);
    }
  }
  offsets[size] = at;
  return { vocabulary: { size, pool: pool.subarray(0, at), offsets, byteIds }, verbatim };
}

/** The same from tokens in bytes, all of which are written in the byte-level alphabet. Undefined where two have one id. */
export function vocabularyOfBytes(
  { pool: texts, ends }: ByteTexts,
  ids: Uint32Array,
  added: readonly NamedId[],
): { readonly vocabulary: Vocabulary; readonly verbatim: ReadonlySet<number> } | undefined {
  const plain = new Map(added.map(({ id, content }) => [id, encoder.encode(content)]));
  let size = 0;
  for (let token = 0; token < ids.length; token++) size = Math.max(size, ids[token] + 1);
  let bytes = texts.length;
  for (const [id, content] of plain) {
    size = Math.max(size, id + 1);
    bytes += content.length;
  }
  /** tokens[id]: its place among the texts + 1, or 0. */
  const tokens = new Uint32Array(size);
  for (let token = 0; token < ids.length; token++) {
    if (tokens[ids[token]] !== 0) return undefined;
    tokens[ids[token]] = token + 1;
  }
  const pool = new Uint8Array(bytes);
  const offsets = new Uint32Array(size + 1);
  const byteIds = new Int32Array(256).fill(noId);
  let at = 0;
  for (let id = 0; id < size; id++) {
    offsets[id] = at;
    const content = plain.get(id);
    const token = tokens[id] - 1;
    if (content !== undefined) {
      pool.set(content, at);
      at += content.length;
    } else if (token >= 0) {
      for (let from = token === 0 ? 0 : ends[token - 1]; from < ends[token]; from++) pool[at++] = texts[from];
    }
    // A single byte must stay encodable, even where an added token has taken its id.
    if (token >= 0 && ends[token] - (token === 0 ? 0 : ends[token - 1]) === 1) byteIds[texts[ends[token] - 1]] = id;
  }
  offsets[size] = at;
  return { vocabulary: { size, pool: pool.subarray(0, at), offsets, byteIds }, verbatim: new Set(plain.keys()) };
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
