// Whole files or none: bytes go to a temporary name and are renamed when everything is on disk.
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { diskError } from "./system-error.ts";
import { type Checksum, type Sha256, sha256, type Summer } from "./checksum.ts";

/** A finished file: what a completion record holds of it. */
export type FileRecord<Sum extends Checksum = Checksum> = Written<Sum> & {
  /** Relative to the run's folder. */
  readonly file: string;
};

/** What was written. */
export type Written<Sum extends Checksum = Sha256> = Sum & { readonly bytes: number };

/** In the names of files and folders that are not whole yet. */
export const marker = ".tmp-";
/** Smaller appends are gathered before they are written: a system call a line costs more than the line. Bytes. */
const gathered = 1 << 16;

export interface AtomicOptions {
  /**
   * False: the name is given before the bytes are known to be on the disk, which saves waiting for it. After a power cut the file may be
   * torn under its name: for files whose checksum is checked before they are believed in, until io/durable has seen to them.
   */
  readonly durable?: boolean;
}

/** An append-only file that appears under its name on commit, with its checksum (SHA-256 unless said otherwise) computed on the way. */
export class AtomicFile<Sum extends Checksum = Sha256> {
  readonly path: string;
  /** Bytes appended so far. */
  offset = 0;
  private readonly temporary: string;
  private readonly descriptor: number;
  private readonly durable: boolean;
  private readonly sum: Summer<Sum>;
  private isOpen = true;
  /** Appended, not written yet: pending[0, held). */
  private pending: Uint8Array | undefined;
  private held = 0;

  constructor(path: string, options?: AtomicOptions);
  constructor(path: string, options: AtomicOptions | undefined, sum: () => Summer<Sum>);
  constructor(path: string, { durable = true }: AtomicOptions = {}, sum: () => Summer<Checksum> = sha256) {
    this.path = path;
    this.sum = sum() as Summer<Sum>;
    this.durable = durable;
    this.temporary = `${path}${marker}${thread}-${temporaries++}`;
    mkdirSync(dirname(path), { recursive: true });
    this.descriptor = guarded(path, () => openSync(this.temporary, "w"));
  }

  append(bytes: Uint8Array): void {
    if (this.held + bytes.length > gathered) this.flush();
    if (bytes.length > gathered / 4) {
      this.flush();
      this.write(bytes);
    } else {
      this.pending ??= new Uint8Array(gathered);
      this.pending.set(bytes, this.held);
      this.held += bytes.length;
    }
    this.offset += bytes.length;
  }

  private flush(): void {
    if (this.pending && this.held > 0) this.write(this.pending.subarray(0, this.held));
    this.held = 0;
  }

  private write(bytes: Uint8Array): void {
    this.sum.update(bytes);
    guarded(
      this.path,
      () => {
        for (let written = 0; written < bytes.length;) written += writeSync(this.descriptor, bytes, written);
      },
      () => this.discard(),
    );
  }

  /** Makes the file durable, where that is wanted, and gives it its name. */
  commit(): Written<Sum> {
    this.flush();
    if (this.durable) {
      guarded(
        this.path,
        () => fsyncSync(this.descriptor),
        () => this.discard(),
      );
    }
    this.close();
    guarded(this.path, () => renameSync(this.temporary, this.path));
    return { bytes: this.offset, ...this.sum.result() };
  }

  /** Forgets what was written. */
  discard(): void {
    this.close();
    rmSync(this.temporary, { force: true });
  }

  /** Once only: the number of a closed file may already be another's. */
  private close(): void {
    if (this.isOpen) closeSync(this.descriptor);
    this.isOpen = false;
  }
}

/** Threads and processes may write the same file at once: each has temporary names of its own. */
const thread = `${process.pid}-${randomBytes(4).toString("hex")}`;
let temporaries = 0;

/** Writes a whole file at once; content in pieces is written piece after piece. */
export function writeAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[], options?: AtomicOptions): Written {
  const file = new AtomicFile(path, options);
  const pieces = typeof content === "string" ? [Buffer.from(content, "utf8")] : content instanceof Uint8Array ? [content] : content;
  for (const piece of pieces) file.append(piece);
  return file.commit();
}

/** Removes what a killed run left half-written below a folder: files, links, and folders such as a checkpoint's. */
export function removeTemporaries(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.includes(marker)) rmSync(path, { recursive: true, force: true });
    else if (entry.isDirectory()) removeTemporaries(path);
  }
}

/** Runs a file operation; a full or read-only disk becomes an error that says what to do. */
function guarded<T>(path: string, operation: () => T, cleanUp?: () => void): T {
  try {
    return operation();
  } catch (error) {
    cleanUp?.();
    throw diskError(path, error);
  }
}
