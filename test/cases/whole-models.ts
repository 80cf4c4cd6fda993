// Whole models on an engine against the same on the reference engine: losses and every gradient.
import assert from "node:assert/strict";
import type { Engine, Tensor } from "../../src/train/engine.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import { targetModules } from "../../src/train/model/lora.ts";
import type { Model } from "../../src/train/model/model.ts";
import type { WeightOptions } from "../../src/train/model/weights.ts";
import { batchOf, buildModel, full, models, tiny } from "./models.ts";
import { createReferenceEngine } from "./reference-engine.ts";

const lora = { r: 3, lora_alpha: 6, lora_dropout: 0.2, target_modules: targetModules("all-linear"), use_rslora: true };
export const kinds: Readonly<Record<string, WeightOptions>> = {
  full,
  "full, weights in bf16": { ...full, storage: "bf16" },
  lora: { ...full, method: "lora", lora },
  qlora: { ...full, method: "qlora", lora },
};

/** Losses and gradients of a batch, after two passes whose gradients add up. */
async function answers(engine: Engine<Tensor>, model: Model<Tensor>): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const batch = batchOf(tiny.vocab_size);
  const call = { gradScale: 1 / batch.rows.length, dropoutSeed: 77 };
  model.forwardBackward(batch, call);
  const { losses, supervised } = model.forwardBackward(batch, call);
  const found = new Map<string, ArrayLike<number>>([["losses", await engine.read(losses, 0, supervised)]]);
  for (const { name, gradient } of model.weights.trained) found.set(name, await engine.read(gradient));
  return found;
}

/** name: one of `models`; kind: one of `kinds`. */
export async function assertWholeModel(
  engine: Engine<Tensor>,
  name: string,
  kind: string,
  { checkpointing }: { readonly checkpointing: boolean },
): Promise<void> {
  const config = parseModelConfig(models[name], "config.json");
  const reference = createReferenceEngine() as unknown as Engine<Tensor>;
  const expected = await answers(reference, buildModel(reference, config, kinds[kind], { checkpointing }));
  const found = await answers(engine, buildModel(engine, config, kinds[kind], { checkpointing }));
  assert.deepEqual([...found.keys()], [...expected.keys()]);
  for (const [key, values] of expected) assertClose(`${name}, ${kind}: ${key}`, found.get(key)!, values);
}

function assertClose(name: string, found: ArrayLike<number>, expected: ArrayLike<number>): void {
  const most = Array.from(expected).reduce((so, value) => Math.max(so, Math.abs(value)), 0);
  assert.ok(most > 0, `${name}: the reference is not zero`);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs(found[i] - expected[i]) <= 1e-4 * most, `${name}[${i}]: ${found[i]}, the reference says ${expected[i]}`);
  }
}
