// sluice report RUN: writes the page again from what the run left.
import { writeReport } from "../../report/index.ts";
import type { Command } from "../command.ts";
import { findRun } from "../recipe-file.ts";

export const report: Command = {
  name: "report",
  summary: "write a run's HTML report again",
  usage: "RUN",
  positionals: { least: 1, most: 1 },
  options: {},
  async run({ positionals }) {
    process.stdout.write(`${writeReport(findRun(positionals[0]))}\n`);
    return 0;
  },
};
