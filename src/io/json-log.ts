// An append-only file of JSON lines that people and several processes share: what append() has answered for is on the disk.
// Lines that wait together are written and made durable together. A last line that a crash tore is cut off before the next is written.
// It knows nothing of what is in a line. Offsets and sizes are bytes.
import { createHash } from "node:crypto";
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { type FileHandle, open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { dataError } from "../core/errors.ts";
import { diskError } from "./system-error.ts";
import { readFully } from "./read-fully.ts";

export interface JsonLogText {
  /** Whole lines without their line ends; blank ones are left out. */
  readonly lines: readonly { readonly number: number; readonly text: string }[];
  /** Bytes behind the last whole line that are no whole JSON: 0 unless a writer was stopped in the middle. */
  readonly tornBytes: number;
  /** Of the whole lines, each with a line end. */
  readonly sha256: string;
}

/** Reads a log from its beginning; a file that is not there is an empty log. */
export function readJsonLog(path: string): JsonLogText {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const end = wholeEnd(bytes);
  const lines = linesOf(bytes.subarray(0, end), 1);
  const hash = createHash("sha256");
  for (const { text } of lines) hash.update(`${text}\n`);
  return { lines, tornBytes: bytes.length - end, sha256: hash.digest("hex") };
}

/** Where the whole lines end. A last line without a line end counts where it is whole JSON: editors leave such files. */
function wholeEnd(bytes: Buffer): number {
  const end = bytes.lastIndexOf(10) + 1;
  return end < bytes.length && isJson(bytes.subarray(end)) ? bytes.length : end;
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

function linesOf(bytes: Buffer, first: number): { readonly number: number; readonly text: string }[] {
  return bytes
    .toString("utf8")
    .split("\n")
    .map((text, i) => ({ number: first + i, text: text.endsWith("\r") ? text.slice(0, -1) : text }))
    .filter(({ text }) => text.trim() !== "");
}

/** What was written to a log since it was last looked at. */
export interface JsonLogNews {
  /** True where the file is another one than before: everything read so far is void. */
  readonly replaced: boolean;
  readonly lines: readonly { readonly number: number; readonly text: string }[];
}

export class JsonLog {
  readonly path: string;
  private readonly waiting: { readonly text: string; resolve(): void; reject(error: unknown): void }[] = [];
  private flushing = false;
  private offset = 0;
  private lines = 0;
  private inode: bigint | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Lines that came since the last call, from this process or another. A line without its end is not there yet. */
  news(): JsonLogNews {
    if (!existsSync(this.path)) {
      const replaced = this.offset > 0;
      this.offset = this.lines = 0;
      return { replaced, lines: [] };
    }
    const descriptor = openSync(this.path, "r");
    try {
      const { size, ino } = fstatSync(descriptor, { bigint: true });
      const replaced = this.inode !== undefined && (ino !== this.inode || Number(size) < this.offset);
      this.inode = ino;
      if (replaced) this.offset = this.lines = 0;
      if (Number(size) === this.offset) return { replaced, lines: [] };
      const bytes = Buffer.alloc(Number(size) - this.offset);
      readFully(descriptor, bytes, this.offset, this.path);
      const end = bytes.lastIndexOf(10) + 1;
      const found = linesOf(bytes.subarray(0, end), this.lines + 1);
      this.offset += end;
      this.lines += countLineEnds(bytes.subarray(0, end));
      return { replaced, lines: found };
    } finally {
      closeSync(descriptor);
    }
  }

  /** Appends values as lines, one behind the other with nothing between them; resolves when they are on the disk. */
  append(values: readonly unknown[]): Promise<void> {
    const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
    return new Promise((resolve, reject) => {
      this.waiting.push({ text, resolve, reject });
      if (!this.flushing) void this.flush();
    });
  }

  /** Mends a torn end now, so that the file is whole lines before anybody reads it. A whole file is not touched. */
  repair(): Promise<void> {
    if (!existsSync(this.path)) return Promise.resolve();
    const last = readFileSync(this.path).at(-1);
    return last === undefined || last === 10 ? Promise.resolve() : this.append([]);
  }

  private async flush(): Promise<void> {
    this.flushing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      try {
        await writeDurably(this.path, batch.map(({ text }) => text).join(""));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.flushing = false;
  }
}

function countLineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

async function writeDurably(path: string, text: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const unlock = await lock(`${path}.lock`);
  let file: FileHandle | undefined;
  try {
    const isNew = !existsSync(path);
    file = await open(path, "a+");
    const size = await mendedSize(file);
    try {
      await file.appendFile(text);
      await file.sync();
    } catch (error) {
      // A full disk may have taken half of it: nobody was told that it is saved.
      await file.truncate(size).catch(() => {});
      throw error;
    }
    if (isNew) await syncFolder(dirname(path));
  } catch (error) {
    throw diskError(path, error);
  } finally {
    await file?.close();
    await unlock();
  }
}

/** Makes the file end with a whole line and returns its size. */
async function mendedSize(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  if (size === 0) return 0;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  if (last[0] === 10) return size;
  const bytes = await readFile(file);
  const end = wholeEnd(bytes);
  if (end === size) await file.appendFile("\n");
  else await file.truncate(end);
  return end === size ? size + 1 : end;
}

/** A new file's name is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {}); // some systems cannot sync folders
  await handle?.close();
}

/** Longest wait for another writer, and the age from which a lock is taken for left behind: milliseconds. A write takes a few. */
const lockPatience = 10_000;

/**
 * One writer at a time, across processes. Appending alone would not need it; cutting off a torn end does, because it must not
 * meet another's half-written line.
 */
async function lock(path: string): Promise<() => Promise<void>> {
  const start = performance.now();
  while (true) {
    try {
      const handle = await open(path, "wx");
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => unlink(path).catch(() => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw diskError(path, error);
    }
    if (await isLeftBehind(path)) await unlink(path).catch(() => {});
    else if (performance.now() - start > lockPatience) {
      throw dataError({
        where: path,
        expected: "the lock to be free within 10 seconds",
        found: "another process holds it",
        fix: "stop that process, or delete the file if there is none",
      });
    } else await wait(2 + (process.pid % 5));
  }
}

async function isLeftBehind(path: string): Promise<boolean> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs > lockPatience) return true;
    const owner = Number(await readFile(path, "utf8"));
    if (owner > 0) process.kill(owner, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
