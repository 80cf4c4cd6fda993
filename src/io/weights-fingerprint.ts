// What tells a model's weights from others of the same size, without reading all of a large file: SHA-256 of a file up to 64 MiB, else of its
// header and of pages of each tensor. It tells any other training, merge or conversion, which moves values all over a tensor; it does not tell
// a few values changed by hand between the pages of a large file.
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { headerLength, lengthBytes, parseHeader } from "./safetensors-header.ts";
import { fill, findSafetensors, readShardIndex } from "./safetensors-reader.ts";

/** Up to this many bytes a file is read whole. */
const wholeBytes = 64 << 20;
/** Bytes of a page, as disks read them. */
const pageBytes = 4096;
/** Evenly from a tensor's first page to its last. */
const pagesOfTensor = 16;

export interface FingerprintOptions {
  /** For tests: from which size on a file is large. */
  readonly wholeBytes?: number;
}

/** By file name, of all files that hold weights of the model in a folder; throws what reading the weights would throw. */
export async function weightsFingerprint(folder: string, options: FingerprintOptions = {}): Promise<Record<string, string>> {
  const found = findSafetensors(folder);
  const files = found.endsWith(".json") ? readShardIndex(found).shards : [found];
  const prints: Record<string, string> = {};
  for (const file of files) prints[basename(file)] = await fileFingerprint(file, options.wholeBytes ?? wholeBytes);
  return prints;
}

async function fileFingerprint(file: string, largeFrom: number): Promise<string> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const digest = size <= largeFrom ? await sumOf(handle, file, [[0, size]]) : await sumOf(handle, file, await pages(handle, file, size));
    return `${size} bytes, sha256${size <= largeFrom ? "" : " of header and pages"} ${digest}`;
  } finally {
    await handle.close();
  }
}

type Range = readonly [from: number, to: number];

async function sumOf(handle: FileHandle, file: string, ranges: readonly Range[]): Promise<string> {
  const hash = createHash("sha256");
  for (const [from, to] of ranges) {
    const bytes = new Uint8Array(to - from);
    await fill(handle, file, from, bytes);
    hash.update(bytes);
  }
  return hash.digest("hex");
}

/** The header, and of each tensor the pages that are read. */
async function pages(handle: FileHandle, file: string, size: number): Promise<Range[]> {
  const head = new Uint8Array(Math.min(size, 64));
  await fill(handle, file, 0, head);
  const header = new Uint8Array(headerLength(file, head, size));
  await fill(handle, file, lengthBytes, header);
  const ranges: Range[] = [[0, lengthBytes + header.length]];
  for (const { start, end } of parseHeader(file, header, size).entries) {
    const last = Math.max(start, end - pageBytes);
    const count = Math.min(pagesOfTensor, Math.ceil((end - start) / pageBytes));
    for (let page = 0; page < count; page++) {
      const from = count === 1 ? start : start + Math.floor(((last - start) * page) / (count - 1));
      ranges.push([from, Math.min(end, from + pageBytes)]);
    }
  }
  return ranges;
}
