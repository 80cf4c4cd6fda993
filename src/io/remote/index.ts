// Remote paths of a source: which files they mean, and copies of those in the cache. Folders and globs are listed; a file's own address is not.
import { basename } from "node:path";
import { type Found, type Matched, nothingFound, type Place, refusalOf, unreadable } from "../inputs.ts";
import { formatOfName } from "../format.ts";
import { compareNatural, globTest, isGlob, splitGlob } from "../paths.ts";
import { download, type Send } from "./download.ts";
import { openHub } from "./hub.ts";
import { listed } from "./listing.ts";
import { openS3 } from "./s3.ts";

/** A place of many files. */
export interface RemoteFolder {
  /** The wanted file, folder or glob within it. */
  readonly path: string;
  /** Its address as recipes write it, with a slash at its end. */
  readonly root: string;
  readonly send: Send;
  urlOf(path: string): string;
  /** All files below a folder (empty, or with a slash at its end), as paths from the root. */
  list(folder: string): Promise<readonly string[]>;
}

export async function fetchRemote(place: Place, cacheDir: string): Promise<Matched> {
  if (/^https?:/.test(place.path)) return fetchAddress(place, cacheDir);
  return fetchFrom(place.path.startsWith("hf:") ? openHub(place) : openS3(place), place, cacheDir);
}

async function fetchAddress(place: Place, cacheDir: string): Promise<Matched> {
  if (!URL.canParse(place.path)) throw unreadable(place, "not an address", "write https://host/path/file.jsonl");
  const url = new URL(place.path);
  const path = await download({
    url: place.path,
    cacheDir,
    refuse: refusalOf(place),
    send: (address, headers) => fetch(address, { headers }),
  });
  const address = decoded(`${url.host}${url.pathname}`);
  return { files: [{ path, place: address, name: basename(address) || url.host, url: place.path }], skipped: [] };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function fetchFrom(folder: RemoteFolder, place: Place, cacheDir: string): Promise<Matched> {
  const { names, base, skipped } = await wantedFiles(folder, place, cacheDir);
  const files: Found[] = [];
  for (const name of names) {
    const url = folder.urlOf(name);
    const path = await download({ url, cacheDir, refuse: refusalOf(place), send: folder.send });
    files.push({ path, place: folder.root + name, name: name.slice(base.length), url: folder.root + name });
  }
  return { files, skipped };
}

interface Wanted {
  readonly names: readonly string[];
  /** The fixed part of the path: what names in row ids leave out. */
  readonly base: string;
  readonly skipped: string[];
}

async function wantedFiles(folder: RemoteFolder, place: Place, cacheDir: string): Promise<Wanted> {
  const { path } = folder;
  if (!isGlob(path) && !path.endsWith("/") && formatOfName(path) !== undefined) {
    return { names: [path], base: path.slice(0, path.lastIndexOf("/") + 1), skipped: [] };
  }
  const split = isGlob(path) ? splitGlob(path) : { base: path.replace(/\/$/, ""), pattern: "**" };
  const base = split.base === "." || split.base === "" ? "" : `${split.base}/`;
  const matches = globTest(split.pattern);
  const all = await listed(place, cacheDir, () => folder.list(base));
  const found = all.filter((name) => name.startsWith(base) && matches(name.slice(base.length)) && !/(?:^|\/)\./.test(name));
  const names = found.filter((name) => formatOfName(name) !== undefined).sort(compareNatural);
  const skipped = found.filter((name) => formatOfName(name) === undefined).map((name) => name.slice(base.length));
  if (names.length === 0) throw nothingFound(place, skipped);
  return { names, base, skipped };
}
