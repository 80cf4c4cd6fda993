// Cuts a range of a file into records by their bytes, with memory for one record; and finds, with the same rule, where a file can be split.
// It does not know what is in a record: a Delimiter finds ends, and must do so from the start of any record without knowing what came before.
import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { dataError } from "../../core/errors.ts";
import { readRange } from "./file-bytes.ts";
import { keptBytes } from "./types.ts";

/** Finds ends of records in bytes that come in pieces. */
export interface Delimiter {
  /** The index after the record's last byte within bytes[from, to), or -1: its state is kept, and the next call goes on behind `to`, less `back`. */
  end(bytes: Buffer, from: number, to: number): number;
  /** After a call without an end: how many bytes, of this record, must be given again. */
  readonly back?: number;
  /** No bytes follow. Where it sets `back`, the call after it must find an end or nothing more to go back to. */
  atEnd?(): void;
  /** True once what holds the records was closed: nothing behind it belongs to it. */
  readonly closed: boolean;
}

/** Records are lines. */
export const lineDelimiter: Delimiter = {
  closed: false,
  end(bytes, from, to) {
    const found = bytes.indexOf(0x0a, from);
    return found < 0 || found >= to ? -1 : found + 1;
  },
};

/** A record's bytes with its delimiter; the object is used again for the next record. */
export interface RecordBytes {
  /** The whole record, or its first bytes where it is too long. */
  bytes: Buffer;
  /** Length of the whole record. */
  size: number;
  /** False where the range ended before the record's delimiter. */
  ended: boolean;
  /** Known to be valid UTF-8; otherwise not looked at. */
  valid: boolean;
}

const chunkBytes = 1 << 20;

export interface RecordRange {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly maxRecordBytes: number;
  readonly delimiter: Delimiter;
}

/** Visits the records of a byte range; returns the position behind the last of them. */
export function eachRecord(range: RecordRange, visit: (record: RecordBytes) => void): number {
  const descriptor = openSync(range.path, "r");
  try {
    return new RecordWindow(range, descriptor).visitAll(visit);
  } finally {
    closeSync(descriptor);
  }
}

/** The bytes of a range that are in memory. */
class RecordWindow {
  private readonly record: RecordBytes = { bytes: Buffer.alloc(0), size: 0, ended: true, valid: false };
  private readonly range: RecordRange;
  private readonly descriptor: number;
  private buffer: Buffer;
  private filled = 0;
  /** Where the record begins in the buffer. */
  private at = 0;
  /** Where the buffer ends in the file. */
  private position: number;
  /** Of a record that is too long: its first bytes, and how many bytes have left the buffer. */
  private head: Buffer | undefined;
  private dropped = 0;
  /** Up to here the buffer is known to be valid UTF-8. */
  private validTo = 0;

  constructor(range: RecordRange, descriptor: number) {
    this.range = range;
    this.descriptor = descriptor;
    this.buffer = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, range.end - range.start)));
    this.position = range.start;
  }

  visitAll(visit: (record: RecordBytes) => void): number {
    const { end, maxRecordBytes, delimiter } = this.range;
    /** Up to where the record was looked at. */
    let scanned = 0;
    for (;;) {
      scanned -= this.at;
      this.readMore();
      for (;;) {
        const stop = delimiter.end(this.buffer, scanned, this.filled);
        if (stop >= 0) {
          visit(this.take(stop, true));
          scanned = stop;
          if (delimiter.closed) return this.position - this.filled + stop;
          continue;
        }
        if (!delimiter.back && this.position >= end) delimiter.atEnd?.();
        scanned = this.filled - (delimiter.back ?? 0);
        if (scanned < this.at) scanned = this.readAgain(scanned);
        if (scanned === this.filled) break;
      }
      if (this.position >= end) {
        if (this.filled > this.at || this.dropped > 0) visit(this.take(this.filled, false));
        return end;
      }
      if (this.dropped + this.filled - this.at > maxRecordBytes) {
        this.drop();
        scanned = 0;
      }
    }
  }

  /** Moves what is left to the buffer's start and fills it up. */
  private readMore(): void {
    const { path, end } = this.range;
    if (this.at > 0) {
      this.buffer.copyWithin(0, this.at, this.filled);
      this.filled -= this.at;
      this.at = 0;
    }
    if (this.filled === this.buffer.length) {
      const larger = Buffer.allocUnsafe(this.buffer.length * 2);
      this.buffer.copy(larger, 0, 0, this.filled);
      this.buffer = larger;
    }
    const wanted = Math.min(this.buffer.length - this.filled, end - this.position);
    const read = wanted === 0 ? 0 : readSync(this.descriptor, this.buffer, this.filled, wanted, this.position);
    if (read < wanted && read === 0) throw shortened(path, this.position, end);
    this.position += read;
    this.filled += read;
    // A newline ends no character: everything up to the last one is checked at once.
    const lines = this.filled === 0 ? 0 : this.buffer.lastIndexOf(0x0a, this.filled - 1) + 1;
    this.validTo = lines > 0 && isUtf8(this.buffer.subarray(0, lines)) ? lines : 0;
  }

  /** Goes back to a byte of the record that has left the buffer: index `from`, negative. Returns where it stands now: the buffer is empty. */
  private readAgain(from: number): number {
    const recordStart = this.position - this.filled + this.at - this.dropped;
    this.position += from - this.filled;
    this.dropped = this.position - recordStart;
    this.filled = this.at = this.validTo = 0;
    return 0;
  }

  /** The record that ends at `to`; the next one begins there. */
  private take(to: number, ended: boolean): RecordBytes {
    const { record, buffer, at, head, dropped } = this;
    record.size = dropped + to - at;
    record.ended = ended;
    const tooLong = record.size > this.range.maxRecordBytes;
    if (tooLong) record.bytes = (head ?? buffer.subarray(at, to)).subarray(0, Math.min(record.size, keptBytes));
    else if (dropped === 0) record.bytes = buffer.subarray(at, to);
    else record.bytes = readRange(this.range.path, this.position - this.filled + at - dropped, record.size);
    record.valid = !tooLong && dropped === 0 && to <= this.validTo;
    this.head = undefined;
    this.dropped = 0;
    this.at = to;
    return record;
  }

  /** Lets go what is in the buffer of a record that is too long, but for its first bytes. */
  private drop(): void {
    this.head ??= Buffer.from(this.buffer.subarray(this.at, this.at + keptBytes));
    this.dropped += this.filled - this.at;
    this.filled = this.at = 0;
  }
}

