// Training against torch and transformers: 50 steps of full fine-tuning, LoRA and QLoRA, the same losses (vectors/train/run-*.json, made by
// runs.py there).
import assert from "node:assert/strict";
import test from "node:test";
import type { WeightOptions } from "../../src/train/model/weights.ts";
import { type LoopSettings, trainPlainly } from "../cases/train-loop.ts";
import { type Document, engines, floats, loadModel, norm, readJson, type Versions } from "../cases/train-fixtures.ts";

interface Run {
  readonly versions: Versions;
  readonly settings: LoopSettings & { readonly model: string; readonly method: WeightOptions["method"]; readonly adapter?: string };
  readonly documents: readonly Document[];
  /** steps[step][micro batch]: numbers of documents */
  readonly steps: readonly number[][][];
  readonly losses: readonly number[];
  readonly learning_rates: readonly number[];
  readonly grad_norms: readonly number[];
  readonly final_norms: Readonly<Record<string, number>>;
}

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
  for (const [engineName, create] of Object.entries(engines)) {
    test(`${title} on ${engineName}: 50 losses, gradient norms and the weights after`, async () => {
      const engine = await create();
      const steps = run.steps.map((microBatches) => microBatches.map((numbers) => numbers.map((number) => run.documents[number])));
      const longest = Math.max(...steps.flat().map((documents) => documents.reduce((sum, { ids }) => sum + ids.length, 0)));
      const { model: family, method, adapter } = run.settings;
      const model = loadModel(engine, family, { tokens: longest, method, adapter });
      const found = await trainPlainly(engine, model, { settings: run.settings, steps, learningRates: run.learning_rates });
      assert.equal(found.losses.length, 50);
      found.losses.forEach((loss, step) => {
        assert.ok(Math.abs(loss - run.losses[step]) <= 1e-3, `step ${step}: loss ${loss}, ${run.losses[step]} expected`);
        const ratio = found.gradNorms[step] / run.grad_norms[step];
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
