// Arrow IPC files and streams to splits: the messages are walked once, by their headers; a split is a run of record batches with the schema
// and dictionaries they need. A file that breaks off gives what is whole before the break, and one malformed record behind it.
import { closeSync, openSync, readSync } from "node:fs";
import { Message, MessageHeader } from "apache-arrow";
import type { ArrowMessage, ArrowSplit, Split } from "./types.ts";

const continuation = 0xffff_ffff;
/** "ARROW1" and two bytes of padding begin the file format. */
const magic = Buffer.from("ARROW1");
/** No message header is larger; a larger one is damage. */
const mostHeaderBytes = 1 << 26;

interface Walked {
  schema: ArrowMessage | undefined;
  readonly dictionaries: ArrowMessage[];
  readonly batches: (ArrowMessage & { readonly rows: number })[];
  /** What is wrong behind the last whole message, where something is. */
  damage: string | undefined;
  /** Offset behind the last whole message. */
  end: number;
}

export function planArrow(path: string, fileBytes: number, splitBytes: number): Split[] {
  const descriptor = openSync(path, "r");
  let walked: Walked;
  try {
    walked = walk(descriptor, fileBytes);
  } finally {
    closeSync(descriptor);
  }
  const { schema, dictionaries, batches, damage, end } = walked;
  const splits: Split[] = [];
  let first = 1;
  if (schema) {
    let from = 0;
    let bytes = 0;
    batches.forEach((batch, i) => {
      bytes += batch.bytes;
      if (bytes < splitBytes && i + 1 < batches.length) return;
      const part = batches.slice(from, i + 1);
      splits.push({ format: "arrow", path, fileBytes, first, schema, dictionaries, batches: part } satisfies ArrowSplit);
      first += part.reduce((sum, { rows }) => sum + rows, 0);
      from = i + 1;
      bytes = 0;
    });
  }
  if (damage !== undefined)
    splits.push({ format: "broken", path, fileBytes, first, start: end, end: fileBytes, reason: "damaged", detail: damage });
  return splits;
}

function walk(descriptor: number, fileBytes: number): Walked {
  const walked: Walked = { schema: undefined, dictionaries: [], batches: [], damage: undefined, end: 0 };
  const head = readAt(descriptor, 0, Math.min(8, fileBytes));
  let at = head.subarray(0, 6).equals(magic) ? 8 : 0;
  walked.end = at;
  for (;;) {
    const prefix = readAt(descriptor, at, Math.min(8, fileBytes - at));
    if (prefix.length < 4) {
      // A stream may end without its mark between two messages.
      if (prefix.length > 0 || walked.schema === undefined) walked.damage = "the Arrow data ends in the middle of a message";
      return walked;
    }
    const marked = prefix.readUInt32LE(0) === continuation;
    if (marked && prefix.length < 8) return broken(walked, "the Arrow data ends in the middle of a message");
    const headerBytes = prefix.readInt32LE(marked ? 4 : 0);
    if (headerBytes === 0) return walked;
    const start = at;
    const headerAt = at + (marked ? 8 : 4);
    if (headerBytes < 0 || headerBytes > mostHeaderBytes || headerAt + headerBytes > fileBytes)
      return broken(walked, "a message header is longer than the file");
    const message = decode(readAt(descriptor, headerAt, headerBytes));
    if (message === undefined) return broken(walked, "a message header cannot be decoded");
    const end = headerAt + headerBytes + message.bodyLength;
    if (!(message.bodyLength >= 0 && end <= fileBytes)) return broken(walked, "the Arrow data ends in the middle of a message's body");
    const place = { start, bytes: end - start };
    if (message.headerType === MessageHeader.Schema) walked.schema ??= place;
    else if (message.headerType === MessageHeader.DictionaryBatch) walked.dictionaries.push(place);
    else if (message.headerType === MessageHeader.RecordBatch) walked.batches.push({ ...place, rows: message.rows });
    at = walked.end = end;
  }
}

function broken(walked: Walked, damage: string): Walked {
  walked.damage = damage;
  return walked;
}

function decode(bytes: Buffer): { readonly headerType: MessageHeader; readonly bodyLength: number; readonly rows: number } | undefined {
  try {
    const message = Message.decode(bytes);
    const { headerType, bodyLength } = message;
    const rows = message.isRecordBatch() ? Number(message.header().length) : 0;
    return Number.isSafeInteger(rows) && rows >= 0 ? { headerType, bodyLength, rows } : undefined;
  } catch {
    return undefined; // bytes that are no header: told by the caller
  }
}

function readAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, length));
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(descriptor, bytes, done, bytes.length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}
