// The product's version.
import { existsSync, readFileSync } from "node:fs";

/** The version in package.json, which stands above the compiled files wherever they were built to. */
export const version = readVersion(new URL("../", import.meta.url));

function readVersion(folder: URL): string {
  const file = new URL("package.json", folder);
  if (existsSync(file)) return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  const above = new URL("../", folder);
  if (above.href === folder.href) throw new Error("no package.json above the program");
  return readVersion(above);
}
