// One linear projection: a weight (in full or in 4 bits), a bias, an adapter, each trained or frozen. Forward and backward over the ops.
import type { Engine, Tensor } from "../engine.ts";
import { loraName, loraScale } from "./lora.ts";
import { type Projection as Name, projectionName, projections, projectionShape } from "./parameters.ts";
import type { Nf4Weight, Weights } from "./weights.ts";

/** Shared scratch of all projections. */
export interface ProjectionScratch<T extends Tensor = Tensor> {
  /** A dequantised weight: the largest projection; only with qlora. */
  readonly weight?: T;
  /** codebook[256] of the 4-bit scales; only with qlora. */
  readonly codebook?: T;
  /** [tokens, r], and [tokens, the widest inputs] where there is dropout; only with adapters. */
  readonly low?: T;
  readonly dropped?: T;
}

export interface Projection<T extends Tensor = Tensor> {
  /** out[rows, outputs] = x[rows, inputs] through the projection. */
  forward(x: T, out: T, rows: number): void;
  /** Adds the weights' gradients, and gives gradX (+)=. x is the input of the forward call. */
  backward(args: { readonly x: T; readonly gradOut: T; readonly gradX: T; readonly rows: number; readonly accumulate: boolean }): void;
}

export interface ProjectionOptions<T extends Tensor> {
  readonly engine: Engine<T>;
  readonly weights: Weights<T>;
  readonly scratch: ProjectionScratch<T>;
  /** u32 of this step, from which each projection derives its own; undefined: nothing is dropped (evaluation). Read at each call. */
  readonly dropoutSeed: () => number | undefined;
}

export function createProjection<T extends Tensor>(options: ProjectionOptions<T>, layer: number, name: Name): Projection<T> {
  const { engine, weights, scratch } = options;
  const { config, values, gradientOf } = weights;
  const { ops } = engine;
  const { inputs, outputs } = projectionShape(config, name);
  const full = projectionName(config, layer, name);
  const weightName = `${full}.weight`;
  const bias = values.get(`${full}.bias`);
  const gradBias = gradientOf(`${full}.bias`);
  const gradWeight = gradientOf(weightName);
  const adapter = createAdapter(options, full, { inputs, outputs, number: layer * projections.length + projections.indexOf(name) });
  const nf4 = weights.nf4.get(weightName);
  const weight = nf4 ? undefined : needed(values.get(weightName), weightName);
  const dense = (): T => weight ?? dequantised(engine, nf4!, scratch);

  return {
    forward(x, out, rows) {
      ops.linear({ x, weight: dense(), bias, out, rows, inputs, outputs, alpha: 1, accumulate: false });
      adapter?.forward(x, out, rows);
    },
    backward({ x, gradOut, gradX, rows, accumulate }) {
      ops.linearBackwardInput({ gradOut, weight: dense(), gradX, rows, inputs, outputs, alpha: 1, accumulate });
      if (gradWeight) ops.linearBackwardWeight({ x, gradOut, gradWeight, gradBias, rows, inputs, outputs, alpha: 1 });
      adapter?.backward(x, gradOut, gradX, rows);
    },
  };
}

interface Adapter<T extends Tensor> {
  /** Adds the adapter's part to out. */
  forward(x: T, out: T, rows: number): void;
  /** Adds to gradX. */
  backward(x: T, gradOut: T, gradX: T, rows: number): void;
}

/** The adapter of a projection, or undefined where it has none. Its inner values are made again in the backward pass: they are r wide. */
function createAdapter<T extends Tensor>(
  { engine, weights, scratch, dropoutSeed }: ProjectionOptions<T>,
  projection: string,
  { inputs, outputs, number }: { readonly inputs: number; readonly outputs: number; readonly number: number },
): Adapter<T> | undefined {
  const { lora } = weights.options;
  const a = weights.values.get(loraName(projection, "A"));
  const b = weights.values.get(loraName(projection, "B"));
  if (!lora || !a || !b) return undefined;
  const { ops } = engine;
  const { r } = lora;
  const rate = lora.lora_dropout;
  const alpha = loraScale(lora);
  const low = needed(scratch.low, "the scratch of adapters");
  const drops = (): boolean => rate > 0 && dropoutSeed() !== undefined;
  const seed = (): number => ((dropoutSeed() ?? 0) + Math.imul(number + 1, 0x85eb_ca6b)) >>> 0;
  const droppedInput = (x: T, rows: number): T => {
    if (!drops()) return x;
    const out = needed(scratch.dropped, "the scratch of dropout");
    ops.dropout({ x, out, length: rows * inputs, rate, seed: seed() });
    return out;
  };
  const lower = (x: T, rows: number): void => ops.linear({ x, weight: a, out: low, rows, inputs, outputs: r, alpha: 1, accumulate: false });
  const gradA = weights.gradientOf(loraName(projection, "A"));
  const gradB = weights.gradientOf(loraName(projection, "B"));

  return {
    forward(x, out, rows) {
      lower(droppedInput(x, rows), rows);
      ops.linear({ x: low, weight: b, out, rows, inputs: r, outputs, alpha, accumulate: true });
    },
    backward(x, gradOut, gradX, rows) {
      const input = droppedInput(x, rows);
      if (gradB) {
        lower(input, rows);
        ops.linearBackwardWeight({ x: low, gradOut, gradWeight: gradB, rows, inputs: r, outputs, alpha });
      }
      ops.linearBackwardInput({ gradOut, weight: b, gradX: low, rows, inputs: r, outputs, alpha, accumulate: false });
      if (gradA) ops.linearBackwardWeight({ x: input, gradOut: low, gradWeight: gradA, rows, inputs, outputs: r, alpha: 1 });
      if (!drops()) {
        ops.linearBackwardInput({ gradOut: low, weight: a, gradX, rows, inputs, outputs: r, alpha: 1, accumulate: true });
        return;
      }
      const back = needed(scratch.dropped, "the scratch of dropout");
      ops.linearBackwardInput({ gradOut: low, weight: a, gradX: back, rows, inputs, outputs: r, alpha: 1, accumulate: false });
      ops.dropout({ x: back, out: back, length: rows * inputs, rate, seed: seed() });
      ops.copy({ x: back, out: gradX, at: 0, length: rows * inputs, accumulate: true });
    },
  };
}

function dequantised<T extends Tensor>(engine: Engine<T>, weight: Nf4Weight<T>, scratch: ProjectionScratch<T>): T {
  const out = needed(scratch.weight, "the scratch of 4-bit weights");
  const codebook = needed(scratch.codebook, "the codebook of 4-bit weights");
  const { codes, scaleCodes, scaleRanges, offset, length } = weight;
  engine.ops.dequantizeNf4({ codes, scaleCodes, scaleRanges, codebook, offset, out, length });
  return out;
}

function needed<V>(value: V | undefined, name: string): V {
  if (value === undefined) throw new Error(`the model has no ${name}`);
  return value;
}
