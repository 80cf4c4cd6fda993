// Bytes of a file: a range, or all of them in pieces, read synchronously.
import { closeSync, openSync, readSync } from "node:fs";

/** Up to `length` bytes from `start`; fewer at the end of the file. */
export function readRange(path: string, start: number, length: number): Buffer {
  const descriptor = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const read = readSync(descriptor, bytes, done, length - done, start + done);
      if (read === 0) break;
      done += read;
    }
    return bytes.subarray(0, done);
  } finally {
    closeSync(descriptor);
  }
}

/** All bytes in order, in pieces that are valid until the next one. Returns the size in bytes. */
export function eachChunk(path: string, visit: (bytes: Buffer, offset: number) => void): number {
  const descriptor = openSync(path, "r");
  const buffer = Buffer.allocUnsafe(1 << 20);
  try {
    for (let offset = 0; ;) {
      const read = readSync(descriptor, buffer, 0, buffer.length, offset);
      if (read === 0) return offset;
      visit(buffer.subarray(0, read), offset);
      offset += read;
    }
  } finally {
    closeSync(descriptor);
  }
}
