// What differs between two runs, with the rows of the most frequent changes. Loaded where a report compares: it takes what reads ledgers.
import { existsSync } from "node:fs";
import { compareRuns } from "../pipeline/compare.ts";
import { excerpt } from "../pipeline/excerpt.ts";
import { findMessages } from "../pipeline/explain.ts";
import type { ExampleRow } from "../pipeline/manifest.ts";
import { runPaths } from "../pipeline/paths.ts";
import type { RunFiles } from "./run-files.ts";
import type { RunDifferences } from "./sections/differences.ts";

/** Kinds of change whose rows are looked up. */
const kindsWithRows = 20;

export async function compared(files: RunFiles, other: RunFiles): Promise<RunDifferences> {
  const difference = await compareRuns(other.folder, files.folder, 0);
  const rows = new Map<string, ExampleRow>();
  for (const { examples } of difference.kinds.slice(0, kindsWithRows)) {
    for (const row of examples) {
      const found = rowOf(files, row) ?? rowOf(other, row);
      if (found) rows.set(row, found);
    }
  }
  return { other, difference, rows };
}

function rowOf({ folder, plan }: RunFiles, id: string): ExampleRow | undefined {
  const paths = runPaths(folder);
  if (!plan || !existsSync(paths.work)) return undefined;
  const messages = findMessages(paths, plan, id);
  return messages && { id, source: id.slice(0, id.indexOf("/")), messages: excerpt(messages), turns: messages.length, evidence: {} };
}
