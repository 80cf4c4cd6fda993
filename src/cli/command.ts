// The shape of a command: a file in commands/ and a line in commands/index.ts.
import { recipeError } from "../core/errors.ts";

export interface CommandInput {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

export interface ListedCommand {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<Command>;
}

/** As util.parseArgs takes it, and what `--help` tells of it. */
export interface CommandOption {
  readonly type: "string" | "boolean";
  /** What stands for the value in the help, of type string: N, FILE ... */
  readonly value?: string;
  readonly default?: string;
  readonly multiple?: boolean;
  /** One line; the default is told behind it. */
  readonly help: string;
}

export interface Command {
  /** What follows the name before the options, e.g. "RUN ROW-ID". */
  readonly words: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  readonly positionals: { readonly least: number; readonly most: number };
  /** Returns the exit code. */
  run(input: CommandInput): Promise<number>;
}

/** The option that most commands have. */
export const jsonOption: CommandOption = { type: "boolean", help: "print JSON instead of text" };

/** What --show was given: how many rows to print. */
export function rowsToShow(word: unknown): number {
  const rows = Number(word);
  if (Number.isInteger(rows) && rows >= 0) return rows;
  throw recipeError({ where: "--show", expected: "a whole number of rows", found: String(word), fix: "e.g. --show 3" });
}
