// What the system refuses, in words a person can act on: for errors about files that nobody nearer to the file has put into words.
import { dataError } from "../core/errors.ts";

interface Fault {
  readonly expected: string;
  readonly found: string;
  readonly fix: string;
}

const forbidden: Fault = {
  expected: "a file or folder that this user may use",
  found: "no permission",
  fix: "check the permissions of it and of the folders above it",
};
const tooMany: Fault = {
  expected: "a file that can be opened",
  found: "too many files are open",
  fix: "raise the limit (ulimit -n)",
};

const faults: Readonly<Record<string, Fault>> = {
  EACCES: forbidden,
  EPERM: forbidden,
  EMFILE: tooMany,
  ENFILE: tooMany,
  EIO: {
    expected: "a file that can be read",
    found: "the disk reported an I/O error",
    fix: "check the disk, then start the same command again",
  },
  ENOTDIR: { expected: "a folder", found: "a file of that name", fix: "rename or remove the file" },
  EEXIST: { expected: "a folder", found: "a file of that name", fix: "rename or remove the file" },
  ELOOP: { expected: "a file or folder", found: "links that lead in a circle", fix: "mend the link" },
  ENAMETOOLONG: { expected: "a name that the file system takes", found: "one that is too long", fix: "shorten it" },
  ENOSPC: { expected: "room for it", found: "the disk is full", fix: "free some space and start the same command again" },
  EDQUOT: { expected: "room for it", found: "the disk quota is used up", fix: "free some space and start the same command again" },
  EROFS: { expected: "a place that can be written", found: "the file system is read-only", fix: "run where files can be written" },
};

/** A SluiceError for a system error about a file, with the file's path; every other error as it is. */
export function systemError(error: unknown): unknown {
  const { code = "", path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  // An open file that fails has no path. Errors about sockets have none either, and other words are theirs.
  const where = path ?? (syscall === "read" ? "a file that was being read" : undefined);
  return Object.hasOwn(faults, code) && where !== undefined ? dataError({ where, ...faults[code] }) : error;
}
