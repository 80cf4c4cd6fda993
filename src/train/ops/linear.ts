// Matrix products with weights in the Hugging Face layout, weight[outputs, inputs]: out[rows, outputs] = alpha x[rows, inputs] weightT (+ bias) (+ out).
import type { Random } from "../../core/random.ts";
import { normal, type OpPage, rubbish } from "./page.ts";

interface Sizes {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly alpha: number;
}

export interface Linear<F> extends Sizes {
  readonly x: F;
  readonly weight: F;
  /** bias[outputs]; not scaled by alpha. */
  readonly bias?: F;
  readonly out: F;
  /** True: added to out. False: out is overwritten. */
  readonly accumulate: boolean;
}

/** gradX[rows, inputs] (+)= alpha gradOut[rows, outputs] weight. */
export interface LinearBackwardInput<F> extends Sizes {
  readonly gradOut: F;
  readonly weight: F;
  readonly gradX: F;
  readonly accumulate: boolean;
}

/** gradWeight[outputs, inputs] += alpha gradOutT x; gradBias[outputs] += column sums of gradOut. */
export interface LinearBackwardWeight<F> extends Sizes {
  readonly x: F;
  readonly gradOut: F;
  readonly gradWeight: F;
  readonly gradBias?: F;
}

/** rows, inputs, outputs. */
const shapes = [
  [1, 1, 1],
  [1, 64, 33],
  [5, 3, 7],
  [17, 48, 29],
  [66, 130, 75],
] as const;

function eachShape<Args>(make: (rows: number, inputs: number, outputs: number) => readonly Args[]): { name: string; args: Args }[] {
  return shapes.flatMap(([rows, inputs, outputs]) =>
    make(rows, inputs, outputs).map((args, i) => ({ name: `${rows} x ${inputs} -> ${outputs}, variant ${i + 1}`, args })),
  );
}

export const linear: OpPage<Linear<Float64Array>> = {
  bound: 2e-6,
  reference({ x, weight, bias, out, rows, inputs, outputs, alpha, accumulate }) {
    for (let i = 0; i < rows; i++) {
      for (let o = 0; o < outputs; o++) {
        let sum = 0;
        for (let j = 0; j < inputs; j++) sum += x[i * inputs + j] * weight[o * inputs + j];
        const at = i * outputs + o;
        out[at] = alpha * sum + (bias ? bias[o] : 0) + (accumulate ? out[at] : 0);
      }
    }
  },
  cases: (random) =>
    eachShape((rows, inputs, outputs) => {
      const common = (): Pick<Linear<Float64Array>, "x" | "weight" | "rows" | "inputs" | "outputs"> => ({
        ...factors(random, rows * inputs, outputs * inputs, inputs),
        rows,
        inputs,
        outputs,
      });
      return [
        { ...common(), out: rubbish(rows * outputs), alpha: 1, accumulate: false },
        { ...common(), bias: normal(random, outputs), out: rubbish(rows * outputs), alpha: 1, accumulate: false },
        { ...common(), out: normal(random, rows * outputs), alpha: 0.25, accumulate: true },
      ];
    }),
};

function factors(random: Random, x: number, weight: number, inputs: number): { x: Float64Array; weight: Float64Array } {
  return { x: normal(random, x), weight: normal(random, weight, 1 / Math.sqrt(inputs)) };
}

export const linearBackwardInput: OpPage<LinearBackwardInput<Float64Array>> = {
  bound: 2e-6,
  reference({ gradOut, weight, gradX, rows, inputs, outputs, alpha, accumulate }) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < inputs; j++) {
        let sum = 0;
        for (let o = 0; o < outputs; o++) sum += gradOut[i * outputs + o] * weight[o * inputs + j];
        const at = i * inputs + j;
        gradX[at] = alpha * sum + (accumulate ? gradX[at] : 0);
      }
    }
  },
  cases: (random) =>
    eachShape((rows, inputs, outputs) =>
      [false, true].map((accumulate) => ({
        gradOut: normal(random, rows * outputs),
        weight: normal(random, outputs * inputs, 1 / Math.sqrt(outputs)),
        gradX: accumulate ? normal(random, rows * inputs) : rubbish(rows * inputs),
        rows,
        inputs,
        outputs,
        alpha: accumulate ? 2 : 1,
        accumulate,
      })),
    ),
};

export const linearBackwardWeight: OpPage<LinearBackwardWeight<Float64Array>> = {
  bound: 2e-6,
  reference({ x, gradOut, gradWeight, gradBias, rows, inputs, outputs, alpha }) {
    for (let o = 0; o < outputs; o++) {
      for (let j = 0; j < inputs; j++) {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += gradOut[i * outputs + o] * x[i * inputs + j];
        gradWeight[o * inputs + j] += alpha * sum;
      }
      if (gradBias) for (let i = 0; i < rows; i++) gradBias[o] += gradOut[i * outputs + o];
    }
  },
  cases: (random) =>
    eachShape((rows, inputs, outputs) =>
      [false, true].map((withBias) => ({
        x: normal(random, rows * inputs),
        gradOut: normal(random, rows * outputs, 1 / Math.sqrt(rows)),
        gradWeight: normal(random, outputs * inputs),
        gradBias: withBias ? normal(random, outputs) : undefined,
        rows,
        inputs,
        outputs,
        alpha: withBias ? 1 : 0.5,
      })),
    ),
};
