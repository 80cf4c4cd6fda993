// Causal attention within documents, grouped-query, without a rows x rows matrix in memory (Dao et al. 2022, arXiv 2205.14135).
// q, out[rows, heads x headSize]; k, v[rows, keyHeads x headSize]; query head h looks at key head floor(h / (heads / keyHeads)).
// Token i sees the tokens from max(firsts[i], i - window + 1) to i; window 0 is none.
import type { Random } from "../../core/random.ts";
import { layDocuments, normal, type OpPage, rubbish } from "./page.ts";

interface Layout<U> {
  /** firsts[rows], ends[rows]: the first token of token i's document, and the one after its last. */
  readonly firsts: U;
  readonly ends: U;
  readonly rows: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly headSize: number;
  /** Of the products before the softmax: 1 / sqrt(headSize) as a rule. */
  readonly scale: number;
  readonly window: number;
}

export interface Attention<F, U = F> extends Layout<U> {
  readonly q: F;
  readonly k: F;
  readonly v: F;
  /** Overwritten: out, and logSumExp[rows, heads] of the scaled products, for the backward op. */
  readonly out: F;
  readonly logSumExp: F;
}

export interface AttentionBackward<F, U = F> extends Layout<U> {
  readonly q: F;
  readonly k: F;
  readonly v: F;
  readonly out: F;
  readonly logSumExp: F;
  readonly gradOut: F;
  /** Overwritten. */
  readonly gradQ: F;
  readonly gradK: F;
  readonly gradV: F;
}

/** Generation: queries q[rows] stand at positions start, start + 1 ... of one document whose keys and values are cached. */
export interface CachedAttention<F> extends Omit<Layout<never>, "firsts" | "ends"> {
  readonly q: F;
  /** k, v[start + rows or more, keyHeads x headSize] */
  readonly k: F;
  readonly v: F;
  /** Overwritten. */
  readonly out: F;
  readonly start: number;
}

export const attention: OpPage<Attention<Float64Array, Uint32Array>> = {
  bound: 5e-6,
  reference({ q, k, v, out, logSumExp, firsts, rows, heads, keyHeads, headSize, scale, window }) {
    for (let i = 0; i < rows; i++) {
      const from = Math.max(firsts[i], window > 0 ? i - window + 1 : 0);
      for (let h = 0; h < heads; h++) {
        logSumExp[i * heads + h] = attend({ q, k, v, out, query: i, head: h, from, to: i, heads, keyHeads, headSize, scale });
      }
    }
  },
  cases: (random) =>
    layouts.map(({ name, ...sizes }) => {
      const { layout, q, k, v } = inputs(random, sizes);
      return { name, args: { q, k, v, out: rubbish(q.length), logSumExp: rubbish(layout.rows * layout.heads), ...layout } };
    }),
};

export const attentionBackward: OpPage<AttentionBackward<Float64Array, Uint32Array>> = {
  bound: 1e-5,
  reference({ q, k, v, out, logSumExp, gradOut, gradQ, gradK, gradV, firsts, rows, heads, keyHeads, headSize, scale, window }) {
    gradQ.fill(0, 0, rows * heads * headSize);
    gradK.fill(0, 0, rows * keyHeads * headSize);
    gradV.fill(0, 0, rows * keyHeads * headSize);
    for (let i = 0; i < rows; i++) {
      const first = Math.max(firsts[i], window > 0 ? i - window + 1 : 0);
      for (let h = 0; h < heads; h++) {
        const at = (i * heads + h) * headSize;
        const keyHead = Math.floor((h * keyHeads) / heads);
        const delta = dot(gradOut, at, out, at, headSize);
        for (let j = first; j <= i; j++) {
          const key = (j * keyHeads + keyHead) * headSize;
          const share = Math.exp(scale * dot(q, at, k, key, headSize) - logSumExp[i * heads + h]);
          const pull = share * (dot(gradOut, at, v, key, headSize) - delta) * scale;
          for (let c = 0; c < headSize; c++) {
            gradV[key + c] += share * gradOut[at + c];
            gradQ[at + c] += pull * k[key + c];
            gradK[key + c] += pull * q[at + c];
          }
        }
      }
    }
  },
  cases: (random) =>
    layouts.map(({ name, ...sizes }) => {
      const { layout, q, k, v } = inputs(random, sizes);
      const out = new Float64Array(q.length);
      const logSumExp = new Float64Array(layout.rows * layout.heads);
      attention.reference({ q, k, v, out, logSumExp, ...layout });
      const gradients = { gradQ: rubbish(q.length), gradK: rubbish(k.length), gradV: rubbish(v.length) };
      return { name, args: { q, k, v, out, logSumExp, gradOut: normal(random, q.length), ...gradients, ...layout } };
    }),
};

