// The engine without its memory, for plans: the same ops take the same scratch beside the same tensors, but nothing is made and nothing runs.
import { type CountingEngine, type EngineLimits, lengthOf, type TensorSpec } from "../../engine.ts";
import type { Ops } from "../../ops/index.ts";
import type { CpuTensor, Device } from "./device.ts";
import { countMemory } from "./memory.ts";
import { createScratch, type Scratch } from "./scratch.ts";
import { pieceValues } from "./storages.ts";

export interface CountingOptions {
  readonly createOps: (base: Omit<Device, "multiply">) => Ops<CpuTensor>;
  readonly device: string;
  readonly limits: EngineLimits;
  /** What the engine itself takes. */
  readonly used: number;
  /** The engine's own. */
  readonly scratch: Scratch;
}

export function createCounting({ createOps, device, limits, used, scratch }: CountingOptions): CountingEngine<CpuTensor> {
  const memory = countMemory(used);
  const counted = createScratch(memory);
  return {
    name: "cpu",
    device,
    limits,
    ops: createOps({ memory, scratch: counted, run: () => {} }),
    allocate(spec: TensorSpec) {
      const tensor = { ...spec, length: lengthOf(spec.shape), offset: memory.allocate(spec) };
      // It is filled and read through f32.
      if (spec.storage === "bf16") counted.take(Math.min(tensor.length, pieceValues) * 4);
      counted.reset();
      return tensor;
    },
    release: (tensor) => memory.release(tensor.offset, tensor),
    write: () => {},
    read: async (tensor, from = 0, to = tensor.length) => new Float32Array(to - from),
    finish: async () => {},
    memory: memory.used,
    close: async () => {},
    prepare: () => scratch.reserve(counted.bytes()),
  };
}
