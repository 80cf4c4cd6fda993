// Writes reports/<name>/index.html from what a run left: run.json and examples.json.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomic } from "../io/atomic.ts";
import type { Examples, Manifest } from "../pipeline/manifest.ts";
import { reportPage } from "./page.ts";

/** Returns the page's path. */
export function writeReport(runFolder: string): string {
  const manifest = JSON.parse(readFileSync(join(runFolder, "run.json"), "utf8")) as Manifest;
  const examples = JSON.parse(readFileSync(join(runFolder, "examples.json"), "utf8")) as Examples;
  const path = join("reports", manifest.name, "index.html");
  writeAtomic(path, reportPage(manifest, examples));
  return path;
}
