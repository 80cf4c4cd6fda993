// The engine that is always there: WebAssembly SIMD on every core, with OpenBLAS for products where it is found.
// Ops run at once, on the calling thread and the engine's own. The same calls give the same bits for any number of threads
// (with OpenBLAS: for the same number).
import { availableParallelism } from "node:os";
import { type DeviceEngine, lengthOf, type Storage, type TensorSpec, type Values } from "../../engine.ts";
import type { Ops } from "../../ops/index.ts";
import { findBlas, type Product } from "./blas.ts";
import { createCounting } from "./counting.ts";
import { type CpuTensor, type Device } from "./device.ts";
import { createMemory } from "./memory.ts";
import { multiplyInBlocks, multiplyWith } from "./multiply.ts";
import { createAttention } from "./ops/attention.ts";
import { createElementwise } from "./ops/elementwise.ts";
import { createHeadLoss } from "./ops/head-loss.ts";
import { createLinear } from "./ops/linear.ts";
import { createRows } from "./ops/rows.ts";
import { createPool } from "./pool.ts";
import { createScratch } from "./scratch.ts";
import { narrow, pieceValues, widen, withStorages } from "./storages.ts";

export interface CpuOptions {
  /** The caller's included; as many as the machine runs at once if left out. */
  readonly threads?: number;
  /** "auto" takes OpenBLAS where it is found; the environment's SLUICE_BLAS=PATH names the library, SLUICE_BLAS=off is "off". */
  readonly blas?: "auto" | "off";
  /** "auto" takes fused multiply-add where the machine's WebAssembly has it. */
  readonly simd?: "auto" | "plain";
}

const kept: readonly Storage[] = ["f32", "bf16", "u32", "u8"];

export async function createCpuEngine(options: CpuOptions = {}): Promise<DeviceEngine<CpuTensor>> {
  const { threads = availableParallelism(), blas: wantedBlas = "auto", simd = "auto" } = options;
  if (!(Number.isInteger(threads) && threads >= 1)) throw new RangeError(`threads must be a whole number from 1, got ${threads}`);
  const memory = createMemory();
  const blas = wantedBlas === "off" ? undefined : findBlas(memory.memory, threads);
  const pool = await createPool(memory, threads, { relaxed: simd === "auto" });
  const scratch = createScratch(memory);
  const base = { memory, scratch, run: pool.run };
  const parts = [`${threads} ${threads === 1 ? "thread" : "threads"}`, `WASM ${pool.relaxed ? "relaxed SIMD" : "SIMD"}`];

  const described = [...parts, ...(blas ? [blas.name] : [])].join(", ");
  const limits = { totalBytes: memory.totalBytes, tensorBytes: memory.totalBytes, storages: kept };
  const { bytes: own } = memory.used();

  return {
    name: "cpu",
    device: described,
    limits,
    ops: createOps(base, blas?.multiply),
    counting: () =>
      createCounting({ createOps: (counted) => createOps(counted, blas && (() => {})), device: described, limits, used: own, scratch }),
    allocate(spec: TensorSpec) {
      if (!kept.includes(spec.storage)) throw new RangeError(`the CPU engine keeps ${kept.join(", ")}, not ${spec.storage}`);
      return { ...spec, length: lengthOf(spec.shape), offset: memory.allocate(spec) };
    },
    release(tensor) {
      memory.release(tensor.offset, tensor);
    },
    write(tensor, values, from = 0) {
      const { offset, storage } = tensor;
      checkRange(tensor, from, from + values.length);
      if (storage === "f32") memory.floats(offset + from * 4, values.length).set(values);
      else if (storage === "u32") memory.words(offset + from * 4, values.length).set(values);
      else if (storage === "u8") memory.bytes(offset + from, values.length).set(values);
      else {
        const wide = scratch.take(Math.min(values.length, pieceValues) * 4);
        for (let done = 0; done < values.length; done += pieceValues) {
          const piece = values.subarray(done, done + pieceValues);
          memory.floats(wide, piece.length).set(piece);
          narrow(base, wide, offset + (from + done) * 2, piece.length);
        }
        scratch.reset();
      }
    },
    async read(tensor, from = 0, to = tensor.length): Promise<Values> {
      const { offset, storage } = tensor;
      const length = to - from;
      checkRange(tensor, from, to);
      if (storage === "f32") return memory.floats(offset + from * 4, length).slice();
      if (storage === "u32") return memory.words(offset + from * 4, length).slice();
      if (storage === "u8") return memory.bytes(offset + from, length).slice();
      const values = new Float32Array(length);
      const wide = scratch.take(Math.min(length, pieceValues) * 4);
      for (let done = 0; done < length; done += pieceValues) {
        const count = Math.min(pieceValues, length - done);
        widen(base, offset + (from + done) * 2, wide, count);
        values.set(memory.floats(wide, count), done);
      }
      scratch.reset();
      return values;
    },
    finish: async () => {},
    /** Scratch and the threads' own memory are in it too: what the engine takes from the machine. */
    memory: memory.used,
    close: pool.close,
  };
}

/** blas: products of f32, on the WebAssembly kernels without it. */
function createOps(base: Omit<Device, "multiply">, blas: ((product: Product) => void) | undefined): Ops<CpuTensor> {
  const device: Device = { ...base, multiply: multiplyWith(base, blas ?? ((product) => multiplyInBlocks(base, product))) };
  return withStorages(device, {
    ...createRows(device),
    ...createLinear(device),
    ...createAttention(device),
    ...createElementwise(device),
    ...createHeadLoss(device),
  });
}

function checkRange({ name, length }: CpuTensor, from: number, to: number): void {
  if (from < 0 || to < from || to > length) throw new RangeError(`values ${from} to ${to} of ${name}, which has ${length}`);
}
