// The shape of a command: a file in commands/ and a line in commands/index.ts.
import type { ParseArgsConfig } from "node:util";

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

export interface Command {
  /** What follows the name, e.g. "RECIPE [--workers N]". */
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  readonly positionals: { readonly least: number; readonly most: number };
  /** Returns the exit code. */
  run(input: CommandInput): Promise<number>;
}
