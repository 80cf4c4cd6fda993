// All ops: their pages, and what an engine implements. A new op is a file here, a line in `pages` and a line in `Ops`.
import { type AdamW, adamW, type AddSquares, addSquares, type ClipScale, clipScale } from "./adamw.ts";
import {
  type Attention,
  attention,
  type AttentionBackward,
  attentionBackward,
  type CachedAttention,
  cachedAttention,
} from "./attention.ts";
import { type DequantizeNf4, dequantizeNf4 } from "./dequantize-nf4.ts";
import { type Clear, clear, type Copy, copy, type Dropout, dropout } from "./elementwise.ts";
import { type Embed, embed, type EmbedBackward, embedBackward } from "./embed.ts";
import { type HeadLoss, headLoss } from "./head-loss.ts";
import {
  type Linear,
  linear,
  type LinearBackwardInput,
  linearBackwardInput,
  type LinearBackwardWeight,
  linearBackwardWeight,
} from "./linear.ts";
import { type NormRope, normRope, type NormRopeBackward, normRopeBackward } from "./norm-rope.ts";
import { type AddRmsNorm, addRmsNorm, type RmsNormBackward, rmsNormBackward } from "./rms-norm.ts";
import { type SwiGlu, swiGlu, type SwiGluBackward, swiGluBackward } from "./swiglu.ts";

/** F stands for tensors of floats, U for tensors of unsigned integers. */
export interface Ops<F, U = F> {
  embed(args: Embed<F, U>): void;
  embedBackward(args: EmbedBackward<F, U>): void;
  addRmsNorm(args: AddRmsNorm<F>): void;
  rmsNormBackward(args: RmsNormBackward<F>): void;
  linear(args: Linear<F>): void;
  linearBackwardInput(args: LinearBackwardInput<F>): void;
  linearBackwardWeight(args: LinearBackwardWeight<F>): void;
  normRope(args: NormRope<F, U>): void;
  normRopeBackward(args: NormRopeBackward<F, U>): void;
  attention(args: Attention<F, U>): void;
  attentionBackward(args: AttentionBackward<F, U>): void;
  cachedAttention(args: CachedAttention<F>): void;
  swiGlu(args: SwiGlu<F>): void;
  swiGluBackward(args: SwiGluBackward<F>): void;
  headLoss(args: HeadLoss<F, U>): void;
  adamW(args: AdamW<F>): void;
  addSquares(args: AddSquares<F>): void;
  clipScale(args: ClipScale<F>): void;
  clear(args: Clear<F>): void;
  copy(args: Copy<F>): void;
  dropout(args: Dropout<F>): void;
  dequantizeNf4(args: DequantizeNf4<F, U>): void;
}

export type OpName = keyof Ops<unknown>;

export const pages = {
  embed,
  embedBackward,
  addRmsNorm,
  rmsNormBackward,
  linear,
  linearBackwardInput,
  linearBackwardWeight,
  normRope,
  normRopeBackward,
  attention,
  attentionBackward,
  cachedAttention,
  swiGlu,
  swiGluBackward,
  headLoss,
  adamW,
  addSquares,
  clipScale,
  clear,
  copy,
  dropout,
  dequantizeNf4,
} as const satisfies Readonly<Record<OpName, unknown>>;
