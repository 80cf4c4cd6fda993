// A model that a device cannot hold is refused before anything is allocated, with what would fit; one that it gives up on later, too.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { SluiceError } from "../../src/core/errors.ts";
import { parseRecipe } from "../../src/pipeline/recipe.ts";
import { planTraining, withinMemory } from "../../src/pipeline/training-memory.ts";
import { bytesOf, type CountingEngine, type EngineLimits, OutOfMemory } from "../../src/train/engine.ts";
import { createCpuEngine } from "../../src/train/engines/cpu/index.ts";
import { planMemory } from "../../src/train/memory-plan.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import { models } from "../cases/models.ts";

const recipe = `sources: { one: { path: a.jsonl } }
tokenizer: t
train: { model: m, method: full, per_device_train_batch_size: 4, gradient_accumulation_steps: 2, max_length: 16, sample_max_new_tokens: 4 }
`;
const settings = parseRecipe(recipe, "r.yaml").recipe.train;
const config = parseModelConfig(models["qwen2, biases, tied head"], "config.json");
const cpu = await createCpuEngine({ threads: 1, blas: "off" });
after(() => cpu.close());
const plan = planMemory(config, settings, cpu.counting());
const MiB = 2 ** 20;
const smaller = /set per_device_train_batch_size: 1, gradient_accumulation_steps: 8/;

type Limits = Pick<EngineLimits, "totalBytes" | "tensorBytes">;

/** A device with these limits that counts as the CPU engine does. */
function deviceWith(limits: Limits): Parameters<typeof planTraining>[0] {
  const counting = (): CountingEngine => {
    const counted = cpu.counting();
    const allocate: typeof counted.allocate = (spec) => {
      if (bytesOf(spec) > limits.tensorBytes) throw new OutOfMemory("here", spec, { left: limits.tensorBytes, granted: 0 });
      return counted.allocate(spec);
    };
    return { ...counted, allocate } as unknown as CountingEngine;
  };
  return { name: "webgpu", limits: { ...limits, storages: ["f32"] }, counting };
}

/** What a device with these limits says; undefined where it takes the model. */
function refusal(device: Parameters<typeof planTraining>[0]): string | undefined {
  try {
    planTraining(device, config, settings);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof SluiceError && error.exitCode === 4);
    return error.message;
  }
}

test("a device whose memory is known refuses what is above it, and takes what fits to the byte", () => {
  const limits = { totalBytes: plan.bytes, tensorBytes: 64 * MiB };
  assert.equal(refusal(deviceWith(limits)), undefined);
  const text = refusal(deviceWith({ ...limits, totalBytes: plan.bytes - 1 }))!;
  assert.match(text, /at most [\d,]+ MiB in all and 64 MiB a tensor[\s\S]*MiB needed/);
  assert.match(text, smaller);
  assert.match(refusal(deviceWith({ ...limits, totalBytes: 1000 }))!, /take a smaller model/);
});

test("a device whose memory is unknown refuses a tensor that it cannot have, and says nothing of the whole", () => {
  const device = (tensorBytes: number) => deviceWith({ totalBytes: Infinity, tensorBytes });
  assert.equal(refusal(device(plan.largest.bytes)), undefined);
  const text = refusal(device(plan.largest.bytes - 1))!;
  assert.match(text, /at most [\d,]+ MiB a tensor/);
  assert.ok(text.includes(`no room for ${plan.largest.name}: ${plan.largest.bytes} bytes asked for`), text);
  assert.match(text, smaller);
  assert.doesNotMatch(text, /in all|∞|Infinity/);
});

test("a device that has less than it seemed to is told with the settings that take no more than it gave", async () => {
  const device = deviceWith({ totalBytes: Infinity, tensorBytes: 64 * MiB });
  const spec = { name: "layers.1.mlp", shape: [7], storage: "f32" } as const;
  const failing = (granted: number): Promise<unknown> =>
    withinMemory(device, config, settings, async () => {
      throw new OutOfMemory("webgpu, a card", spec, { granted });
    });
  await assert.rejects(failing(plan.bytes - 1), (error) => {
    assert.ok(error instanceof SluiceError && error.exitCode === 4);
    assert.match(error.message, /webgpu, a card[\s\S]*no room for layers\.1\.mlp: 28 bytes asked for, the device had given/);
    assert.match(error.message, smaller);
    return true;
  });
  await assert.rejects(failing(1000), /no settings of this trainer make this model fit in 0 MiB: take a smaller model/);
  await assert.rejects(
    withinMemory(device, config, settings, async () => {
      throw new RangeError("something else");
    }),
    RangeError,
  );
  assert.equal(await withinMemory(device, config, settings, async () => 3), 3);
});