/** A file that is not what was planned. */
export function shortened(path: string, position: number, end: number): Error {
  return dataError({
    where: path,
    expected: `${end} bytes, as when the run was planned`,
    found: `${position} bytes`,
    fix: "put the file back as it was, or start over with --fresh",
  });
}

/** A place where a file can be cut: a byte offset and the number of the record that begins there. */
export interface SplitPoint {
  readonly start: number;
  readonly first: number;
}

/** Reads bytes [start, start + length) of the file. */
export type ReadAt = (start: number, length: number) => Buffer;

/** Finds split points in bytes pushed in order: a new split begins at the first record that starts `splitBytes` or more behind the last point. */
export class Cutter {
  readonly points: SplitPoint[];
  /** Ends of records seen. */
  records = 0;
  /** Offset behind the last record's end. */
  recordEnd: number;
  private readonly delimiter: Delimiter;
  private readonly splitBytes: number;
  private readonly readAt: ReadAt | undefined;
  private next: number;

  /** `start`: the offset in the file of the first byte that will be pushed. `readAt` is needed where the delimiter goes back. */
  constructor(delimiter: Delimiter, splitBytes: number, start: number, readAt?: ReadAt) {
    this.delimiter = delimiter;
    this.readAt = readAt;
    this.splitBytes = splitBytes;
    this.points = [{ start, first: 1 }];
    this.recordEnd = start;
    this.next = start + splitBytes;
  }

  get closed(): boolean {
    return this.delimiter.closed;
  }

  /** bytes[from, to) stand at `offset` (of bytes[0]) in the file. */
  push(bytes: Buffer, from: number, to: number, offset: number): void {
    let at = from;
    while (!this.delimiter.closed) {
      const stop = this.delimiter.end(bytes, at, to);
      if (stop < 0) {
        const { back = 0 } = this.delimiter;
        if (back === 0) return;
        at = to - back;
        if (at < from) {
          this.pushAgain(offset + at, offset + from);
          at = from;
        }
        continue;
      }
      this.records++;
      at = stop;
      this.recordEnd = offset + stop;
      if (this.recordEnd >= this.next && !this.delimiter.closed) {
        this.points.push({ start: this.recordEnd, first: this.records + 1 });
        this.next = this.recordEnd + this.splitBytes;
      }
    }
  }

  /** Bytes [start, end) of the file, which were pushed before. */
  private pushAgain(start: number, end: number): void {
    for (let at = start; at < end;) {
      const bytes = this.readAt!(at, Math.min(chunkBytes, end - at));
      // A file that was cut meanwhile is found when it is read.
      if (bytes.length === 0) return;
      this.push(bytes, 0, bytes.length, at);
      at += bytes.length;
    }
  }

  /** The ranges between the points, up to `end`, which is where the bytes end. */
  ranges(end: number): { readonly start: number; readonly end: number; readonly first: number }[] {
    for (;;) {
      this.delimiter.atEnd?.();
      const { back = 0 } = this.delimiter;
      if (back === 0) break;
      this.pushAgain(end - back, end);
    }
    return this.points
      .map(({ start, first }, i) => ({ start, first, end: i + 1 < this.points.length ? this.points[i + 1].start : end }))
      .filter((range) => range.end > range.start);
  }
}

/** True where there is nothing but white space. */
export function isBlank(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false;
  }
  return true;
}

/** The bytes without white space around them. */
export function trimmed(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  const white = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
  while (start < end && white(bytes[start])) start++;
  while (end > start && white(bytes[end - 1])) end--;
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
}
