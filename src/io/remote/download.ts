// Copies a remote file into the cache: resumed where it broke off, tried again when the network fails, under its name only when whole.
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { dataError } from "../../core/errors.ts";

export interface RemoteFile {
  /** Within its source, as it stands in row ids. */
  readonly name: string;
  readonly url: string;
  /** Copies it and returns the copy's path; a copy that is whole is not made again. */
  copyTo(cacheDir: string): Promise<string>;
}

export interface Download {
  /** For messages, and the key of the copy. */
  readonly url: string;
  readonly cacheDir: string;
  /** GET with these headers; must honour Range. */
  readonly get: (headers: Readonly<Record<string, string>>) => Promise<Response>;
}

const tries = 5;
const firstWait = 200;

export async function download({ url, cacheDir, get }: Download): Promise<string> {
  const key = createHash("sha256").update(url).digest("hex").slice(0, 24);
  const target = join(cacheDir, `${key}-${basename(new URL(url).pathname) || "file"}`);
  if (existsSync(target)) return target;
  mkdirSync(cacheDir, { recursive: true });
  const partial = `${target}.partial`;
  let fault: unknown;
  for (let attempt = 0; attempt < tries; attempt++) {
    if (attempt > 0) await sleep(firstWait * 2 ** (attempt - 1));
    try {
      await fetchRest(partial, get);
      renameSync(partial, target);
      return target;
    } catch (error) {
      fault = error;
      if (error instanceof Refused && !error.mayPass) break;
    }
  }
  throw dataError({
    where: url,
    expected: "a file that can be fetched",
    found: fault instanceof Error ? fault.message : String(fault),
    fix: "check the address, the network and the credentials; what was fetched is kept, and the same command goes on from there",
  });
}

/** An answer that is not a file. */
class Refused extends Error {
  readonly mayPass: boolean;

  constructor(status: number, text: string) {
    super(`the server answered ${status} ${text}`.trim());
    this.mayPass = status === 408 || status === 429 || status >= 500;
  }
}

async function fetchRest(partial: string, get: Download["get"]): Promise<void> {
  const have = existsSync(partial) ? statSync(partial).size : 0;
  const response = await get(have > 0 ? { range: `bytes=${have}-` } : {});
  if (response.status === 416) {
    // The copy is as long as the file, or the file has changed: begin anew.
    rmSync(partial);
    throw new Refused(503, "for a range behind the file's end");
  }
  if (!response.ok || !response.body) throw new Refused(response.status, response.statusText);
  const resumed = response.status === 206;
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  await pipeline(
    Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
    createWriteStream(partial, { flags: resumed ? "a" : "w" }),
  );
  const expected = (resumed ? have : 0) + length;
  // A packed transfer's length is not the file's.
  const packed = response.headers.get("content-encoding") !== null;
  if (!packed && Number.isFinite(expected) && statSync(partial).size !== expected)
    throw new Error(`${statSync(partial).size} of ${expected} bytes arrived`);
}
