// What a trainer leaves, written by a small seeded generator: metrics.jsonl, training.json and generations.jsonl as their contract says.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "../../src/core/random.ts";
import { parseRecipe } from "../../src/pipeline/recipe.ts";
import type { GenerationLine, TrainingRecord } from "../../src/pipeline/training-record.ts";
import type { Metric } from "../../src/report/training-files.ts";

/** What the training was asked to be; the keys left out have their defaults. */
const recipe = `tokenizer: t
sources: { a: { path: a.jsonl } }
train: { learning_rate: 2e-4, num_train_epochs: 2, per_device_train_batch_size: 1, lora_alpha: 32, packing: true }
`;

export interface TrainingShape {
  readonly steps: number;
  readonly sources: readonly string[];
  /** The evaluation loss rises again after this share of the steps; 1 for never. */
  readonly turn: number;
  readonly seed: number;
}

export interface TrainingFixture {
  readonly metrics: readonly Metric[];
  readonly training: TrainingRecord;
  readonly generations: readonly GenerationLine[];
}

export function makeTraining({ steps, sources, turn, seed }: TrainingShape): TrainingFixture {
  const random = createRandom(seed);
  const noise = (): number => (random.below(1000) / 1000 - 0.5) * 0.1;
  const falls = (done: number): number => 1.1 + 1.3 * Math.exp(-4 * done);
  const metrics: Metric[] = [];
  const logEvery = 10;
  const evalEvery = Math.max(logEvery, Math.round(steps / 10 / logEvery) * logEvery);
  let best = { step: 0, eval_loss: Infinity, checkpoint: "" };
  let last = { step: 0, eval_loss: 0 };
  for (let step = logEvery; step <= steps; step += logEvery) {
    const done = step / steps;
    const epoch = Number((2 * done).toFixed(3));
    const loss = falls(done) - 0.3 * done + noise();
    metrics.push({
      step,
      epoch,
      loss,
      learning_rate: 2e-4 * Math.min(1, done / 0.03) * (0.5 + 0.5 * Math.cos(Math.PI * done)),
      grad_norm: 0.6 + Math.exp(-6 * done) + Math.abs(noise()),
      tokens_per_second: 1200 + random.below(80),
      loss_by_source: Object.fromEntries(sources.map((source, i) => [source, loss + 0.1 * i])),
    });
    if (step % evalEvery !== 0) continue;
    const evalLoss = falls(done) + 0.05 + (done > turn ? 0.9 * (done - turn) : 0);
    metrics.push({
      step,
      epoch,
      eval_loss: evalLoss,
      eval_loss_by_source: Object.fromEntries(sources.map((source, i) => [source, evalLoss + 0.15 * i])),
    });
    last = { step, eval_loss: evalLoss };
    if (evalLoss < best.eval_loss) best = { ...last, checkpoint: `checkpoints/step-${String(step).padStart(6, "0")}` };
  }
  const training: TrainingRecord = {
    engine: "cpu",
    device: "2 threads, WASM SIMD",
    model: "Qwen/Qwen2.5-0.5B",
    method: "lora",
    parameters: { total: 494_032_768, trained: 8_798_208 },
    settings: parseRecipe(recipe, "recipe.yaml").recipe.train,
    steps,
    planned_steps: steps,
    epochs: 2,
    tokens: steps * 4096,
    loss_tokens: steps * 2100,
    seconds: steps * 3.4,
    first: { eval_loss: 2.61 },
    best,
    last,
    stopped: turn < 1 ? "early_stopping" : "finished",
    warnings: [],
    memory: { planned_bytes: 3_221_225_472, peak_bytes: 3_015_000_000 },
    behaviour: [
      { name: "apology_opening", rows: 105, before: 0.93, after: 0.02 },
      { name: "ai_disclaimer", rows: 105, before: 0.41, after: 0.04 },
    ],
    ended: { rows: 105, before: 0.41, after: 0.99 },
    checkpoint: best.checkpoint,
    merged: null,
  };
  const generations: GenerationLine[] = sources.map((source, i) => ({
    id: `${source}/rows.jsonl#${i + 1}`,
    source,
    prompt: [{ role: "user", content: `How do I keep ${source} rows in order?` }],
    reference: "Number them and keep the list beside them.",
    before: "I'm sorry, but as an AI I cannot see your rows.",
    after: "Number them, and keep the list where you find it.",
  }));
  return { metrics, training, generations };
}

export function writeTraining(folder: string, { metrics, training, generations }: TrainingFixture): void {
  mkdirSync(folder, { recursive: true });
  const lines = (items: readonly unknown[]): string => items.map((item) => `${JSON.stringify(item)}\n`).join("");
  writeFileSync(join(folder, "metrics.jsonl"), lines(metrics));
  writeFileSync(join(folder, "training.json"), JSON.stringify(training));
  writeFileSync(join(folder, "generations.jsonl"), lines(generations));
}
