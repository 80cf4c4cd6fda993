// Training in f16: how the loss is scaled, and that scaling changes nothing but what it is for.
import assert from "node:assert/strict";
import test from "node:test";
import type { Engine } from "../../src/train/engine.ts";
import { createCpuEngine } from "../../src/train/engines/cpu/index.ts";
import { freshState, stateFromJson, stateToJson } from "../../src/train/loop-state.ts";
import { freshLossScale, nextLossScale } from "../../src/train/loss-scale.ts";
import { readJson, type Versions } from "../cases/train-fixtures.ts";
import { modelOf, type Run, trainAsTold } from "../cases/train-runs.ts";

interface Scales {
  readonly versions: Versions;
  readonly runs: readonly { readonly finite: boolean; readonly steps: number; readonly scale: number; readonly good_steps: number }[];
}

test("the scale moves as torch's GradScaler moves it", () => {
  let state = freshLossScale;
  for (const { finite, steps, scale, good_steps } of readJson<Scales>("loss-scale.json").runs) {
    for (let i = 0; i < steps; i++) state = nextLossScale(state, finite);
    assert.deepEqual([state.scale, state.goodSteps], [scale, good_steps]);
  }
  assert.equal(state.skipped, 46);
});

test("it is kept in a checkpoint's state, and absent where nothing is scaled", () => {
  const state = { ...freshState, step: 9, lossScale: { scale: 2 ** -3, goodSteps: 1999, skipped: 20 } };
  assert.deepEqual(stateFromJson(JSON.parse(JSON.stringify(stateToJson(state)))).lossScale, state.lossScale);
  assert.ok(!JSON.stringify(stateToJson(freshState)).includes("lossScale"));
});

/** The same documents at every step. */
function steady(): Run {
  const run = readJson<Run>("run-packed.json");
  return { ...run, steps: run.steps.map(() => run.steps[0]) };
}

test("in f32 a scaled loss gives the same losses, norms and rates, to the bit", async () => {
  const engine = (await createCpuEngine({ blas: "off" })) as unknown as Engine;
  const run = steady();
  const plain = await trainAsTold(engine, modelOf(engine, run), run, { steps: 6 });
  const scaled = await trainAsTold(engine, modelOf(engine, run), run, { steps: 6, lossScale: freshLossScale });
  assert.deepEqual(
    scaled.map((figures) => ({ ...figures, lossScale: undefined })),
    plain,
  );
  assert.deepEqual(scaled.at(-1)!.lossScale, { scale: 65_536, goodSteps: 6, skipped: 0 });
  await engine.close();
});

test("a step whose gradients overflow is left out whole: weights, moments and schedule stay, the scale is halved", async () => {
  const engine = (await createCpuEngine({ blas: "off" })) as unknown as Engine;
  const run = steady();
  const plain = await trainAsTold(engine, modelOf(engine, run), run, { steps: 6 });
  // The squares of such gradients are beyond f32 for some steps.
  const found = await trainAsTold(engine, modelOf(engine, run), run, {
    steps: 12,
    lossScale: { scale: 2 ** 66, goodSteps: 1990, skipped: 0 },
  });
  const skipped = found.findIndex(({ gradNorm }) => Number.isFinite(gradNorm));
  assert.ok(skipped >= 2 && skipped <= 6, `${skipped} skipped`);
  found.slice(0, skipped).forEach(({ loss, learningRate, lossScale }, step) => {
    assert.deepEqual([loss, learningRate], [plain[0].loss, plain[0].learningRate]);
    assert.deepEqual(lossScale, { scale: 2 ** (65 - step), goodSteps: 0, skipped: step + 1 });
  });
  const rest = found.slice(skipped, skipped + 6);
  assert.deepEqual(
    rest.map(({ loss, gradNorm, learningRate }) => ({ loss, gradNorm, learningRate })),
    plain.map(({ loss, gradNorm, learningRate }) => ({ loss, gradNorm, learningRate })),
  );
  await engine.close();
});

test("a loss that is no number ends training all the same, and so do gradients that overflow without any scale", async () => {
  const engine = (await createCpuEngine({ blas: "off" })) as unknown as Engine;
  const run = steady();
  const fill = (name: string, value: number) => {
    const model = modelOf(engine, run);
    const { master, length } = model.weights.trained.find((weight) => weight.name === name)!;
    engine.write(master, new Float32Array(length).fill(value));
    return model;
  };
  const broken = fill("model.norm.weight", NaN);
  await assert.rejects(trainAsTold(engine, broken, run, { lossScale: freshLossScale }), /step 1,[^]*loss NaN/);
  const steep = fill("model.norm.weight", 1e20);
  await assert.rejects(
    trainAsTold(engine, steep, run, { lossScale: { scale: 2, goodSteps: 0, skipped: 0 } }),
    /step 2,[^]*gradient norm (Infinity|NaN)/,
  );
  await engine.close();
});
