// The engine for any GPU, through WebGPU: NVIDIA, AMD, Intel and Apple, and software adapters for tests. Ops are recorded and sent together;
// nothing comes back but what `read` asks for. The same calls on the same device give the same bits.
import { type CountingEngine, type Engine, type Storage } from "../../engine.ts";
import type { Ops } from "../../ops/index.ts";
import { findGpu, type Gpu, hasSubgroups, isSoftware, memoryOf, nameOf, openDevice } from "./adapter.ts";
import type { Device } from "./device.ts";
import { watchDevice } from "./failures.ts";
import { checkMatrices } from "./matrix-check.ts";
import { type MatrixUnits, matrixUnitsOf } from "./matrix-units.ts";
import { createBuffers } from "./buffers.ts";
import { createCounting } from "./counting.ts";
import { createMemory, type GpuTensor, tensorBytesOf } from "./memory.ts";
import { createAttention } from "./ops/attention.ts";
import { createElementwise } from "./ops/elementwise.ts";
import { createHeadLoss } from "./ops/head-loss.ts";
import { createLinear } from "./ops/linear.ts";
import { createRows } from "./ops/rows.ts";
import { createRecorder } from "./recorder.ts";
import { withStorages } from "./storages.ts";

/** Of 128 tiles of 128 x 128 values in two parts each: a product of more tiles has none. */
const partsBytes = 128 * 2 * 4 * 128 ** 2;

const kept: readonly Storage[] = ["f32", "f16", "bf16", "u32", "u8"];

export interface WebgpuEngine extends Engine<GpuTensor> {
  /** Whether products run on matrix units: of 16-bit factors, or all. */
  readonly matrixUnits: boolean;
  /** Kernels compiled and command buffers sent so far. */
  counts(): { readonly pipelines: number; readonly submissions: number };
  counting(): CountingEngine<GpuTensor>;
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
  /** Bytes that a buffer may have; what the device allows if left out. Larger tensors are in pieces. */
  readonly tensorBytes?: number;
}

export async function createWebgpuEngine(gpu: Gpu, options: WebgpuOptions = {}): Promise<WebgpuEngine> {
  const { adapter } = gpu;
  const device = await openDevice(adapter);
  const { subgroups = hasSubgroups(gpu), matrices: mayUseMatrices = subgroups && process.env.SLUICE_MATRIX_UNITS !== "off" } = options;
  const { unrolled = !isSoftware(gpu.adapter), logitsBytes = 256 * 2 ** 20 } = options;
  const name = nameOf(adapter.info);
  const failures = watchDevice(device, name);
  const recorder = createRecorder(device);
  const { tensorBytes = tensorBytesOf(device.limits) } = options;
  const buffers = createBuffers({ device, recorder, refused: (spec, bytes) => failures.refused(spec, memory.used().bytes - bytes) });
  const memory = createMemory({ open: buffers.open, drop: recorder.drop, totalBytes: memoryOf(adapter).bytes, tensorBytes });
  const run = withStorages(recorder, memory.scratch);
  const common = {
    subgroups,
    unrolled,
    logitsBytes: Math.min(logitsBytes, tensorBytes),
    partsBytes: Math.min(partsBytes, tensorBytes),
    paddedTiles: device.limits.maxComputeWorkgroupStorageSize > 17 * 2 ** 10 + 64,
  };
  const offered = mayUseMatrices ? matrixUnitsOf(adapter) : undefined;
  const unchecked = { ...common, run, scratch: memory.scratch, matrices: offered };
  const fault = offered && (await checkMatrices(unchecked, device, { ...memory, ...buffers }));
  const traits = { ...common, matrices: fault === undefined ? offered : undefined };
  const check = (): void => failures.check(buffers.waiting());
  const base: Device = {
    ...traits,
    scratch: memory.scratch,
    run(kernel, dispatch) {
      check();
      run(kernel, dispatch);
    },
  };
  /** Waits, then throws what went wrong until then. */
  const settled = async <R>(result: Promise<R>): Promise<R> => {
    try {
      return await result;
    } finally {
      await buffers.settled();
      check();
    }
  };
  const { matrices } = traits;
  const paths = [
    "f32",
    ...(subgroups ? ["subgroups"] : []),
    ...(matrices ? [tellUnits(matrices)] : []),
    ...(fault === undefined ? [] : [`matrix units left alone: ${fault}`]),
    ...(isSoftware(adapter) ? ["in software"] : []),
  ];

  const described = `${name}, ${paths.join(", ")}`;
  const limits = { totalBytes: memory.totalBytes, tensorBytes, storages: kept };

  return {
    name: "webgpu",
    device: described,
    matrixUnits: matrices !== undefined,
    limits,
    ops: createOps(base),
    counting: () => createCounting({ traits, createOps, device: described, limits, memory }),
    allocate(spec) {
      check();
      return memory.allocate(spec);
    },
    release: memory.release,
    write(tensor, values, from = 0) {
      check();
      buffers.write(tensor, values, from);
    },
    async read(tensor, from = 0, to = tensor.length) {
      check();
      return settled(buffers.read(tensor, from, to));
    },
    async finish() {
      check();
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

function createOps(device: Device): Ops<GpuTensor> {
  return {
    ...createRows(device),
    ...createLinear(device),
    ...createAttention(device),
    ...createElementwise(device),
    ...createHeadLoss(device),
  };
}

function tellUnits({ shape: { component, m, n, k } }: MatrixUnits): string {
  return `${component === "f16" ? "16-bit" : "all"} products on matrix units (${m}x${n}x${k}, ${component})`;
}

export { findGpu, isSoftware };
