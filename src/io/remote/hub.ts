// Files of Hugging Face Hub data sets: hf://datasets/OWNER/NAME[@REVISION][/path, folder or glob]. HF_ENDPOINT and HF_TOKEN are honoured.
import { createWriteStream, existsSync, mkdirSync, renameSync } from "node:fs";
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { downloadFile, listFiles } from "@huggingface/hub";
import { dataError, recipeError } from "../../core/errors.ts";
import { fixedFolder, isPattern, patternToRegExp } from "../glob.ts";
import type { RemoteFile } from "./download.ts";

const form = /^hf:\/\/datasets\/([\w.-]+\/[\w.-]+?)(?:@([^/]+))?(?:\/(.*))?$/;

export async function listHub(url: string, source: string): Promise<RemoteFile[]> {
  const match = form.exec(url);
  if (!match) {
    throw recipeError({
      where: `sources.${source} path ${url}`,
      expected: "hf://datasets/OWNER/NAME, with @REVISION and a path or glob where needed",
      found: url,
      fix: "e.g. hf://datasets/tatsu-lab/alpaca/data/*.parquet",
    });
  }
  const [, name, revision, path = ""] = match;
  const repo = { type: "dataset", name } as const;
  const access = { repo, revision, hubUrl: process.env.HF_ENDPOINT, accessToken: process.env.HF_TOKEN };
  const folder = isPattern(path) ? fixedFolder(path).replace(/\/$/, "") : path.replace(/\/$/, "");
  const wanted = isPattern(path) ? patternToRegExp(path) : undefined;
  const files: RemoteFile[] = [];
  try {
    for await (const entry of listFiles({ ...access, recursive: true, path: folder === "" ? undefined : folder })) {
      if (entry.type === "file" && (wanted === undefined || wanted.test(entry.path))) files.push(hubFile(entry.path, folder, url, access));
    }
  } catch (error) {
    // A path that is a file has no listing.
    if (!isPattern(path) && path !== "" && statusOf(error) === 404)
      return [hubFile(path, folder.slice(0, folder.lastIndexOf("/") + 1), url, access)];
    throw unreachable(url, error);
  }
  return files;
}

type Access = Omit<Parameters<typeof downloadFile>[0], "path">;

function hubFile(path: string, folder: string, given: string, access: Access): RemoteFile {
  const { repo, revision } = access as { repo: { name: string }; revision?: string };
  const url = `hf://datasets/${repo.name}${revision ? `@${revision}` : ""}/${path}`;
  const base = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  return {
    name: path.startsWith(base) && path !== base ? path.slice(base.length) : basename(path),
    url: given === url ? given : url,
    copyTo: (cacheDir) => copyFromHub(url, path, cacheDir, access),
  };
}

async function copyFromHub(url: string, path: string, cacheDir: string, access: Access): Promise<string> {
  const key = createHash("sha256").update(url).digest("hex").slice(0, 24);
  const target = join(cacheDir, `${key}-${basename(path)}`);
  if (existsSync(target)) return target;
  mkdirSync(cacheDir, { recursive: true });
  try {
    const blob = await downloadFile({ ...access, path } as Parameters<typeof downloadFile>[0]);
    if (!blob) throw new Error("there is no such file");
    await pipeline(Readable.fromWeb(blob.stream() as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(`${target}.partial`));
    renameSync(`${target}.partial`, target);
    return target;
  } catch (error) {
    throw unreachable(url, error);
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

function unreachable(url: string, error: unknown): Error {
  return dataError({
    where: url,
    expected: "a data set that the Hub gives",
    found: error instanceof Error ? error.message : String(error),
    fix: "check the name, the revision, the network, and HF_TOKEN for gated data sets",
  });
}
