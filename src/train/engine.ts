// What a device must offer so that models train on it: memory for tensors, and the ops of ops/. Nothing here knows a model, a file or a row.
//
// Calls only record work, in order. A device may run them at once (cpu), collect them into one submission (webgpu) or a captured graph (cuda):
// results exist after `finish`, and `read` waits for them. In a training step nothing is read back but the losses.
// The same calls with other tensors or numbers must mean the same work: whoever calls may not depend on when it happens.
import { SluiceError } from "../core/errors.ts";
import type { Ops } from "./ops/index.ts";

export const engineNames = ["cpu", "webgpu"] as const;
export type EngineName = (typeof engineNames)[number];

/** How a value lies in memory. Arithmetic is in f32 whatever the storage; u32 and u8 hold ids, codes and seeds. */
export const storages = { f32: 4, f16: 2, bf16: 2, u32: 4, u8: 1 } as const;
export type Storage = keyof typeof storages;

export interface TensorSpec {
  /** Told in errors and in the memory plan, e.g. "layers.3.mlp.down_proj.weight". */
  readonly name: string;
  /** Row-major; the last dimension is contiguous. */
  readonly shape: readonly number[];
  readonly storage: Storage;
}

/** A place in the device's memory. Only the engine that made it can look inside. */
export interface Tensor extends TensorSpec {
  /** The number of values: the product of the shape. */
  readonly length: number;
}

/** Values on their way to or from a tensor: floats for f32, f16 and bf16 (rounded to nearest, ties to even), integers for u32 and u8. */
export type Values = Float32Array | Float64Array | Uint32Array | Uint8Array;

export interface Engine<T extends Tensor = Tensor> {
  readonly name: EngineName | "reference";
  /** For people: the device, its driver, and which paths are taken, e.g. "2 threads, WASM relaxed SIMD, OpenBLAS 0.3.21". */
  readonly device: string;
  readonly limits: EngineLimits;
  readonly ops: Ops<T>;
  /** Memory of zeros. Throws an OutOfMemory that says what was asked for and what is left. */
  allocate(spec: TensorSpec): T;
  /** The tensor may not be used again; the place is free once the work recorded so far is done. */
  release(tensor: T): void;
  /** Sets values [from, from + values.length). */
  write(tensor: T, values: Values, from?: number): void;
  /** Waits for the recorded work, then copies values [from, to) out; floats as Float32Array. */
  read(tensor: T, from?: number, to?: number): Promise<Values>;
  /** Sends the recorded work; resolves when it is done. The end of a step. */
  finish(): Promise<void>;
  /** Bytes of tensors allocated now, and the most there ever were. */
  memory(): { readonly bytes: number; readonly peak: number };
  /** Frees everything: threads, device, memory. */
  close(): Promise<void>;
}

/** An engine on a device, whose memory is planned for. */
export interface DeviceEngine<T extends Tensor = Tensor> extends Engine<T> {
  /** The same engine without its device: calls make nothing and do nothing, but the memory they would take is counted, with what ops work in. */
  counting(): CountingEngine<T>;
}

export interface CountingEngine<T extends Tensor = Tensor> extends Engine<T> {
  /** Gives the engine that it counts for the memory that ops of the calls so far work in: none is asked for later. */
  prepare(): void;
}

export interface EngineLimits {
  /** Bytes all tensors together may take. */
  readonly totalBytes: number;
  /** Bytes one tensor may take. */
  readonly tensorBytes: number;
  /** Which of `storages` the device offers. */
  readonly storages: readonly Storage[];
}

export function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function bytesOf({ shape, storage }: Pick<TensorSpec, "shape" | "storage">): number {
  return lengthOf(shape) * storages[storage];
}

/** There is no room for a tensor. Exit 4; whoever trains adds which settings would fit. */
export class OutOfMemory extends SluiceError {
  /** Bytes of all tensors that there was room for. */
  readonly granted: number;

  /** left: bytes, where it is known; without it a device has refused what it seemed to have. */
  constructor(where: string, spec: TensorSpec, { left, granted }: { readonly left?: number; readonly granted: number }) {
    const rest = left === undefined ? `the device had given ${granted}` : `${left} left`;
    super("training", {
      where,
      expected: "memory for the model and what is done with it",
      found: `no room for ${spec.name}: ${bytesOf(spec)} bytes asked for, ${rest}`,
      fix: "take a smaller model or another device: `sluice devices` lists them",
    });
    this.name = "OutOfMemory";
    this.granted = granted;
  }
}
