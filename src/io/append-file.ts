// A file that grows record by record while a run goes on: whole records are appended, and a record that did not fit on the disk is taken back.
// It knows nothing of what a record is.
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { diskError } from "./system-error.ts";
import { readFully } from "./read-fully.ts";

export class AppendFile {
  readonly path: string;
  private readonly descriptor: number;

  /** Opens the file as it is, or an empty one. */
  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.descriptor = this.guarded(() => openSync(path, "a+"));
  }

  /** Bytes. */
  get size(): number {
    return fstatSync(this.descriptor).size;
  }

  read(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    readFully(this.descriptor, bytes, 0, this.path);
    return bytes;
  }

  append(bytes: Uint8Array): void {
    const { size } = this;
    this.guarded(() => {
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(this.descriptor, bytes, written);
      } catch (error) {
        ftruncateSync(this.descriptor, size);
        throw error;
      }
    });
  }

  /** Keeps the first `bytes`. */
  cut(bytes: number): void {
    if (bytes < this.size) this.guarded(() => ftruncateSync(this.descriptor, bytes));
  }

  /** What was appended is on the disk when this returns. */
  sync(): void {
    this.guarded(() => fdatasyncSync(this.descriptor));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private guarded<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      throw diskError(this.path, error);
    }
  }
}
