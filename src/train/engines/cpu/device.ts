// What the ops are written on: memory, scratch, threads and matrix products.
import type { Storage, Tensor } from "../../engine.ts";
import type { Product } from "./blas.ts";
import type { Memory } from "./memory.ts";
import type { Pool } from "./pool.ts";
import type { Scratch } from "./scratch.ts";

/** A tensor is a place in the memory, in bytes. */
export interface CpuTensor extends Tensor {
  readonly offset: number;
}

export interface Device {
  readonly memory: Pick<Memory, "allocate" | "floats" | "doubles" | "words" | "bytes">;
  readonly scratch: Scratch;
  readonly run: Pool["run"];
  /** Takes b in f32 or bf16. */
  readonly multiply: (product: Product, storageB?: Storage) => void;
}

/** Chunks of this size that length values make. */
export function chunksOf(length: number, size: number): number {
  return Math.ceil(length / size);
}

/** The pointer of a tensor that may be left out: 0 stands for none. */
export function optional(tensor: CpuTensor | undefined): number {
  return tensor ? tensor.offset : 0;
}
