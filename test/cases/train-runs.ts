// Training runs with known losses (test/vectors/train/run-*.json, made by its runs.py with torch and transformers), by the trainer's own loop,
// schedule and optimizer.
import assert from "node:assert/strict";
import type { Engine, Storage } from "../../src/train/engine.ts";
import { runLoop, type RowFeed, type StepFigures } from "../../src/train/loop.ts";
import { freshState } from "../../src/train/loop-state.ts";
import type { LossScale } from "../../src/train/loss-scale.ts";
import type { Model } from "../../src/train/model/model.ts";
import { createOptimizer } from "../../src/train/optimizer.ts";
import { createSchedule } from "../../src/train/schedule.ts";
import type { TrainSettings } from "../../src/train/settings.ts";
import { type Document, loadModel, type Versions } from "./train-fixtures.ts";

export interface Run {
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

/** The run's model before its first step. */
export function modelOf(engine: Engine, { documents, settings }: Run, storage?: Storage): Model {
  const { model: family, method, adapter, per_device_train_batch_size: rows } = settings;
  return loadModel(engine, family, { tokens: rows * Math.max(...documents.map(({ ids }) => ids.length)), method, adapter, storage });
}

/** The run's first steps, all if `steps` is left out. lossScale: where training in f16 starts. */
export async function trainAsTold(
  engine: Engine,
  model: Model,
  run: Run,
  { steps = Infinity, lossScale }: { readonly steps?: number; readonly lossScale?: LossScale } = {},
): Promise<StepFigures[]> {
  const settings: TrainSettings = {
    max_length: 64,
    packing: false,
    assistant_only_loss: true,
    num_train_epochs: 1,
    gradient_checkpointing: false,
    bf16: false,
    fp16: lossScale !== undefined,
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
    start: { ...freshState, lossScale },
    hooks: {
      logged: (figures) => void curve.push(figures),
      evaluated: () => assert.fail("nothing is evaluated"),
      warned: (text) => assert.fail(text),
      save: async () => {},
      stepDone: async ({ step }) => step >= steps,
    },
  });
  return curve;
}
