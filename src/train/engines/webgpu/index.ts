// The engine for any GPU, through WebGPU: NVIDIA, AMD, Intel and Apple, and software adapters for tests. Ops are recorded and sent together;
// nothing comes back but what `read` asks for. The same calls on the same device give the same bits.
import { trainingError } from "../../../core/errors.ts";
import { bytesOf, type Engine, type Storage, type TensorSpec } from "../../engine.ts";
import { findGpu, type Gpu, hasSubgroups, isSoftware, memoryOf, nameOf, openDevice } from "./adapter.ts";
import type { Device } from "./device.ts";
import { createMemory, type GpuTensor } from "./memory.ts";
import { createAttention } from "./ops/attention.ts";
import { createElementwise } from "./ops/elementwise.ts";
import { createHeadLoss } from "./ops/head-loss.ts";
import { createLinear } from "./ops/linear.ts";
import { createRows } from "./ops/rows.ts";
import { createRecorder } from "./recorder.ts";
import { withStorages } from "./storages.ts";

const offered: readonly Storage[] = ["f32", "bf16", "u32", "u8"];

export interface WebgpuEngine extends Engine<GpuTensor> {
  /** Kernels compiled and command buffers sent so far. */
  counts(): { readonly pipelines: number; readonly submissions: number };
  /** Loses the device, as a driver that crashes does. For tests. */
  lose(): void;
}

export interface WebgpuOptions {
  /** Reductions within subgroups; where the device has them if left out. */
  readonly subgroups?: boolean;
  /** Long kernels without loops; on all but software adapters if left out. */
  readonly unrolled?: boolean;
  /** Bytes that the logits of a piece of the head may take. */
  readonly logitsBytes?: number;
}

export async function createWebgpuEngine(gpu: Gpu, options: WebgpuOptions = {}): Promise<WebgpuEngine> {
  const { adapter } = gpu;
  const device = await openDevice(adapter);
  const { subgroups = hasSubgroups(gpu), unrolled = !isSoftware(gpu.adapter), logitsBytes = 256 * 2 ** 20 } = options;
  const name = nameOf(adapter.info);
  let failure: Error | undefined;
  let closed = false;
  const fail = (found: string, fix: string): void => {
    failure ??= trainingError({ where: `webgpu, ${name}`, expected: "a device that works", found, fix });
  };
  const refused = (spec: TensorSpec): void =>
    fail(
      `no memory for ${spec.name}: ${bytesOf(spec)} bytes asked for, ${memory.used().bytes} in use`,
      "set gradient_checkpointing: true, a smaller per_device_train_batch_size or max_length, or method: lora",
    );
  void device.lost.then(({ reason, message }) => {
    if (!closed) fail(`the device was lost (${reason}): ${message}`, "start again: training goes on from the last checkpoint");
  });
  device.addEventListener("uncapturederror", (event) => {
    const { error } = event as GPUUncapturedErrorEvent;
    failure ??= new Error(`webgpu, ${name}: ${error.message}`);
  });
  const recorder = createRecorder(device);
  const memory = createMemory({ device, recorder, totalBytes: memoryOf(adapter), refused });
  const base: Device = {
    run: withStorages(recorder, memory.scratch),
    scratch: memory.scratch,
    subgroups,
    unrolled,
    logitsBytes: Math.min(logitsBytes, memory.tensorBytes),
  };
  const check = (): void => {
    if (failure) throw failure;
    if (closed) throw new Error("this engine is closed");
  };
  const ops = {
    ...createRows(base),
    ...createLinear(base),
    ...createAttention(base),
    ...createElementwise(base),
    ...createHeadLoss(base),
  };
  const paths = ["f32", ...(subgroups ? ["subgroups"] : []), ...(isSoftware(adapter) ? ["in software"] : [])];

  return {
    name: "webgpu",
    device: `${name}, ${paths.join(", ")}`,
    limits: { totalBytes: memory.totalBytes, tensorBytes: memory.tensorBytes, storages: offered },
    ops,
    allocate(spec) {
      check();
      if (!offered.includes(spec.storage)) throw new RangeError(`${spec.name}: this engine has no ${spec.storage}`);
      return memory.allocate(spec);
    },
    release: memory.release,
    write(tensor, values, from = 0) {
      check();
      memory.write(tensor, values, from);
    },
    async read(tensor, from = 0, to = tensor.length) {
      check();
      try {
        return await memory.read(tensor, from, to);
      } catch (error) {
        await Promise.resolve();
        check();
        throw error;
      } finally {
        check();
      }
    },
    async finish() {
      check();
      recorder.submit();
      await device.queue.onSubmittedWorkDone();
      check();
    },
    memory: memory.used,
    async close() {
      closed = true;
      device.destroy();
    },
    lose: () => device.destroy(),
    counts: () => ({ pipelines: recorder.pipelines, submissions: recorder.submissions }),
  };
}

export { findGpu, isSoftware };
