// The WebGPU engine for tests: on the adapter that is there, else on SwiftShader, which Debian's chromium brings.
import { existsSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname } from "node:path";
import { findGpu } from "../../src/train/engines/webgpu/adapter.ts";
import { createWebgpuEngine, type WebgpuEngine, type WebgpuOptions } from "../../src/train/engines/webgpu/index.ts";

const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** chromium's own Vulkan loader, for machines without one. It is kept (RTLD_NODELETE), though Node refuses it for being no module. */
const loader = "/usr/lib/chromium/libvulkan.so.1";
const keep = 0x1000;

if (process.env.VK_ICD_FILENAMES === undefined && existsSync(swiftShader)) {
  process.env.VK_ICD_FILENAMES = swiftShader;
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
  // For processes that tests start: this one has read it already.
  process.env.LD_LIBRARY_PATH ??= dirname(loader);
  for (const name of ["libvulkan.so.1", loader]) {
    try {
      process.dlopen({ exports: {} }, name, constants.dlopen.RTLD_NOW | keep);
    } catch (error) {
      if (/did not self-register/.test((error as Error).message)) break;
    }
  }
}

/** Software GPUs take minutes: they are tried where all tests are wanted. */
const found = process.env.SLUICE_ALL === "1" ? await findGpu() : { missing: "the GPU's tests are long: SLUICE_ALL=1 runs them" };

/** For node:test's `skip`: false where there is an adapter, else why there is none. */
export const noWebgpu: string | false = "missing" in found ? found.missing : false;

export async function openWebgpu(options: WebgpuOptions = {}): Promise<WebgpuEngine> {
  const gpu = await findGpu();
  if ("missing" in gpu) throw new Error(gpu.missing);
  return createWebgpuEngine(gpu, options);
}
