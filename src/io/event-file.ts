// Scalars as TensorBoard reads them: an event file (its name must contain "tfevents") of records, each
// u64 length, u32 masked CRC-32C of it, a protobuf Event, u32 masked CRC-32C of that; little-endian. The first Event names the version.
// Only what scalars need is here. It knows no clock: wall times are the caller's, in seconds since 1970.
import { dataError } from "../core/errors.ts";
import { AppendFile } from "./append-file.ts";
import { crc32c } from "./crc32c.ts";

export interface Scalar {
  readonly step: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly tag: string;
  /** Stored as f32. */
  readonly value: number;
}

export interface EventFileOptions {
  /** Of the version record, where the file is new. */
  readonly wallTime: number;
  /** A run that goes on from a checkpoint: the first record of a later step and all after it are dropped. */
  readonly lastStep?: number;
}

export class EventFile {
  private readonly file: AppendFile;

  /** Opens or makes the file; what a killed run left half-written at its end is cut off. */
  constructor(path: string, { wallTime, lastStep = Infinity }: EventFileOptions) {
    this.file = new AppendFile(path);
    const version = record(message([number64(1, wallTime), text(3, "brain.Event:2")]));
    const bytes = this.file.read();
    const kept = keptBytes(bytes, lastStep);
    if (kept === 0 && bytes.length > version.length) {
      this.file.close();
      throw dataError({ where: path, expected: "an event file", found: "other bytes", fix: "move the file away and start again" });
    }
    this.file.cut(kept);
    if (kept === 0) this.file.append(version);
  }

  append(...scalars: readonly Scalar[]): void {
    this.file.append(Buffer.concat(scalars.map(({ step, wallTime, tag, value }) => record(scalarEvent(step, wallTime, tag, value)))));
  }

  /** What was appended is on the disk when this returns. */
  sync(): void {
    this.file.sync();
  }

  close(): void {
    this.file.close();
  }
}

function scalarEvent(step: number, wallTime: number, tag: string, value: number): Uint8Array {
  const summary = message([bytesField(1, message([text(1, tag), number32(2, value)]))]);
  return message([number64(1, wallTime), ...(step === 0 ? [] : [key(2, 0), varint(step)]), bytesField(5, summary)]);
}

/** Bytes of whole records up to the last one that is kept; the version record has no step. */
function keptBytes(bytes: Uint8Array, lastStep: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 16 <= bytes.length) {
    const end = at + 16 + Number(view.getBigUint64(at, true));
    if (view.getUint32(at + 8, true) !== maskedCrc(bytes.subarray(at, at + 8)) || end > bytes.length) break;
    const event = bytes.subarray(at + 12, end - 4);
    if (view.getUint32(end - 4, true) !== maskedCrc(event) || (at > 0 && stepOf(event) > lastStep)) break;
    at = end;
  }
  return at;
}

/** The step of an event as we write it: behind the wall time, left out where it is 0. */
function stepOf(event: Uint8Array): number {
  if (event[9] !== 2 << 3) return 0;
  let step = 0;
  for (let at = 10, factor = 1; ; at++, factor *= 128) {
    step += (event[at] & 127) * factor;
    if (event[at] < 128) return step;
  }
}

function record(event: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + event.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(event.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(event, 12);
  view.setUint32(12 + event.length, maskedCrc(event), true);
  return bytes;
}

// Protocol buffers: a field is a key (number and wire type) and its value.

function message(fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

function key(field: number, wireType: number): Uint8Array {
  return Uint8Array.of((field << 3) | wireType);
}

function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`a step must be a whole number from 0, got ${value}`);
  const bytes: number[] = [];
  for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | (rest >= 128 ? 128 : 0));
  return Uint8Array.from(bytes);
}

function number64(field: number, value: number): Uint8Array {
  return message([key(field, 1), new Uint8Array(Float64Array.of(value).buffer)]);
}

function number32(field: number, value: number): Uint8Array {
  return message([key(field, 5), new Uint8Array(Float32Array.of(value).buffer)]);
}

function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return message([key(field, 2), varint(bytes.length), bytes]);
}

function text(field: number, value: string): Uint8Array {
  return bytesField(field, Buffer.from(value, "utf8"));
}

/** Rotated and moved, as the format asks: a CRC of data that holds CRCs is weak otherwise. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
