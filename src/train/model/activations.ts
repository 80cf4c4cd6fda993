// The memory a forward and backward pass works in, for up to `tokens` tokens. What a layer keeps for its backward pass is apart from what
// all layers share; with checkpointing a layer keeps its input only and the rest is made again, in memory that all layers share.
import type { Engine, Storage, Tensor } from "../engine.ts";
import type { ModelConfig } from "./config.ts";

/** What a layer's backward pass looks at. Shapes: rows are tokens. */
export interface LayerActivations<T extends Tensor = Tensor> {
  /** [tokens, width]: the residual stream into the layer. */
  readonly input: T;
  readonly kept: LayerInner<T>;
}

export interface LayerInner<T extends Tensor = Tensor> {
  /** normed[tokens, width], normScale[tokens] of the input. */
  readonly normed: T;
  readonly normScale: T;
  /** Before the head norm; the same tensors as q and k where there is none. */
  readonly rawQ: T;
  readonly rawK: T;
  readonly qScale: T | undefined;
  readonly kScale: T | undefined;
  /** q[tokens, heads x headSize], k, v[tokens, keyHeads x headSize] */
  readonly q: T;
  readonly k: T;
  readonly v: T;
  readonly attended: T;
  /** [tokens, heads] */
  readonly logSumExp: T;
  /** [tokens, width]: the residual stream between attention and MLP, and its norm. */
  readonly middle: T;
  readonly middleNormed: T;
  readonly middleScale: T;
  /** [tokens, innerWidth] */
  readonly gate: T;
  readonly up: T;
}

/** Scratch that every layer uses in turn. */
export interface SharedActivations<T extends Tensor = Tensor> {
  /** [tokens, width]: what a block adds to the residual stream. */
  readonly delta: T;
  /** [tokens, innerWidth] */
  readonly inner: T;
  /** [tokens, width]: the last residual, its norm, and the norm's scale[tokens]. */
  readonly last: T;
  readonly lastNormed: T;
  readonly lastScale: T;
}

/** Only for training. */
export interface Gradients<T extends Tensor = Tensor> {
  /** [tokens, width]: of the residual stream, f32. */
  readonly stream: T;
  /** [tokens, width]: of a norm's output. */
  readonly normed: T;
  readonly attended: T;
  readonly q: T;
  readonly k: T;
  readonly v: T;
  readonly inner: T;
}

export interface Activations<T extends Tensor = Tensor> {
  readonly layers: readonly LayerActivations<T>[];
  readonly shared: SharedActivations<T>;
  readonly gradients: Gradients<T> | undefined;
}

export interface ActivationOptions {
  readonly tokens: number;
  readonly storage: Storage;
  readonly training: boolean;
  /** gradient_checkpointing */
  readonly checkpointing: boolean;
}

export function allocateActivations<T extends Tensor>(engine: Engine<T>, config: ModelConfig, options: ActivationOptions): Activations<T> {
  const { tokens, training, checkpointing } = options;
  const { width, innerWidth, heads, keyHeads, headSize } = config;
  const make = (name: string, columns: number, storage = options.storage): T =>
    engine.allocate({ name, shape: [tokens, columns], storage });
  const inner = (name: string): LayerInner<T> => {
    const q = make(`${name} q`, heads * headSize);
    const k = make(`${name} k`, keyHeads * headSize);
    return {
      normed: make(`${name} normed`, width),
      normScale: make(`${name} norm scale`, 1, "f32"),
      rawQ: config.headNorm ? make(`${name} raw q`, heads * headSize) : q,
      rawK: config.headNorm ? make(`${name} raw k`, keyHeads * headSize) : k,
      qScale: config.headNorm ? make(`${name} q scale`, heads, "f32") : undefined,
      kScale: config.headNorm ? make(`${name} k scale`, keyHeads, "f32") : undefined,
      q,
      k,
      v: make(`${name} v`, keyHeads * headSize),
      attended: make(`${name} attended`, heads * headSize),
      logSumExp: make(`${name} log sum exp`, heads, "f32"),
      middle: make(`${name} middle`, width),
      middleNormed: make(`${name} middle normed`, width),
      middleScale: make(`${name} middle scale`, 1, "f32"),
      gate: make(`${name} gate`, innerWidth),
      up: make(`${name} up`, innerWidth),
    };
  };
  // Without a backward pass, and with checkpointing, one set serves all layers.
  const common = training && !checkpointing ? undefined : inner("layer");
  const commonInput = training ? undefined : [make("input a", width), make("input b", width)];
  const layers = Array.from({ length: config.layers }, (_, layer) => ({
    input: commonInput ? commonInput[layer % 2] : make(`layer ${layer} input`, width),
    kept: common ?? inner(`layer ${layer}`),
  }));
  return {
    layers,
    shared: {
      delta: make("delta", width),
      inner: make("inner", innerWidth),
      last: make("last", width),
      lastNormed: make("last normed", width),
      lastScale: make("last scale", 1, "f32"),
    },
    gradients: training
      ? {
          stream: make("gradient of the stream", width, "f32"),
          normed: make("gradient of a norm", width),
          attended: make("gradient of attention", heads * headSize),
          q: make("gradient of q", heads * headSize),
          k: make("gradient of k", keyHeads * headSize),
          v: make("gradient of v", keyHeads * headSize),
          inner: make("gradient of the inner layer", innerWidth),
        }
      : undefined,
  };
}
