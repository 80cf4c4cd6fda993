// Completion records: a task is done when work/done/<task>.json names its outputs with sizes and hashes, and they are there.
// The same records can be written by a batch scheduler's jobs.
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { type AtomicOptions, type FileRecord, writeAtomic } from "../io/atomic.ts";
import type { RunPaths } from "./paths.ts";

/** What a task leaves: counts are the task's own words for the run record. */
export interface Completion<Counts = unknown> {
  readonly task: string;
  /** Hash of the frozen plan: a record of another plan does not count. */
  readonly plan: string;
  readonly outputs: readonly FileRecord[];
  readonly counts: Counts;
}

/** How tasks write: no record is believed before its outputs' hashes, and the main thread makes files durable (runTasks). */
export const taskFiles: AtomicOptions = { durable: false };

export function writeCompletion(paths: RunPaths, completion: Completion): void {
  writeAtomic(paths.done(completion.task), `${JSON.stringify(completion)}\n`, taskFiles);
}

/** The record of a finished task whose outputs are all whole, else undefined. */
export function readCompletion<Counts>(paths: RunPaths, task: string, plan: string): Completion<Counts> | undefined {
  const file = paths.done(task);
  if (!existsSync(file)) return undefined;
  const record = parsed<Completion<Counts>>(file);
  if (record?.plan !== plan || record.task !== task) return undefined;
  return record.outputs.every((output) => isWhole(paths.folder, output)) ? record : undefined;
}

/** True where the file has the recorded size and SHA-256. */
export function isWhole(folder: string, { file, bytes, sha256 }: FileRecord): boolean {
  const path = join(folder, file);
  return existsSync(path) && statSync(path).size === bytes && sha256OfFile(path) === sha256;
}

/** A record of a file just written below the run's folder. */
export function fileRecord(paths: RunPaths, path: string, written: { readonly bytes: number; readonly sha256: string }): FileRecord {
  return { file: relative(paths.folder, path).replaceAll("\\", "/"), bytes: written.bytes, sha256: written.sha256 };
}

export function sha256OfFile(path: string): string {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 20);
  const descriptor = openSync(path, "r");
  try {
    for (let read = 1; read > 0;) {
      read = readSync(descriptor, buffer);
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}

function parsed<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined; // torn by a crash of the machine: as good as none
  }
}
