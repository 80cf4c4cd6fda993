// How much memory a training run takes, before any of it: everything is built, and a step recorded, on an engine that only counts.
import { bytesOf, type Engine, OutOfMemory, type Tensor, type TensorSpec } from "./engine.ts";
import type { Batch } from "./model/batch.ts";
import type { ModelConfig } from "./model/config.ts";
import { createDecoder } from "./model/decoder.ts";
import { createModel } from "./model/model.ts";
import { allocateWeights } from "./model/weights.ts";
import { createOptimizer } from "./optimizer.ts";
import { decoderChunk, modelOptionsOf, sampleTokens, storageOf, type TrainSettings, weightOptionsOf } from "./settings.ts";

export interface MemoryPlan {
  readonly bytes: number;
  readonly largest: { readonly name: string; readonly bytes: number };
  /** activations: with what ops work in, and the engine's own. */
  readonly parts: { readonly weights: number; readonly optimizer: number; readonly activations: number };
  /** Values of all weights, and of the trained ones. */
  readonly parameters: { readonly total: number; readonly trained: number };
}

/** counting: of the engine that is to train; see DeviceEngine. Throws an OutOfMemory where that engine cannot have a tensor. */
export function planMemory<T extends Tensor>(config: ModelConfig, settings: TrainSettings, counting: Engine<T>): MemoryPlan {
  let largest = { name: "", bytes: 0 };
  const allocate = (spec: TensorSpec): T => {
    const bytes = bytesOf(spec);
    if (bytes > largest.bytes) largest = { name: spec.name, bytes };
    return counting.allocate(spec);
  };
  const engine = { ...counting, allocate };
  const weights = allocateWeights(engine, config, weightOptionsOf(settings));
  const afterWeights = engine.memory().bytes;
  const optimizer = createOptimizer(engine, weights, settings);
  const afterOptimizer = engine.memory().bytes;
  const model = createModel(engine, weights, modelOptionsOf(settings));
  // What does not fit by its tensors alone takes no more to be refused.
  const { max_length: longest, per_device_train_batch_size: rows } = settings;
  const sizes = engine.memory().bytes > counting.limits.totalBytes ? [] : new Set([longest * rows, Math.min(2, longest), 1]);
  optimizer.clearGradients();
  // A product of few rows is made in parts, for which an engine takes memory of its own.
  for (const size of sizes) {
    model.forwardBackward(fullBatch(size, longest), { gradScale: 1, dropoutSeed: 1 });
    model.forward(fullBatch(size, longest));
  }
  void optimizer.step({ step: 1, learningRate: 0 });
  if (settings.sample_prompts > 0) {
    const { capacity } = sampleTokens(settings);
    const decoder = createDecoder(engine, weights, { capacity, chunk: decoderChunk, storage: "f32" });
    for (const length of [Math.min(decoderChunk, capacity - 1), 1]) void decoder.append(new Uint32Array(length));
  }
  const { bytes } = engine.memory();
  const sum = (lengths: Iterable<number>): number => [...lengths].reduce((a, b) => a + b, 0);
  const frozen = sum([...weights.nf4.values()].map(({ length }) => length));
  return {
    bytes,
    largest,
    parts: { weights: afterWeights, optimizer: afterOptimizer - afterWeights, activations: bytes - afterOptimizer },
    parameters: {
      total: sum([...weights.values.values()].map(({ length }) => length)) + frozen,
      trained: sum(weights.trained.map(({ length }) => length)),
    },
  };
}

/** Documents as long as they may be, all tokens supervised. */
function fullBatch(tokens: number, longest: number): Batch {
  const each = (value: (token: number) => number): Uint32Array => Uint32Array.from({ length: tokens }, (_, token) => value(token));
  const first = (token: number): number => token - (token % longest);
  return {
    ids: each(() => 0),
    positions: each((token) => token % longest),
    firsts: each(first),
    ends: each((token) => Math.min(tokens, first(token) + longest)),
    rows: each((token) => token),
    labels: each(() => 0),
  };
}

export interface SmallerSettings {
  readonly change: string;
  /** Undefined where the engine cannot have one of the tensors even so. */
  readonly plan: MemoryPlan | undefined;
}

/** Settings that make a run smaller, in the order in which one would try them, with what each then takes. counting: an engine for each plan. */
export function smallerSettings<T extends Tensor>(
  config: ModelConfig,
  settings: TrainSettings,
  counting: () => Engine<T>,
): readonly SmallerSettings[] {
  const tried: SmallerSettings[] = [];
  const plan = (): MemoryPlan | undefined => {
    try {
      return planMemory(config, now, counting());
    } catch (error) {
      if (error instanceof OutOfMemory) return undefined;
      throw error;
    }
  };
  let now = settings;
  const change = (text: string, next: Partial<TrainSettings>): void => {
    now = { ...now, ...next };
    tried.push({ change: tried.length === 0 ? text : `${tried.at(-1)!.change}, ${text}`, plan: plan() });
  };
  if (now.per_device_train_batch_size > 1) {
    const accumulation = now.gradient_accumulation_steps * now.per_device_train_batch_size;
    change(`per_device_train_batch_size: 1, gradient_accumulation_steps: ${accumulation}`, {
      per_device_train_batch_size: 1,
      gradient_accumulation_steps: accumulation,
    });
  }
  if (!now.gradient_checkpointing) change("gradient_checkpointing: true", { gradient_checkpointing: true });
  if (now.method === "full" && now.init !== "random") change("method: lora", { method: "lora" });
  if (storageOf(now) === "f32") change("bf16: true", { bf16: true });
  if (now.method === "lora") change("method: qlora", { method: "qlora" });
  if (now.max_length > 1024) change("max_length: 1024", { max_length: 1024 });
  return tried;
}
