// The scratch that all projections of a model share: a dequantised weight for qlora, the inside of an adapter for lora.
import type { Engine, Storage, Tensor } from "../engine.ts";
import { dynamicCodebook } from "../nf4.ts";
import { projectionShape } from "./parameters.ts";
import type { ProjectionScratch } from "./projection.ts";
import type { Weights } from "./weights.ts";

export function allocateScratch<T extends Tensor>(
  engine: Engine<T>,
  weights: Weights<T>,
  { tokens, storage }: { readonly tokens: number; readonly storage: Storage },
): ProjectionScratch<T> {
  const { config, options, nf4 } = weights;
  const { lora } = options;
  const widest = Math.max(config.width, config.innerWidth, config.heads * config.headSize);
  const largest = Math.max(...[...nf4.values()].map(({ length }) => length), 0);
  const adapted =
    lora && options.method !== "full" ? Math.max(...lora.target_modules.map((name) => projectionShape(config, name).inputs)) : 0;
  return {
    weight: largest > 0 ? engine.allocate({ name: "a dequantised weight", shape: [largest], storage }) : undefined,
    codebook: largest > 0 ? nf4Codebook(engine) : undefined,
    low: lora && adapted > 0 ? engine.allocate({ name: "inside of an adapter", shape: [tokens, lora.r], storage }) : undefined,
    dropped:
      lora && adapted > 0 && lora.lora_dropout > 0
        ? engine.allocate({ name: "input of an adapter", shape: [tokens, widest], storage })
        : undefined,
  };
}

function nf4Codebook<T extends Tensor>(engine: Engine<T>): T {
  const codebook = engine.allocate({ name: "codebook of 4-bit scales", shape: [256], storage: "f32" });
  engine.write(codebook, dynamicCodebook());
  return codebook;
}
