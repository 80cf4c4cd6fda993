// The engines, and which one a recipe's `device` means.
import { recipeError } from "../../core/errors.ts";
import type { DeviceEngine, EngineName, Tensor } from "../engine.ts";
import { createCpuEngine } from "./cpu/index.ts";
import { findGpu, isSoftware, mayHaveGpu } from "./webgpu/adapter.ts";
import { createWebgpuEngine } from "./webgpu/index.ts";

export interface EngineOptions {
  readonly device: "auto" | EngineName;
  /** Threads of the cpu engine; default: one a core. */
  readonly threads?: number;
}

/** The engine for a device; auto takes a GPU where there is one, else the CPU. A software adapter is taken only when it is asked for. */
export async function openEngine({ device, threads }: EngineOptions): Promise<DeviceEngine> {
  if (device === "cpu") return createCpuEngine({ threads });
  if (device === "auto" && !mayHaveGpu()) return createCpuEngine({ threads });
  const gpu = await findGpu();
  if ("missing" in gpu) {
    if (device === "auto") return createCpuEngine({ threads });
    throw recipeError({
      where: "train.device: webgpu",
      key: ["train", "device"],
      expected: "a GPU with its driver, and the npm package webgpu",
      found: gpu.missing,
      fix: "set device: auto; `sluice devices` shows what is there",
    });
  }
  if (device === "auto" && isSoftware(gpu.adapter)) return createCpuEngine({ threads });
  return createWebgpuEngine(gpu) as Promise<DeviceEngine<Tensor>> as Promise<DeviceEngine>;
}
