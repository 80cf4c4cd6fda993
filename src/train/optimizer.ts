// AdamW over a model's trained weights, with the gradients' global norm clipped before it. All of it stays on the device but the norm.
import type { Engine, Tensor } from "./engine.ts";
import type { Trained, Weights } from "./model/weights.ts";
import type { TrainSettings } from "./settings.ts";

export interface Optimizer<T extends Tensor = Tensor> {
  /** First and second moments, f32, in the order of weights.trained. */
  readonly moments: readonly { readonly name: string; readonly m: T; readonly v: T }[];
  clearGradients(): void;
  /**
   * Records clipping and the update; step: how many updates there are with this one. The promise is the norm before clipping, and resolves when the
   * step's work is done. lossScale: what the gradients were multiplied by; with it, nothing is updated where the norm is not finite.
   */
  step(options: { readonly step: number; readonly learningRate: number; readonly lossScale?: number | undefined }): Promise<number>;
}

export type OptimizerSettings = Pick<TrainSettings, "adam_beta1" | "adam_beta2" | "adam_epsilon" | "weight_decay" | "max_grad_norm">;

export function createOptimizer<T extends Tensor>(engine: Engine<T>, weights: Weights<T>, settings: OptimizerSettings): Optimizer<T> {
  const { ops } = engine;
  const { trained } = weights;
  const scalar = (name: string): T => engine.allocate({ name, shape: [1], storage: "f32" });
  const sum = scalar("sum of squared gradients");
  const norm = scalar("norm of the gradients");
  const clip = scalar("clipping factor");
  const moment = ({ name, shape }: Trained<T>, which: string): T =>
    engine.allocate({ name: `${name} (${which} moment)`, shape, storage: "f32" });
  const moments = trained.map((weight) => ({ name: weight.name, m: moment(weight, "first"), v: moment(weight, "second") }));
  return {
    moments,
    clearGradients() {
      for (const { gradient, length } of trained) ops.clear({ x: gradient, length });
    },
    async step({ step, learningRate, lossScale }) {
      ops.clear({ x: sum, length: 1 });
      for (const { gradient, length } of trained) ops.addSquares({ x: gradient, sum, length });
      ops.clipScale({ sum, norm, clip, maxNorm: settings.max_grad_norm, lossScale: lossScale ?? 1 });
      if (lossScale !== undefined) {
        const found = (await engine.read(norm))[0];
        if (!Number.isFinite(found)) return found;
      }
      trained.forEach(({ master, value, gradient, length, kind }, i) => {
        const decays = kind === "linear" || kind === "embedding";
        ops.adamW({
          parameter: master,
          gradient,
          m: moments[i].m,
          v: moments[i].v,
          clip,
          copy: master === value ? undefined : value,
          learningRate,
          beta1: settings.adam_beta1,
          beta2: settings.adam_beta2,
          epsilon: settings.adam_epsilon,
          weightDecay: decays ? settings.weight_decay : 0,
          step,
          length,
        });
      });
      return (await engine.read(norm))[0];
    },
  };
}
