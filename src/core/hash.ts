// Fast non-cryptographic hashes over bytes and UTF-16 text. Output hashes of files use SHA-256 in io, not these.
import type { Message } from "./row.ts";

/** MurmurHash3 x86 128-bit (Austin Appleby, public domain): out[4] 32-bit words. */
export function murmur128(bytes: Uint8Array, length: number, seed: number, out: Uint32Array): Uint32Array {
  const c1 = 0x239b961b;
  const c2 = 0xab0e9789;
  const c3 = 0x38b34ae5;
  const c4 = 0xa1e38b93;
  let h1 = seed | 0;
  let h2 = seed | 0;
  let h3 = seed | 0;
  let h4 = seed | 0;
  const blocks = length & ~15;
  let i = 0;
  for (; i < blocks; i += 16) {
    let k1 = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    let k2 = bytes[i + 4] | (bytes[i + 5] << 8) | (bytes[i + 6] << 16) | (bytes[i + 7] << 24);
    let k3 = bytes[i + 8] | (bytes[i + 9] << 8) | (bytes[i + 10] << 16) | (bytes[i + 11] << 24);
    let k4 = bytes[i + 12] | (bytes[i + 13] << 8) | (bytes[i + 14] << 16) | (bytes[i + 15] << 24);
    k1 = Math.imul(rotate(Math.imul(k1, c1), 15), c2);
    h1 = (Math.imul(rotate(h1 ^ k1, 19) + h2, 5) + 0x561ccd1b) | 0;
    k2 = Math.imul(rotate(Math.imul(k2, c2), 16), c3);
    h2 = (Math.imul(rotate(h2 ^ k2, 17) + h3, 5) + 0x0bcaa747) | 0;
    k3 = Math.imul(rotate(Math.imul(k3, c3), 17), c4);
    h3 = (Math.imul(rotate(h3 ^ k3, 15) + h4, 5) + 0x96cd1c35) | 0;
    k4 = Math.imul(rotate(Math.imul(k4, c4), 18), c1);
    h4 = (Math.imul(rotate(h4 ^ k4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  const tail = length & 15;
  if (tail > 0) {
    let k1 = 0;
    let k2 = 0;
    let k3 = 0;
    let k4 = 0;
    for (let j = tail - 1; j >= 0; j--) {
      const shifted = bytes[i + j] << ((j & 3) * 8);
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
  return murmur128(bytes, bytes.length, seed, out);
}

const roleNumbers = { system: 0, user: 1, assistant: 2, tool: 3 } as const;
const messageHash = new Uint32Array(4);
const link = new Uint32Array(10);
const linkBytes = new Uint8Array(link.buffer);

/** The 128-bit content hash of a conversation: every message's role, length and content, chained. Review decisions are keyed by it. */
export function hashMessages(messages: readonly Message[], out: Uint32Array): Uint32Array {
  return chainHashes(messages, (message) => hashText(message.content, 0, messageHash), out);
}

/** The same hash where the contents are at hand as UTF-8: message i's is bytes[starts[i], starts[i + 1]). */
export function hashEncoded(messages: readonly Message[], bytes: Uint8Array, starts: readonly number[], out: Uint32Array): Uint32Array {
  return chainHashes(
    messages,
    (_, i) => murmur128(bytes.subarray(starts[i], starts[i + 1]), starts[i + 1] - starts[i], 0, messageHash),
    out,
  );
}

function chainHashes(messages: readonly Message[], hashOf: (message: Message, i: number) => Uint32Array, out: Uint32Array): Uint32Array {
  out.fill(messages.length);
  for (let i = 0; i < messages.length; i++) {
    const { role, content } = messages[i];
    link.set(out, 0);
    link.set(hashOf(messages[i], i), 4);
    link[8] = content.length;
    link[9] = roleNumbers[role];
    murmur128(linkBytes, linkBytes.length, 0, out);
  }
  return out;
}

/** 32 lower-case hexadecimal digits. */
export function hex128(words: ArrayLike<number>, offset = 0): string {
  let text = "";
  for (let i = 0; i < 4; i++) text += (words[offset + i] >>> 0).toString(16).padStart(8, "0");
  return text;
}
