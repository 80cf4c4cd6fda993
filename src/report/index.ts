// Writes the report of a run, from what the run left: reports/<name>/index.html, or against-<other>.html where it is compared with another.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeAtomic } from "../io/atomic.ts";
import { compareRuns } from "../pipeline/compare.ts";
import { excerpt } from "../pipeline/excerpt.ts";
import { findMessages } from "../pipeline/explain.ts";
import type { ExampleRow } from "../pipeline/manifest.ts";
import { runPaths } from "../pipeline/paths.ts";
import { reportPage } from "./page.ts";
import { readRun, type RunFiles } from "./run-files.ts";
import type { RunDifferences } from "./sections/differences.ts";

/** Kinds of change whose rows are looked up. */
const kindsWithRows = 20;

/** Returns the page's path. */
export async function writeReport(runFolder: string, against?: string): Promise<string> {
  const files = await readRun(runFolder);
  const folder = join("reports", files.manifest.name);
  if (against === undefined) {
    const path = join(folder, "index.html");
    writeAtomic(path, reportPage(files));
    return path;
  }
  const other = await readRun(against);
  const path = join(folder, `against-${other.manifest.name}.html`);
  writeAtomic(path, reportPage(files, { against: await compared(files, other) }));
  return path;
}

async function compared(files: RunFiles, other: RunFiles): Promise<RunDifferences> {
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
