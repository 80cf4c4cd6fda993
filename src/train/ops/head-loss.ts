// The output head and its cross-entropy in one, over supervised tokens only: logits are made in pieces and never kept.
// Token rows[s] predicts labels[s]: losses[s] = -log softmax(x[rows[s]] weightT)[labels[s]], in nats.
import { integers, normal, type OpPage, rubbish } from "./page.ts";

export interface HeadLoss<F, U = F> {
  /** x[tokens, width]: the last norm's output. */
  readonly x: F;
  /** weight[vocabulary, width] */
  readonly weight: F;
  /** rows[supervised], labels[supervised] */
  readonly rows: U;
  readonly labels: U;
  /** Overwritten: losses[supervised]. */
  readonly losses: F;
  /** With gradX the op goes backward too: gradX[rows[s]] and gradWeight are added to, times gradScale. */
  readonly gradX?: F;
  /** Left out where the head is frozen. */
  readonly gradWeight?: F;
  /** 1 / supervised tokens of the whole optimizer step. */
  readonly gradScale: number;
  readonly supervised: number;
  readonly width: number;
  readonly vocabulary: number;
}

export const headLoss: OpPage<HeadLoss<Float64Array, Uint32Array>> = {
  bound: 5e-6,
  reference({ x, weight, rows, labels, losses, gradX, gradWeight, gradScale, supervised, width, vocabulary }) {
    const logits = new Float64Array(vocabulary);
    for (let s = 0; s < supervised; s++) {
      const at = rows[s] * width;
      for (let t = 0; t < vocabulary; t++) {
        logits[t] = 0;
        for (let j = 0; j < width; j++) logits[t] += x[at + j] * weight[t * width + j];
      }
      const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
      losses[s] = most + Math.log(sum) - logits[labels[s]];
      if (!gradX) continue;
      for (let t = 0; t < vocabulary; t++) {
        const pull = gradScale * (Math.exp(logits[t] - most) / sum - (t === labels[s] ? 1 : 0));
        for (let j = 0; j < width; j++) {
          gradX[at + j] += pull * weight[t * width + j];
          if (gradWeight) gradWeight[t * width + j] += pull * x[at + j];
        }
      }
    }
  },
  cases: (random) =>
    [
      { tokens: 1, supervised: 1, width: 1, vocabulary: 2 },
      { tokens: 11, supervised: 4, width: 24, vocabulary: 37 },
      { tokens: 80, supervised: 70, width: 33, vocabulary: 301 },
    ].flatMap((sizes) =>
      ["loss alone", "backward", "backward, frozen head"].map((kind) => {
        const { tokens, supervised, width, vocabulary } = sizes;
        return {
          name: `${supervised} of ${tokens} tokens, vocabulary ${vocabulary}, ${kind}`,
          args: {
            x: normal(random, tokens * width, 2),
            weight: normal(random, vocabulary * width),
            rows: Uint32Array.from({ length: supervised }, (_, s) => Math.floor((s * tokens) / supervised)),
            labels: integers(random, supervised, vocabulary),
            losses: rubbish(supervised),
            gradX: kind === "loss alone" ? undefined : normal(random, tokens * width),
            gradWeight: kind === "backward" ? normal(random, vocabulary * width) : undefined,
            gradScale: 1 / supervised,
            supervised,
            width,
            vocabulary,
          },
        };
      }),
    ),
};
