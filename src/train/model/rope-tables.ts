// The rotary embedding's cosines and sines by position, in the device's memory.
import type { Engine, Tensor } from "../engine.ts";
import { type ModelConfig, ropeFrequencies } from "./config.ts";
import type { RopeTables } from "./layer.ts";

export function ropeTables<T extends Tensor>(engine: Engine<T>, config: ModelConfig, positions: number): RopeTables<T> {
  const frequencies = ropeFrequencies(config);
  const shape = [positions, frequencies.length];
  const fill = (name: string, wave: (angle: number) => number): T => {
    const tensor = engine.allocate({ name: `rope ${name}`, shape, storage: "f32" });
    // As transformers: the angle is a product of f32 values.
    const values = Float32Array.from({ length: positions * frequencies.length }, (_, i) =>
      wave(Math.fround(Math.floor(i / frequencies.length) * Math.fround(frequencies[i % frequencies.length]))),
    );
    engine.write(tensor, values);
    return tensor;
  };
  return { cos: fill("cos", Math.cos), sin: fill("sin", Math.sin) };
}
