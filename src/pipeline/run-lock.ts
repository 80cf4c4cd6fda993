// One process at a time works in a run's folder.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recipeError } from "../core/errors.ts";
import type { RunPaths } from "./paths.ts";

/** Takes the lock, or throws where another process has it; returns what gives it back. */
export function lockRun(paths: RunPaths): () => void {
  const file = join(paths.work, "lock");
  const owner = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  if (owner > 0 && owner !== process.pid && isAlive(owner)) {
    throw recipeError({
      where: paths.folder,
      expected: "no other sluice at work on this run",
      found: `process ${owner} is`,
      fix: `wait for it, stop it, or delete ${file} if that process is something else`,
    });
  }
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
