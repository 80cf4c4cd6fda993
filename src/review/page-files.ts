// The page's own files: a fixed list, read once. A request names one of them or nothing; no path is ever made from a request.
import { readdirSync, readFileSync } from "node:fs";

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/** By the path under which the browser asks. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const folder = new URL("./page/", import.meta.url);
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = types[name.slice(name.lastIndexOf(".") + 1)];
    if (type !== undefined) files.set(name === "index.html" ? "/" : `/${name}`, { type, bytes: readFileSync(new URL(name, folder)) });
  }
  return files;
}
