// Known answers of test/vectors/train (its make.py): documents to batches, models from files, and the engines that must agree with them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine, Storage } from "../../src/train/engine.ts";
import type { Batch } from "../../src/train/model/batch.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import type { LoraOptions } from "../../src/train/model/lora.ts";
import { createModel, type Model } from "../../src/train/model/model.ts";
import { allocateWeights, type WeightOptions } from "../../src/train/model/weights.ts";
import { quantizeNf4 } from "../../src/train/nf4.ts";
import { layDocuments } from "../../src/train/ops/page.ts";
import { root } from "../shared.ts";
import { createCpuEngine } from "../../src/train/engines/cpu/index.ts";
import { createReferenceEngine } from "./reference-engine.ts";
import { type FileTensor, readSafetensors } from "./safetensors.ts";
import { noWebgpu } from "./webgpu.ts";
import { webgpuEngine } from "./webgpu-shared.ts";

/** Engines that must give the known answers; a new one is a line. */
export const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  reference: async () => createReferenceEngine(),
  cpu: async () => createCpuEngine({ blas: "off" }),
  // Where there is no adapter, contract.test.ts skips it and says why.
  ...(noWebgpu === false ? { webgpu: webgpuEngine } : {}),
};

/** What made a fixture, e.g. torch: "2.15.0". */
export type Versions = Readonly<Record<string, string>>;

/** ids[length] and labels[length]: a token's own id where it carries loss, else -100. */
export interface Document {
  readonly ids: readonly number[];
  readonly labels: readonly number[];
}

export function vector(...path: string[]): string {
  return join(root, "test", "vectors", "train", ...path);
}

export function readJson<Value>(...path: string[]): Value {
  return JSON.parse(readFileSync(vector(...path), "utf8")) as Value;
}

/** Documents one behind the other. A document's first token is never predicted. */
export function batchOf(documents: readonly Document[]): Batch {
  const layout = layDocuments(documents.map(({ ids }) => ids.length));
  const rows: number[] = [];
  const labels: number[] = [];
  documents
    .flatMap((document) => document.labels)
    .forEach((label, at) => {
      if (label === -100 || layout.positions[at] === 0) return;
      rows.push(at - 1);
      labels.push(label);
    });
  return {
    ids: Uint32Array.from(documents.flatMap(({ ids }) => ids)),
    ...layout,
    rows: Uint32Array.from(rows),
    labels: Uint32Array.from(labels),
  };
}

export interface LoadOptions {
  /** The most tokens a batch has. */
  readonly tokens: number;
  readonly method?: WeightOptions["method"];
  /** Folder of a PEFT adapter, for lora and qlora. */
  readonly adapter?: string;
  /** Of weights and activations; f32 if left out. */
  readonly storage?: Storage;
}

/** A model of test/vectors/train with its weights, ready to train. */
export function loadModel(engine: Engine, family: string, { tokens, method = "full", adapter, storage = "f32" }: LoadOptions): Model {
  const config = parseModelConfig(readJson(family, "config.json"), `${family}/config.json`);
  const lora = adapter === undefined ? undefined : loraOptions(readJson(adapter, "adapter_config.json"));
  const weights = allocateWeights(engine, config, { method, lora, storage, training: true });
  const files = new Map<string, FileTensor>([
    ...readSafetensors(vector(family, "model.safetensors")),
    ...(adapter === undefined ? [] : readSafetensors(vector(adapter, "adapter_model.safetensors"))),
  ]);
  const take = (name: string, length: number): FileTensor["values"] => {
    const file = files.get(name);
    files.delete(name);
    if (file?.values.length !== length) throw new Error(`${name}: ${length} values in the model, ${file?.values.length} in the files`);
    return file.values;
  };
  const masters = new Map(weights.trained.map(({ name, master }) => [name, master]));
  for (const [name, tensor] of weights.values) {
    const values = take(name, tensor.length);
    for (const place of new Set([tensor, masters.get(name) ?? tensor])) engine.write(place, values);
  }
  for (const [name, weight] of weights.nf4) {
    const { codes, scaleCodes, scaleRanges, offset } = quantizeNf4(Float32Array.from(take(name, weight.length)));
    engine.write(weight.codes, codes);
    engine.write(weight.scaleCodes, scaleCodes);
    engine.write(weight.scaleRanges, scaleRanges);
    engine.write(weight.offset, Float32Array.of(offset));
  }
  if (files.size > 0) throw new Error(`weights in the files that the model lacks: ${[...files.keys()].join(", ")}`);
  return createModel(engine, weights, { tokens, storage, checkpointing: false });
}

function loraOptions(json: LoraOptions): LoraOptions {
  const { r, lora_alpha, lora_dropout, target_modules, use_rslora } = json;
  return { r, lora_alpha, lora_dropout, target_modules, use_rslora };
}

/** The first `length` values of a float tensor. */
export async function floats(engine: Engine, tensor: Parameters<Engine["read"]>[0], length = tensor.length): Promise<Float64Array> {
  return Float64Array.from(await engine.read(tensor, 0, length));
}

export function norm(values: ArrayLike<number>): number {
  return Math.sqrt(dot(values, values));
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