export const cachedAttention: OpPage<CachedAttention<Float64Array>> = {
  bound: 5e-6,
  reference({ q, k, v, out, start, rows, heads, keyHeads, headSize, scale, window }) {
    for (let i = 0; i < rows; i++) {
      const to = start + i;
      const from = window > 0 ? Math.max(0, to - window + 1) : 0;
      for (let h = 0; h < heads; h++) attend({ q, k, v, out, query: i, head: h, from, to, heads, keyHeads, headSize, scale });
    }
  },
  cases: (random) =>
    [
      { start: 0, rows: 1, heads: 2, keyHeads: 1, headSize: 8, window: 0 },
      { start: 21, rows: 1, heads: 6, keyHeads: 2, headSize: 32, window: 0 },
      { start: 5, rows: 9, heads: 4, keyHeads: 4, headSize: 16, window: 4 },
    ].map((sizes) => {
      const { start, rows, heads, keyHeads, headSize } = sizes;
      const kept = (start + rows + 2) * keyHeads * headSize;
      const args = {
        q: normal(random, rows * heads * headSize),
        k: normal(random, kept),
        v: normal(random, kept),
        out: rubbish(rows * heads * headSize),
        scale: headSize ** -0.5,
        ...sizes,
      };
      return { name: `${rows} queries from ${start}, window ${sizes.window}`, args };
    }),
};

/** One query head over keys [from, to]: writes its out and returns the log of the sum of exponentials. */
function attend(args: {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  readonly out: Float64Array;
  readonly query: number;
  readonly head: number;
  readonly from: number;
  readonly to: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly headSize: number;
  readonly scale: number;
}): number {
  const { q, k, v, out, query, head, from, to, heads, keyHeads, headSize, scale } = args;
  const at = (query * heads + head) * headSize;
  const keyHead = Math.floor((head * keyHeads) / heads);
  const scores = Array.from(
    { length: to - from + 1 },
    (_, j) => scale * dot(q, at, k, ((from + j) * keyHeads + keyHead) * headSize, headSize),
  );
  const most = Math.max(...scores);
  const sum = scores.reduce((total, score) => total + Math.exp(score - most), 0);
  out.fill(0, at, at + headSize);
  scores.forEach((score, j) => {
    const key = ((from + j) * keyHeads + keyHead) * headSize;
    const share = Math.exp(score - most) / sum;
    for (let c = 0; c < headSize; c++) out[at + c] += share * v[key + c];
  });
  return most + Math.log(sum);
}

function dot(a: Float64Array, at: number, b: Float64Array, from: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[at + i] * b[from + i];
  return sum;
}

const layouts = [
  { name: "one token", lengths: [1], heads: 1, keyHeads: 1, headSize: 2, window: 0 },
  { name: "documents of 1, 7 and 3 tokens, grouped", lengths: [1, 7, 3], heads: 4, keyHeads: 2, headSize: 8, window: 0 },
  { name: "one document of 70 tokens", lengths: [70], heads: 2, keyHeads: 2, headSize: 32, window: 0 },
  { name: "sliding window of 5", lengths: [13, 40], heads: 3, keyHeads: 1, headSize: 64, window: 5 },
  { name: "heads of 80", lengths: [9, 33], heads: 2, keyHeads: 1, headSize: 80, window: 0 },
] as const;

function inputs(
  random: Random,
  sizes: Omit<(typeof layouts)[number], "name">,
): { layout: Layout<Uint32Array>; q: Float64Array; k: Float64Array; v: Float64Array } {
  const { lengths, heads, keyHeads, headSize, window } = sizes;
  const { firsts, ends } = layDocuments(lengths);
  const rows = firsts.length;
  return {
    layout: { firsts, ends, rows, heads, keyHeads, headSize, scale: headSize ** -0.5, window },
    q: normal(random, rows * heads * headSize),
    k: normal(random, rows * keyHeads * headSize),
    v: normal(random, rows * keyHeads * headSize),
  };
}
