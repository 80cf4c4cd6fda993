// Whether a run takes the memory that was planned for it, for any engine that counts.
import assert from "node:assert/strict";
import { parseRecipe } from "../../src/pipeline/recipe.ts";
import type { DeviceEngine, Tensor } from "../../src/train/engine.ts";
import { planMemory } from "../../src/train/memory-plan.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import { createModel } from "../../src/train/model/model.ts";
import { allocateWeights } from "../../src/train/model/weights.ts";
import { layDocuments } from "../../src/train/ops/page.ts";
import { createOptimizer } from "../../src/train/optimizer.ts";
import { modelOptionsOf, type TrainSettings, weightOptionsOf } from "../../src/train/settings.ts";
import { models } from "./models.ts";

export function settingsOf(train: string): TrainSettings {
  return parseRecipe(`sources: { one: { path: a.jsonl } }\ntokenizer: t\ntrain: { model: m, ${train} }\n`, "recipe.yaml").recipe.train;
}

/** Full, LoRA and QLoRA in f32 and bf16: what is allocated and what batches of several sizes take is the plan to the byte. open: a fresh engine. */
export async function assertPlannedMemory(open: () => Promise<DeviceEngine<Tensor>>): Promise<void> {
  const config = parseModelConfig(models["qwen3, head norm, second layer windowed"], "config.json");
  for (const method of ["full", "lora", "qlora"]) {
    for (const bf16 of [false, true]) {
      const title = `${method}, bf16: ${bf16}`;
      const settings = settingsOf(
        `method: ${method}, bf16: ${bf16}, lora_dropout: 0.1, max_length: 20, sample_prompts: 0, gradient_checkpointing: ${bf16}`,
      );
      const engine = await open();
      const before = engine.memory().bytes;
      const counting = engine.counting();
      const plan = planMemory(config, settings, counting);
      counting.prepare();
      const prepared = engine.memory().bytes;
      assert.ok(prepared > before && prepared < plan.bytes, title);
      const weights = allocateWeights(engine, config, weightOptionsOf(settings));
      const optimizer = createOptimizer(engine, weights, settings);
      const model = createModel(engine, weights, modelOptionsOf(settings));
      for (const tensor of weights.values.values()) engine.write(tensor, new Float32Array(tensor.length));
      for (const lengths of [[9, 1, 10], Array.from({ length: 20 }, () => 1), [20], [3]]) {
        const layout = layDocuments(lengths);
        const ids = Uint32Array.from(layout.firsts, (_, i) => (i * 5) % 7);
        const rows = Uint32Array.from({ length: ids.length - 1 }, (_, i) => i);
        const batch = { ids, ...layout, rows, labels: rows.map((row) => ids[row + 1]) };
        optimizer.clearGradients();
        model.forwardBackward(batch, { gradScale: 1, dropoutSeed: 1 });
        await optimizer.step({ step: 1, learningRate: 1e-2 });
        await engine.read(model.forward(batch).losses);
      }
      assert.deepEqual(engine.memory(), { bytes: plan.bytes, peak: plan.bytes }, title);
      await engine.close();
    }
  }
}
