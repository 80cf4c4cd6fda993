// sluice diff RUN RUN: what the second run's recipe gained and lost, row by row.
import { count, counted } from "../../core/count.ts";
import { compareRuns } from "../../pipeline/compare.ts";
import { type Command, jsonOption, rowsToShow } from "../command.ts";
import { findRun } from "../recipe-file.ts";
import { formatTable } from "../table.ts";

export const diff: Command = {
  words: "RUN RUN",
  positionals: { least: 2, most: 2 },
  options: {
    show: { type: "string", value: "N", default: "10", help: "show so many rows whose fate changed" },
    json: jsonOption,
  },
  async run({ values, positionals: [before, after] }) {
    const difference = await compareRuns(findRun(before), findRun(after), rowsToShow(values.show));
    if (values.json === true) {
      process.stdout.write(`${JSON.stringify(difference)}\n`);
      return 0;
    }
    const { recipe, same, changed, kinds, examples } = difference;
    for (const { path, before: old, after: now } of recipe) process.stdout.write(`recipe ${path}: ${setting(old)} -> ${setting(now)}\n`);
    process.stdout.write(`${counted(same, "row")} ${same === 1 ? "has" : "have"} the same fate in both runs, ${count(changed)} another\n`);
    if (kinds.length > 0) process.stdout.write(`\n${formatTable([["change", "rows"], ...kinds.map(({ kind, rows }) => [kind, rows])])}`);
    if (examples.length > 0) {
      process.stdout.write(
        `\n${formatTable([["row", `in ${before}`, `in ${after}`], ...examples.map((change) => [change.id, change.before, change.after])])}`,
      );
    }
    return 0;
  },
};

function setting(value: unknown): string {
  return JSON.stringify(value) ?? "(not set)";
}
