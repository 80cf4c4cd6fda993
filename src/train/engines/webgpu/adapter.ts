// Dawn through the npm package webgpu, loaded when it is asked for: the adapter that is there, and a device with all that it offers.
import { createRequire } from "node:module";
import { totalmem } from "node:os";
import { trainingError } from "../../../core/errors.ts";
import { deviceMemory } from "./device-memory.ts";
import { matrixFeatures } from "./matrix-units.ts";
import { vulkanLoaders } from "./vulkan-heaps.ts";

export interface Gpu {
  readonly adapter: GPUAdapter;
  /** Of the shader language. */
  readonly language: ReadonlySet<string>;
}

/** Why there is none, in words for people. */
export interface NoGpu {
  readonly missing: string;
}

interface Package {
  create(options: string[]): GPU;
}

/** Collected while in use, Dawn's instance takes its devices with it: one for the process, kept. */
let instance: Promise<GPU | NoGpu> | undefined;

/**
 * No kernel reads workgroup memory that it has not written: clearing it costs time, and minutes of compiling on SwiftShader. Subgroup matrices
 * are offered as an experiment only.
 */
const toggles = ["disable_workgroup_init", "allow_unsafe_apis"];

async function openInstance(): Promise<GPU | NoGpu> {
  try {
    // Not a literal: the package is optional, and so are its types.
    const name = "webgpu";
    return ((await import(name)) as Package).create([`enable-dawn-features=${toggles.join(",")}`]);
  } catch (error) {
    return { missing: `the npm package webgpu cannot be loaded here: ${(error as Error).message.split("\n")[0]}` };
  }
}

/** Dawn writes a warning to the terminal where Linux has no Vulkan loader: it is looked for first. */
function hasVulkan(): boolean {
  if (process.platform !== "linux") return true;
  try {
    process.dlopen({ exports: {} }, vulkanLoaders.linux);
    return true;
  } catch (error) {
    // It is no Node module: what was found and loaded is refused for that, which is an answer too.
    return !/cannot open shared object/.test((error as Error).message);
  }
}

/** Device files of GPUs on Linux: of any with a kernel driver, of NVIDIA's, of Windows' below WSL, of phones' and boards'. */
const deviceFiles = ["/dev/dri/renderD128", "/dev/nvidiactl", "/dev/dxg", "/dev/mali0", "/dev/kgsl-3d0"];

/** Whether it is worth looking: a Vulkan loader that finds no driver says so on the terminal, whoever asks. */
export function mayHaveGpu(): boolean {
  if (process.platform !== "linux" || process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return true;
  const { resolve } = createRequire(import.meta.url);
  return deviceFiles.some((file) => {
    try {
      return resolve(file) === file;
    } catch {
      return false;
    }
  });
}

export async function findGpu(): Promise<Gpu | NoGpu> {
  if (!mayHaveGpu()) return { missing: "no device file of a GPU, such as /dev/dri/renderD128" };
  if (!hasVulkan()) return { missing: `no Vulkan loader (${vulkanLoaders.linux})` };
  const gpu = await (instance ??= openInstance());
  if ("missing" in gpu) return gpu;
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return { missing: "no graphics driver that WebGPU can use (Vulkan, Metal or Direct3D 12)" };
  return { adapter, language: gpu.wgslLanguageFeatures };
}

/** A software adapter computes on the CPU: right, and slow. */
export function isSoftware({ info }: GPUAdapter): boolean {
  return (info as { isFallbackAdapter?: boolean }).isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|warp/i.test(nameOf(info));
}

/** As much as the adapter tells of maker, model and driver: "nvidia ampere, nvidia-geforce-rtx-3090, NVIDIA: 535.113.01". */
export function nameOf({
  vendor,
  architecture,
  device,
  description,
}: Pick<GPUAdapterInfo, "vendor" | "architecture" | "device" | "description">): string {
  const parts = [`${vendor} ${architecture}`.trim(), device.replace(/-$/, ""), description];
  return parts.filter((part) => part !== "").join(", ") || "an unnamed adapter";
}

export interface AdapterMemory {
  /** Of all buffers together; Infinity where nobody tells. */
  readonly bytes: number;
  /** For people: whose memory it is, or why its size is not known. */
  readonly source: string;
}

/** A software adapter has the machine's memory, a GPU what Vulkan says; asking it takes the time of making a Vulkan instance. */
export function memoryOf(adapter: GPUAdapter): AdapterMemory {
  if (isSoftware(adapter)) return { bytes: totalmem(), source: "the machine's" };
  const unknown = "neither WebGPU nor Vulkan, asked through the npm package koffi, tells it";
  return deviceMemory(adapter.info) ?? { bytes: Infinity, source: unknown };
}

/** Features that kernels have paths for. */
const wanted = ["subgroups", ...matrixFeatures];

export async function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const limits = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
  ] as const;
  try {
    return await adapter.requestDevice({
      requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[],
      requiredLimits: Object.fromEntries(limits.map((name) => [name, adapter.limits[name]])),
    });
  } catch (error) {
    throw trainingError({
      where: `webgpu, ${nameOf(adapter.info)}`,
      expected: "a device for this process",
      found: (error as Error).message,
      fix: "set device: cpu, or bring the graphics driver up to date",
    });
  }
}

/** Whether kernels may number subgroups: the feature, and the builtin that came later. */
export function hasSubgroups({ adapter, language }: Gpu): boolean {
  return adapter.features.has("subgroups") && language.has("subgroup_id");
}
