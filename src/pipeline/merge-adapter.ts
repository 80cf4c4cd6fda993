// The whole model with an adapter merged in: W + scale B A for every adapted projection, one tensor in memory at a time.
import { join } from "node:path";
import { type FileRecord, writeAtomic } from "../io/atomic.ts";
import { writeFolder } from "../io/atomic-folder.ts";
import type { Sha256 } from "../io/checksum.ts";
import { readJsonFile } from "../io/json-file.ts";
import { writeSafetensors } from "../io/safetensors.ts";
import type { ModelConfig } from "../train/model/config.ts";
import { loraName, type LoraOptions, loraScale } from "../train/model/lora.ts";
import { parameterShapes } from "../train/model/parameters.ts";
import { fileTypes, openTensors, recordsOf } from "./checkpoint.ts";

export interface MergeOptions {
  readonly config: ModelConfig;
  readonly lora: LoraOptions;
  /** Folders of the base model and of the checkpoint with the adapter. */
  readonly base: string;
  readonly checkpoint: string;
  /** Where the merged model goes; what was there is replaced when the new one is whole. */
  readonly target: string;
  readonly storage: keyof typeof fileTypes;
  /** Files that go beside it: tokenizer, chat template, generation_config.json. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Its config.json. */
  readonly configFile: Uint8Array;
}

/** Returns the files written, named below the target. */
export async function mergeAdapter({
  config,
  lora,
  base,
  checkpoint,
  target,
  storage,
  files,
  configFile,
}: MergeOptions): Promise<FileRecord<Sha256>[]> {
  const { dtype } = fileTypes[storage];
  const records: FileRecord<Sha256>[] = [];
  const weights = await openTensors(base);
  const adapter = await openTensors(join(checkpoint, "adapter_model.safetensors"));
  try {
    const tensors = parameterShapes(config).map(({ name, shape, kind }) => ({
      name,
      shape,
      dtype: kind !== "norm" && kind !== "bias" ? dtype : ("F32" as const),
      values: async () => {
        const values = await weights.source.readFloats(name);
        const projection = name.replace(/\.weight$/, "");
        if (!adapter.source.shape(loraName(projection, "A"))) return values;
        const a = await adapter.source.readFloats(loraName(projection, "A"));
        const b = await adapter.source.readFloats(loraName(projection, "B"));
        addProduct(values, { a, b, outputs: shape[0], inputs: shape[1], r: lora.r, scale: loraScale(lora) });
        return values;
      },
    }));
    await writeFolder(target, async (unfinished) => {
      const written = await writeSafetensors(join(unfinished, "model.safetensors"), tensors, { refuseNotFinite: true });
      records.push(...recordsOf(written));
      for (const [name, bytes] of Object.entries({ "config.json": configFile, ...files }))
        records.push({ file: name, ...writeAtomic(join(unfinished, name), bytes) });
    });
    return records;
  } finally {
    await weights.close();
    await adapter.close();
  }
}

/** weight[outputs, inputs] += scale b[outputs, r] a[r, inputs]. */
function addProduct(
  weight: Float32Array,
  args: {
    readonly a: Float32Array;
    readonly b: Float32Array;
    readonly outputs: number;
    readonly inputs: number;
    readonly r: number;
    readonly scale: number;
  },
): void {
  const { a, b, outputs, inputs, r, scale } = args;
  const row = new Float64Array(inputs);
  for (let o = 0; o < outputs; o++) {
    row.fill(0);
    for (let i = 0; i < r; i++) {
      const factor = scale * b[o * r + i];
      if (factor !== 0) for (let j = 0; j < inputs; j++) row[j] += factor * a[i * inputs + j];
    }
    for (let j = 0; j < inputs; j++) weight[o * inputs + j] += row[j];
  }
}

/** An adapter folder's own settings, as PEFT wrote them. */
export function readAdapterConfig(folder: string): LoraOptions & { readonly base: string } {
  const json = readJsonFile<LoraOptions & { readonly base_model_name_or_path: string }>(
    join(folder, "adapter_config.json"),
    "get the adapter again, or name another checkpoint",
  );
  const { r, lora_alpha, lora_dropout, target_modules, use_rslora, base_model_name_or_path: base } = json;
  return { r, lora_alpha, lora_dropout, target_modules, use_rslora: use_rslora ?? false, base };
}
