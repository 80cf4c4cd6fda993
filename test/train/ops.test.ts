// The references themselves: each backward op is the derivative of its forward op, by central differences in float64.
import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { adamW, clipScale } from "../../src/train/ops/adamw.ts";
import { attention, attentionBackward } from "../../src/train/ops/attention.ts";
import { nf4Values } from "../../src/train/ops/dequantize-nf4.ts";
import { dropout } from "../../src/train/ops/elementwise.ts";
import { embed, embedBackward } from "../../src/train/ops/embed.ts";
import { headLoss } from "../../src/train/ops/head-loss.ts";
import { linear, linearBackwardInput, linearBackwardWeight } from "../../src/train/ops/linear.ts";
import { normRope, normRopeBackward } from "../../src/train/ops/norm-rope.ts";
import { casesOf, normal, type OpPage } from "../../src/train/ops/page.ts";
import { addRmsNorm, rmsNormBackward } from "../../src/train/ops/rms-norm.ts";
import { swiGlu, swiGluBackward } from "../../src/train/ops/swiglu.ts";
import { dynamicCodebook, quantizeNf4 } from "../../src/train/nf4.ts";

/** The gradient of sum(out x pull) with respect to x at some places, by central differences. */
function slope(x: Float64Array, out: () => Float64Array, pull: Float64Array, at: number): number {
  const step = 1e-5;
  const kept = x[at];
  const value = (moved: number): number => {
    x[at] = moved;
    return out().reduce((sum, each, i) => sum + each * pull[i], 0);
  };
  const difference = (value(kept + step) - value(kept - step)) / (2 * step);
  x[at] = kept;
  return difference;
}

function assertGradient(name: string, gradient: Float64Array, x: Float64Array, out: () => Float64Array, pull: Float64Array): void {
  const random = createRandom(5);
  for (let i = 0; i < Math.min(12, x.length); i++) {
    const at = random.below(x.length);
    const expected = slope(x, out, pull, at);
    assert.ok(
      Math.abs(gradient[at] - expected) <= 1e-6 * (1 + Math.abs(expected)),
      `${name}[${at}]: ${gradient[at]}, differences ${expected}`,
    );
  }
}

/** Runs a forward reference into a fresh output. */
function forward<Args>(page: OpPage<Args>, make: (out: Float64Array) => Args, length: number): () => Float64Array {
  return () => {
    const out = new Float64Array(length);
    page.reference(make(out));
    return out;
  };
}

test("linear: input and weight gradients", () => {
  for (const { args } of casesOf(linearBackwardInput)) {
    const x = normal(createRandom(1), args.rows * args.inputs);
    const common = {
      x,
      weight: args.weight,
      rows: args.rows,
      inputs: args.inputs,
      outputs: args.outputs,
      alpha: args.alpha,
      accumulate: false,
    };
    const out = forward(linear, (values) => ({ ...common, out: values }), args.rows * args.outputs);
    const gradX = new Float64Array(x.length);
    linearBackwardInput.reference({ ...args, gradX, accumulate: false });
    assertGradient("x", gradX, x, out, args.gradOut);
    const gradWeight = new Float64Array(args.weight.length);
    linearBackwardWeight.reference({ ...args, x, gradWeight });
    assertGradient("weight", gradWeight, args.weight, out, args.gradOut);
  }
});

test("embedding, RMSNorm, head norm with rope, SwiGLU", () => {
  for (const { args } of casesOf(embedBackward)) {
    const table = normal(createRandom(2), args.gradTable.length);
    const gradTable = new Float64Array(table.length);
    embedBackward.reference({ ...args, gradTable });
    assertGradient(
      "table",
      gradTable,
      table,
      forward(embed, (out) => ({ ...args, table, out }), args.gradOut.length),
      args.gradOut,
    );
  }
  for (const { args } of casesOf(rmsNormBackward)) {
    const gradX = new Float64Array(args.x.length);
    const gradWeight = new Float64Array(args.width);
    rmsNormBackward.reference({ ...args, gradX, gradWeight });
    const out = forward(
      addRmsNorm,
      (values) => ({
        x: args.x,
        weight: args.weight,
        out: values,
        scale: new Float64Array(args.rows),
        rows: args.rows,
        width: args.width,
        epsilon: 1e-5,
      }),
      args.x.length,
    );
    assertGradient("x", gradX, args.x, out, args.gradOut);
    assertGradient("weight", gradWeight, args.weight, out, args.gradOut);
  }
  for (const { args } of casesOf(normRopeBackward)) {
    const { x, weight, cos, sin, positions, rows, heads, headSize } = args;
    const input = x ?? normal(createRandom(3), args.gradOut.length);
    const gradX = new Float64Array(input.length);
    const gradWeight = new Float64Array(headSize);
    normRopeBackward.reference({ ...args, gradX, gradWeight: weight && gradWeight });
    const out = forward(
      normRope,
      (values) => ({
        x: input,
        weight,
        scale: new Float64Array(rows * heads),
        epsilon: 1e-6,
        out: values,
        cos,
        sin,
        positions,
        rows,
        heads,
        headSize,
      }),
      input.length,
    );
    assertGradient("x", gradX, input, out, args.gradOut);
    if (weight) assertGradient("weight", gradWeight, weight, out, args.gradOut);
  }
  for (const { args } of casesOf(swiGluBackward)) {
    swiGluBackward.reference(args);
    const out = forward(swiGlu, (values) => ({ ...args, out: values }), args.length);
    assertGradient("gate", args.gradGate, args.gate, out, args.gradOut);
    assertGradient("up", args.gradUp, args.up, out, args.gradOut);
  }
});

