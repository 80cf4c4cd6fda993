// What a training step computes: floating-point operations of its matrix products. Attention's pairs, norms and the optimizer are not counted, nor
// what gradient_checkpointing makes a second time: the figure tells useful work.
import { lengthOf, type Tensor } from "./engine.ts";
import { embeddingName, headName, parameterShapes } from "./model/parameters.ts";
import type { Weights } from "./model/weights.ts";

export interface StepOperations {
  /** Of a token's way through the layers. */
  readonly token: number;
  /** Of a supervised token's logits. */
  readonly supervised: number;
}

/** A value of a matrix is used twice (multiplied, added) forward and twice for its input's gradient; a trained one twice more for its own. */
const frozen = 4;
const trained = 6;

export function operationsOf<T extends Tensor>({ config, gradientOf, trained: list }: Weights<T>): StepOperations {
  const head = config.tied ? embeddingName : headName;
  let token = 0;
  let supervised = 0;
  const each = (name: string): number => (gradientOf(name) ? trained : frozen);
  for (const { name, shape } of parameterShapes(config)) {
    if (shape.length < 2) continue;
    if (name === head) supervised += each(name) * lengthOf(shape);
    // The table is looked up, not multiplied.
    else if (name !== embeddingName) token += each(name) * lengthOf(shape);
  }
  for (const { name, length } of list) if (/\.lora_[AB]\./.test(name)) token += trained * length;
  return { token, supervised };
}
