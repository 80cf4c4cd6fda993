// Training against torch and transformers: 50 steps of full fine-tuning, LoRA and QLoRA, the same losses (vectors/train/run-*.json,
// made by runs.py there), by the trainer's own loop, schedule and optimizer. The WebGPU engine's runs are in webgpu.test.ts.
import assert from "node:assert/strict";
import test from "node:test";
import { engines, floats, norm, readJson } from "../cases/train-fixtures.ts";
import { modelOf, type Run, trainAsTold } from "../cases/train-runs.ts";

const runs = {
  packed: "full, documents packed",
  padded: "full, against padded rows",
  "1x8": "full, one micro batch of 8 documents",
  "8x1": "full, eight micro batches of a document",
  qwen2: "full, tied head, biases, much decay",
  lora: "LoRA on all projections",
  qlora: "LoRA on a base in 4 bits, against bitsandbytes",
} as const;

for (const [name, title] of Object.entries(runs)) {
  const run = readJson<Run>(`run-${name}.json`);
  for (const [engineName, create] of Object.entries(engines).filter(([engine]) => engine !== "webgpu")) {
    test(`${title} on ${engineName}: 50 losses, learning rates, gradient norms and the weights after`, async () => {
      const engine = await create();
      const model = modelOf(engine, run);
      const curve = await trainAsTold(engine, model, run);
      assert.equal(curve.length, 50);
      curve.forEach(({ loss, learningRate, gradNorm }, step) => {
        assert.ok(Math.abs(loss - run.losses[step]) <= 1e-3, `step ${step}: loss ${loss}, ${run.losses[step]} expected`);
        assert.ok(Math.abs(learningRate - run.learning_rates[step]) < 1e-12, `step ${step}: learning rate ${learningRate}`);
        const ratio = gradNorm / run.grad_norms[step];
        assert.ok(Math.abs(ratio - 1) <= (step === 0 ? 1e-3 : 1e-2), `step ${step}: gradient norm ${ratio} of the expected one`);
      });
      const { trained } = model.weights;
      assert.deepEqual(trained.map((weight) => weight.name).toSorted(), Object.keys(run.final_norms).sort());
      for (const weight of trained) {
        const ratio = norm(await floats(engine, weight.master)) / run.final_norms[weight.name];
        assert.ok(Math.abs(ratio - 1) <= 1e-3, `${weight.name}: after training ${ratio} of the expected norm`);
      }
      await engine.close();
    });
  }
}

test("packing, padding and accumulation are one training in torch too", () => {
  const curves = ["packed", "padded", "1x8", "8x1"].map((name) => readJson<Run>(`run-${name}.json`).losses);
  for (const curve of curves) curve.forEach((loss, step) => assert.ok(Math.abs(loss - curves[0][step]) < 1e-5));
});
