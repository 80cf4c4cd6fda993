// RMSNorm with the residual sum before it: sum = x + delta, scale = 1 / sqrt(mean(sum^2) + epsilon), out = sum x scale x weight.
// Zhang and Sennrich 2019 (arXiv 1910.07467), as in Llama.
import { normal, type OpPage, rubbish } from "./page.ts";

export interface AddRmsNorm<F> {
  /** x[rows, width] */
  readonly x: F;
  /** delta[rows, width]; without it sum is not written and stands for x. */
  readonly delta?: F;
  readonly sum?: F;
  /** weight[width] */
  readonly weight: F;
  /** Overwritten: out[rows, width], scale[rows]. */
  readonly out: F;
  readonly scale: F;
  readonly rows: number;
  readonly width: number;
  readonly epsilon: number;
}

/** gradX is added to: the sum's gradient also goes past the norm. */
export interface RmsNormBackward<F> {
  /** What was normalised: the sum of the forward op. */
  readonly x: F;
  readonly weight: F;
  readonly scale: F;
  readonly gradOut: F;
  readonly gradX: F;
  /** Added to; left out where the weight is frozen. */
  readonly gradWeight?: F;
  readonly rows: number;
  readonly width: number;
}

const shapes = [
  [1, 1],
  [3, 7],
  [19, 64],
  [9, 130],
] as const;

export const addRmsNorm: OpPage<AddRmsNorm<Float64Array>> = {
  bound: 2e-6,
  reference({ x, delta, sum, weight, out, scale, rows, width, epsilon }) {
    for (let i = 0; i < rows; i++) {
      let squares = 0;
      for (let j = i * width; j < (i + 1) * width; j++) {
        const value = x[j] + (delta ? delta[j] : 0);
        if (delta && sum) sum[j] = value;
        squares += value * value;
      }
      scale[i] = 1 / Math.sqrt(squares / width + epsilon);
      for (let j = 0; j < width; j++) {
        const at = i * width + j;
        out[at] = (x[at] + (delta ? delta[at] : 0)) * scale[i] * weight[j];
      }
    }
  },
  cases: (random) =>
    shapes.flatMap(([rows, width]) =>
      [false, true].map((residual) => ({
        name: `${rows} x ${width}${residual ? ", residual" : ""}`,
        args: {
          x: normal(random, rows * width, 3),
          ...(residual ? { delta: normal(random, rows * width), sum: rubbish(rows * width) } : {}),
          weight: normal(random, width),
          out: rubbish(rows * width),
          scale: rubbish(rows),
          rows,
          width,
          epsilon: 1e-5,
        },
      })),
    ),
};

export const rmsNormBackward: OpPage<RmsNormBackward<Float64Array>> = {
  bound: 3e-6,
  reference({ x, weight, scale, gradOut, gradX, gradWeight, rows, width }) {
    for (let i = 0; i < rows; i++) {
      const from = i * width;
      let dot = 0;
      for (let j = 0; j < width; j++) dot += gradOut[from + j] * weight[j] * x[from + j];
      const pull = (dot * scale[i] ** 3) / width;
      for (let j = 0; j < width; j++) {
        gradX[from + j] += gradOut[from + j] * weight[j] * scale[i] - x[from + j] * pull;
        if (gradWeight) gradWeight[j] += gradOut[from + j] * x[from + j] * scale[i];
      }
    }
  },
  cases: (random) =>
    shapes.flatMap(([rows, width]) =>
      [false, true].map((withWeight) => {
        const x = normal(random, rows * width, 2);
        const scale = Float64Array.from({ length: rows }, (_, i) => {
          const row = x.subarray(i * width, (i + 1) * width);
          return 1 / Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / width + 1e-5);
        });
        return {
          name: `${rows} x ${width}${withWeight ? "" : ", frozen weight"}`,
          args: {
            x,
            weight: normal(random, width),
            scale,
            gradOut: normal(random, rows * width),
            gradX: normal(random, rows * width),
            gradWeight: withWeight ? normal(random, width) : undefined,
            rows,
            width,
          },
        };
      }),
    ),
};
