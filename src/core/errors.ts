// Errors a user can act on: the thing, what was expected, what was found, what to do. They carry an exit code and print no stack.

/** Process exit codes: 1 is our own fault and is used for everything that is not a SluiceError. */
export const exitCodes = { recipe: 2, data: 3, training: 4 } as const;
export type ErrorKind = keyof typeof exitCodes;

export interface ErrorParts {
  /** The file, line, key, row or command-line word it is about. */
  readonly where: string;
  /** The recipe's key it is about, for whoever has the recipe's file and can tell the line. */
  readonly key?: readonly string[];
  readonly expected: string;
  readonly found: string;
  readonly fix: string;
}

export class SluiceError extends Error {
  readonly kind: ErrorKind;
  readonly parts: ErrorParts;

  constructor(kind: ErrorKind, parts: ErrorParts) {
    super(`${parts.where}\n  expected: ${parts.expected}\n  found:    ${parts.found}\n  to do:    ${parts.fix}`);
    this.name = "SluiceError";
    this.kind = kind;
    this.parts = parts;
  }

  get exitCode(): number {
    return exitCodes[this.kind];
  }
}

/** The recipe or the command line is wrong (exit 2). */
export function recipeError(parts: ErrorParts): SluiceError {
  return new SluiceError("recipe", parts);
}

/** The data is wrong (exit 3). */
export function dataError(parts: ErrorParts): SluiceError {
  return new SluiceError("data", parts);
}

/** Training cannot go on or would do harm (exit 4). */
export function trainingError(parts: ErrorParts): SluiceError {
  return new SluiceError("training", parts);
}

/** Runs work; an error of it that tells no key of the recipe is about this one. */
export function aboutKey<T>(key: readonly string[], work: () => T): T {
  const tell = (error: unknown): never => {
    throw error instanceof SluiceError && error.parts.key === undefined ? new SluiceError(error.kind, { ...error.parts, key }) : error;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(tell) as T) : result;
  } catch (error) {
    return tell(error);
  }
}

/** The known name nearest to a mistyped one, or undefined where none is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  // A short name is near to everything: at most half of it may differ.
  let bestDistance = Math.min(Math.max(2, Math.floor(name.length / 3)), Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Edits (insert, delete, replace, swap two neighbours) between two texts, in UTF-16 units: optimal string alignment. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
