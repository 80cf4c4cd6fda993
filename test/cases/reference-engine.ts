// An engine made of the ops' float64 references: the known answer for other engines, and what gradients are checked on by finite differences.
import { bytesOf, type Engine, lengthOf, type Tensor, type TensorSpec, type Values } from "../../src/train/engine.ts";
import { type OpName, type Ops, pages } from "../../src/train/ops/index.ts";

export interface ReferenceTensor extends Tensor {
  readonly values: Float64Array | Uint32Array | Uint8Array;
}

export function createReferenceEngine(): Engine<ReferenceTensor> {
  let bytes = 0;
  let peak = 0;
  const run = (name: OpName) => (args: object) => {
    const plain = Object.entries(args).map(([key, value]) => [key, isTensor(value) ? value.values : value]);
    (pages[name].reference as (args: unknown) => void)(Object.fromEntries(plain));
  };
  return {
    name: "reference",
    device: "float64 references",
    limits: { totalBytes: 2 ** 32, tensorBytes: 2 ** 31, storages: ["f32", "u32", "u8"] },
    ops: Object.fromEntries(Object.keys(pages).map((name) => [name, run(name as OpName)])) as unknown as Ops<ReferenceTensor>,
    allocate(spec: TensorSpec) {
      bytes += bytesOf(spec);
      peak = Math.max(peak, bytes);
      const length = lengthOf(spec.shape);
      const values =
        spec.storage === "u32" ? new Uint32Array(length) : spec.storage === "u8" ? new Uint8Array(length) : new Float64Array(length);
      return { ...spec, length, values };
    },
    release(tensor) {
      bytes -= bytesOf(tensor);
    },
    write(tensor, values, from = 0) {
      tensor.values.set(values, from);
    },
    async read(tensor, from = 0, to = tensor.length) {
      return tensor.values.slice(from, to) as Values;
    },
    finish: async () => {},
    memory: () => ({ bytes, peak }),
    close: async () => {},
  };
}

function isTensor(value: unknown): value is ReferenceTensor {
  return typeof value === "object" && value !== null && "values" in value && "storage" in value;
}
