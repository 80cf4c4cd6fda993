// A training loop in its plainest form, over an engine's ops: what test/vectors/train/runs.py does in torch, without schedule or files.
import type { Engine, Tensor } from "../../src/train/engine.ts";
import type { Model } from "../../src/train/model/model.ts";
import { batchOf, type Document, floats } from "./train-fixtures.ts";

/** As the Trainer of transformers names them. */
export interface LoopSettings {
  readonly weight_decay: number;
  readonly adam_beta1: number;
  readonly adam_beta2: number;
  readonly adam_epsilon: number;
  readonly max_grad_norm: number;
}

export interface Curve {
  /** Of each step, before its update: the mean over its supervised tokens, and the gradients' norm before clipping. */
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
}

/** steps[step][micro batch] holds documents; learningRates[step]. */
export async function trainPlainly(
  engine: Engine,
  model: Model,
  options: { readonly settings: LoopSettings; readonly steps: readonly Document[][][]; readonly learningRates: readonly number[] },
): Promise<Curve> {
  const { settings, steps, learningRates } = options;
  const { ops } = engine;
  const { trained } = model.weights;
  const make = (name: string, length = 1): Tensor => engine.allocate({ name, shape: [length], storage: "f32" });
  const [sum, norm, clip] = [make("sum of squares"), make("norm"), make("clip")];
  const moments = trained.map(({ name, length }) => ({ m: make(`${name} m`, length), v: make(`${name} v`, length) }));
  const losses: number[] = [];
  const gradNorms: number[] = [];
  for (const [step, microBatches] of steps.entries()) {
    const batches = microBatches.map(batchOf);
    const supervised = batches.reduce((total, { rows }) => total + rows.length, 0);
    let loss = 0;
    for (const { gradient, length } of trained) ops.clear({ x: gradient, length });
    for (const batch of batches) {
      const result = model.forwardBackward(batch, { gradScale: 1 / supervised, dropoutSeed: 0 });
      loss += (await floats(engine, result.losses, result.supervised)).reduce((total, each) => total + each, 0);
    }
    ops.clear({ x: sum, length: 1 });
    for (const { gradient, length } of trained) ops.addSquares({ x: gradient, sum, length });
    ops.clipScale({ sum, norm, clip, maxNorm: settings.max_grad_norm });
    trained.forEach(({ kind, master, value, gradient, length }, i) =>
      ops.adamW({
        parameter: master,
        gradient,
        ...moments[i],
        clip,
        copy: value === master ? undefined : value,
        learningRate: learningRates[step],
        beta1: settings.adam_beta1,
        beta2: settings.adam_beta2,
        epsilon: settings.adam_epsilon,
        weightDecay: kind === "norm" || kind === "bias" ? 0 : settings.weight_decay,
        step: step + 1,
        length,
      }),
    );
    losses.push(loss / supervised);
    gradNorms.push((await floats(engine, norm))[0]);
  }
  await engine.finish();
  return { losses, gradNorms };
}
