// A file of byte blobs read back by number: blobs one after the other, then their end offsets (u64 little-endian), then the count and a magic.
// It knows nothing of what is in a blob.
import { closeSync, fstatSync, openSync } from "node:fs";
import { dataError } from "../core/errors.ts";
import { AtomicFile, type AtomicOptions, type Written } from "./atomic.ts";
import { type Crc32, crc32 } from "./checksum.ts";
import { readFully } from "./read-fully.ts";

const magic = 0x424c5331; // "BLS1"
const footerBytes = 8;
const chunkBytes = 1 << 20;
const none = new Uint8Array(0);

/** A buffer that the last writer left to the next: fresh memory costs more than filling it. */
let spare: Uint8Array | undefined;

function takeBuffer(): Uint8Array {
  const buffer = spare ?? new Uint8Array(chunkBytes * 2);
  spare = undefined;
  return buffer;
}

/** Appends blobs; each is built in place in the writer's buffer. */
export class BlobWriter {
  private readonly file: AtomicFile<Crc32>;
  private buffer = takeBuffer();
  private used = 0;
  private ends = new Float64Array(4096);
  private flushed = 0;
  count = 0;

  constructor(path: string, options?: AtomicOptions) {
    this.file = new AtomicFile(path, options, crc32);
  }

  /** Appends the next blob: `fill` writes at most `bound` bytes and returns how many. Blobs begin at multiples of 4 and are padded with zeros. */
  append(bound: number, fill: (into: Uint8Array) => number): void {
    const room = bound + 3;
    if (this.used >= chunkBytes || this.used + room > this.buffer.length) this.flush();
    if (room > this.buffer.length) this.buffer = new Uint8Array(room + chunkBytes);
    const end = this.used + fill(this.buffer.subarray(this.used, this.used + bound));
    this.used = Math.ceil(end / 4) * 4;
    this.buffer.fill(0, end, this.used);
    if (this.count === this.ends.length) {
      const larger = new Float64Array(this.ends.length * 2);
      larger.set(this.ends);
      this.ends = larger;
    }
    this.ends[this.count++] = this.flushed + this.used;
  }

  private flush(): void {
    this.file.append(this.buffer.subarray(0, this.used));
    this.flushed += this.used;
    this.used = 0;
  }

  commit(): Written<Crc32> {
    this.flush();
    const tail = new Uint8Array(this.count * 8 + footerBytes);
    const view = new DataView(tail.buffer);
    for (let i = 0; i < this.count; i++) view.setFloat64(i * 8, this.ends[i], true);
    view.setUint32(this.count * 8, this.count, true);
    view.setUint32(this.count * 8 + 4, magic, true);
    this.file.append(tail);
    if (this.buffer.length === chunkBytes * 2) spare = this.buffer;
    return this.file.commit();
  }

  discard(): void {
    this.file.discard();
  }
}

/** Where blobs end, of readers that were closed, for the next to write over. A shard opens a reader for every split, twice. */
const spareEnds: ArrayBuffer[] = [];

function takeEnds(count: number): Float64Array<ArrayBuffer> {
  const fitting = spareEnds.findIndex((spare) => spare.byteLength >= count * 8);
  const memory = fitting < 0 ? new ArrayBuffer(count * 10) : spareEnds.splice(fitting, 1)[0];
  return new Float64Array(memory, 0, count);
}

/** Reads blobs by number, until it is closed. A blob's view is valid until the next read from the same reader. */
export class BlobReader {
  readonly count: number;
  private readonly path: string;
  private readonly descriptor: number;
  private readonly ends: Float64Array<ArrayBuffer>;
  private buffer: Uint8Array = none;

  constructor(path: string) {
    this.path = path;
    this.descriptor = openSync(path, "r");
    const size = fstatSync(this.descriptor).size;
    const footer = new DataView(new ArrayBuffer(footerBytes));
    if (size < footerBytes) throw torn(path, `${size} bytes`);
    readFully(this.descriptor, new Uint8Array(footer.buffer), size - footerBytes, path);
    this.count = footer.getUint32(0, true);
    if (footer.getUint32(4, true) !== magic || this.count * 8 + footerBytes > size) throw torn(path, "no footer");
    this.ends = takeEnds(this.count);
    readFully(this.descriptor, new Uint8Array(this.ends.buffer, 0, this.count * 8), size - footerBytes - this.count * 8, path);
  }

  /** Padded length of a blob in bytes. */
  size(i: number): number {
    return this.ends[i] - (i === 0 ? 0 : this.ends[i - 1]);
  }

  read(i: number): Uint8Array {
    const bytes = this.size(i);
    if (this.buffer.length < bytes) this.buffer = new Uint8Array(bytes * 2);
    this.readInto(i, this.buffer, 0);
    return this.buffer.subarray(0, bytes);
  }

  /** Reads a blob into into[at, at + size(i)). */
  readInto(i: number, into: Uint8Array, at: number): void {
    readFully(this.descriptor, into, i === 0 ? 0 : this.ends[i - 1], this.path, at, this.size(i));
  }

  /** All blobs in order, read in large pieces; each view is valid until the next step. */
  *all(): Generator<Uint8Array, void, undefined> {
    let piece = new Uint8Array(0);
    let pieceStart = 0;
    let pieceEnd = 0;
    for (let i = 0; i < this.count; i++) {
      const start = i === 0 ? 0 : this.ends[i - 1];
      const end = this.ends[i];
      if (end > pieceEnd) {
        let last = i;
        while (last + 1 < this.count && this.ends[last + 1] - start <= chunkBytes) last++;
        const length = this.ends[last] - start;
        if (piece.length < length) piece = new Uint8Array(Math.max(length, chunkBytes));
        readFully(this.descriptor, piece.subarray(0, length), start, this.path);
        pieceStart = start;
        pieceEnd = start + length;
      }
      yield piece.subarray(start - pieceStart, end - pieceStart);
    }
  }

  /** Once only. */
  close(): void {
    closeSync(this.descriptor);
    spareEnds.push(this.ends.buffer);
    if (spareEnds.length > 2) spareEnds.sort((a, b) => b.byteLength - a.byteLength).pop();
  }
}

function torn(path: string, found: string): Error {
  return dataError({ where: path, expected: "a whole work file", found, fix: "start the run again with --fresh" });
}
