// Fast non-cryptographic hashes over bytes and UTF-16 text. Output hashes of files use SHA-256 in io, not these.
import { roles, type Message } from "./row.ts";

/** MurmurHash3 x86 128-bit (Austin Appleby, public domain) of `length` bytes from `from` on: out[4] 32-bit words. */
export function murmur128(bytes: DataView, from: number, length: number, seed: number, out: Uint32Array): Uint32Array {
  const c1 = 0x239b961b;
  const c2 = 0xab0e9789;
  const c3 = 0x38b34ae5;
  const c4 = 0xa1e38b93;
  let h1 = seed | 0;
  let h2 = seed | 0;
  let h3 = seed | 0;
  let h4 = seed | 0;
  const blocks = from + (length & ~15);
  let i = from;
  for (; i < blocks; i += 16) {
    const k1 = Math.imul(rotate(Math.imul(bytes.getInt32(i, true), c1), 15), c2);
    h1 = (Math.imul(rotate(h1 ^ k1, 19) + h2, 5) + 0x561ccd1b) | 0;
    const k2 = Math.imul(rotate(Math.imul(bytes.getInt32(i + 4, true), c2), 16), c3);
    h2 = (Math.imul(rotate(h2 ^ k2, 17) + h3, 5) + 0x0bcaa747) | 0;
    const k3 = Math.imul(rotate(Math.imul(bytes.getInt32(i + 8, true), c3), 17), c4);
    h3 = (Math.imul(rotate(h3 ^ k3, 15) + h4, 5) + 0x96cd1c35) | 0;
    const k4 = Math.imul(rotate(Math.imul(bytes.getInt32(i + 12, true), c4), 18), c1);
    h4 = (Math.imul(rotate(h4 ^ k4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  const tail = length & 15;
  if (tail > 0) {
    let k1 = 0;
    let k2 = 0;
    let k3 = 0;
    let k4 = 0;
    for (let j = tail - 1; j >= 0; j--) {
      const shifted = bytes.getUint8(i + j) << ((j & 3) * 8);
      if (j >= 12) k4 |= shifted;
      else if (j >= 8) k3 |= shifted;
      else if (j >= 4) k2 |= shifted;
      else k1 |= shifted;
    }
    if (tail > 12) h4 ^= Math.imul(rotate(Math.imul(k4, c4), 18), c1);
    if (tail > 8) h3 ^= Math.imul(rotate(Math.imul(k3, c3), 17), c4);
    if (tail > 4) h2 ^= Math.imul(rotate(Math.imul(k2, c2), 16), c3);
    h1 ^= Math.imul(rotate(Math.imul(k1, c1), 15), c2);
  }
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = finalise(h1);
  h2 = finalise(h2);
  h3 = finalise(h3);
  h4 = finalise(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  out[0] = h1;
  out[1] = h2;
  out[2] = h3;
  out[3] = h4;
  return out;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function finalise(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

let scratch = new Uint8Array(1 << 16);
const encoder = new TextEncoder();

/** UTF-8 bytes of a text in a shared scratch buffer: valid until the next call. Lone surrogates become U+FFFD. */
export function utf8Scratch(text: string): Uint8Array {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 4);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}

/** 128-bit hash of a text's UTF-8 bytes. */
export function hashText(text: string, seed: number, out: Uint32Array): Uint32Array {
  const bytes = utf8Scratch(text);
  return murmur128(viewOf(bytes), 0, bytes.length, seed, out);
}

const contentHash = new Uint32Array(4);
/** What a message adds to the hash so far: that hash, the content's, the content's length in UTF-16 code units, the role's number. */
const link = new Uint32Array(10);
const linkView = new DataView(link.buffer);

/** The 128-bit content hash of a conversation: every message's role, length and content, chained. Review decisions are keyed by it. */
export function hashMessages(messages: readonly Message[], out: Uint32Array): Uint32Array {
  out.fill(messages.length);
  for (const { role, content } of messages) addLink(roles.indexOf(role), content.length, hashText(content, 0, contentHash), out);
  return out;
}

/** The same hash where the contents are at hand as UTF-8: message i's is bytes[starts[i], starts[i + 1]). */
export function hashEncoded(messages: readonly Message[], bytes: Uint8Array, starts: readonly number[], out: Uint32Array): Uint32Array {
  const view = viewOf(bytes);
  out.fill(messages.length);
  for (let i = 0; i < messages.length; i++) {
    const hash = murmur128(view, starts[i], starts[i + 1] - starts[i], 0, contentHash);
    addLink(roles.indexOf(messages[i].role), messages[i].content.length, hash, out);
  }
  return out;
}

/** The same hash of `count` messages: roles[count], their contents one behind the other, and their lengths in UTF-8 and UTF-16, bytes[count] and units[count]. */
export function hashContents(
  {
    count,
    roles: numbers,
    bytes,
    units,
    view,
  }: {
    readonly count: number;
    readonly roles: Int32Array;
    readonly bytes: Int32Array;
    readonly units: Int32Array;
    readonly view: DataView;
  },
  out: Uint32Array,
): Uint32Array {
  out.fill(count);
  for (let i = 0, at = 0; i < count; at += bytes[i++]) addLink(numbers[i], units[i], murmur128(view, at, bytes[i], 0, contentHash), out);
  return out;
}

function addLink(role: number, units: number, hash: Uint32Array, out: Uint32Array): void {
  for (let i = 0; i < 4; i++) {
    link[i] = out[i];
    link[4 + i] = hash[i];
  }
  link[8] = units;
  link[9] = role;
  murmur128(linkView, 0, link.byteLength, 0, out);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** 32 lower-case hexadecimal digits. */
export function hex128(words: ArrayLike<number>, offset = 0): string {
  let text = "";
  for (let i = 0; i < 4; i++) text += (words[offset + i] >>> 0).toString(16).padStart(8, "0");
  return text;
}
