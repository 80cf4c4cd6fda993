// The optimizer: AdamW with decoupled decay (Loshchilov and Hutter 2017, arXiv 1711.05101), step for step as torch.optim.AdamW, and the
// clipping before it, as torch.nn.utils.clip_grad_norm_. Norms stay on the device: nothing is read back.
import { normal, type OpPage, rubbish } from "./page.ts";

export interface AdamW<F> {
  readonly parameter: F;
  readonly gradient: F;
  /** First and second moment, f32. */
  readonly m: F;
  readonly v: F;
  /** clip[1]: the gradient is multiplied by it. */
  readonly clip: F;
  /** Receives the updated parameter too, in its own storage (a bf16 copy that the model computes with). */
  readonly copy?: F;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** From 1. */
  readonly step: number;
  readonly length: number;
}

/** sum[0] += the sum of x[i]^2. */
export interface AddSquares<F> {
  readonly x: F;
  readonly sum: F;
  readonly length: number;
}

/** norm[0] = sqrt(sum[0]) / lossScale; clip[0] = min(1, maxNorm / (norm[0] + 1e-6)) / lossScale, or 1 / lossScale where maxNorm is 0. */
export interface ClipScale<F> {
  readonly sum: F;
  readonly norm: F;
  readonly clip: F;
  /** 0: nothing is clipped. */
  readonly maxNorm: number;
  /** What the gradients were multiplied by, a power of two; 1 for none. */
  readonly lossScale: number;
}

export const adamW: OpPage<AdamW<Float64Array>> = {
  bound: 2e-6,
  reference({ parameter, gradient, m, v, clip, copy, learningRate, beta1, beta2, epsilon, weightDecay, step, length }) {
    const correction1 = 1 - beta1 ** step;
    const correction2 = Math.sqrt(1 - beta2 ** step);
    for (let i = 0; i < length; i++) {
      const g = gradient[i] * clip[0];
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      parameter[i] *= 1 - learningRate * weightDecay;
      parameter[i] -= ((learningRate / correction1) * m[i]) / (Math.sqrt(v[i]) / correction2 + epsilon);
      if (copy) copy[i] = parameter[i];
    }
  },
  cases: (random) =>
    [
      { length: 1, step: 1, weightDecay: 0 },
      { length: 70, step: 1, weightDecay: 0.1 },
      { length: 1003, step: 12, weightDecay: 0.01 },
    ].map(({ length, step, weightDecay }) => ({
      name: `${length} values, step ${step}, decay ${weightDecay}`,
      args: {
        parameter: normal(random, length),
        gradient: normal(random, length, 0.1),
        m: step === 1 ? new Float64Array(length) : normal(random, length, 0.1),
        v: step === 1 ? new Float64Array(length) : normal(random, length, 0.1).map((value) => value * value + 1e-4),
        clip: Float64Array.of(0.7),
        copy: step === 12 ? rubbish(length) : undefined,
        learningRate: 1e-2,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay,
        step,
        length,
      },
    })),
};

export const addSquares: OpPage<AddSquares<Float64Array>> = {
  bound: 2e-6,
  reference({ x, sum, length }) {
    for (let i = 0; i < length; i++) sum[0] += x[i] * x[i];
  },
  cases: (random) =>
    [1, 5, 70_001].map((length) => ({
      name: `${length} values`,
      args: { x: normal(random, length, 0.1), sum: Float64Array.of(2), length },
    })),
};

export const clipScale: OpPage<ClipScale<Float64Array>> = {
  bound: 1e-6,
  reference({ sum, norm, clip, maxNorm, lossScale }) {
    norm[0] = Math.sqrt(sum[0]) / lossScale;
    clip[0] = (maxNorm === 0 ? 1 : Math.min(1, maxNorm / (norm[0] + 1e-6))) / lossScale;
  },
  cases: () =>
    [
      [0, 1, 1],
      [0.3, 1, 1],
      [17, 1, 1],
      [17, 8, 1],
      [17, 8, 0],
      [0, 1, 0],
    ].map(([sum, lossScale, maxNorm]) => ({
      name: `sum of squares ${sum}, loss scale ${lossScale}, ${maxNorm === 0 ? "no clipping" : `at most ${maxNorm}`}`,
      args: { sum: Float64Array.of(sum), norm: rubbish(1), clip: rubbish(1), maxNorm, lossScale },
    })),
};
