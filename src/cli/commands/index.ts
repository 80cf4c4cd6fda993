// The commands: a file here and a line in this list.
import type { Command } from "../command.ts";
import { check } from "./check.ts";
import { diff } from "./diff.ts";
import { explain } from "./explain.ts";
import { report } from "./report.ts";
import { run } from "./run.ts";

export const commands: readonly Command[] = [run, check, explain, diff, report];
