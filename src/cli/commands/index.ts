// The commands: a file here and a line in this list.
import type { Command } from "../command.ts";
import { check } from "./check.ts";
import { diff } from "./diff.ts";
import { evaluate } from "./eval.ts";
import { explain } from "./explain.ts";
import { generate } from "./generate.ts";
import { report } from "./report.ts";
import { review } from "./review.ts";
import { run } from "./run.ts";
import { train } from "./train.ts";

export const commands: readonly Command[] = [run, train, evaluate, generate, check, explain, diff, report, review];
