// Where the project and the real public data beside it are. Tests that use the data skip with a reason where it is missing.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root: the nearest folder above this file that holds package.json. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(from: string): string {
  if (existsSync(join(from, "package.json"))) return from;
  const above = dirname(from);
  if (above === from) throw new Error("no package.json above the tests");
  return findRoot(above);
}

/** A path in the folder of shared data and tokenizers. */
export function shared(...path: string[]): string {
  return join(root, "..", "shared", ...path);
}

/** For node:test's `skip`: false where the shared path exists, else the reason. */
export function missing(...path: string[]): string | false {
  return existsSync(shared(...path)) ? false : `no ${join("shared", ...path)} beside the project`;
}
