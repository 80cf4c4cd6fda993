// A Hugging Face config.json to the numbers a model is built from. Decoder models of the Llama, Mistral, Qwen2/2.5 and Qwen3 families.
// A key that is not known is an error that names it: it might change what the model computes.
import { nearest, recipeError, type SluiceError } from "../../core/errors.ts";

export const families = ["llama", "mistral", "qwen2", "qwen3"] as const;
export type Family = (typeof families)[number];

export interface ModelConfig {
  readonly family: Family;
  readonly vocabulary: number;
  /** hidden_size */
  readonly width: number;
  /** intermediate_size */
  readonly innerWidth: number;
  readonly layers: number;
  readonly heads: number;
  /** num_key_value_heads */
  readonly keyHeads: number;
  /** head_dim */
  readonly headSize: number;
  readonly normEpsilon: number;
  readonly rope: Rope;
  /** Which of a layer's projections have a bias. */
  readonly bias: { readonly qkv: boolean; readonly output: boolean; readonly mlp: boolean };
  /** RMSNorm over each query and key head (Qwen3). */
  readonly headNorm: boolean;
  /** The output head is the embedding table. */
  readonly tied: boolean;
  /** Tokens each layer sees back, itself included; 0 sees all: windows[layers]. */
  readonly windows: readonly number[];
  /** max_position_embeddings */
  readonly positions: number;
  /** initializer_range: the deviation of random weights. */
  readonly initializerRange: number;
}

export interface Rope {
  readonly theta: number;
  /** Llama 3.1's frequency scaling, or none. */
  readonly llama3?: {
    readonly factor: number;
    readonly lowFrequencyFactor: number;
    readonly highFrequencyFactor: number;
    readonly originalPositions: number;
  };
}

/** What a family's model class computes where the config says nothing (transformers' defaults). */
interface FamilyDefaults {
  readonly architecture: string;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  readonly tied: boolean;
  readonly positions: number;
  readonly keyHeads: number | undefined;
}

const defaults: Readonly<Record<Family, FamilyDefaults>> = {
  llama: { architecture: "LlamaForCausalLM", ropeTheta: 10_000, normEpsilon: 1e-6, tied: false, positions: 2048, keyHeads: undefined },
  mistral: { architecture: "MistralForCausalLM", ropeTheta: 10_000, normEpsilon: 1e-6, tied: false, positions: 131_072, keyHeads: 8 },
  qwen2: { architecture: "Qwen2ForCausalLM", ropeTheta: 10_000, normEpsilon: 1e-6, tied: false, positions: 32_768, keyHeads: 32 },
  qwen3: { architecture: "Qwen3ForCausalLM", ropeTheta: 10_000, normEpsilon: 1e-6, tied: false, positions: 32_768, keyHeads: 32 },
};

/** Keys that shape the computation; each is read below. */
const readKeys = [
  "model_type",
  "architectures",
  "vocab_size",
  "hidden_size",
  "intermediate_size",
  "num_hidden_layers",
  "num_attention_heads",
  "num_key_value_heads",
  "head_dim",
  "hidden_act",
  "rms_norm_eps",
  "rope_theta",
  "rope_scaling",
  "rope_parameters",
  "attention_bias",
  "mlp_bias",
  "attention_dropout",
  "tie_word_embeddings",
  "sliding_window",
  "use_sliding_window",
  "max_window_layers",
  "layer_types",
  "max_position_embeddings",
  "initializer_range",
  "pretraining_tp",
  "quantization_config",
] as const;

/** How a model is run and what it is for: nothing here is computed from these, and a trained model keeps them as its base had them. */
const runKeys = [
  "use_cache",
  "output_attentions",
  "output_hidden_states",
  "return_dict",
  "id2label",
  "label2id",
  "chunk_size_feed_forward",
  "is_encoder_decoder",
  "problem_type",
] as const;

/** Keys that change nothing that is computed: ids that the tokenizer's files say too, storage, generation and bookkeeping. */
const ignoredKeys = [
  "_name_or_path",
  "bos_token_id",
  "eos_token_id",
  "pad_token_id",
  "torch_dtype",
  "dtype",
  "transformers_version",
  "_attn_implementation",
  "_attn_implementation_autoset",
  "attn_implementation",
  "auto_map",
  "unsloth_version",
  "unsloth_fixed",
  ...runKeys,
] as const;

/** Keys of both kinds that a trained model keeps as its base had them: they say nothing of how weights are stored, or of where they came from. */
const keptKeys = ["attention_dropout", "pretraining_tp", "layer_types", ...runKeys] as const satisfies readonly (
  | (typeof readKeys)[number]
  | (typeof ignoredKeys)[number]
)[];

type Json = Readonly<Record<string, unknown>>;

