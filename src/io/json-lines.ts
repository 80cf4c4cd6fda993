// Small JSON Lines files of our own making, read whole.
import { readFileSync } from "node:fs";

export function readJsonLines<Line>(path: string): Line[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
}
