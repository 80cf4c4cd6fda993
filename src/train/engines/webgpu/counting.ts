// The engine without its device, for plans: the same ops on the same tensors, but nothing is made and nothing runs. What it counts is what a run
// takes, the memory that ops work in included, and that can be made ready beforehand: no step then asks for memory.
import type { CountingEngine, EngineLimits } from "../../engine.ts";
import type { Ops } from "../../ops/index.ts";
import type { Device, GpuTensor } from "./device.ts";
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
}

export function createCounting({ traits, createOps, device, limits, memory }: CountingOptions): CountingEngine<GpuTensor> {
  // How much there is in all is for who plans to judge; how large a buffer may be decides what is in pieces.
  const counted = createMemory({ open: openNothing, drop: () => {}, totalBytes: Infinity, tensorBytes: limits.tensorBytes });
  return {
    name: "webgpu",
    device,
    limits,
    ops: createOps({ ...traits, run: withStorages(idle, counted.scratch), scratch: counted.scratch }),
    allocate: counted.allocate,
    release: counted.release,
    write: () => {},
    read: async (tensor, from = 0, to = tensor.length) => new Float32Array(to - from),
    finish: async () => {},
    memory: counted.used,
    close: async () => {},
    prepare() {
      for (const { name, length, storage } of counted.scratches()) memory.scratch(name, length, storage);
    },
  };
}

const idle: Recorder = {
  run(kernel, { buffers }) {
    // A tensor in pieces has no place: an op that does not know pieces is refused now, not in the run.
    for (const name in kernel.buffers) void buffers[name]!.place;
  },
  copy: () => {},
  submit: () => {},
  uses: () => false,
  drop: () => {},
  pipelines: 0,
  submissions: 0,
};

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
