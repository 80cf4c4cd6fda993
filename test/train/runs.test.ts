// Training against torch and transformers: 50 steps of full fine-tuning, LoRA and QLoRA, the same losses (vectors/train/run-*.json,
// made by runs.py there), by the trainer's own loop, schedule and optimizer.
import assert from "node:assert/strict";
import test from "node:test";
import type { Engine } from "../../src/train/engine.ts";
import { runLoop, type RowFeed, type StepFigures } from "../../src/train/loop.ts";
import { freshState } from "../../src/train/loop-state.ts";
import type { Model } from "../../src/train/model/model.ts";
import { createOptimizer } from "../../src/train/optimizer.ts";
import { createSchedule } from "../../src/train/schedule.ts";
import type { TrainSettings } from "../../src/train/settings.ts";
import { type Document, engines, floats, loadModel, norm, readJson, type Versions } from "../cases/train-fixtures.ts";

interface Run {
  readonly versions: Versions;
  readonly settings: Pick<
    TrainSettings,
    | "max_steps"
    | "lr_scheduler_type"
    | "warmup_ratio"
    | "weight_decay"
    | "adam_beta1"
    | "adam_beta2"
    | "adam_epsilon"
    | "max_grad_norm"
    | "method"
    | "learning_rate"
    | "per_device_train_batch_size"
    | "gradient_accumulation_steps"
  > & { readonly model: string; readonly adapter?: string };
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

/** The steps' documents one behind the other, a document a row. */
function feedOf({ steps, documents }: Run): RowFeed {
  const rows = steps.flat(2).map((number) => {
    const { ids, labels } = documents[number];
    return [{ id: `documents/${number}`, ids: Int32Array.from(ids), labels: Int32Array.from(labels) }];
  });
  return {
    rows: rows.length,
    async *epoch(_, from) {
      yield* rows.slice(from);
    },
  };
}

async function trainAsTold(engine: Engine, model: Model, run: Run): Promise<StepFigures[]> {
  const settings: TrainSettings = {
    max_length: 64,
    packing: false,
    assistant_only_loss: true,
    num_train_epochs: 1,
    gradient_checkpointing: false,
    bf16: false,
    r: 4,
    lora_alpha: 8,
    lora_dropout: 0,
    target_modules: "all-linear",
    use_rslora: false,
    eval_strategy: "no",
    early_stopping_threshold: 0,
    save_total_limit: 1,
    logging_steps: 1,
    sample_prompts: 0,
    sample_max_new_tokens: 1,
    ...run.settings,
  };
  const train = feedOf(run);
  const curve: StepFigures[] = [];
  await runLoop({
    engine,
    model,
    optimizer: createOptimizer(engine, model.weights, settings),
    schedule: createSchedule(settings, train.rows),
    settings,
    seed: 1,
    train,
    evaluation: undefined,
    start: freshState,
    hooks: {
      logged: (figures) => void curve.push(figures),
      evaluated: () => assert.fail("nothing is evaluated"),
      warned: (text) => assert.fail(text),
      save: async () => {},
      stepDone: async () => false,
    },
  });
  return curve;
}

for (const [name, title] of Object.entries(runs)) {
  const run = readJson<Run>(`run-${name}.json`);
  for (const [engineName, create] of Object.entries(engines)) {
    test(`${title} on ${engineName}: 50 losses, learning rates, gradient norms and the weights after`, async () => {
      const engine = await create();
      const lengths = run.documents.map(({ ids }) => ids.length);
      const { model: family, method, adapter, per_device_train_batch_size: rows } = run.settings;
      const model = loadModel(engine, family, { tokens: rows * Math.max(...lengths), method, adapter });
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
