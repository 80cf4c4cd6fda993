// Tiny models of every family, with random weights, and a batch for them: for whole-model tests on any engine.
import { createRandom } from "../../src/core/random.ts";
import type { Engine, Tensor } from "../../src/train/engine.ts";
import type { Batch } from "../../src/train/model/batch.ts";
import type { ModelConfig } from "../../src/train/model/config.ts";
import { createModel, type Model } from "../../src/train/model/model.ts";
import { allocateWeights, type WeightOptions } from "../../src/train/model/weights.ts";
import { quantizeNf4 } from "../../src/train/nf4.ts";
import { layDocuments, normal } from "../../src/train/ops/page.ts";
import { stored } from "./run-op.ts";

export const tiny = {
  vocab_size: 23,
  hidden_size: 12,
  intermediate_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  hidden_act: "silu",
};
const scaled = { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 };
export const models: Readonly<Record<string, Record<string, unknown>>> = {
  "llama, scaled rope": { ...tiny, model_type: "llama", head_dim: 4, rope_theta: 500_000, rope_scaling: scaled },
  "mistral, sliding window": { ...tiny, model_type: "mistral", head_dim: 4, sliding_window: 3 },
  "qwen2, biases, tied head": { ...tiny, model_type: "qwen2", head_dim: 4, tie_word_embeddings: true },
  "qwen3, head norm, second layer windowed": {
    ...tiny,
    model_type: "qwen3",
    head_dim: 6,
    sliding_window: 4,
    layer_types: ["full_attention", "sliding_attention"],
  },
};

export const full: WeightOptions = { method: "full", storage: "f32", training: true };

/** The same values on every engine: rounded to their storage, which the reference engine does not do. */
export function buildModel<T extends Tensor>(
  engine: Engine<T>,
  config: ModelConfig,
  options: WeightOptions,
  { checkpointing = false } = {},
): Model<T> {
  const weights = allocateWeights(engine, config, options);
  const random = createRandom(3);
  for (const tensor of weights.values.values()) {
    const values = normal(random, tensor.length, 0.3).map((x) => x + (tensor.shape.length === 1 ? 1 : 0));
    engine.write(tensor, stored(values, tensor.storage));
  }
  for (const weight of weights.nf4.values()) {
    const { codes, scaleCodes, scaleRanges, offset } = quantizeNf4(Float32Array.from(normal(random, weight.length, 0.3)));
    engine.write(weight.codes, codes);
    engine.write(weight.scaleCodes, scaleCodes);
    engine.write(weight.scaleRanges, scaleRanges);
    engine.write(weight.offset, Float64Array.of(offset));
  }
  return createModel(engine, weights, { tokens: 20, storage: "f32", checkpointing });
}

export function batchOf(vocabulary: number): Batch {
  const random = createRandom(8);
  const layout = layDocuments([6, 1, 5]);
  const ids = Uint32Array.from(layout.firsts, () => random.below(vocabulary));
  const rows = Uint32Array.of(1, 2, 3, 4, 8, 9, 10);
  return { ids, ...layout, rows, labels: rows.map((row) => ids[row + 1]) };
}
