// The engine without its device, for plans: the same ops record the same kernels on the same tensors, but nothing is made and nothing runs. What it
// counts is what a run takes, and what it saw can be made ready beforehand: memory that ops work in, and kernels, compiled side by side.
import type { CountingEngine, EngineLimits } from "../../engine.ts";
import type { Ops } from "../../ops/index.ts";
import type { Device, GpuTensor } from "./device.ts";
import type { Half, Kernel } from "./kernel.ts";
import { createMemory, type Memory } from "./memory.ts";
import type { Place, Recorder } from "./recorder.ts";
import { withStorages } from "./storages.ts";

export interface CountingOptions {
  /** What the engine's own device is but for what it runs on. */
  readonly traits: Omit<Device, "run" | "scratch">;
  readonly createOps: (device: Device) => Ops<GpuTensor>;
  readonly device: string;
  readonly limits: EngineLimits;
  /** The engine's own. */
  readonly memory: Memory;
  readonly recorder: Recorder;
}

export function createCounting({ traits, createOps, device, limits, memory, recorder }: CountingOptions): CountingEngine<GpuTensor> {
  const wanted = new Map<string, { readonly kernel: Kernel; readonly halves: ReadonlyMap<string, Half> | undefined }>();
  // How much there is in all is for who plans to judge; how large a buffer may be decides what is in pieces.
  const counted = createMemory({ open: openNothing, drop: () => {}, totalBytes: Infinity, tensorBytes: limits.tensorBytes });
  const idle: Recorder = {
    run(kernel, { buffers }, halves) {
      // A tensor in pieces has no place: an op that does not know pieces is refused now, not in the run.
      for (const name in kernel.buffers) void buffers[name]!.place;
      wanted.set(recorder.nameOf(kernel, halves), { kernel, halves });
    },
    nameOf: recorder.nameOf,
    copy: () => {},
    submit: () => {},
    uses: () => false,
    drop: () => {},
    compileAll: async () => {},
    pipelines: 0,
    submissions: 0,
  };
  return {
    name: "webgpu",
    device,
    limits: { ...limits, totalBytes: Infinity },
    ops: createOps({ ...traits, run: withStorages(idle, counted.scratch), scratch: counted.scratch }),
    allocate: counted.allocate,
    release: counted.release,
    write: () => {},
    read: async (tensor, from = 0, to = tensor.length) => new Float32Array(to - from),
    finish: async () => {},
    memory: counted.used,
    close: async () => {},
    async prepare() {
      for (const { name, length, storage } of counted.scratches()) memory.scratch(name, length, storage);
      await recorder.compileAll(wanted.values());
    },
  };
}

let ids = 0;

function openNothing({ name }: { readonly name: string }, bytes: number): Place {
  return {
    id: --ids,
    bytes,
    used: 0,
    groups: new Set(),
    get buffer(): never {
      throw new Error(`${name} is only counted`);
    },
  };
}
