// Tokenizer files from a folder or from the Hugging Face Hub (HF_ENDPOINT and HF_TOKEN are honoured).
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { downloadFile } from "@huggingface/hub";
import { recipeError } from "../core/errors.ts";

/** Bytes of the files that are there, by name. */
export type TokenizerBytes = Readonly<Record<string, Uint8Array>>;

/** tokenizer.json is needed; the others may be missing. */
const wanted = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "special_tokens_map.json"] as const;

/** Reads a tokenizer named by a recipe: an existing folder, else `owner/name[@revision]` on the Hub. */
export async function loadTokenizerFiles(name: string): Promise<TokenizerBytes> {
  const local = existsSync(name) && statSync(name).isDirectory();
  if (!local && !/^[\w.-]+\/[\w.-]+(@[\w./-]+)?$/.test(name)) throw notFound(name, "neither a folder nor a Hub id");
  const files: Record<string, Uint8Array> = {};
  for (const file of wanted) {
    const bytes = local ? fromFolder(join(name, file)) : await fromHub(name, file);
    if (bytes) files[file] = bytes;
  }
  if (!files["tokenizer.json"]) throw notFound(name, "no tokenizer.json there");
  return files;
}

function fromFolder(path: string): Uint8Array | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

async function fromHub(name: string, path: string): Promise<Uint8Array | undefined> {
  const [repo, revision] = name.split("@");
  const options = { repo, path, revision, accessToken: process.env.HF_TOKEN, hubUrl: process.env.HF_ENDPOINT };
  try {
    const blob = await downloadFile(options);
    return blob ? new Uint8Array(await blob.arrayBuffer()) : undefined;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw notFound(name, `the Hub did not give ${path}: ${(error as Error).message}`);
  }
}

function notFound(name: string, found: string): Error {
  return recipeError({
    where: `tokenizer: ${name}`,
    expected: "a folder that holds tokenizer.json, or a Hub id such as Qwen/Qwen2.5-0.5B",
    found,
    fix: "check the path (it is relative to where the command runs), the Hub id, and HF_TOKEN for gated models",
  });
}
