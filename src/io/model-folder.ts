// A model named by a recipe or a command, as a folder on this machine: a local folder, or `owner/name[@revision]` on the Hugging Face Hub,
// whose files are brought into the cache first. What is missing is told before anything large is downloaded.
import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { recipeError, type SluiceError } from "../core/errors.ts";
import { type HubId, parseHubId } from "./remote/hub-id.ts";
import type { HubFile, Progress } from "./remote/hub-snapshot.ts";
import { findSafetensors, onlyPickles, readShardIndex } from "./safetensors-reader.ts";

export interface ModelFolderOptions {
  /** What local paths are relative to. */
  readonly baseDir: string;
  /** A branch, tag or commit; `@revision` in the reference comes first. */
  readonly revision?: string;
  /** Hugging Face's own cache by default. */
  readonly cacheDir?: string;
  readonly onProgress?: (progress: Progress) => void;
}

export interface ModelFolder {
  readonly path: string;
  /** Of a model from the Hub: 40 hexadecimal digits that name these very files. */
  readonly commit?: string;
}

const needed = ["config.json", "tokenizer.json"] as const;
const optional = ["generation_config.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"] as const;
const weights = "model.safetensors";
const weightsIndex = "model.safetensors.index.json";
/** Asked for to say why there are no weights. */
const pickles = ["pytorch_model.bin", "pytorch_model.bin.index.json"] as const;

export async function resolveModelFolder(reference: string, options: ModelFolderOptions): Promise<ModelFolder> {
  const local = resolve(options.baseDir, reference);
  if (existsSync(local) && statSync(local).isDirectory()) {
    checkFolder(local);
    return { path: local };
  }
  const named = reference.includes("@") || options.revision === undefined ? reference : `${reference}@${options.revision}`;
  const id = parseHubId(named);
  if (!id) throw unusable(named, `neither a folder (${local}) nor a Hub id`, pathAdvice);
  return fromHub(named, id, options);
}

async function fromHub(reference: string, id: HubId, options: ModelFolderOptions): Promise<ModelFolder> {
  const { cacheDir, onProgress } = options;
  const { openHubSnapshot } = await import("./remote/hub-snapshot.ts");
  const snapshot = await openHubSnapshot(id, {
    refuse: (found, fix) => unusable(reference, found, fix),
    ...(cacheDir === undefined ? {} : { cacheDir }),
    ...(onProgress ? { onProgress } : {}),
  });
  const found = new Map(
    (await snapshot.find([...needed, ...optional, weights, weightsIndex, ...pickles])).map((file) => [file.path, file]),
  );
  const whole = found.get(weights);
  const index = found.get(weightsIndex);
  const pickle = pickles.find((name) => found.has(name));
  if (!whole && !index && pickle !== undefined) throw onlyPickles(`${reference}/${pickle}`);
  const missing = [...needed.filter((name) => !found.has(name)), ...((whole ?? index) ? [] : [weights])];
  if (missing.length > 0) throw lacking(reference, missing, snapshot.offline);
  // Weights come last: where they are, the rest is.
  await snapshot.fetch([...needed, ...optional].flatMap((name) => found.get(name) ?? []));
  if (whole) await snapshot.fetch([whole]);
  else {
    await snapshot.fetch([index as HubFile]);
    const shards = readShardIndex(join(snapshot.folder, weightsIndex)).shards.map((shard) => basename(shard));
    const files = await snapshot.find(shards);
    const lost = shards.filter((shard) => !files.some(({ path }) => path === shard));
    if (lost.length > 0) throw lacking(reference, lost, snapshot.offline);
    await snapshot.fetch(files);
  }
  return { path: snapshot.folder, commit: snapshot.commit };
}

/** Throws with what a folder lacks to be a model. */
function checkFolder(path: string): void {
  const missing: string[] = needed.filter((name) => !existsSync(join(path, name)));
  if (missing.includes("config.json") && existsSync(join(path, "adapter_config.json"))) {
    throw unusable(path, "a LoRA adapter, which is only a part of a model", "name the model that the adapter was trained on");
  }
  const file = findSafetensors(path);
  if (file.endsWith(".json")) {
    missing.push(
      ...readShardIndex(file)
        .shards.filter((shard) => !existsSync(shard))
        .map((shard) => basename(shard)),
    );
  }
  if (missing.length > 0) throw lacking(path, missing, undefined);
}

function lacking(reference: string, missing: readonly string[], offline: string | undefined): SluiceError {
  const advice: string[] = [];
  if (offline !== undefined) advice.push("check the network and try again");
  else if (missing.includes("tokenizer.json")) {
    advice.push("save the tokenizer with it in Python: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)");
  } else advice.push("use a model in the Hugging Face layout, and check that all of it was downloaded");
  const why = offline === undefined ? "" : ` in the cache, and the Hub was not reached: ${offline}`;
  return unusable(reference, `no ${missing.join(", no ")}${why}`, advice.join("; "));
}

const pathAdvice = "check the path (it is relative to the recipe's folder or where the command runs), or write a Hub id as owner/name";

function unusable(reference: string, found: string, fix: string): SluiceError {
  return recipeError({
    where: `model: ${reference}`,
    expected: "a folder with config.json, tokenizer.json and model.safetensors, or a Hub id such as Qwen/Qwen2.5-0.5B",
    found,
    fix,
  });
}