/** `where` names the file in errors. */
export function parseModelConfig(json: Json, where: string): ModelConfig {
  const reader = createReader(json, where);
  const family = reader.oneOf("model_type", families);
  const known = defaults[family];
  checkKeys(json, where);
  reader.must("hidden_act", "silu");
  reader.must("pretraining_tp", 1);
  reader.must("attention_dropout", 0);
  if (json.quantization_config !== undefined && json.quantization_config !== null)
    throw reader.error(
      "quantization_config",
      "full-precision weights",
      "a quantised checkpoint",
      "name the unquantised model; method: qlora quantises it",
    );
  const width = reader.count("hidden_size");
  const heads = reader.count("num_attention_heads");
  const keyHeads = reader.count("num_key_value_heads", json.num_key_value_heads === null ? heads : (known.keyHeads ?? heads));
  const headSize = reader.count("head_dim", family === "qwen3" ? 128 : Math.floor(width / heads));
  if (heads % keyHeads !== 0) throw reader.error("num_key_value_heads", `a divisor of num_attention_heads (${heads})`, keyHeads);
  if (headSize % 2 !== 0) throw reader.error("head_dim", "an even number", headSize);
  const layers = reader.count("num_hidden_layers");
  const attentionBias = reader.flag("attention_bias", false);
  return {
    family,
    vocabulary: reader.count("vocab_size"),
    width,
    innerWidth: reader.count("intermediate_size"),
    layers,
    heads,
    keyHeads,
    headSize,
    normEpsilon: reader.number("rms_norm_eps", known.normEpsilon),
    rope: ropeOf(reader, known.ropeTheta),
    bias: {
      qkv: family === "qwen2" || ((family === "llama" || family === "qwen3") && attentionBias),
      output: (family === "llama" || family === "qwen3") && attentionBias,
      mlp: family === "llama" && reader.flag("mlp_bias", false),
    },
    headNorm: family === "qwen3",
    tied: reader.flag("tie_word_embeddings", known.tied),
    windows: windowsOf(reader, family, layers),
    positions: reader.count("max_position_embeddings", known.positions),
    initializerRange: reader.number("initializer_range", 0.02),
  };
}

/** The config.json that transformers reads back as the same model. `base` is the one it was parsed from: what is not about weights is kept. */
export function modelConfigJson(config: ModelConfig, dtype: "float32" | "bfloat16" | "float16", base: Json = {}): Record<string, unknown> {
  const { family, rope, windows, layers } = config;
  const window = Math.max(0, ...windows);
  const scaling = rope.llama3 && {
    rope_type: "llama3",
    factor: rope.llama3.factor,
    low_freq_factor: rope.llama3.lowFrequencyFactor,
    high_freq_factor: rope.llama3.highFrequencyFactor,
    original_max_position_embeddings: rope.llama3.originalPositions,
  };
  const qwen = family === "qwen2" || family === "qwen3";
  return {
    architectures: [defaults[family].architecture],
    model_type: family,
    vocab_size: config.vocabulary,
    hidden_size: config.width,
    intermediate_size: config.innerWidth,
    num_hidden_layers: layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyHeads,
    head_dim: config.headSize,
    hidden_act: "silu",
    rms_norm_eps: config.normEpsilon,
    rope_theta: rope.theta,
    ...(scaling ? { rope_scaling: scaling } : {}),
    ...(family === "llama" || family === "qwen3" ? { attention_bias: config.bias.output } : {}),
    ...(family === "llama" ? { mlp_bias: config.bias.mlp } : {}),
    ...(family === "mistral" ? { sliding_window: window || null } : {}),
    ...(qwen
      ? {
          use_sliding_window: window > 0,
          sliding_window: window || null,
          max_window_layers: window > 0 ? windows.findIndex((size) => size > 0) : layers,
        }
      : {}),
    max_position_embeddings: config.positions,
    initializer_range: config.initializerRange,
    tie_word_embeddings: config.tied,
    ...Object.fromEntries(keptKeys.flatMap((key) => (base[key] === undefined ? [] : [[key, base[key]]]))),
    torch_dtype: dtype,
  };
}

/** Angular frequencies of a head's pairs: frequencies[headSize / 2], radians a position. Llama 3.1's scaling as in transformers. */
export function ropeFrequencies({ rope, headSize }: Pick<ModelConfig, "rope" | "headSize">): Float64Array {
  return Float64Array.from({ length: headSize / 2 }, (_, i) => {
    const frequency = rope.theta ** ((-2 * i) / headSize);
    if (!rope.llama3) return frequency;
    const { factor, lowFrequencyFactor, highFrequencyFactor, originalPositions } = rope.llama3;
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength > originalPositions / lowFrequencyFactor) return frequency / factor;
    if (wavelength < originalPositions / highFrequencyFactor) return frequency;
    const smooth = (originalPositions / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
    return ((1 - smooth) * frequency) / factor + smooth * frequency;
  });
}