test("attention: queries, keys and values, across documents, groups and windows", () => {
  for (const { args } of casesOf(attentionBackward)) {
    attentionBackward.reference(args);
    const out = forward(
      attention,
      (values) => ({ ...args, out: values, logSumExp: new Float64Array(args.rows * args.heads) }),
      args.q.length,
    );
    assertGradient("q", args.gradQ, args.q, out, args.gradOut);
    assertGradient("k", args.gradK, args.k, out, args.gradOut);
    assertGradient("v", args.gradV, args.v, out, args.gradOut);
  }
});

test("a document's attention does not depend on its neighbours in the row", () => {
  const [, { args }] = casesOf(attention);
  attention.reference(args);
  const alone = { firsts: Uint32Array.of(0, 0, 0, 0, 0, 0, 0), ends: new Uint32Array(7).fill(7), rows: 7 };
  const part = (values: Float64Array, columns: number): Float64Array => values.slice(columns, 8 * columns);
  const width = args.heads * args.headSize;
  const keyWidth = args.keyHeads * args.headSize;
  const out = new Float64Array(7 * width);
  const sizes = {
    q: part(args.q, width),
    k: part(args.k, keyWidth),
    v: part(args.v, keyWidth),
    out,
    logSumExp: new Float64Array(7 * args.heads),
  };
  attention.reference({ ...args, ...alone, ...sizes });
  assert.deepEqual(out, part(args.out, width));
});

test("head loss: the cross-entropy's gradients", () => {
  for (const { name, args } of casesOf(headLoss)) {
    if (!args.gradX) continue;
    const gradX = new Float64Array(args.x.length);
    const gradWeight = new Float64Array(args.weight.length);
    headLoss.reference({ ...args, gradX, gradWeight });
    const pull = new Float64Array(args.supervised).fill(args.gradScale);
    const out = forward(headLoss, (losses) => ({ ...args, losses, gradX: undefined, gradWeight: undefined }), args.supervised);
    assertGradient(`${name} x`, gradX, args.x, out, pull);
    assertGradient(`${name} weight`, gradWeight, args.weight, out, pull);
  }
});

test("AdamW: one parameter by hand, and clipping", () => {
  const args = {
    parameter: Float64Array.of(1),
    gradient: Float64Array.of(0.5),
    m: Float64Array.of(0),
    v: Float64Array.of(0),
    clip: Float64Array.of(1),
  };
  adamW.reference({ ...args, learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, step: 1, length: 1 });
  // The first step moves by the learning rate against the gradient's sign, after the decay.
  assert.ok(Math.abs(args.parameter[0] - (1 * (1 - 0.001) - 0.1)) < 1e-7);
  const norm = new Float64Array(1);
  const clip = new Float64Array(1);
  clipScale.reference({ sum: Float64Array.of(16), norm, clip, maxNorm: 1, lossScale: 1 });
  assert.equal(norm[0], 4);
  assert.ok(Math.abs(clip[0] - 0.25) < 1e-6);
  clipScale.reference({ sum: Float64Array.of(16), norm, clip, maxNorm: 0, lossScale: 2 });
  assert.deepEqual([norm[0], clip[0]], [2, 0.5], "no clipping, only the loss scale is taken out");
});

test("dropout keeps the asked share, scales it, and chooses the same again", () => {
  const x = new Float64Array(100_000).fill(1);
  const once = new Float64Array(x.length);
  const again = new Float64Array(x.length);
  dropout.reference({ x, out: once, length: x.length, rate: 0.1, seed: 9 });
  dropout.reference({ x, out: again, length: x.length, rate: 0.1, seed: 9 });
  assert.deepEqual(again, once);
  const kept = once.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
  assert.ok(Math.abs(kept / x.length - 0.9) < 0.005, `kept ${kept}`);
  assert.equal(Math.max(...once.subarray(0, 100)), 1 / 0.9);
});

test("NF4: values on the grid come back as they are, others as the nearest", () => {
  assert.equal(nf4Values.length, 16);
  const values = Float32Array.from({ length: 64 * 3 }, (_, i) => nf4Values[i % 16] * (1 + Math.floor(i / 64)));
  const { codes, scaleCodes } = quantizeNf4(values);
  for (let i = 0; i < values.length; i++) assert.equal(i % 2 === 0 ? codes[i >> 1] >> 4 : codes[i >> 1] & 15, i % 16);
  assert.equal(scaleCodes.length, 3);
  const codebook = dynamicCodebook();
  assert.equal(codebook.length, 256);
  assert.equal(codebook[255], 1);
  assert.ok(
    codebook.every((value, i) => i === 0 || value > codebook[i - 1]),
    "ascending",
  );
});
