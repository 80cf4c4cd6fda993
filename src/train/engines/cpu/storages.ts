// Tensors in 16 bits, for every op in one place: what an op reads is widened to f32, what it wrote is rounded back. Ops themselves know f32.
import { storages } from "../../engine.ts";
import type { OpName, Ops } from "../../ops/index.ts";
import { chunksOf, type CpuTensor, type Device } from "./device.ts";

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

/** Arguments that the op itself takes in any storage: tables and weights, which are large and only read. */
const native: Partial<Record<OpName, readonly string[]>> = {
  clear: ["x"],
  embed: ["table", "out"],
  linear: ["weight"],
  linearBackwardInput: ["weight"],
  headLoss: ["weight"],
};

/** Ops whose value i depends on the values i of these: they are done a piece at a time, so that no whole weight is widened. */
const byValue: Partial<Record<OpName, readonly string[]>> = {
  swiGlu: ["gate", "up", "out"],
  swiGluBackward: ["gate", "up", "gradOut", "gradGate", "gradUp"],
  adamW: ["parameter", "gradient", "m", "v", "copy"],
  addSquares: ["x"],
  copy: ["x", "out"],
};
export const pieceValues = 2 ** 20;

type Args = Readonly<Record<string, unknown>>;

export function withStorages(device: Device, ops: Ops<CpuTensor>): Ops<CpuTensor> {
  const wrap = (name: OpName) => {
    const run = ops[name] as unknown as (args: Args) => void;
    const asIs = native[name] ?? [];
    const pieces = byValue[name];
    const runWide = (args: Args): void => {
      const wide = new Map<CpuTensor, CpuTensor>();
      for (const [key, value] of Object.entries(args)) if (isNarrow(value) && !asIs.includes(key)) wide.set(value, widened(device, value));
      run(mapTensors(args, (tensor, key) => (asIs.includes(key) ? tensor : (wide.get(tensor) ?? tensor))));
      // One tensor may be two arguments (gradX and gradOut): it is written back once.
      const outputs = new Set(written[name].map((key) => args[key]));
      for (const [tensor, { offset }] of wide) if (outputs.has(tensor)) narrow(device, offset, tensor.offset, tensor.length);
    };
    return (args: Args): void => {
      try {
        if (!hasNarrow(args, asIs)) return run(args);
        if (!pieces) return runWide(args);
        const length = args.length as number;
        const mark = device.scratch.mark();
        for (let from = 0; from < length; from += pieceValues) {
          runWide(pieceOf(args, pieces, from, Math.min(pieceValues, length - from)));
          device.scratch.release(mark);
        }
      } finally {
        device.scratch.reset();
      }
    };
  };
  return Object.fromEntries(Object.keys(ops).map((name) => [name, wrap(name as OpName)])) as unknown as Ops<CpuTensor>;
}

/** Called for every op: no objects are made. */
function hasNarrow(args: Args, asIs: readonly string[]): boolean {
  for (const key in args) if (isNarrow(args[key]) && !asIs.includes(key)) return true;
  return false;
}

function mapTensors(args: Args, map: (tensor: CpuTensor, key: string) => CpuTensor): Args {
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, isTensor(value) ? map(value, key) : value]));
}

/** The same call for values [from, from + length); a tensor that is two arguments stays one. */
function pieceOf(args: Args, keys: readonly string[], from: number, length: number): Args {
  const cut = new Map<CpuTensor, CpuTensor>();
  const { at } = args;
  const piece = mapTensors(args, (tensor, key) => {
    if (!keys.includes(key)) return tensor;
    // A copy goes to a place of its own in out.
    if (key === "out" && typeof at === "number" && at > 0) return partOf(tensor, at + from, length);
    const part = cut.get(tensor) ?? partOf(tensor, from, length);
    cut.set(tensor, part);
    return part;
  });
  return { ...piece, length, ...(at === undefined ? {} : { at: 0 }) };
}

function partOf(tensor: CpuTensor, from: number, length: number): CpuTensor {
  return { ...tensor, offset: tensor.offset + from * storages[tensor.storage], length };
}

function isTensor(value: unknown): value is CpuTensor {
  return typeof value === "object" && value !== null && "storage" in value;
}

function isNarrow(value: unknown): value is CpuTensor {
  return isTensor(value) && value.storage === "bf16";
}

function widened(device: Device, tensor: CpuTensor): CpuTensor {
  const offset = device.scratch.take(tensor.length * 4);
  widen(device, tensor.offset, offset, tensor.length);
  return { ...tensor, storage: "f32", offset };
}

/** Values of a chunk, as in assembly/elementwise.ts. */
export const chunkValues = 8192;

/** bf16 values to f32; places in bytes. */
export function widen({ run }: Pick<Device, "run">, from: number, to: number, length: number): void {
  run({ kernel: "WIDEN_BF16", chunks: chunksOf(length, chunkValues), work: length * 0.3, integers: [from, to, length] });
}

/** f32 values to bf16, to nearest, ties to even. */
export function narrow({ run }: Pick<Device, "run">, from: number, to: number, length: number): void {
  run({ kernel: "NARROW_BF16", chunks: chunksOf(length, chunkValues), work: length * 0.4, integers: [from, to, length] });
}
