// A model that a device cannot hold is refused before anything is allocated, with what would fit.
import assert from "node:assert/strict";
import test from "node:test";
import { SluiceError } from "../../src/core/errors.ts";
import { parseRecipe } from "../../src/pipeline/recipe.ts";
import { refuseTooLarge } from "../../src/pipeline/training-setup.ts";
import type { EngineLimits } from "../../src/train/engine.ts";
import { planMemory } from "../../src/train/memory-plan.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import { models } from "../cases/models.ts";

const recipe = `sources: { one: { path: a.jsonl } }
tokenizer: t
train: { model: m, method: full, per_device_train_batch_size: 4, gradient_accumulation_steps: 2, max_length: 64 }
`;
const settings = parseRecipe(recipe, "r.yaml").recipe.train;
const config = parseModelConfig(models["qwen2, biases, tied head"], "config.json");
const plan = planMemory(config, settings);
const MiB = 2 ** 20;

/** What a device with these limits says; undefined where it takes the model. */
function refusal(limits: Pick<EngineLimits, "totalBytes" | "tensorBytes">): string | undefined {
  try {
    refuseTooLarge({ name: "webgpu", limits: { ...limits, storages: ["f32"] } }, config, settings, plan);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof SluiceError);
    return error.message;
  }
}

test("a device whose memory is known refuses what is above it, and takes what fits to the byte", () => {
  assert.equal(refusal({ totalBytes: plan.bytes, tensorBytes: plan.largest.bytes }), undefined);
  assert.match(
    refusal({ totalBytes: plan.bytes - 1, tensorBytes: 64 * MiB })!,
    /at most [\d,]+ MiB in all and 64 MiB a tensor[\s\S]*MiB needed[\s\S]*set per_device_train_batch_size: 1, gradient_accumulation_steps: 8/,
  );
  assert.match(refusal({ totalBytes: 1000, tensorBytes: 64 * MiB })!, /take a smaller model/);
});

test("a device whose memory is unknown refuses a tensor that is too large, and says nothing of the whole", () => {
  assert.equal(refusal({ totalBytes: Infinity, tensorBytes: plan.largest.bytes }), undefined);
  const text = refusal({ totalBytes: Infinity, tensorBytes: plan.largest.bytes - 1 })!;
  assert.match(text, /at most [\d,]+ MiB a tensor/);
  assert.doesNotMatch(text, /in all|∞|Infinity/);
});
