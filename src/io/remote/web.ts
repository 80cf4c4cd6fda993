// A file on the web: https://, and http:// for servers of one's own.
import { basename } from "node:path";
import { download, type RemoteFile } from "./download.ts";

export function webFile(url: string): RemoteFile {
  return {
    name: decodeURIComponent(basename(new URL(url).pathname)) || "file",
    url,
    copyTo: (cacheDir) => download({ url, cacheDir, get: (headers) => fetch(url, { headers }) }),
  };
}
