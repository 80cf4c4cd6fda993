// Whole folders or none: a folder is filled under a temporary name and renamed when everything in it is on disk, and leaves its name before
// its files go. A killed process leaves temporaries, which removeTemporaries takes away, never a part of a folder under its own name.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { marker } from "./atomic.ts";
import { diskError } from "./system-error.ts";

/** Fills a folder and gives it its name; what had the name before goes when the new one is whole. */
export async function writeFolder(path: string, fill: (unfinished: string) => Promise<void> | void): Promise<void> {
  const unfinished = temporaryName(path);
  try {
    mkdirSync(unfinished, { recursive: true });
    await fill(unfinished);
    const before = existsSync(path) ? temporaryName(path) : undefined;
    if (before !== undefined) renameSync(path, before);
    renameSync(unfinished, path);
    if (before !== undefined) rmSync(before, { recursive: true, force: true });
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw diskError(path, error);
  }
}

/** Removes a folder (or file) and what an earlier removal of it left; nothing where it is not there. */
export function removeFolder(path: string): void {
  if (existsSync(path)) renameSync(path, temporaryName(path));
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${basename(path)}${marker}`)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function temporaryName(path: string): string {
  return `${path}${marker}${process.pid}-${randomBytes(4).toString("hex")}`;
}
