// A decoder model over an engine's ops: the loss of a batch, and its gradients. Knows tensors and ops only: no files, no optimizer, no rows.
import type { Engine, Storage, Tensor } from "../engine.ts";
import { allocateActivations } from "./activations.ts";
import { allocateBatch, type Batch, type BatchTensors } from "./batch.ts";
import { createLayer } from "./layer.ts";
import { embeddingName, finalNormName, headName } from "./parameters.ts";
import { ropeTables } from "./rope-tables.ts";
import { allocateScratch } from "./scratch.ts";
import type { Weights } from "./weights.ts";

export interface ModelOptions {
  /** Tokens a batch may have. */
  readonly tokens: number;
  /** Tokens a document may have; as many as a batch if left out. */
  readonly positions?: number;
  /** Storage of activations. */
  readonly storage: Storage;
  /** gradient_checkpointing: a layer's inner values are made again in the backward pass. */
  readonly checkpointing: boolean;
}

export interface Model<T extends Tensor = Tensor> {
  readonly weights: Weights<T>;
  /** Records the forward pass: the batch's losses are in `losses` of what is returned. */
  forward(batch: Batch): BatchTensors<T>;
  /**
   * Records forward and backward: gradients of the sum of losses times gradScale are added to the trained weights' gradients.
   * dropoutSeed: u32, another one for each call of a step.
   */
  forwardBackward(batch: Batch, options: { readonly gradScale: number; readonly dropoutSeed: number }): BatchTensors<T>;
  /** Records the logits of the batch's tokens: out[tokens, vocabulary]. For tests and small batches. */
  logits(batch: Batch, out: T): void;
}

export function createModel<T extends Tensor>(engine: Engine<T>, weights: Weights<T>, options: ModelOptions): Model<T> {
  const { config } = weights;
  const { ops } = engine;
  const { width, vocabulary, normEpsilon: epsilon } = config;
  const { training } = weights.options;
  const { tokens, positions = tokens } = options;
  const memory = allocateBatch(engine, tokens, positions);
  const { layers: activations, shared, gradients } = allocateActivations(engine, config, { ...options, training });
  const scratch = allocateScratch(engine, weights, options);
  const rope = ropeTables(engine, config, positions);
  let seed: number | undefined;
  const layers = activations.map((_, number) => createLayer({ engine, weights, scratch, dropoutSeed: () => seed }, rope, number));
  const table = weights.values.get(embeddingName)!;
  const head = config.tied ? table : weights.values.get(headName)!;
  const gradTable = weights.gradientOf(embeddingName);
  const gradHead = config.tied ? gradTable : weights.gradientOf(headName);
  const finalNorm = { weight: weights.values.get(finalNormName)!, gradWeight: weights.gradientOf(finalNormName) };

  const forward = (batch: BatchTensors<T>): void => {
    const { ids, rows } = batch;
    ops.embed({ table, ids, out: activations[0].input, rows, width });
    let stream = activations[0].input;
    layers.forEach((layer, number) => {
      layer.forward({ batch, stream, delta: number === 0 ? undefined : shared.delta, activations: activations[number], shared });
      stream = activations[number].kept.middle;
    });
    const { last, lastNormed, lastScale } = shared;
    ops.addRmsNorm({
      x: stream,
      delta: shared.delta,
      sum: last,
      weight: finalNorm.weight,
      out: lastNormed,
      scale: lastScale,
      rows,
      width,
      epsilon,
    });
  };

  const backward = (batch: BatchTensors<T>, gradScale: number): void => {
    if (!gradients) throw new Error("this model was made without memory for training");
    const { ids, rows, supervised, supervisedRows, labels, losses } = batch;
    const { last, lastNormed, lastScale } = shared;
    const gradNormed = gradients.normed;
    ops.clear({ x: gradNormed, length: rows * width });
    ops.headLoss({
      x: lastNormed,
      weight: head,
      rows: supervisedRows,
      labels,
      losses,
      gradX: gradNormed,
      gradWeight: gradHead,
      gradScale,
      supervised,
      width,
      vocabulary,
    });
    ops.clear({ x: gradients.stream, length: rows * width });
    ops.rmsNormBackward({ x: last, ...finalNorm, scale: lastScale, gradOut: gradNormed, gradX: gradients.stream, rows, width });
    for (let number = layers.length - 1; number >= 0; number--) {
      const args = { batch, activations: activations[number], shared };
      if (options.checkpointing) layers[number].forward({ ...args, stream: activations[number].input, delta: undefined });
      layers[number].backward({ ...args, gradients });
    }
    if (gradTable) ops.embedBackward({ gradOut: gradients.stream, ids, gradTable, rows, width });
  };

  return {
    weights,
    forward(batch) {
      seed = undefined;
      const tensors = memory.load(batch);
      forward(tensors);
      const { supervised, supervisedRows: rows, labels, losses } = tensors;
      ops.headLoss({ x: shared.lastNormed, weight: head, rows, labels, losses, gradScale: 0, supervised, width, vocabulary });
      return tensors;
    },
    forwardBackward(batch, { gradScale, dropoutSeed }) {
      seed = dropoutSeed;
      const tensors = memory.load(batch);
      forward(tensors);
      backward(tensors, gradScale);
      return tensors;
    },
    logits(batch, out) {
      seed = undefined;
      const tensors = memory.load(batch);
      const { rows } = tensors;
      forward(tensors);
      ops.linear({ x: shared.lastNormed, weight: head, out, rows, inputs: width, outputs: vocabulary, alpha: 1, accumulate: false });
    },
  };
}