function ropeOf(reader: Reader, theta: number): Rope {
  // transformers 5 moved both into rope_parameters.
  const parameters = reader.object("rope_parameters");
  const scaling = parameters ?? reader.object("rope_scaling");
  const inside = scaling && createReader(scaling, `${reader.where} ${parameters ? "rope_parameters" : "rope_scaling"}`);
  const base = parameters?.rope_theta === undefined ? reader.number("rope_theta", theta) : inside!.number("rope_theta");
  if (!scaling || !inside) return { theta: base };
  const type = scaling.rope_type ?? scaling.type ?? "default";
  if (type !== "default" && type !== "llama3") {
    const fix = "choose another model: positions of this kind are not supported";
    throw inside.error(scaling.rope_type === undefined ? "type" : "rope_type", "default or llama3", type, fix);
  }
  const known = ["rope_type", "type", "rope_theta", "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"];
  for (const key of Object.keys(scaling)) if (!known.includes(key)) throw inside.error(key, `one of ${known.join(", ")}`, "an unknown key");
  if (type === "default") return { theta: base };
  return {
    theta: base,
    llama3: {
      factor: inside.number("factor"),
      lowFrequencyFactor: inside.number("low_freq_factor"),
      highFrequencyFactor: inside.number("high_freq_factor"),
      originalPositions: inside.count("original_max_position_embeddings"),
    },
  };
}

function windowsOf(reader: Reader, family: Family, layers: number): number[] {
  // null is none; where nothing is said, transformers takes 4096.
  const size = reader.json.sliding_window === null ? 0 : reader.json.sliding_window === undefined ? 4096 : reader.count("sliding_window");
  const all = (window: number): number[] => Array.from({ length: layers }, () => window);
  if (family === "llama") return all(0);
  const types = reader.json.layer_types;
  if (Array.isArray(types)) {
    if (types.length !== layers) throw reader.error("layer_types", `${layers} entries, one a layer`, `${types.length}`);
    return types.map((type) => {
      if (type === "full_attention") return 0;
      if (type === "sliding_attention" && size > 0) return size;
      throw reader.error("layer_types", "full_attention, or sliding_attention with a sliding_window", type);
    });
  }
  if (family === "mistral") return all(size);
  if (!reader.flag("use_sliding_window", false)) return all(0);
  const from = reader.json.max_window_layers === undefined ? 28 : reader.whole("max_window_layers");
  return all(size).map((window, layer) => (layer >= from ? window : 0));
}

function checkKeys(json: Json, where: string): void {
  const known: readonly string[] = [...readKeys, ...ignoredKeys];
  const unknown = Object.keys(json).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const near = nearest(unknown[0], readKeys);
  throw recipeError({
    where: `${where} ${unknown.join(", ")}`,
    expected: "only keys whose meaning is known",
    found: `${unknown[0]}: ${JSON.stringify(json[unknown[0]])}`,
    fix: near
      ? `did you mean ${near}? Else remove the key if it does not change what the model computes`
      : "remove the key if it does not change what the model computes; else this model is not supported",
  });
}

/** "96" is no number, and looks like one without its quotes. */
function quoted(value: unknown): unknown {
  return typeof value === "string" ? JSON.stringify(value) : value;
}

type Reader = ReturnType<typeof createReader>;

/** Reads typed values of a JSON object; errors name the key. */
function createReader(json: Json, where: string) {
  const error = (key: string, expected: string, found: unknown, fix = "mend the config; it comes with the model"): SluiceError =>
    recipeError({
      where: `${where} ${key}`,
      expected,
      found: found === undefined ? "nothing" : typeof found === "string" ? found : JSON.stringify(found),
      fix,
    });
  const number = (key: string, fallback?: number): number => {
    const value = json[key] ?? fallback;
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0) throw error(key, "a number from 0", quoted(value));
    return value;
  };
  const whole = (key: string, fallback?: number): number => {
    const value = number(key, fallback);
    if (!Number.isInteger(value)) throw error(key, "a whole number", value);
    return value;
  };
  return {
    json,
    where,
    error,
    number,
    whole,
    count(key: string, fallback?: number): number {
      const value = whole(key, fallback);
      if (value < 1) throw error(key, "at least 1", value);
      return value;
    },
    flag(key: string, fallback: boolean): boolean {
      const value = json[key] ?? fallback;
      if (typeof value !== "boolean") throw error(key, "true or false", quoted(value));
      return value;
    },
    object(key: string): Json | undefined {
      const value = json[key];
      if (value === undefined || value === null) return undefined;
      if (typeof value !== "object" || Array.isArray(value)) throw error(key, "keys and values", value);
      return value as Json;
    },
    oneOf<Name extends string>(key: string, names: readonly Name[]): Name {
      const value = names.find((name) => name === json[key]);
      if (value === undefined) throw error(key, names.join(", "), json[key], "choose a model of one of these families");
      return value;
    },
    /** A key that may be there, but only with this value. */
    must(key: string, value: unknown): void {
      if (json[key] !== undefined && json[key] !== value)
        throw error(key, JSON.stringify(value), json[key], "choose another model: this is not supported");
    },
  };
}
