// The engine for any GPU, through WebGPU: NVIDIA, AMD, Intel and Apple, and software adapters for tests. Ops are recorded and sent together;
// nothing comes back but what `read` asks for. The same calls on the same device give the same bits.
import { type Engine, type Storage, type TensorSpec } from "../../engine.ts";
import { findGpu, type Gpu, hasSubgroups, isSoftware, memoryOf, nameOf, openDevice } from "./adapter.ts";
import type { Device } from "./device.ts";
import { watchDevice } from "./failures.ts";
import { checkMatrices } from "./matrix-check.ts";
import { type MatrixUnits, matrixUnitsOf } from "./matrix-units.ts";
import { createMemory, type GpuTensor } from "./memory.ts";
import { createAttention } from "./ops/attention.ts";
import { createElementwise } from "./ops/elementwise.ts";
import { createHeadLoss } from "./ops/head-loss.ts";
import { createLinear } from "./ops/linear.ts";
import { createRows } from "./ops/rows.ts";
import { createRecorder } from "./recorder.ts";
import { withStorages } from "./storages.ts";

const kept: readonly Storage[] = ["f32", "f16", "bf16", "u32", "u8"];

export interface WebgpuEngine extends Engine<GpuTensor> {
  /** Whether products run on matrix units: of 16-bit factors, or all. */
  readonly matrixUnits: boolean;
  /** Kernels compiled and command buffers sent so far. */
  counts(): { readonly pipelines: number; readonly submissions: number };
  /** Loses the device, as a driver that crashes does. For tests. */
  lose(): void;
}

export interface WebgpuOptions {
  /** Reductions within subgroups; where the device has them if left out. */
  readonly subgroups?: boolean;
  /** False: products never run on matrix units; nor do they with SLUICE_MATRIX_UNITS=off in the environment, for drivers that fail at them. */
  readonly matrices?: boolean;
  /** Long kernels without loops; on all but software adapters if left out. */
  readonly unrolled?: boolean;
  /** Bytes that the logits of a piece of the head may take. */
  readonly logitsBytes?: number;
}

export async function createWebgpuEngine(gpu: Gpu, options: WebgpuOptions = {}): Promise<WebgpuEngine> {
  const { adapter } = gpu;
  const device = await openDevice(adapter);
  const { subgroups = hasSubgroups(gpu), matrices: mayUseMatrices = subgroups && process.env.SLUICE_MATRIX_UNITS !== "off" } = options;
  const { unrolled = !isSoftware(gpu.adapter), logitsBytes = 256 * 2 ** 20 } = options;
  const name = nameOf(adapter.info);
  const failures = watchDevice(device, name);
  const recorder = createRecorder(device);
  const refused = (spec: TensorSpec): void => failures.refused(spec, memory.used().bytes);
  const memory = createMemory({ device, recorder, totalBytes: memoryOf(adapter), refused });
  const run = withStorages(recorder, memory.scratch);
  const common = {
    run,
    scratch: memory.scratch,
    subgroups,
    unrolled,
    logitsBytes: Math.min(logitsBytes, memory.tensorBytes),
    paddedTiles: device.limits.maxComputeWorkgroupStorageSize > 17 * 2 ** 10 + 64,
  };
  const offered = mayUseMatrices ? matrixUnitsOf(adapter) : undefined;
  const fault = offered && (await checkMatrices({ ...common, matrices: offered }, device, memory));
  const matrices = fault === undefined ? offered : undefined;
  const base: Device = {
    ...common,
    matrices,
    run(kernel, dispatch) {
      failures.check();
      run(kernel, dispatch);
    },
  };
  /** Waits, then throws what went wrong until then. */
  const settled = async <R>(result: Promise<R>): Promise<R> => {
    try {
      return await result;
    } finally {
      await memory.settled();
      failures.check();
    }
  };
  const ops = {
    ...createRows(base),
    ...createLinear(base),
    ...createAttention(base),
    ...createElementwise(base),
    ...createHeadLoss(base),
  };
  const paths = [
    "f32",
    ...(subgroups ? ["subgroups"] : []),
    ...(matrices ? [tellUnits(matrices)] : []),
    ...(fault === undefined ? [] : [`matrix units left alone: ${fault}`]),
    ...(isSoftware(adapter) ? ["in software"] : []),
  ];

  return {
    name: "webgpu",
    device: `${name}, ${paths.join(", ")}`,
    matrixUnits: matrices !== undefined,
    limits: { totalBytes: memory.totalBytes, tensorBytes: memory.tensorBytes, storages: kept },
    ops,
    allocate(spec) {
      failures.check();
      return memory.allocate(spec);
    },
    release: memory.release,
    write(tensor, values, from = 0) {
      failures.check();
      memory.write(tensor, values, from);
    },
    async read(tensor, from = 0, to = tensor.length) {
      failures.check();
      return settled(memory.read(tensor, from, to));
    },
    async finish() {
      failures.check();
      recorder.submit();
      await settled(device.queue.onSubmittedWorkDone());
    },
    memory: memory.used,
    async close() {
      failures.close();
      device.destroy();
    },
    lose: () => device.destroy(),
    counts: () => ({ pipelines: recorder.pipelines, submissions: recorder.submissions }),
  };
}

function tellUnits({ shape: { component, m, n, k } }: MatrixUnits): string {
  return `${component === "f16" ? "16-bit" : "all"} products on matrix units (${m}x${n}x${k}, ${component})`;
}

export { findGpu, isSoftware };
