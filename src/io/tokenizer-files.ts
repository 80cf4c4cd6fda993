// Tokenizer files from a folder or from the Hugging Face Hub, by way of the cache (HF_ENDPOINT, HF_TOKEN and HF_HOME are honoured).
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { recipeError } from "../core/errors.ts";
import { type HubId, parseHubId } from "./remote/hub-id.ts";

/** Bytes of the files that are there, by name. */
export type TokenizerBytes = Readonly<Record<string, Uint8Array>>;

/** tokenizer.json is needed; the others may be missing. */
const wanted = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "special_tokens_map.json"] as const;

/** Reads a tokenizer named by a recipe: an existing folder, else `owner/name[@revision]` on the Hub. */
export async function loadTokenizerFiles(name: string): Promise<TokenizerBytes> {
  const local = existsSync(name) && statSync(name).isDirectory();
  const id = parseHubId(name);
  if (!local && !id) throw notFound(name, "neither a folder nor a Hub id");
  const folder = local ? name : await fromHub(name, id as HubId);
  const files: Record<string, Uint8Array> = {};
  for (const file of wanted) {
    const path = join(folder, file);
    if (existsSync(path)) files[file] = readFileSync(path);
  }
  if (!files["tokenizer.json"]) throw notFound(name, "no tokenizer.json there");
  return files;
}

/** The folder of the cache where the files are. */
async function fromHub(name: string, id: HubId): Promise<string> {
  const { openHubSnapshot } = await import("./remote/hub-snapshot.ts");
  const snapshot = await openHubSnapshot(id, { refuse: (found, fix) => notFound(name, found, fix) });
  await snapshot.fetch(await snapshot.find(wanted));
  return snapshot.folder;
}

const advice = "check the path (it is relative to where the command runs), the Hub id, and HF_TOKEN for gated models";

function notFound(name: string, found: string, fix = advice): Error {
  return recipeError({
    where: `tokenizer: ${name}`,
    expected: "a folder that holds tokenizer.json, or a Hub id such as Qwen/Qwen2.5-0.5B",
    found,
    fix,
  });
}
