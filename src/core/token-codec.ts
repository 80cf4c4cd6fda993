// A row's tokens as bytes: what judging hands to the shards.
// Token blob: u32 runs, then u32 tokens a run, without loss and with loss in turn (loss-runs.ts), then the ids in 16-bit units. An id below
// 0xf000 is one unit; another is two: 0xf000 + its high 16 bits, then its low 16. Frequent tokens have low ids in every vocabulary: of
// Llama 3's, one in fourteen takes two units, so a blob is half of what 32-bit ids are.

const pair = 0xf000;
/** Ids that fit. */
export const idLimit = 0x1000_0000;

/** The most bytes that encodeTokens can need. */
export function tokenBytesBound(ids: Uint32Array, runs: Uint32Array): number {
  return (1 + runs.length + ids.length) * 4;
}

/** Writes a row's tokens at the start of `into`, which begins at a multiple of 4; returns the bytes used. */
export function encodeTokens(ids: Uint32Array, runs: Uint32Array, into: Uint8Array): number {
  const head = new Uint32Array(into.buffer, into.byteOffset, 1 + runs.length);
  head[0] = runs.length;
  head.set(runs, 1);
  const units = new Uint16Array(into.buffer, into.byteOffset + head.byteLength, (into.byteLength - head.byteLength) >> 1);
  let at = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    if (id < pair) units[at++] = id;
    else {
      if (id >= idLimit) throw new RangeError(`token id ${id} is not below ${idLimit}`);
      units[at++] = pair + (id >>> 16);
      units[at++] = id;
    }
  }
  return head.byteLength + at * 2;
}

let decoded = new Int32Array(1 << 12);

/** A token blob's parts: ids[tokens] in memory that the next call writes to again, and its runs as a view. */
export function openTokens(bytes: Uint8Array): { readonly ids: Int32Array; readonly runs: Uint32Array } {
  const [count] = new Uint32Array(bytes.buffer, bytes.byteOffset, 1);
  const runs = new Uint32Array(bytes.buffer, bytes.byteOffset + 4, count);
  let tokens = 0;
  for (let run = 0; run < count; run++) tokens += runs[run];
  if (tokens > decoded.length) decoded = new Int32Array(tokens * 2);
  const start = 4 + runs.byteLength;
  const units = new Uint16Array(bytes.buffer, bytes.byteOffset + start, (bytes.byteLength - start) >> 1);
  const ids = decoded;
  for (let i = 0, at = 0; i < tokens; i++) {
    const unit = units[at++];
    ids[i] = unit < pair ? unit : ((unit - pair) << 16) | units[at++];
  }
  return { ids: ids.subarray(0, tokens), runs };
}
