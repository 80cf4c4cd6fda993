// How much memory a training run takes, before any of it: everything is built on an engine that only counts.
import { bytesOf, type Engine, lengthOf, type Tensor } from "./engine.ts";
import type { ModelConfig } from "./model/config.ts";
import { createDecoder } from "./model/decoder.ts";
import { createModel } from "./model/model.ts";
import { allocateWeights } from "./model/weights.ts";
import { type OpName, type Ops, pages } from "./ops/index.ts";
import { createOptimizer } from "./optimizer.ts";
import { decoderChunk, loraOptionsOf, sampleTokens, storageOf, type TrainSettings } from "./settings.ts";

export interface MemoryPlan {
  readonly bytes: number;
  /** The largest tensor, which must fit the device's limit for one. */
  readonly largest: { readonly name: string; readonly bytes: number };
  readonly parts: { readonly weights: number; readonly optimizer: number; readonly activations: number };
  /** Values of all weights, and of the trained ones. */
  readonly parameters: { readonly total: number; readonly trained: number };
}

export function planMemory(config: ModelConfig, settings: TrainSettings): MemoryPlan {
  const engine = createCountingEngine();
  const storage = storageOf(settings);
  const weights = allocateWeights(engine, config, { method: settings.method, lora: loraOptionsOf(settings), storage, training: true });
  const afterWeights = engine.memory().bytes;
  createOptimizer(engine, weights, settings);
  const afterOptimizer = engine.memory().bytes;
  const tokens = settings.max_length * settings.per_device_train_batch_size;
  createModel(engine, weights, { tokens, storage, checkpointing: settings.gradient_checkpointing });
  if (settings.sample_prompts > 0)
    createDecoder(engine, weights, { capacity: sampleTokens(settings).capacity, chunk: decoderChunk, storage: "f32" });
  const { bytes } = engine.memory();
  const sum = (lengths: Iterable<number>): number => [...lengths].reduce((a, b) => a + b, 0);
  const frozen = sum([...weights.nf4.values()].map(({ length }) => length));
  return {
    bytes,
    largest: engine.largest(),
    parts: { weights: afterWeights, optimizer: afterOptimizer - afterWeights, activations: bytes - afterOptimizer },
    parameters: {
      total: sum([...weights.values.values()].map(({ length }) => length)) + frozen,
      trained: sum(weights.trained.map(({ length }) => length)),
    },
  };
}

/** Settings that make a run smaller, in the order in which one would try them, with what each then takes. */
export function smallerSettings(config: ModelConfig, settings: TrainSettings): { readonly change: string; readonly plan: MemoryPlan }[] {
  const tried: { change: string; plan: MemoryPlan }[] = [];
  let now = settings;
  const change = (text: string, next: Partial<TrainSettings>): void => {
    now = { ...now, ...next };
    tried.push({ change: tried.length === 0 ? text : `${tried.at(-1)!.change}, ${text}`, plan: planMemory(config, now) });
  };
  if (now.per_device_train_batch_size > 1) {
    const accumulation = now.gradient_accumulation_steps * now.per_device_train_batch_size;
    change(`per_device_train_batch_size: 1, gradient_accumulation_steps: ${accumulation}`, {
      per_device_train_batch_size: 1,
      gradient_accumulation_steps: accumulation,
    });
  }
  if (!now.gradient_checkpointing) change("gradient_checkpointing: true", { gradient_checkpointing: true });
  if (now.method === "full") change("method: lora", { method: "lora" });
  if (storageOf(now) === "f32") change("bf16: true", { bf16: true });
  if (now.method === "lora") change("method: qlora", { method: "qlora" });
  if (now.max_length > 1024) change("max_length: 1024", { max_length: 1024 });
  return tried;
}

interface CountingEngine extends Engine {
  largest(): { readonly name: string; readonly bytes: number };
}

function createCountingEngine(): CountingEngine {
  let bytes = 0;
  let largest = { name: "", bytes: 0 };
  const idle = (): void => {};
  return {
    name: "reference",
    device: "counting",
    limits: { totalBytes: Infinity, tensorBytes: Infinity, storages: ["f32", "f16", "bf16", "u32", "u8"] },
    ops: Object.fromEntries(Object.keys(pages).map((name) => [name as OpName, idle])) as unknown as Ops<Tensor>,
    allocate(spec) {
      const size = bytesOf(spec);
      bytes += size;
      if (size > largest.bytes) largest = { name: spec.name, bytes: size };
      return { ...spec, length: lengthOf(spec.shape) };
    },
    release(tensor) {
      bytes -= bytesOf(tensor);
    },
    write: idle,
    read: async () => new Float32Array(1),
    finish: async () => {},
    memory: () => ({ bytes, peak: bytes }),
    close: async () => {},
    largest: () => largest,
  };
}
