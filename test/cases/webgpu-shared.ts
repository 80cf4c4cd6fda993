// One WebGPU engine for a test process: compiling its kernels takes longest.
import { after } from "node:test";
import type { Engine } from "../../src/train/engine.ts";
import type { WebgpuEngine } from "../../src/train/engines/webgpu/index.ts";
import { openWebgpu } from "./webgpu.ts";

let shared: Promise<WebgpuEngine> | undefined;

/** As one of all engines. It is closed after the last test of the process, not by its users. */
export async function webgpuEngine(): Promise<Engine> {
  shared ??= openWebgpu();
  return { ...((await shared) as unknown as Engine), close: async () => {} };
}

after(async () => (await shared)?.close());
