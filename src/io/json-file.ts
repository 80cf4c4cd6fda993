// Small JSON files, read whole. Those of our own making appear under their names when they are whole, so one that is not JSON was damaged later.
import { readFileSync } from "node:fs";
import { dataError } from "../core/errors.ts";
import { isObject } from "./safetensors-header.ts";

/** What a file holds; throws an error for the user where it is not whole JSON. `fix`: how to get the file back. */
export function readJsonFile<Value>(path: string, fix: string): Value {
  const text = readFileSync(path, "utf8");
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw brokenJson(path, text, fix);
  }
}

/** The object in a file that others have made, such as a model's config.json; throws an error for the user where it holds none. */
export function readJsonObject(path: string, fix: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isObject(value)) return value;
    throw new Error("not an object");
  } catch (error) {
    throw dataError({ where: path, expected: "a JSON object", found: (error as Error).message, fix });
  }
}

/** What a file holds; undefined where it is missing or not whole JSON. */
export function readWholeJson<Value>(path: string): Value | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Value;
  } catch {
    return undefined;
  }
}

/** A value a line. */
export function readJsonLines<Line>(path: string, fix = brokenRun): Line[] {
  return parseLines(path, readFileSync(path, "utf8").split("\n"), fix);
}

/** The same of a file that may be written to just now: its last line counts only where it has ended. */
export function readEndedJsonLines<Line>(path: string, fix = brokenRun): Line[] {
  return parseLines(path, readFileSync(path, "utf8").split("\n").slice(0, -1), fix);
}

const brokenRun = "start the run over with `sluice run RECIPE --fresh`";

function parseLines<Line>(path: string, lines: readonly string[], fix: string): Line[] {
  const values: Line[] = [];
  for (const [i, line] of lines.entries()) {
    if (line === "") continue;
    try {
      values.push(JSON.parse(line) as Line);
    } catch {
      throw brokenJson(`${path}, line ${i + 1}`, line, fix);
    }
  }
  return values;
}

function brokenJson(where: string, text: string, fix: string): Error {
  const found = text === "" ? "nothing" : `${text.length} characters that are not: the file was cut off or changed`;
  return dataError({ where, expected: "whole JSON, as sluice wrote it", found, fix });
}
