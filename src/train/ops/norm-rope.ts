// Query or key heads made ready for attention: an RMSNorm over each head where the model has one (Qwen3), then the rotary embedding.
// x[rows, heads x headSize]; cos, sin[positions, headSize / 2]. Pairs are (i, i + headSize / 2), as in Hugging Face's rotate_half
// (Su et al. 2021, arXiv 2104.09864).
import type { Random } from "../../core/random.ts";
import { integers, normal, type OpPage, rubbish } from "./page.ts";

interface Rotation<F, U> {
  readonly cos: F;
  readonly sin: F;
  /** positions[rows] */
  readonly positions: U;
  readonly rows: number;
  readonly heads: number;
  /** Even. */
  readonly headSize: number;
}

export interface NormRope<F, U = F> extends Rotation<F, U> {
  readonly x: F;
  /** weight[headSize] of the norm; scale[rows, heads] is then written for the backward op. */
  readonly weight?: F;
  readonly scale?: F;
  readonly epsilon: number;
  /** Overwritten; may be x where there is no norm. */
  readonly out: F;
}

export interface NormRopeBackward<F, U = F> extends Rotation<F, U> {
  readonly gradOut: F;
  /** Overwritten; may be gradOut. */
  readonly gradX: F;
  /** All three where there is a norm: x and scale of the forward op. */
  readonly x?: F;
  readonly weight?: F;
  readonly scale?: F;
  /** Added to; left out where the weight is frozen. */
  readonly gradWeight?: F;
}

export const normRope: OpPage<NormRope<Float64Array, Uint32Array>> = {
  bound: 3e-6,
  reference({ x, weight, scale, epsilon, out, cos, sin, positions, rows, heads, headSize }) {
    const half = headSize / 2;
    const head = new Float64Array(headSize);
    for (let i = 0; i < rows; i++) {
      for (let h = 0; h < heads; h++) {
        const from = (i * heads + h) * headSize;
        head.set(x.subarray(from, from + headSize));
        if (weight && scale) {
          const factor = 1 / Math.sqrt(head.reduce((sum, value) => sum + value * value, 0) / headSize + epsilon);
          scale[i * heads + h] = factor;
          for (let j = 0; j < headSize; j++) head[j] *= factor * weight[j];
        }
        for (let j = 0; j < half; j++) {
          const c = cos[positions[i] * half + j];
          const s = sin[positions[i] * half + j];
          out[from + j] = head[j] * c - head[j + half] * s;
          out[from + j + half] = head[j + half] * c + head[j] * s;
        }
      }
    }
  },
  cases: (random) =>
    shapes.flatMap(([rows, heads, headSize]) =>
      [false, true].map((withNorm) => ({
        name: `${rows} rows, ${heads} heads of ${headSize}${withNorm ? ", norm" : ""}`,
        args: {
          x: normal(random, rows * heads * headSize),
          ...(withNorm ? { weight: normal(random, headSize), scale: rubbish(rows * heads) } : {}),
          epsilon: 1e-6,
          out: rubbish(rows * heads * headSize),
          ...rotation(random, rows, heads, headSize),
        },
      })),
    ),
};

export const normRopeBackward: OpPage<NormRopeBackward<Float64Array, Uint32Array>> = {
  bound: 5e-6,
  reference({ gradOut, gradX, x, weight, scale, gradWeight, cos, sin, positions, rows, heads, headSize }) {
    const half = headSize / 2;
    const grad = new Float64Array(headSize);
    for (let i = 0; i < rows; i++) {
      for (let h = 0; h < heads; h++) {
        const from = (i * heads + h) * headSize;
        for (let j = 0; j < half; j++) {
          const c = cos[positions[i] * half + j];
          const s = sin[positions[i] * half + j];
          grad[j] = gradOut[from + j] * c + gradOut[from + j + half] * s;
          grad[j + half] = gradOut[from + j + half] * c - gradOut[from + j] * s;
        }
        if (x && weight && scale) {
          const factor = scale[i * heads + h];
          let dot = 0;
          for (let j = 0; j < headSize; j++) dot += grad[j] * weight[j] * x[from + j];
          for (let j = 0; j < headSize; j++) {
            if (gradWeight) gradWeight[j] += grad[j] * x[from + j] * factor;
            grad[j] = grad[j] * weight[j] * factor - (x[from + j] * dot * factor ** 3) / headSize;
          }
        }
        gradX.set(grad, from);
      }
    }
  },
  cases: (random) =>
    shapes.flatMap(([rows, heads, headSize]) =>
      ["rope alone", "norm", "frozen norm"].map((kind) => {
        const x = normal(random, rows * heads * headSize);
        const scale = Float64Array.from({ length: rows * heads }, (_, i) => {
          const head = x.subarray(i * headSize, (i + 1) * headSize);
          return 1 / Math.sqrt(head.reduce((sum, value) => sum + value * value, 0) / headSize + 1e-6);
        });
        return {
          name: `${rows} rows, ${heads} heads of ${headSize}, ${kind}`,
          args: {
            gradOut: normal(random, rows * heads * headSize),
            gradX: rubbish(rows * heads * headSize),
            ...(kind === "rope alone" ? {} : { x, weight: normal(random, headSize), scale }),
            gradWeight: kind === "norm" ? normal(random, headSize) : undefined,
            ...rotation(random, rows, heads, headSize),
          },
        };
      }),
    ),
};

/** rows, heads, headSize. */
const shapes = [
  [1, 1, 2],
  [5, 3, 16],
  [13, 2, 64],
  [4, 1, 80],
] as const;

function rotation(random: Random, rows: number, heads: number, headSize: number): Rotation<Float64Array, Uint32Array> {
  const angles = normal(random, (rows + 3) * (headSize / 2), 3);
  return {
    cos: angles.map(Math.cos),
    sin: angles.map(Math.sin),
    positions: integers(random, rows, rows + 3),
    rows,
    heads,
    headSize,
  };
}
