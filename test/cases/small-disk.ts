// A file system that is soon full, for tests of full disks.
import { spawnSync } from "node:child_process";

export const noSmallDisk = "a small file system cannot be mounted here (needs Linux and root)";

export interface SmallDisk {
  /** Gives it another size, e.g. "64m"; false where that fails. */
  resize(size: string): boolean;
  unmount(): void;
}

/** Mounts one of this size, e.g. "64k", at a folder that exists; undefined where none can be mounted. */
export function mountSmallDisk(folder: string, size: string): SmallDisk | undefined {
  if (process.platform !== "linux" || !succeeds("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder)) return undefined;
  return {
    resize: (other) => succeeds("mount", "-o", `remount,size=${other}`, folder),
    unmount: () => void succeeds("umount", folder),
  };
}

function succeeds(command: string, ...words: readonly string[]): boolean {
  return spawnSync(command, words).status === 0;
}
