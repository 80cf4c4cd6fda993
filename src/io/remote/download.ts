// One remote file into the cache: resumed where a part is there, tried again where the network fails, whole or not there at all.
// A copy is known by its address and by what the server calls its version; it is asked for again only if that changed.
import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { writeAtomic } from "../atomic.ts";
import { diskError } from "../system-error.ts";

/** Sends a request; what signs or authorises it is the caller's. */
export type Send = (url: string, headers: Readonly<Record<string, string>>) => Promise<Response>;

/** Makes the error of what the address is for: what was found, what to do. */
export type Refuse = (found: string, fix: string) => Error;

export interface DownloadOptions {
  readonly url: string;
  readonly cacheDir: string;
  readonly send: Send;
  readonly refuse: Refuse;
  /** Told of the bytes that are there, each time some more are. */
  readonly onBytes?: (bytes: number) => void;
}

interface Note {
  readonly url: string;
  /** ETag or Last-Modified; empty where the server tells neither. */
  readonly version: string;
  readonly bytes: number;
}

/** In a row that bring little. */
const attempts = 5;
/** Bytes that make an attempt worth another: a large file may break off often and still arrive. */
const muchBytes = 1 << 20;
/** Milliseconds before the second try; doubled before each further one. */
const firstWait = 200;

/** The path of the whole copy. */
export async function download({ url, cacheDir, send, refuse, onBytes }: DownloadOptions): Promise<string> {
  const folder = join(cacheDir, "remote");
  mkdirSync(folder, { recursive: true });
  const name = basename(decodeURIComponent(new URL(url).pathname))
    .replace(/[^\w.-]/g, "_")
    .slice(-100);
  const target = join(folder, `${createHash("sha256").update(url).digest("hex").slice(0, 16)}-${name}`);
  const known = existsSync(target) ? readNote(`${target}.json`) : undefined;
  // Without a version there is nothing to ask for.
  if (known?.version === "") return target;
  // A part of an earlier start is gone on with only where its version is known.
  if (!readNote(`${target}.part.json`)?.version) rmSync(`${target}.part`, { force: true });
  let failure = "";
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, firstWait * 2 ** (attempt - 1)));
    const before = sizeOf(`${target}.part`);
    try {
      const outcome = await once({ url, target, known, send, onBytes });
      if (outcome === "done") return target;
      if (typeof outcome === "number") throw refused(refuse, url, outcome);
      failure = outcome.again;
    } catch (error) {
      if (!isNetworkError(error)) throw error;
      failure = networkMessage(error);
    }
    if (sizeOf(`${target}.part`) - before >= muchBytes) attempt = 0;
  }
  // What was copied before stands where the server cannot be asked.
  if (known) return target;
  throw refuse(`${url}: ${failure}, ${attempts} times`, "check the network and try again: what was fetched is kept");
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

interface Attempt {
  readonly url: string;
  readonly target: string;
  readonly known: Note | undefined;
  readonly send: Send;
  readonly onBytes: DownloadOptions["onBytes"];
}

/** One request: done, a status that will not change, or why to try again. */
async function once({ url, target, known, send, onBytes }: Attempt): Promise<"done" | number | { readonly again: string }> {
  const part = `${target}.part`;
  const started = existsSync(part) ? readNote(`${part}.json`) : undefined;
  const have = started ? sizeOf(part) : 0;
  const headers: Record<string, string> = {};
  if (have > 0 && started) {
    headers["range"] = `bytes=${have}-`;
    if (started.version !== "") headers["if-range"] = started.version;
  } else if (known && known.version !== "") headers[isDate(known.version) ? "if-modified-since" : "if-none-match"] = known.version;
  const response = await send(url, headers);
  if (response.status === 304) return "done";
  if (response.status === 416) {
    rmSync(part, { force: true });
    return { again: "the server has another version than the part that was fetched" };
  }
  if (response.status === 408 || response.status === 429 || response.status >= 500) {
    await response.body?.cancel();
    return { again: `it answered ${response.status}` };
  }
  if (!response.ok || !response.body) return response.status;
  const from = response.status === 206 ? have : 0;
  const range = /bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  if (range && Number(range[1]) !== from) {
    await response.body.cancel();
    rmSync(part, { force: true });
    return { again: `it sent bytes from ${range[1]} instead of ${from}` };
  }
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  // fetch unpacks Content-Encoding: the length is then of other bytes.
  const total = Number.isNaN(length) || response.headers.get("content-encoding") ? undefined : from + length;
  const note: Note = { url, version: versionOf(response), bytes: total ?? -1 };
  writeAtomic(`${part}.json`, JSON.stringify(note));
  const size = await append(response.body, { part, from, onBytes });
  if (total !== undefined && size < total) return { again: `the connection ended after ${size} of ${total} bytes` };
  writeAtomic(`${target}.json`, JSON.stringify({ ...note, bytes: size }));
  renameSync(part, target);
  rmSync(`${part}.json`, { force: true });
  return "done";
}

interface Part {
  readonly part: string;
  /** Bytes of it that are kept. */
  readonly from: number;
  readonly onBytes: DownloadOptions["onBytes"];
}

async function append(body: ReadableStream<Uint8Array>, { part, from, onBytes }: Part): Promise<number> {
  const descriptor = openSync(part, from > 0 ? "r+" : "w");
  let size = from;
  try {
    for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
      for (let done = 0; done < bytes.length;) {
        const written = writeSync(descriptor, bytes, done, bytes.length - done, size);
        done += written;
        size += written;
      }
      onBytes?.(size);
    }
    fsyncSync(descriptor);
  } catch (error) {
    throw diskError(part, error);
  } finally {
    closeSync(descriptor);
  }
  return size;
}

/** A strong ETag, else the date: what If-Range may name. */
function versionOf({ headers }: Response): string {
  const etag = headers.get("etag");
  return etag !== null && !etag.startsWith("W/") ? etag : (headers.get("last-modified") ?? etag ?? "");
}

function isDate(version: string): boolean {
  return !version.includes('"') && version.includes(":");
}

function readNote(path: string): Note | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Note;
  } catch {
    return undefined;
  }
}

export function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code ?? (error.cause as NodeJS.ErrnoException | undefined)?.code ?? "";
  return (
    error instanceof TypeError || error.name === "AbortError" || /^(ECONN|ENET|EHOST|EAI|ENOTFOUND|ETIMEDOUT|EPIPE|UND_ERR)/.test(code)
  );
}

export function networkMessage(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error && cause.message !== "" ? cause.message : message;
}

export function refused(refuse: Refuse, url: string, status: number): Error {
  const fix =
    status === 401 || status === 403
      ? "check the credentials (HF_TOKEN for the Hub, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for S3) and that they may read it"
      : "check the address";
  return refuse(`${url} answered ${status}`, fix);
}
