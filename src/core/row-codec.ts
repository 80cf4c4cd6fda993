// A row's messages and meta as bytes: what tasks hand to one another.
// Row blob: u32 record, u32 messages, u32 meta bytes, then per message u32 role (256 more: carries no loss) and u32 content bytes, then the UTF-8 bytes in that order, meta last.
import { roles, type Message } from "./row.ts";

const headerWords = 3;
const untrained = 0x100;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The most bytes that encodeRow can need. */
export function rowBytesBound(messages: readonly Message[], meta: string): number {
  let units = meta.length;
  for (const { content } of messages) units += content.length;
  return headerWords * 4 + messages.length * 8 + units * 3;
}

/** Writes a row at the start of `into`; returns the bytes used. */
export function encodeRow(record: number, messages: readonly Message[], meta: string, into: Uint8Array): number {
  // Writes UTF-8 up to four times as fast as a TextEncoder.
  const bytes = Buffer.from(into.buffer, into.byteOffset, into.byteLength);
  let offset = contentsStart(messages.length);
  let table = headerWords * 4;
  for (const { role, content, train } of messages) {
    const written = bytes.write(content, offset);
    bytes.writeUInt32LE(roles.indexOf(role) + (train === false ? untrained : 0), table);
    bytes.writeUInt32LE(written, table + 4);
    table += 8;
    offset += written;
  }
  const written = meta === "" ? 0 : bytes.write(meta, offset);
  bytes.writeUInt32LE(record, 0);
  bytes.writeUInt32LE(messages.length, 4);
  bytes.writeUInt32LE(written, 8);
  return offset + written;
}

/** Bytes of a row without meta whose contents have so many bytes each: bytes[count]. */
export function contentsBlobBytes(count: number, bytes: Int32Array): number {
  let size = contentsStart(count);
  for (let i = 0; i < count; i++) size += bytes[i];
  return size;
}

/** Where the first content of a row blob begins. */
function contentsStart(messages: number): number {
  return headerWords * 4 + messages * 8;
}

/** Writes a row without meta whose contents are UTF-8 already, one behind the other; `into` has contentsBlobBytes. */
export function encodeContents(
  record: number,
  {
    count,
    roles: numbers,
    bytes,
    contents,
  }: { readonly count: number; readonly roles: Int32Array; readonly bytes: Int32Array; readonly contents: Uint8Array },
  into: Uint8Array,
): void {
  putWord(into, 0, record);
  putWord(into, 4, count);
  putWord(into, 8, 0);
  for (let i = 0; i < count; i++) {
    putWord(into, headerWords * 4 + i * 8, numbers[i]);
    putWord(into, headerWords * 4 + i * 8 + 4, bytes[i]);
  }
  const start = contentsStart(count);
  into.set(contents.subarray(0, into.length - start), start);
}

/** Where the parts of a row blob lie, without decoding any text. */
export interface RowBlob {
  readonly record: number;
  readonly roles: readonly number[];
  /** Numbers of the messages that carry no loss on request; undefined in nearly all rows. */
  readonly untrained: readonly number[] | undefined;
  /** contents[i] is bytes[starts[i], starts[i + 1]); the last pair is the meta. */
  readonly starts: readonly number[];
  readonly bytes: Uint8Array;
}

export function openRow(bytes: Uint8Array): RowBlob {
  const count = wordAt(bytes, 4);
  const roleNumbers: number[] = [];
  let offset = contentsStart(count);
  const starts = [offset];
  let muted: number[] | undefined;
  for (let i = 0; i < count; i++) {
    const role = wordAt(bytes, headerWords * 4 + i * 8);
    if (role >= untrained) (muted ??= []).push(i);
    roleNumbers.push(role & (untrained - 1));
    offset += wordAt(bytes, headerWords * 4 + i * 8 + 4);
    starts.push(offset);
  }
  starts.push(offset + wordAt(bytes, 8));
  return { record: wordAt(bytes, 0), roles: roleNumbers, untrained: muted, starts, bytes };
}

/** A loop: arrays that `map` makes are of two kinds, of unoptimised code and of optimised, and all code that reads messages would be compiled for both. */
export function messagesOf(blob: RowBlob): Message[] {
  const messages: Message[] = [];
  for (let i = 0; i < blob.roles.length; i++) messages.push({ role: roles[blob.roles[i]], content: textOf(blob, i) });
  if (blob.untrained !== undefined) for (const i of blob.untrained) messages[i] = { ...messages[i], train: false };
  return messages;
}

export function metaOf(blob: RowBlob): Record<string, unknown> {
  const text = textOf(blob, blob.roles.length);
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

// Words byte by byte: a DataView would have to be made for every row.

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
}

function textOf({ bytes, starts }: RowBlob, i: number): string {
  return decoder.decode(bytes.subarray(starts[i], starts[i + 1]));
}
