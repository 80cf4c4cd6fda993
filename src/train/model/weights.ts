// A model's weights in an engine's memory, and which of them are trained. Filled by whoever loads or initialises them.
import { type Engine, lengthOf, type Storage, type Tensor } from "../engine.ts";
import type { ModelConfig } from "./config.ts";
import { type LoraOptions, loraShapes } from "./lora.ts";
import { parameterShapes, type ParameterShape } from "./parameters.ts";

/** A weight that the optimizer moves. */
export interface Trained<T extends Tensor = Tensor> {
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
  readonly kind: ParameterShape["kind"];
  /** What the optimizer moves, f32: `value` itself, or the f32 original of a value stored in fewer bits. */
  readonly master: T;
  /** What the model computes with. */
  readonly value: T;
  readonly gradient: T;
}

/** A frozen matrix in 4 bits; see ops/dequantize-nf4.ts. */
export interface Nf4Weight<T extends Tensor = Tensor> {
  readonly codes: T;
  readonly scaleCodes: T;
  readonly scaleRanges: T;
  readonly offset: T;
  readonly length: number;
}

export interface WeightOptions {
  /** Full trains every weight; lora and qlora train adapters only, qlora on 4-bit projections. */
  readonly method: "full" | "lora" | "qlora";
  /** For lora and qlora. */
  readonly lora?: LoraOptions;
  /** Storage of weights: f32, or bf16 with an f32 original of each trained weight. */
  readonly storage: Storage;
  /** False for a model that only generates or evaluates: no gradients are allocated. */
  readonly training: boolean;
}

export interface Weights<T extends Tensor = Tensor> {
  readonly config: ModelConfig;
  readonly options: WeightOptions;
  /** By Hugging Face name; projections in 4 bits are in `nf4` instead. */
  readonly values: ReadonlyMap<string, T>;
  readonly nf4: ReadonlyMap<string, Nf4Weight<T>>;
  /** In checkpoint order. */
  readonly trained: readonly Trained<T>[];
  /** The gradient of a trained weight, undefined where it is frozen. */
  gradientOf(name: string): T | undefined;
}

/** Allocates all weights, zero for now. Values stored in 4 bits are written by train/nf4.ts. */
export function allocateWeights<T extends Tensor>(engine: Engine<T>, config: ModelConfig, options: WeightOptions): Weights<T> {
  const values = new Map<string, T>();
  const nf4 = new Map<string, Nf4Weight<T>>();
  const trained: Trained<T>[] = [];
  const gradients = new Map<string, T>();
  const add = (parameter: ParameterShape, isTrained: boolean): void => {
    const { name, shape, kind } = parameter;
    // Norms and biases are small and their rounding shows: always f32.
    const storage = kind === "norm" || kind === "bias" ? "f32" : options.storage;
    const value = engine.allocate({ name, shape, storage });
    values.set(name, value);
    if (!isTrained) return;
    const master = storage === "f32" ? value : engine.allocate({ name: `${name} (f32)`, shape, storage: "f32" });
    const gradient = engine.allocate({ name: `${name} (gradient)`, shape, storage: "f32" });
    gradients.set(name, gradient);
    trained.push({ name, shape, length: lengthOf(shape), kind, master, value, gradient });
  };
  const full = options.training && options.method === "full";
  for (const parameter of parameterShapes(config)) {
    const quantised = options.method === "qlora" && parameter.kind === "linear" && parameter.name !== "lm_head.weight";
    if (quantised) nf4.set(parameter.name, allocateNf4(engine, parameter));
    else add(parameter, full);
  }
  if (options.lora && options.method !== "full") for (const shape of loraShapes(config, options.lora)) add(shape, options.training);
  return { config, options, values, nf4, trained, gradientOf: (name) => gradients.get(name) };
}

function allocateNf4<T extends Tensor>(engine: Engine<T>, { name, shape }: ParameterShape): Nf4Weight<T> {
  const length = lengthOf(shape);
  const blocks = Math.ceil(length / 64);
  return {
    codes: engine.allocate({ name: `${name} (4-bit codes)`, shape: [Math.ceil(length / 2)], storage: "u8" }),
    scaleCodes: engine.allocate({ name: `${name} (scale codes)`, shape: [blocks], storage: "u8" }),
    scaleRanges: engine.allocate({ name: `${name} (scale ranges)`, shape: [Math.ceil(blocks / 256)], storage: "f32" }),
    offset: engine.allocate({ name: `${name} (scale offset)`, shape: [1], storage: "f32" }),
    length,
  };
}
