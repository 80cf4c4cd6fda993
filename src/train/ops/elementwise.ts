// Small work over length values: clearing, adding, and LoRA's dropout.
import { mix32 } from "../../core/random.ts";
import { normal, type OpPage, rubbish } from "./page.ts";

export interface Clear<F> {
  /** x[0, length) = 0; the values behind stay. */
  readonly x: F;
  readonly length: number;
}

/** out = x, or out += x, for out's values from `at` on. Storages may differ: values are rounded to nearest. */
export interface Copy<F> {
  readonly x: F;
  readonly out: F;
  /** Where in out the first value goes. */
  readonly at: number;
  readonly length: number;
  readonly accumulate: boolean;
}

/**
 * out[i] = x[i] / (1 - rate) where value i is kept, else 0. Kept: mix32(seed + i * 0x9e3779b1) >= rate * 2^32 (all mod 2^32), so that
 * the backward pass makes the same choice again by the same op on the gradient.
 */
export interface Dropout<F> {
  readonly x: F;
  /** Overwritten; may be x. */
  readonly out: F;
  readonly length: number;
  /** 0 to 1 without 1. */
  readonly rate: number;
  /** u32. */
  readonly seed: number;
}

export const clear: OpPage<Clear<Float64Array>> = {
  bound: 0,
  reference({ x, length }) {
    x.fill(0, 0, length);
  },
  cases: () => [1, 70].map((length) => ({ name: `${length} values`, args: { x: rubbish(length + 3), length } })),
};

export const copy: OpPage<Copy<Float64Array>> = {
  bound: 1e-6,
  reference({ x, out, at, length, accumulate }) {
    for (let i = 0; i < length; i++) out[at + i] = x[i] + (accumulate ? out[at + i] : 0);
  },
  cases: (random) =>
    [1, 70, 1001].flatMap((length) =>
      [false, true].map((accumulate) => ({
        name: `${length} values${accumulate ? ", added at 5" : ""}`,
        args: { x: normal(random, length), out: normal(random, length + 7), at: accumulate ? 5 : 0, length, accumulate },
      })),
    ),
};

export const dropout: OpPage<Dropout<Float64Array>> = {
  bound: 1e-6,
  reference({ x, out, length, rate, seed }) {
    for (let i = 0; i < length; i++) {
      const kept = mix32((seed + Math.imul(i, 0x9e3779b1)) | 0) >= rate * 2 ** 32;
      out[i] = kept ? x[i] / (1 - rate) : 0;
    }
  },
  cases: (random) =>
    [0, 0.1, 0.5].map((rate) => ({
      name: `rate ${rate}`,
      args: { x: normal(random, 1001), out: rubbish(1001), length: 1001, rate, seed: 0xdeadbeef },
    })),
};
