// Completion records: a task is done when work/done/<task>.json names its outputs with sizes and checksums, and they are there.
// The same records can be written by a batch scheduler's jobs.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { type AtomicOptions, type FileRecord, writeAtomic, type Written } from "../io/atomic.ts";
import { type Checksum, crc32, sha256, sumOfFile } from "../io/checksum.ts";
import type { RunPaths } from "./paths.ts";

/** What a task leaves: counts are the task's own words for the run record. */
export interface Completion<Counts = unknown> {
  readonly task: string;
  /** Hash of the frozen plan: a record of another plan does not count. */
  readonly plan: string;
  readonly outputs: readonly FileRecord[];
  readonly counts: Counts;
}

/** How tasks write: no record is believed before its outputs' checksums, and the main thread makes files durable (runTasks). */
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

/** True where the file has the recorded size and checksum. */
export function isWhole(folder: string, record: FileRecord): boolean {
  const path = join(folder, record.file);
  if (!existsSync(path) || statSync(path).size !== record.bytes) return false;
  return "sha256" in record ? sumOfFile(path, sha256()).sha256 === record.sha256 : sumOfFile(path, crc32()).crc32 === record.crc32;
}

/** Files up to this many bytes are read again where others are only measured: a tenth of a second of SHA-256. */
const readAgain = 64 << 20;

/** What is wrong with a file that was recorded, or undefined. Large files are believed by their size. */
export function fileFault(folder: string, record: FileRecord): string | undefined {
  const path = join(folder, record.file);
  if (!existsSync(path)) return `${record.file} is missing`;
  const { size } = statSync(path);
  if (size !== record.bytes) return `${record.file} has ${size} bytes, ${record.bytes} were written`;
  return size > readAgain || isWhole(folder, record) ? undefined : `${record.file} has other content than was written`;
}

/** A record of a file just written below the run's folder. */
export function fileRecord<Sum extends Checksum>(paths: RunPaths, path: string, written: Written<Sum>): FileRecord<Sum> {
  return { file: relative(paths.folder, path).replaceAll("\\", "/"), ...written };
}

function parsed<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined; // torn by a crash of the machine: as good as none
  }
}
