// Tensors in 16 bits, for every op in one place: what an op reads is widened to f32, what it wrote is rounded back. Ops themselves know f32.
import type { OpName, Ops } from "../../ops/index.ts";
import { chunksOf, type CpuTensor, type Device } from "./device.ts";
import { chunkValues } from "./ops/elementwise.ts";

/** Which arguments an op writes. */
const written: Readonly<Record<OpName, readonly string[]>> = {
  embed: ["out"],
  embedBackward: ["gradTable"],
  addRmsNorm: ["sum", "out", "scale"],
  rmsNormBackward: ["gradX", "gradWeight"],
  linear: ["out"],
  linearBackwardInput: ["gradX"],
  linearBackwardWeight: ["gradWeight", "gradBias"],
  normRope: ["out", "scale"],
  normRopeBackward: ["gradX", "gradWeight"],
  attention: ["out", "logSumExp"],
  attentionBackward: ["gradQ", "gradK", "gradV"],
  cachedAttention: ["out"],
  swiGlu: ["out"],
  swiGluBackward: ["gradGate", "gradUp"],
  headLoss: ["losses", "gradX", "gradWeight"],
  adamW: ["parameter", "m", "v", "copy"],
  addSquares: ["sum"],
  clipScale: ["norm", "clip"],
  clear: ["x"],
  copy: ["out"],
  dropout: ["out"],
  dequantizeNf4: ["out"],
};

/** What works on any storage as it is: clearing, and taking rows of a table into the same storage. */
function isNative(name: OpName, args: object): boolean {
  if (name === "clear") return true;
  return name === "embed" && "table" in args && "out" in args && (args.table as CpuTensor).storage === (args.out as CpuTensor).storage;
}

export function withStorages(device: Device, ops: Ops<CpuTensor>): Ops<CpuTensor> {
  const { scratch } = device;
  const wrap = (name: OpName) => (args: object) => {
    try {
      const op = ops[name] as (args: object) => void;
      if (isNative(name, args) || !Object.values(args).some(isNarrow)) return op(args);
      const wide = new Map<CpuTensor, CpuTensor>();
      const entries = Object.entries(args).map(([key, value]) => {
        if (!isNarrow(value)) return [key, value];
        let standIn = wide.get(value);
        if (!standIn) wide.set(value, (standIn = widened(device, value)));
        return [key, standIn];
      });
      op(Object.fromEntries(entries));
      // An argument may stand in two places (gradX for gradOut): it is written once.
      const done = new Set<CpuTensor>();
      for (const key of written[name]) {
        const tensor = (args as Record<string, unknown>)[key];
        if (!isNarrow(tensor) || done.has(tensor)) continue;
        done.add(tensor);
        narrow(device, wide.get(tensor)!.offset, tensor.offset, tensor.length);
      }
    } finally {
      scratch.reset();
    }
  };
  return Object.fromEntries(Object.keys(ops).map((name) => [name, wrap(name as OpName)])) as unknown as Ops<CpuTensor>;
}

function isNarrow(value: unknown): value is CpuTensor {
  return typeof value === "object" && value !== null && (value as CpuTensor).storage === "bf16";
}

function widened(device: Device, tensor: CpuTensor): CpuTensor {
  const offset = device.scratch.take(tensor.length * 4);
  widen(device, tensor.offset, offset, tensor.length);
  return { ...tensor, storage: "f32", offset };
}

/** bf16 values to f32; places in bytes. */
export function widen({ run }: Device, from: number, to: number, length: number): void {
  run({ kernel: "WIDEN_BF16", chunks: chunksOf(length, chunkValues), work: length * 0.3, integers: [from, to, length] });
}

/** f32 values to bf16, to nearest, ties to even. */
export function narrow({ run }: Device, from: number, to: number, length: number): void {
  run({ kernel: "NARROW_BF16", chunks: chunksOf(length, chunkValues), work: length * 0.4, integers: [from, to, length] });
}
