// Unpacks .gz and .zst files once into the cache, streaming. What can be unpacked of a damaged file is kept, and the damage is told.
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { readWholeJson } from "./json-file.ts";
import { AtomicFile, writeAtomic } from "./atomic.ts";
import type { Compression } from "./readers/types.ts";

export interface Unpacked {
  readonly path: string;
  /** What is wrong with the packed data, where something is. */
  readonly damage: string | undefined;
}

export interface UnpackOptions {
  readonly path: string;
  readonly compression: Compression;
  readonly cacheDir: string;
  /** The packed file's SHA-256: names the copy. */
  readonly key: string;
}

export async function unpack({ path, compression, cacheDir, key }: UnpackOptions): Promise<Unpacked> {
  const target = join(cacheDir, `${key}.unpacked`);
  const notePath = `${target}.json`;
  const note = readWholeJson<{ readonly damage?: string }>(notePath);
  if (note && existsSync(target)) return { path: target, damage: note.damage };
  const file = new AtomicFile(target);
  let damage: string | undefined;
  try {
    damage = compression === "gzip" ? await gunzip(path, file) : unzstd(path, file);
  } catch (error) {
    file.discard();
    throw error;
  }
  file.commit();
  writeAtomic(notePath, JSON.stringify({ damage }));
  return { path: target, damage };
}

async function gunzip(path: string, into: AtomicFile): Promise<string | undefined> {
  const stream = createGunzip();
  let damage: string | undefined;
  let writeFault: unknown;
  const ended = new Promise<void>((resolve) => {
    stream.on("data", (bytes: Buffer) => {
      try {
        into.append(bytes);
      } catch (error) {
        writeFault = error;
        stream.destroy();
      }
    });
    stream.on("error", (error) => (damage = error.message));
    stream.on("close", resolve);
  });
  for (const chunk of chunksOf(path)) {
    if (stream.destroyed) break;
    if (!stream.write(chunk)) await Promise.race([ended, new Promise((resolve) => stream.once("drain", resolve))]);
  }
  if (!stream.destroyed) stream.end();
  await ended;
  if (writeFault !== undefined) throw writeFault;
  return damage;
}

/** Small pieces: what zlib holds when it meets damage is lost, so it should hold little. */
const pieceBytes = 1 << 14;

function* chunksOf(path: string): Generator<Buffer, void, undefined> {
  const descriptor = openSync(path, "r");
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(pieceBytes);
      const read = readSync(descriptor, buffer, 0, buffer.length, null);
      if (read === 0) return;
      yield buffer.subarray(0, read);
    }
  } finally {
    closeSync(descriptor);
  }
}

function unzstd(path: string, into: AtomicFile): string | undefined {
  let writeFault: unknown;
  const stream = new Decompress((bytes) => {
    try {
      into.append(bytes);
    } catch (error) {
      writeFault = error;
      throw error;
    }
  });
  try {
    for (const chunk of chunksOf(path)) stream.push(chunk, false);
    stream.push(new Uint8Array(0), true);
    return undefined;
  } catch (error) {
    if (writeFault !== undefined) throw writeFault;
    return error instanceof Error ? error.message : String(error);
  }
}
