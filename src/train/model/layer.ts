// One decoder layer: attention and MLP, each behind an RMSNorm, each added to the residual stream. Forward and backward by hand.
import type { Engine, Tensor } from "../engine.ts";
import type { Gradients, LayerActivations, SharedActivations } from "./activations.ts";
import type { BatchTensors } from "./batch.ts";
import { layerNormNames, type Projection as ProjectionName, projections } from "./parameters.ts";
import { createProjection, type Projection, type ProjectionOptions } from "./projection.ts";

export interface Layer<T extends Tensor = Tensor> {
  /** `stream` + `delta` (where there is one) is the layer's input; leaves its own output as middle + shared.delta. */
  forward(args: LayerForward<T>): void;
  /** gradients.stream holds the gradient of the layer's output, and then that of its input. */
  backward(args: LayerBackward<T>): void;
}

interface LayerForward<T extends Tensor> {
  readonly batch: BatchTensors<T>;
  readonly stream: T;
  readonly delta: T | undefined;
  readonly activations: LayerActivations<T>;
  readonly shared: SharedActivations<T>;
}

interface LayerBackward<T extends Tensor> {
  readonly batch: BatchTensors<T>;
  readonly activations: LayerActivations<T>;
  readonly shared: SharedActivations<T>;
  readonly gradients: Gradients<T>;
}

/** cos, sin[positions, headSize / 2] */
export interface RopeTables<T extends Tensor = Tensor> {
  readonly cos: T;
  readonly sin: T;
}

export function createLayer<T extends Tensor>(options: ProjectionOptions<T>, rope: RopeTables<T>, number: number): Layer<T> {
  const { engine, weights } = options;
  const { config } = weights;
  const { ops } = engine as Engine<T>;
  const { width, heads, keyHeads, headSize, normEpsilon: epsilon } = config;
  const parts = Object.fromEntries(projections.map((name) => [name, createProjection(options, number, name)])) as Record<
    ProjectionName,
    Projection<T>
  >;
  const names = layerNormNames(number);
  const norm = (name: string): { readonly weight: T; readonly gradWeight: T | undefined } => ({
    weight: weights.values.get(name)!,
    gradWeight: weights.gradientOf(name),
  });
  const inputNorm = norm(names.input);
  const middleNorm = norm(names.post);
  const qNorm = config.headNorm ? norm(names.q) : undefined;
  const kNorm = config.headNorm ? norm(names.k) : undefined;
  const scale = headSize ** -0.5;
  const window = config.windows[number];

  return {
    forward({ batch, stream, delta, activations, shared }) {
      const { rows, positions, firsts, ends } = batch;
      const { input, kept } = activations;
      const { normed, normScale, rawQ, rawK, q, k, v, attended, middle, middleNormed, middleScale, gate, up } = kept;
      const sizes = { rows, width, epsilon };
      ops.addRmsNorm({ x: stream, delta, sum: delta && input, weight: inputNorm.weight, out: normed, scale: normScale, ...sizes });
      parts.q_proj.forward(normed, rawQ, rows);
      parts.k_proj.forward(normed, rawK, rows);
      parts.v_proj.forward(normed, v, rows);
      const turn = { ...rope, positions, rows, headSize, epsilon };
      ops.normRope({ x: rawQ, weight: qNorm?.weight, scale: kept.qScale, out: q, heads, ...turn });
      ops.normRope({ x: rawK, weight: kNorm?.weight, scale: kept.kScale, out: k, heads: keyHeads, ...turn });
      ops.attention({ q, k, v, firsts, ends, out: attended, logSumExp: kept.logSumExp, rows, heads, keyHeads, headSize, scale, window });
      parts.o_proj.forward(attended, shared.delta, rows);
      const residual = delta ? input : stream;
      ops.addRmsNorm({
        x: residual,
        delta: shared.delta,
        sum: middle,
        weight: middleNorm.weight,
        out: middleNormed,
        scale: middleScale,
        ...sizes,
      });
      parts.gate_proj.forward(middleNormed, gate, rows);
      parts.up_proj.forward(middleNormed, up, rows);
      ops.swiGlu({ gate, up, out: shared.inner, length: rows * config.innerWidth });
      parts.down_proj.forward(shared.inner, shared.delta, rows);
    },

    backward({ batch, activations, shared, gradients }) {
      const { rows, positions, firsts, ends } = batch;
      const { input, kept } = activations;
      const { normed, normScale, rawQ, rawK, q, k, v, attended, logSumExp, middle, middleNormed, middleScale, gate, up } = kept;
      const { stream, inner } = gradients;
      const length = rows * config.innerWidth;
      // MLP. What swiglu gave is made again rather than kept; its gradients take the place of its inputs.
      ops.swiGlu({ gate, up, out: shared.inner, length });
      parts.down_proj.backward({ x: shared.inner, gradOut: stream, gradX: inner, rows, accumulate: false });
      ops.swiGluBackward({ gate, up, gradOut: inner, gradGate: gate, gradUp: up, length });
      parts.gate_proj.backward({ x: middleNormed, gradOut: gate, gradX: gradients.normed, rows, accumulate: false });
      parts.up_proj.backward({ x: middleNormed, gradOut: up, gradX: gradients.normed, rows, accumulate: true });
      ops.rmsNormBackward({ x: middle, ...middleNorm, scale: middleScale, gradOut: gradients.normed, gradX: stream, rows, width });
      // Attention.
      parts.o_proj.backward({ x: attended, gradOut: stream, gradX: gradients.attended, rows, accumulate: false });
      const { q: gradQ, k: gradK, v: gradV } = gradients;
      const layout = { firsts, ends, rows, heads, keyHeads, headSize, scale, window };
      ops.attentionBackward({ q, k, v, out: attended, logSumExp, gradOut: gradients.attended, gradQ, gradK, gradV, ...layout });
      const turn = { ...rope, positions, rows, headSize };
      const before = (raw: T, kind: typeof qNorm, headScale: T | undefined): object => (kind ? { x: raw, ...kind, scale: headScale } : {});
      ops.normRopeBackward({ gradOut: gradQ, gradX: gradQ, ...before(rawQ, qNorm, kept.qScale), heads, ...turn });
      ops.normRopeBackward({ gradOut: gradK, gradX: gradK, ...before(rawK, kNorm, kept.kScale), heads: keyHeads, ...turn });
      parts.q_proj.backward({ x: normed, gradOut: gradQ, gradX: gradients.normed, rows, accumulate: false });
      parts.k_proj.backward({ x: normed, gradOut: gradK, gradX: gradients.normed, rows, accumulate: true });
      parts.v_proj.backward({ x: normed, gradOut: gradV, gradX: gradients.normed, rows, accumulate: true });
      ops.rmsNormBackward({ x: input, ...inputNorm, scale: normScale, gradOut: gradients.normed, gradX: stream, rows, width });
    },
  };
}
