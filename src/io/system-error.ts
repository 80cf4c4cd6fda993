// What the system refuses, in words a person can act on.
import { dataError } from "../core/errors.ts";

interface Fault {
  readonly found: string;
  readonly fix: string;
}

const writeFaults: Readonly<Record<string, Fault>> = {
  ENOSPC: { found: "the disk is full", fix: "free some space and start the same command again: it continues where it stopped" },
  EDQUOT: { found: "the disk quota is used up", fix: "free some space and start the same command again: it continues where it stopped" },
  EFBIG: {
    found: "the file is larger than the file system or a limit allows",
    fix: "raise the limit (ulimit -f) and start the same command again",
  },
  EROFS: { found: "the file system is read-only", fix: "run where the project's folder can be written" },
  EACCES: { found: "no permission to write", fix: "make the folder writable for this user" },
  EIO: { found: "the disk reported an I/O error", fix: "check the disk, then start the same command again" },
};

/** Where it is not known that the file was to be written. */
const faults: Readonly<Record<string, Fault & { readonly expected: string }>> = {
  ...told(["EACCES", "EPERM"], {
    expected: "a file or folder that this user may use",
    found: "no permission",
    fix: "check the permissions of it and of the folders above it",
  }),
  ...told(["EMFILE", "ENFILE"], {
    expected: "a file that can be opened",
    found: "too many files are open",
    fix: "raise the limit (ulimit -n)",
  }),
  ...told(["ENOTDIR", "EEXIST"], { expected: "a folder", found: "a file of that name", fix: "rename or remove the file" }),
  EIO: { expected: "a file that can be read", ...writeFaults.EIO },
  ELOOP: { expected: "a file or folder", found: "links that lead in a circle", fix: "mend the link" },
  ENAMETOOLONG: { expected: "a name that the file system takes", found: "one that is too long", fix: "shorten it" },
};

function told<F>(codes: readonly string[], fault: F): Record<string, F> {
  return Object.fromEntries(codes.map((code) => [code, fault]));
}

/** For errors of writing a file: a SluiceError where they are about the disk, others as they are. */
export function diskError(path: string, error: unknown): unknown {
  const fault = writeFaults[(error as NodeJS.ErrnoException)?.code ?? ""];
  return fault ? dataError({ where: path, expected: "a file that can be written", ...fault }) : error;
}

/** For errors about files that nobody nearer to the file has put into words: a SluiceError with the file's path, others as they are. */
export function systemError(error: unknown): unknown {
  const { code = "", path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  // An open file that fails has no path. Errors about sockets have none either, and other words are theirs.
  const where = path ?? (syscall === "read" ? "a file that was being read" : undefined);
  if (where === undefined) return error;
  return Object.hasOwn(faults, code) ? dataError({ where, ...faults[code] }) : diskError(where, error);
}
