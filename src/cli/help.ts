// What `sluice COMMAND --help` prints, from the table of options that the command line is parsed by.
import type { Command, CommandOption, ListedCommand } from "./command.ts";

/** "sluice run RECIPE [--workers N] [--fresh]" */
export function usageOf(name: string, { words, options }: Command): string {
  return ["sluice", name, words, ...Object.entries(options).map(([option, shape]) => `[${flagOf(option, shape)}]`)]
    .filter((word) => word !== "")
    .join(" ");
}

export function helpOf({ name, summary }: ListedCommand, command: Command): string {
  const lines = Object.entries({ ...command.options, help: { type: "boolean", help: "print this" } as const }).map(
    ([option, shape]: [string, CommandOption]) => [flagOf(option, shape), `${shape.help}${toldDefault(shape)}`],
  );
  const width = Math.max(...lines.map(([flag]) => flag.length));
  const told = lines.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}\n`).join("");
  return `${summary}\n\nusage: ${usageOf(name, command)}\n\n${told}`;
}

function flagOf(option: string, { value }: CommandOption): string {
  return value === undefined ? `--${option}` : `--${option} ${value}`;
}

function toldDefault(option: CommandOption): string {
  return option.default === undefined ? "" : ` (default ${option.default})`;
}
