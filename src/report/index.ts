// Writes the report of a run, from what the run left: reports/<name>/index.html, or against-<other>.html where it is compared with another.
import { join } from "node:path";
import { writeAtomic } from "../io/atomic.ts";
import { reportPage } from "./page.ts";
import { readRun } from "./run-files.ts";

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
  const { compared } = await import("./compared.ts");
  const path = join(folder, `against-${other.manifest.name}.html`);
  writeAtomic(path, reportPage(files, { against: await compared(files, other) }));
  return path;
}
