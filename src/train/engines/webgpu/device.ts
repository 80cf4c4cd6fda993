// What ops record on: kernels, tensors, and scratch.
import type { MatrixUnits } from "./matrix-units.ts";
import type { GpuTensor, Memory } from "./memory.ts";
import type { RunAny } from "./storages.ts";

export interface Device {
  readonly run: RunAny;
  readonly scratch: Memory["scratch"];
  /** Bytes of logits made at once. */
  readonly logitsBytes: number;
  /** Bytes that the parts of a product may take: one place for all of them, whatever their number. */
  readonly partsBytes: number;
  /** Reductions within subgroups. */
  readonly subgroups: boolean;
  /** Units that multiply whole matrices, where there are some and they may be used. */
  readonly matrices: MatrixUnits | undefined;
  /** There is workgroup memory for tiles that avoid bank conflicts. */
  readonly paddedTiles: boolean;
  /** Long kernels are written without loops: for GPUs, whose compilers then keep sums in registers. */
  readonly unrolled: boolean;
}

export type { GpuTensor };
