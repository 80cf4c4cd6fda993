// out = silu(gate) x up over length values (Shazeer 2020, arXiv 2002.05202). silu(g) = g / (1 + e^-g).
import { normal, type OpPage, rubbish } from "./page.ts";

export interface SwiGlu<F> {
  readonly gate: F;
  readonly up: F;
  /** Overwritten. */
  readonly out: F;
  readonly length: number;
}

export interface SwiGluBackward<F> {
  readonly gate: F;
  readonly up: F;
  readonly gradOut: F;
  /** Overwritten; may be gate and up. */
  readonly gradGate: F;
  readonly gradUp: F;
  readonly length: number;
}

const lengths = [1, 7, 64, 1001];

export const swiGlu: OpPage<SwiGlu<Float64Array>> = {
  bound: 2e-6,
  reference({ gate, up, out, length }) {
    for (let i = 0; i < length; i++) out[i] = (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
  },
  cases: (random) =>
    lengths.map((length) => ({
      name: `${length} values`,
      args: { gate: normal(random, length, 4), up: normal(random, length), out: rubbish(length), length },
    })),
};

export const swiGluBackward: OpPage<SwiGluBackward<Float64Array>> = {
  bound: 3e-6,
  reference({ gate, up, gradOut, gradGate, gradUp, length }) {
    for (let i = 0; i < length; i++) {
      const sigmoid = 1 / (1 + Math.exp(-gate[i]));
      const silu = gate[i] * sigmoid;
      const forGate = gradOut[i] * up[i] * sigmoid * (1 + gate[i] * (1 - sigmoid));
      gradUp[i] = gradOut[i] * silu;
      gradGate[i] = forGate;
    }
  },
  cases: (random) =>
    lengths.map((length) => ({
      name: `${length} values`,
      args: {
        gate: normal(random, length, 4),
        up: normal(random, length),
        gradOut: normal(random, length),
        gradGate: rubbish(length),
        gradUp: rubbish(length),
        length,
      },
    })),
};
