#!/usr/bin/env node
// The command line: finds the command, parses its words, turns errors into messages and exit codes. No logic of the product.
import { parseArgs } from "node:util";
import { counted } from "../core/count.ts";
import { nearest, recipeError, SluiceError } from "../core/errors.ts";
import { systemError } from "../io/system-error.ts";
import { commands } from "./commands/index.ts";
import type { Command, ListedCommand } from "./command.ts";
import { helpOf, usageOf } from "./help.ts";
import { printable } from "./show.ts";
import { version } from "./version.ts";

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === "help" && rest.length > 0) return main([rest[0], "--help"]);
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-V") {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) throw unknownCommand(name);
  return runCommand(command, rest);
}

async function runCommand(listed: ListedCommand, words: readonly string[]): Promise<number> {
  const command = await listed.load();
  const called = usageOf(listed.name, command);
  let parsed;
  try {
    parsed = parseArgs({
      args: withNegatives(words, command.options),
      options: { ...command.options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
  } catch (error) {
    throw commandLineError(listed.name, called, (error as Error).message.split(". ")[0]);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(helpOf(listed, command));
    return 0;
  }
  const { least, most } = command.positionals;
  if (positionals.length < least || positionals.length > most)
    throw commandLineError(
      listed.name,
      called,
      positionals.length === 0 ? "nothing behind it" : `${counted(positionals.length, "word")}: ${positionals.join(" ")}`,
    );
  return command.run({ values, positionals });
}

/** `--seed -1` is a value for the command to judge, not an option named 1. */
function withNegatives(words: readonly string[], options: Command["options"]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const option = joined.at(-1);
    if (/^-\.?\d/.test(word) && option?.startsWith("--") && options[option.slice(2)]?.type === "string")
      joined[joined.length - 1] = `${option}=${word}`;
    else joined.push(word);
  }
  return joined;
}

function unknownCommand(name: string): SluiceError {
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  return recipeError({
    where: `sluice ${name}`,
    expected: commands.map((command) => command.name).join(", "),
    found: name,
    fix: near ? `did you mean \`sluice ${near}\`?` : "see `sluice help`",
  });
}

function commandLineError(name: string, called: string, found: string): SluiceError {
  return recipeError({
    where: `sluice ${name}`,
    expected: called,
    found,
    fix: `see \`sluice ${name} --help\``,
  });
}

function usage(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return `sluice ${version}: raw instruction data in, a fine-tuned model out, an answer for every row\n\nusage: sluice COMMAND ...\n\n${lines.join("\n")}\n\nsluice COMMAND --help tells a command's words. Exit codes: 0 done, 1 our fault, 2 the recipe or command line, 3 the data, 4 training failed, 130 stopped by Ctrl-C.\n`;
}

main(process.argv.slice(2)).then(
  (code) => void (process.exitCode = code),
  (thrown: unknown) => {
    const error = systemError(thrown);
    if (error instanceof SluiceError) {
      process.stderr.write(`error: ${printable(error.message)}\n`);
      process.exitCode = error.exitCode;
      return;
    }
    process.stderr.write(
      `sluice ${version} failed; this is our fault. Please report what follows.\n${(error as Error)?.stack ?? String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
