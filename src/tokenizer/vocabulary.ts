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
