// Random starting values, seeded: of a whole model as transformers initialises it, of adapters as PEFT does. Each tensor has a stream of its own.
import { createRandom, type Random } from "../core/random.ts";
import { hashText } from "../core/hash.ts";
import { type Engine, lengthOf, type Tensor } from "./engine.ts";
import type { ModelConfig } from "./model/config.ts";
import { loraShapes } from "./model/lora.ts";
import type { ParameterShape } from "./model/parameters.ts";
import type { Weights } from "./model/weights.ts";

/** values[length of the shape]: matrices normal with the config's initializer_range, norms 1, biases 0. */
export function initialValues({ initializerRange }: ModelConfig, { name, shape, kind }: ParameterShape, seed: number): Float32Array {
  const values = new Float32Array(lengthOf(shape));
  if (kind === "norm") return values.fill(1);
  if (kind === "bias") return values;
  return fillNormal(values, streamOf(seed, name), initializerRange);
}

/** A is uniform within 1 / sqrt(inputs) (Kaiming with a = sqrt 5), B is zero: at first an adapter changes nothing. */
export function initialiseAdapters<T extends Tensor>(
  engine: Engine<T>,
  { config, options, values, trained }: Weights<T>,
  seed: number,
): void {
  if (!options.lora) return;
  const masters = new Map(trained.map(({ name, master }) => [name, master]));
  for (const { name, shape } of loraShapes(config, options.lora)) {
    const start = new Float32Array(lengthOf(shape));
    if (name.endsWith("lora_A.weight")) {
      const random = streamOf(seed, name);
      const bound = 1 / Math.sqrt(shape[1]);
      for (let i = 0; i < start.length; i++) start[i] = bound * (2 * random.float() - 1);
    }
    for (const tensor of new Set([values.get(name)!, masters.get(name)])) if (tensor) engine.write(tensor, start);
  }
}

function streamOf(seed: number, name: string): Random {
  return createRandom(hashText(name, seed, new Uint32Array(4))[0]);
}

/** Box-Muller, both values used. */
function fillNormal(values: Float32Array, random: Random, deviation: number): Float32Array {
  for (let i = 0; i < values.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.float()));
    const angle = 2 * Math.PI * random.float();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}
