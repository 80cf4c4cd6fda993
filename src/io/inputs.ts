// A source's paths to its input files: a file, a glob, a folder, or the same on the Hub (hf://), in S3 (s3://) or on the web (https://).
// Remote files are copied into the cache, whole, and are then files like others.
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { recipeError } from "../core/errors.ts";
import { formatOfName, knownEndings } from "./format.ts";
import { compareNaturally, fixedFolder, isPattern, patternToRegExp } from "./glob.ts";
import type { InputFile } from "./readers/types.ts";
import { listHub } from "./remote/hub.ts";
import { listS3 } from "./remote/s3.ts";
import { webFile } from "./remote/web.ts";

export interface Inputs {
  /** In natural order of names within each path. */
  readonly files: readonly InputFile[];
  /** Files of a folder or glob whose ending is not one of a known format. */
  readonly skipped: readonly string[];
}

export interface InputsRequest {
  /** For messages. */
  readonly source: string;
  readonly path: readonly string[];
  /** Where copies of remote files go. */
  readonly cacheDir: string;
}

interface Found {
  readonly name: string;
  /** The path or address in full: names the file where `name` is taken. */
  readonly full: string;
  readonly path: string;
  readonly url?: string;
}

export async function resolveInputs({ source, path, cacheDir }: InputsRequest): Promise<Inputs> {
  const found: Found[] = [];
  const skipped: string[] = [];
  const seen = new Set<string>();
  for (const given of path) {
    const matches = /^(hf|s3|https?):\/\//.test(given) ? await remoteFiles(given, source, cacheDir) : localFiles(given, source);
    const known = matches.filter(({ name, full }) => full === given || formatOfName(name) !== undefined);
    if (known.length === 0) throw nothing(source, given, matches.length);
    for (const file of matches) {
      const key = file.url ?? realpathSync(file.path);
      if (seen.has(key)) continue;
      seen.add(key);
      if (known.includes(file)) found.push(file);
      else skipped.push(file.name);
    }
  }
  // Two folders may hold files of one name; then all are told apart by their whole paths.
  const unique = new Set(found.map(({ name }) => name)).size === found.length;
  const files = found.map(({ name, full, path: place, url }) => ({
    name: unique ? name : plainPath(full),
    path: place,
    ...(url ? { url } : {}),
  }));
  return { files, skipped };
}

function localFiles(given: string, source: string): Found[] {
  const path = given.replaceAll("\\", "/");
  if (existsSync(given)) {
    const kind = statSync(given);
    if (kind.isFile()) return [{ name: basename(path), full: given, path: resolve(given) }];
    if (kind.isDirectory())
      return walk(given).map((name) => ({ name, full: `${path.replace(/\/$/, "")}/${name}`, path: resolve(given, name) }));
    throw notAFile(source, given);
  }
  if (!isPattern(path)) throw nothing(source, given, 0);
  const folder = fixedFolder(path);
  const wanted = patternToRegExp(path.slice(folder.length));
  if (folder !== "" && !existsSync(folder)) throw nothing(source, given, 0);
  return walk(folder || ".")
    .filter((name) => wanted.test(name))
    .map((name) => ({ name, full: folder + name, path: resolve(folder, name) }));
}

/** All files below a folder by their relative paths, in natural order. Hidden files are left out; a linked folder is entered once. */
function walk(folder: string): string[] {
  const names: string[] = [];
  const entered = new Set<string>();
  const enter = (below: string): void => {
    const real = realpathSync(join(folder, below));
    if (entered.has(real)) return;
    entered.add(real);
    for (const entry of readdirSync(join(folder, below))) {
      if (entry.startsWith(".")) continue;
      const name = below === "" ? entry : `${below}/${entry}`;
      const kind = statSync(join(folder, name), { throwIfNoEntry: false });
      if (kind?.isDirectory()) enter(name);
      else if (kind?.isFile()) names.push(name);
    }
  };
  enter("");
  return names.sort(compareNaturally);
}

async function remoteFiles(given: string, source: string, cacheDir: string): Promise<Found[]> {
  const listed = await (given.startsWith("hf://")
    ? listHub(given, source)
    : given.startsWith("s3://")
      ? listS3(given, source)
      : [webFile(given)]);
  const files: Found[] = [];
  for (const file of [...listed].sort((a, b) => compareNaturally(a.name, b.name))) {
    const known = file.url === given || formatOfName(file.name) !== undefined;
    // Nothing is copied of a file that will be skipped.
    files.push({ name: file.name, full: file.url, path: known ? await file.copyTo(cacheDir) : file.url, url: file.url });
  }
  return files;
}

/** A whole path as a name: no leading ./ or / or drive, no scheme. */
function plainPath(path: string): string {
  return path
    .replaceAll("\\", "/")
    .replace(/^\w+:\/{1,2}/, "")
    .replace(/^(?:\.?\/)+/, "")
    .replace(/(?:^|\/)\.\.(?=\/)/g, "/up")
    .replace(/^\//, "");
}

function nothing(source: string, path: string, skipped: number): Error {
  return recipeError({
    where: `sources.${source} path ${path}`,
    expected: "a file, folder or glob that is there",
    found: skipped > 0 ? `${skipped} files, none with a known ending (${knownEndings})` : "no such file",
    fix: "check the path: it is relative to the folder where the command runs",
  });
}

function notAFile(source: string, path: string): Error {
  return recipeError({
    where: `sources.${source} path ${path}`,
    expected: "a file or a folder",
    found: "something else (a pipe or a device)",
    fix: "save it as a file first",
  });
}
