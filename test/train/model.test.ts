// The whole model on the reference engine: gradients of every weight against central differences, for each family and method.
import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { type ModelConfig, modelConfigJson, parseModelConfig } from "../../src/train/model/config.ts";
import type { Model } from "../../src/train/model/model.ts";
import { targetModules } from "../../src/train/model/lora.ts";
import type { WeightOptions } from "../../src/train/model/weights.ts";
import { batchOf, buildModel, full, models, tiny } from "../cases/models.ts";
import { createReferenceEngine, type ReferenceTensor } from "../cases/reference-engine.ts";

function build(config: ModelConfig, options: WeightOptions, checkpointing = false): Model<ReferenceTensor> {
  return buildModel(createReferenceEngine(), config, options, { checkpointing });
}

const batch = batchOf(tiny.vocab_size);
const call = { gradScale: 1 / batch.rows.length, dropoutSeed: 77 };

function lossOf(model: Model<ReferenceTensor>): number {
  const { losses, supervised } = model.forwardBackward(batch, call);
  let sum = 0;
  for (let i = 0; i < supervised; i++) sum += losses.values[i];
  return sum * call.gradScale;
}

/** Checks some places of every trained weight's gradient. */
function assertGradients(model: Model<ReferenceTensor>): void {
  const { trained } = model.weights;
  lossOf(model);
  const gradients = trained.map(({ gradient }) => gradient.values.slice());
  const random = createRandom(4);
  for (const [number, { name, length, value }] of trained.entries()) {
    for (let i = 0; i < 3; i++) {
      const at = random.below(length);
      const kept = value.values[at];
      const moved = (by: number): number => {
        value.values[at] = kept + by;
        return lossOf(model);
      };
      const expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      value.values[at] = kept;
      const found = gradients[number][at];
      assert.ok(Math.abs(found - expected) <= 2e-6 * (1 + Math.abs(expected)), `${name}[${at}]: ${found}, differences ${expected}`);
    }
  }
}

for (const [name, json] of Object.entries(models)) {
  const config = parseModelConfig(json, "config.json");

  test(`${name}: every weight's gradient`, () => assertGradients(build(config, full)));

  test(`${name}: gradient checkpointing changes nothing but memory`, () => {
    const plain = build(config, full);
    const thrifty = build(config, full, true);
    assert.equal(lossOf(thrifty), lossOf(plain));
    plain.weights.trained.forEach(({ gradient }, i) => assert.deepEqual(thrifty.weights.trained[i].gradient.values, gradient.values));
  });

  test(`${name}: the config goes to transformers' words and back`, () => {
    assert.deepEqual(parseModelConfig(modelConfigJson(config, "float32"), "config.json"), config);
  });
}

for (const method of ["lora", "qlora"] as const) {
  test(`${method}: every adapter's gradient, with dropout; the base is frozen`, () => {
    const lora = { r: 3, lora_alpha: 6, lora_dropout: 0.2, target_modules: targetModules("all-linear"), use_rslora: true };
    const model = build(parseModelConfig(models["qwen2, biases, tied head"], "config.json"), { ...full, method, lora });
    assert.equal(model.weights.trained.length, 2 * 7 * 2);
    assert.ok(model.weights.trained.every(({ name }) => name.includes("lora_")));
    assertGradients(model);
  });
}

test("gradients of several batches add up", () => {
  const config = parseModelConfig(models["llama, scaled rope"], "config.json");
  const model = build(config, full);
  lossOf(model);
  const once = model.weights.trained[3].gradient.values.slice();
  lossOf(model);
  model.weights.trained[3].gradient.values.forEach((value, i) => assert.ok(Math.abs(value - 2 * once[i]) < 1e-12));
});

test("an unknown or unsupported key of a config is an error that names it", () => {
  const llama = models["llama, scaled rope"];
  const refuses = (json: Record<string, unknown>, text: RegExp): void =>
    assert.throws(() => parseModelConfig(json, "base/config.json"), text);
  refuses({ ...llama, model_type: "gpt2" }, /base\/config\.json model_type[\s\S]*llama, mistral, qwen2, qwen3[\s\S]*gpt2/);
  refuses({ ...llama, attn_logit_softcapping: 50 }, /attn_logit_softcapping/);
  refuses({ ...llama, hidden_sise: 12 }, /hidden_sise[\s\S]*did you mean hidden_size/);
  refuses({ ...llama, hidden_act: "gelu" }, /hidden_act[\s\S]*"silu"[\s\S]*gelu/);
  refuses({ ...llama, rope_scaling: { rope_type: "yarn", factor: 4 } }, /rope_type[\s\S]*default or llama3[\s\S]*yarn/);
  const yarn = { rope_type: "yarn", factor: 4, beta_fast: 32, beta_slow: 1, original_max_position_embeddings: 64 };
  refuses({ ...llama, rope_scaling: yarn }, /rope_type[\s\S]*yarn[\s\S]*choose another model[\s\S]*not supported/);
  refuses({ ...llama, hidden_size: "96" }, /found: {4}"96"/);
  refuses({ ...llama, num_attention_heads: 3 }, /num_key_value_heads[\s\S]*divisor/);
  refuses({ ...llama, vocab_size: "big" }, /vocab_size[\s\S]*number/);
});

test("transformers 5 spells the same model with rope_parameters", () => {
  const { rope_theta, rope_scaling, ...rest } = models["llama, scaled rope"];
  const spelled = { ...rest, rope_parameters: { ...(rope_scaling as object), rope_theta }, dtype: "float32" };
  assert.deepEqual(parseModelConfig(spelled, "config.json"), parseModelConfig(models["llama, scaled rope"], "config.json"));
});
