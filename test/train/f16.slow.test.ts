// Training in f16 on the WebGPU engine: weights and activations in 16 bits, f32 originals, a scaled loss.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test from "node:test";
import { openSafetensors } from "../../src/io/safetensors.ts";
import { freshLossScale, type LossScale } from "../../src/train/loss-scale.ts";
import type { StepFigures } from "../../src/train/loop.ts";
import { checkpointHashes, createTrainingProject, curveOf, metricsOf, recordOf, run as tinyRun } from "../cases/training-project.ts";
import { readJson } from "../cases/train-fixtures.ts";
import { modelOf, type Run, trainAsTold } from "../cases/train-runs.ts";
import { noWebgpu } from "../cases/webgpu.ts";
import { webgpuEngine } from "../cases/webgpu-shared.ts";

const skip = noWebgpu;
const steps = 20;

async function train(name: string, lossScale: LossScale): Promise<readonly StepFigures[]> {
  const run = readJson<Run>(`run-${name}.json`);
  const engine = await webgpuEngine();
  return trainAsTold(engine, modelOf(engine, run, "f16"), run, { steps, lossScale });
}

for (const name of ["packed", "lora", "qlora"]) {
  test(`run-${name} in f16: losses and gradient norms are near torch's in f32, nothing is skipped`, { skip }, async () => {
    const run = readJson<Run>(`run-${name}.json`);
    const found = await train(name, freshLossScale);
    assert.equal(found.length, steps);
    found.forEach(({ loss, gradNorm }, step) => {
      assert.ok(Math.abs(loss - run.losses[step]) <= 1e-2, `step ${step}: loss ${loss}, torch's ${run.losses[step]}`);
      assert.ok(Math.abs(gradNorm / run.grad_norms[step] - 1) <= 2e-2, `step ${step}: norm ${gradNorm}, torch's ${run.grad_norms[step]}`);
    });
    assert.deepEqual(found.at(-1)!.lossScale, { scale: 65_536, goodSteps: steps, skipped: 0 });
  });
}

test("gradients that overflow f16 skip steps until the scale fits, and training goes on from there", { skip }, async () => {
  const found = await train("packed", { scale: 2 ** 26, goodSteps: 0, skipped: 0 });
  const made = found.filter(({ gradNorm }) => Number.isFinite(gradNorm));
  const { scale, skipped } = found.at(-1)!.lossScale!;
  assert.ok(skipped >= 2 && skipped < steps / 2, `${skipped} skipped`);
  assert.equal(made.length, steps - skipped);
  assert.equal(scale, 2 ** (26 - skipped));
  assert.ok(made.at(-1)!.loss < found[0].loss, `${found[0].loss} -> ${made.at(-1)!.loss}`);
});

test("what the scale is for: gradients too small for f16 are lost without it", { skip }, async () => {
  const [expected] = readJson<Run>("run-packed.json").grad_norms;
  const off = async (scale: number): Promise<number> => {
    const [{ gradNorm }] = await train("packed", { scale, goodSteps: 0, skipped: 0 });
    return Math.abs(gradNorm / expected - 1);
  };
  const [scaled, tiny] = [await off(65_536), await off(2 ** -16)];
  assert.ok(scaled < 1e-2 && tiny > 0.1, `off by ${scaled} with the usual scale, by ${tiny} with 2^-16`);
});

test(
  "fp16 from a recipe: the loss falls, the scale is told, and a run that was killed ends with the bytes of one never stopped",
  { skip },
  async () => {
    const settings = { device: "webgpu", fp16: true, save_steps: 8, eval_steps: 16, max_steps: 16, sample_prompts: 0 };
    const straight = createTrainingProject(settings);
    const { status, stderr } = straight.sluice("run", "recipe.yaml");
    assert.equal(status, 0, stderr);
    const { first, best, engine } = recordOf(straight);
    assert.equal(engine, "webgpu");
    assert.ok(best!.eval_loss < first!.eval_loss - 0.5, `${first!.eval_loss} -> ${best!.eval_loss}`);
    const last = metricsOf(straight)
      .filter((line) => "loss" in line)
      .at(-1)!;
    assert.deepEqual([last.loss_scale, last.skipped_steps], [65_536, 0]);
    const weights = await openSafetensors(join(straight.folder, tinyRun, "checkpoints", "best", "model.safetensors"));
    assert.equal(weights.entry("model.embed_tokens.weight").dtype, "F16");
    await weights.close();
    const config = JSON.parse(straight.read(`${tinyRun}/checkpoints/best/config.json`)) as {
      readonly dtype?: string;
      readonly torch_dtype?: string;
    };
    assert.equal(config.dtype ?? config.torch_dtype, "float16");

    const project = createTrainingProject(settings);
    const child = project.start("run", "recipe.yaml");
    const ended = once(child, "exit");
    const saved = join(project.folder, tinyRun, "checkpoints", "step-000008");
    while (!existsSync(saved) && child.exitCode === null) await setTimeout(2);
    child.kill("SIGKILL");
    await ended;
    const state = JSON.parse(readFileSync(join(saved, "trainer_state.json"), "utf8")) as {
      readonly sluice: { readonly lossScale: LossScale };
    };
    assert.deepEqual(state.sluice.lossScale, { scale: 65_536, goodSteps: 8, skipped: 0 });
    const again = project.sluice("run", "recipe.yaml");
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stderr, /going on from step 8/);
    assert.deepEqual(checkpointHashes(project, "step-000016"), checkpointHashes(straight, "step-000016"));
    assert.deepEqual(curveOf(project), curveOf(straight));
    for (const each of [straight, project]) rmSync(each.folder, { recursive: true });
  },
);
