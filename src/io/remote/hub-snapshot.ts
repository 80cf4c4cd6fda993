// Files of a model repository on the Hugging Face Hub at one commit, in the cache that Hugging Face's own tools use, laid out as theirs:
// models--OWNER--NAME/refs/REVISION and snapshots/COMMIT/FILE. A file is there whole and with the hash the Hub tells, or not at all.
// Without a network (or with HF_HUB_OFFLINE=1) it is what the cache holds.
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { getHFHubCachePath, HubApiError, modelInfo, pathsInfo } from "@huggingface/hub";
import { dataError } from "../../core/errors.ts";
import { writeAtomic } from "../atomic.ts";
import { download, isNetworkError, networkMessage, type Refuse } from "./download.ts";
import { type HubAccess, hubAccess } from "./hub-access.ts";
import type { HubId } from "./hub-id.ts";

export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  /** Of large files. */
  readonly sha256?: string;
  /** Git's hash of the others. */
  readonly blobSha1?: string;
}

/** Bytes of one file so far. */
export interface Progress {
  readonly file: string;
  readonly bytes: number;
  readonly total: number;
}

export interface HubSnapshot {
  readonly commit: string;
  readonly folder: string;
  /** Why the Hub could not be asked. */
  readonly offline: string | undefined;
  /** Those of the named files that are there. */
  find(paths: readonly string[]): Promise<HubFile[]>;
  /** Brings files into the folder, one after the other; those that are there with the right size stay. */
  fetch(files: readonly HubFile[]): Promise<void>;
}

export interface SnapshotOptions {
  /** Hugging Face's cache by default. */
  readonly cacheDir?: string;
  readonly refuse: Refuse;
  readonly onProgress?: (progress: Progress) => void;
}

export async function openHubSnapshot({ name, revision }: HubId, options: SnapshotOptions): Promise<HubSnapshot> {
  const repository = join(options.cacheDir ?? getHFHubCachePath(), `models--${name.replace("/", "--")}`);
  const access = hubAccess();
  const ask = asking(access, name, options.refuse);
  const isCommit = /^[\da-f]{40}$/.test(revision);
  const ref = join(repository, "refs", revision);
  let offline = /^(?:1|on|yes|true)$/i.test(process.env["HF_HUB_OFFLINE"] ?? "") ? "HF_HUB_OFFLINE is set" : undefined;
  let commit = isCommit ? revision : existsSync(ref) ? readFileSync(ref, "utf8").trim() : undefined;
  if (!offline && !isCommit) {
    try {
      commit = (await ask((common) => modelInfo({ ...common, name, revision, additionalFields: ["sha"] }))).sha;
      if (!/^[\da-f]{40}$/.test(commit)) throw options.refuse(`a commit that is none from ${access.hubUrl}`, "check HF_ENDPOINT");
      writeAtomic(ref, commit);
    } catch (error) {
      if (!isNetworkError(error)) throw error;
      offline = networkMessage(error);
    }
  }
  if (commit === undefined || !/^[\da-f]{40}$/.test(commit)) throw notReached(options.refuse, offline);
  const folder = join(repository, "snapshots", commit);
  return {
    commit,
    folder,
    get offline() {
      return offline;
    },
    async find(paths) {
      if (offline === undefined) {
        try {
          const found = await ask((common) => pathsInfo({ ...common, repo: name, revision: commit, paths: [...paths] }));
          return found.filter(({ type }) => type === "file").map(hubFileOf);
        } catch (error) {
          if (!isNetworkError(error)) throw error;
          offline = networkMessage(error);
        }
      }
      return paths.filter((path) => existsSync(join(folder, path))).map((path) => ({ path, bytes: statSync(join(folder, path)).size }));
    },
    async fetch(files) {
      for (const file of files) await fetchFile({ file, folder, repository, url: urlOf(access, name, commit, file.path), access, options });
    },
  };
}

