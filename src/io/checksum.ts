// Checksums of files, computed while their bytes pass by. SHA-256 for what people and other tools get; CRC-32, in a third of the time, for
// what only the run that wrote it reads again: it has to tell a torn file from a whole one.
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { crc32 as crc32Of } from "node:zlib";

export interface Sha256 {
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

export interface Crc32 {
  /** 8 hexadecimal digits. */
  readonly crc32: string;
}

export type Checksum = Sha256 | Crc32;

/** Sums up the bytes it is given, in order. */
export interface Summer<Sum extends Checksum> {
  update(bytes: Uint8Array): void;
  /** Once, at the end. */
  result(): Sum;
}

export function sha256(): Summer<Sha256> {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), result: () => ({ sha256: hash.digest("hex") }) };
}

export function crc32(): Summer<Crc32> {
  let sum = 0;
  return {
    update: (bytes) => void (sum = crc32Of(bytes, sum)),
    result: () => ({ crc32: sum.toString(16).padStart(8, "0") }),
  };
}

/** The checksum of a file on disk. */
export function sumOfFile<Sum extends Checksum>(path: string, summer: Summer<Sum>): Sum {
  const buffer = new Uint8Array(1 << 20);
  const descriptor = openSync(path, "r");
  try {
    for (let read = 1; read > 0;) {
      read = readSync(descriptor, buffer);
      summer.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  return summer.result();
}
