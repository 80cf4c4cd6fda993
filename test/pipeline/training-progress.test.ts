// How a training run is told: its speed counts the training alone, wherever evaluations and checkpoints fall.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSpeedometer, progressLine } from "../../src/pipeline/training-progress.ts";
import { createCpuEngine } from "../../src/train/engines/cpu/index.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import { allocateWeights } from "../../src/train/model/weights.ts";
import { operationsOf } from "../../src/train/operations.ts";
import { tiny } from "../cases/models.ts";

/** A clock that moves when told, in milliseconds. */
function clock(): { readonly now: () => number; pass(milliseconds: number): void } {
  let time = 0;
  return { now: () => time, pass: (milliseconds) => void (time += milliseconds) };
}

test("an evaluation between two logs takes no training time away and adds none", () => {
  const { now, pass } = clock();
  const speed = createSpeedometer(0, now);
  const step = (): void => {
    pass(1000);
    speed.worked();
  };
  for (let i = 0; i < 8; i++) step();
  pass(5000); // evaluation
  speed.rested();
  pass(300); // checkpoint
  speed.rested();
  step();
  pass(1000);
  assert.equal(speed.tokensPerSecond(1000), 100);
  assert.equal(speed.secondsPerStep(10), 1);
});

test("speed is told from log to log, and counts from the tokens of earlier starts", () => {
  const { now, pass } = clock();
  const speed = createSpeedometer(500, now);
  pass(2000); // the evaluation before the first step
  speed.rested();
  pass(1000);
  assert.equal(speed.tokensPerSecond(600), 100);
  speed.worked();
  pass(2000);
  assert.equal(speed.tokensPerSecond(700), 50);
  assert.equal(speed.secondsPerStep(3), 1);
});

test("GFLOP/s are of the products that are made: the table is looked up, the head sees supervised tokens only", async () => {
  const engine = await createCpuEngine({ threads: 1, blas: "off" });
  const config = parseModelConfig({ ...tiny, model_type: "llama", head_dim: 4 }, "config.json");
  const lora = { r: 2, lora_alpha: 4, lora_dropout: 0, use_rslora: false, target_modules: ["q_proj"] } as const;
  // A layer: q and o 16 x 12, k and v 8 x 12, three of 20 x 12; 23 tokens.
  const layers = 2 * (2 * 192 + 2 * 96 + 3 * 240);
  const full = operationsOf(allocateWeights(engine, config, { method: "full", storage: "f32", training: true }));
  assert.deepEqual(full, { token: 6 * layers, supervised: 6 * 23 * 12 });
  const adapted = operationsOf(allocateWeights(engine, config, { method: "lora", lora, storage: "f32", training: true }));
  assert.deepEqual(adapted, { token: 4 * layers + 6 * 2 * (2 * 12 + 16 * 2), supervised: 4 * 23 * 12 });
  const figures = {
    step: 1,
    epoch: 1,
    loss: 1,
    lossBySource: {},
    learningRate: 1,
    gradNorm: 1,
    lossScale: undefined,
    tokens: 200,
    lossTokens: 50,
  };
  const line = progressLine(figures, { steps: 2, tokensPerSecond: 1e6, secondsPerStep: 1, operations: { token: 1000, supervised: 4000 } });
  assert.match(line, / 2\.0 GFLOP\/s /);
  await engine.close();
});
