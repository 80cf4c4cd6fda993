// A source's paths to files, in order: a file, a glob, a folder, hf://datasets/..., https://..., s3://... Remote files are copied into the cache.
// Names are relative to each path's fixed part; where two files would have the same name, folders above are added until they differ.
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import { recipeError, type SluiceError } from "../core/errors.ts";
import { formatOf, formatOfName, knownEndings } from "./format.ts";
import { compareNatural, globTest, isGlob, isRemote, splitGlob } from "./paths.ts";
import { readRange } from "./readers/file-bytes.ts";
import type { InputFile } from "./readers/types.ts";

export interface InputOptions {
  /** What names the paths in the recipe, for messages. */
  readonly where: string;
  readonly path: readonly string[];
  /** Where copies of remote files are kept. */
  readonly cacheDir: string;
}

export interface Inputs {
  readonly files: InputFile[];
  /** Names of files in folders and globs that have no known ending. */
  readonly skipped: string[];
}

/** A file found: its name is the last part of `place`, from `nameStart` on, or more of it where names would be equal. */
export interface Found {
  /** Where its bytes are. */
  readonly path: string;
  /** Its whole address with forward slashes. */
  readonly place: string;
  readonly name: string;
  readonly url?: string;
}

export async function resolveInputs({ where, path: paths, cacheDir }: InputOptions): Promise<Inputs> {
  const found: Found[] = [];
  const skipped: string[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const place: Place = { where, path };
    // The clients of remote places are loaded where there is one.
    const matched = isRemote(path) ? await (await import("./remote/index.ts")).fetchRemote(place, cacheDir) : findLocal(place);
    skipped.push(...matched.skipped);
    for (const file of matched.files) {
      const key = file.url ?? realpathSync(file.path);
      if (!seen.has(key)) found.push(file);
      seen.add(key);
    }
  }
  return { files: withUniqueNames(found), skipped: [...new Set(skipped)] };
}

/** A path of a recipe, for messages. */
export interface Place {
  readonly where: string;
  readonly path: string;
}

export interface Matched {
  readonly files: Found[];
  readonly skipped: string[];
}

function findLocal(place: Place): Matched {
  const { path } = place;
  const kind = kindOf(path);
  if (kind === "file") {
    const head = formatOfName(path) === undefined ? readRange(path, 0, 1 << 16) : undefined;
    if (head && formatOf(path, head, statSync(path).size <= head.length) === undefined) {
      throw unreadable(place, "a file of another kind", `expects an ending of ${knownEndings}`);
    }
    return { files: [{ path, place: slashes(resolve(path)), name: basename(path) }], skipped: [] };
  }
  if (kind === "folder") return chosen(place, path, () => true);
  if (kind !== undefined) throw noFile(place, kind, path);
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path))
    throw unreadable(place, "an address of a kind that is not read", "https://, s3:// and hf:// are; or fetch the file and name its path");
  if (!isGlob(path)) throw nothingFound(place, []);
  const { base, pattern } = splitGlob(slashes(path));
  if (kindOf(base) !== "folder") throw nothingFound(place, []);
  return chosen(place, base, globTest(pattern.replace(/\/$/, "/**")));
}

function chosen(place: Place, base: string, matches: (name: string) => boolean): Matched {
  const names = walk(base).filter(matches);
  const files: Found[] = [];
  const skipped: string[] = [];
  for (const name of names.sort(compareNatural)) {
    const path = join(base, name);
    const kind = kindOf(path);
    if (formatOfName(name) === undefined) skipped.push(name);
    else if (kind !== "file") throw noFile(place, kind, name);
    else files.push({ path, place: slashes(resolve(path)), name });
  }
  if (files.length === 0) throw nothingFound(place, skipped);
  return { files, skipped };
}

export function nothingFound(place: Place, skipped: readonly string[]): SluiceError {
  const found = skipped.length === 0 ? "no such file" : `${skipped.length} files, none with a known ending (${knownEndings})`;
  return unreadable(place, found, pathAdvice);
}

/** What a name stands for that should be a file. */
function noFile(place: Place, kind: Kind | undefined, name: string): SluiceError {
  return kind === "stream"
    ? unreadable(place, `${name}, a pipe or a device`, "write what comes out of it to a file, and name that; input is read more than once")
    : unreadable(place, `${name}, a link to a file that is not there`, "mend or remove the link");
}

const pathAdvice = "check the path: it is relative to the folder where the command runs";

export function unreadable({ where, path }: Place, found: string, fix: string): SluiceError {
  return recipeError({ where: `${where} ${path}`, expected: "a file, folder or glob that is there", found, fix });
}

/** `unreadable` of one place. */
export function refusalOf(place: Place): (found: string, fix: string) => SluiceError {
  return (found, fix) => unreadable(place, found, fix);
}

/** What is below a folder and no folder, with forward slashes, relative to it. Hidden names are left out; links are followed, cycles not. */
function walk(base: string): string[] {
  const names: string[] = [];
  const open = new Set<string>();
  const visit = (folder: string, prefix: string): void => {
    const real = realpathSync(folder);
    if (open.has(real)) return;
    open.add(real);
    for (const name of readdirSync(folder)) {
      if (name.startsWith(".")) continue;
      const path = join(folder, name);
      if (kindOf(path) === "folder") visit(path, `${prefix}${name}/`);
      else names.push(prefix + name);
    }
    open.delete(real);
  };
  visit(base, "");
  return names;
}

/** A stream (a pipe, a device) can be read once, from its beginning. */
type Kind = "file" | "folder" | "stream";

function kindOf(path: string): Kind | undefined {
  if (!existsSync(path)) return undefined;
  const found = statSync(path);
  if (found.isDirectory()) return "folder";
  return found.isFile() ? "file" : "stream";
}

function slashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

/** Files of the same name get as many folders before it as make them differ. */
function withUniqueNames(found: readonly Found[]): InputFile[] {
  const names = found.map(({ name }) => name);
  for (let round = 0; round < 100; round++) {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    let changed = false;
    found.forEach(({ place }, i) => {
      if (counts.get(names[i]) === 1) return;
      const longer = oneFolderMore(place, names[i]);
      changed ||= longer !== names[i];
      names[i] = longer;
    });
    if (!changed) break;
  }
  return found.map(({ path, url }, i) => (url === undefined ? { name: names[i], path } : { name: names[i], path, url }));
}

function oneFolderMore(place: string, name: string): string {
  const above = place.slice(0, place.length - name.length).replace(/\/$/, "");
  const folder = above.slice(above.lastIndexOf("/") + 1);
  return folder === "" ? name : `${folder}/${name}`;
}