function hubFileOf(info: Awaited<ReturnType<typeof pathsInfo>>[number]): HubFile {
  const { path, lfs, size, oid } = info;
  if (lfs) return { path, bytes: lfs.size, sha256: lfs.oid.replace("sha256:", "") };
  return oid === undefined ? { path, bytes: size } : { path, bytes: size, blobSha1: oid };
}

function urlOf({ hubUrl }: HubAccess, name: string, commit: string, path: string): string {
  return `${hubUrl}/${name}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

interface FetchOptions {
  readonly file: HubFile;
  readonly folder: string;
  readonly repository: string;
  readonly url: string;
  readonly access: HubAccess;
  readonly options: SnapshotOptions;
}

async function fetchFile({ file, folder, repository, url, access, options }: FetchOptions): Promise<void> {
  const target = join(folder, file.path);
  if (existsSync(target) && statSync(target).size === file.bytes) return;
  const { refuse, onProgress } = options;
  const copy = await download({
    url,
    cacheDir: repository,
    send: access.send,
    refuse,
    onBytes: (bytes) => onProgress?.({ file: file.path, bytes, total: file.bytes }),
  });
  try {
    await check(file, copy, url);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(copy, target);
  } finally {
    // Renamed, or damaged: in either case the next start must not find it.
    rmSync(copy, { force: true });
    rmSync(`${copy}.json`, { force: true });
  }
}

async function check({ bytes, sha256, blobSha1 }: HubFile, path: string, url: string): Promise<void> {
  const refused = (expected: string, found: string): Error =>
    dataError({
      where: url,
      expected,
      found,
      fix: "the damaged copy was deleted: start the same command again; if it stays so, a proxy on the way may change files",
    });
  const { size } = statSync(path);
  if (size !== bytes) throw refused(`${bytes} bytes, as the Hub says`, `${size} bytes`);
  const wanted = sha256 ?? blobSha1;
  if (wanted === undefined) return;
  const hash = createHash(sha256 === undefined ? "sha1" : "sha256");
  if (sha256 === undefined) hash.update(`blob ${size}\0`);
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Uint8Array);
  const found = hash.digest("hex");
  if (found !== wanted) throw refused(`the hash ${wanted}, as the Hub says`, found);
}

interface Common {
  readonly hubUrl: string;
  readonly accessToken?: string;
}

/** Milliseconds before the second and third try. */
const waits = [500, 2000];

/** Asks the Hub's API; a busy server and a broken connection are tried again. A network error is passed on, a refusal is told. */
function asking({ hubUrl, accessToken }: HubAccess, name: string, refuse: Refuse) {
  return async <T>(request: (common: Common) => Promise<T>): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await request(accessToken === undefined ? { hubUrl } : { hubUrl, accessToken });
      } catch (error) {
        const status = error instanceof HubApiError ? error.statusCode : undefined;
        const isNetwork = isNetworkError(error);
        if (!(isNetwork || status === 429 || (status ?? 0) >= 500) || attempt === waits.length) {
          throw isNetwork ? error : apiRefusal(refuse, `${hubUrl}/${name}`, error);
        }
        await new Promise((resolve) => setTimeout(resolve, waits[attempt]));
      }
    }
  };
}

function apiRefusal(refuse: Refuse, url: string, error: unknown): Error {
  const [message] = (error as Error).message.split("\n");
  if (!(error instanceof HubApiError))
    return refuse(`${url} gave an answer that is not the Hub's: ${message}`, "check HF_ENDPOINT and the network");
  const { statusCode } = error;
  const fix =
    statusCode === 401 || statusCode === 403
      ? "set HF_TOKEN to a token that may read it; for a gated model, accept its terms on its page first"
      : statusCode === 404
        ? "check the name and the revision; for a private model, set HF_TOKEN"
        : "try again later: what was fetched is kept";
  return refuse(`${url} answered ${statusCode}: ${message.replace(/\. URL: .*/, "")}`, fix);
}

function notReached(refuse: Refuse, why: string | undefined): Error {
  return refuse(
    `no such folder, not in the cache, and the Hub was not asked: ${why}`,
    "check the path of a folder; for an id of the Hub check the network and try again",
  );
}
