// The engines, and which one a recipe's `device` means.
import { recipeError } from "../../core/errors.ts";
import type { Engine, EngineName } from "../engine.ts";
import { createCpuEngine } from "./cpu/index.ts";

export interface EngineOptions {
  readonly device: "auto" | EngineName;
  /** Threads of the cpu engine; default: one a core. */
  readonly threads?: number;
}

/** The engine for a device; auto takes the best that is there. */
export async function openEngine({ device, threads }: EngineOptions): Promise<Engine> {
  if (device === "auto" || device === "cpu") return createCpuEngine({ threads });
  throw recipeError({
    where: "train.device",
    expected: "auto or cpu",
    found: device,
    fix: "this version trains on the CPU; set device: auto",
  });
}
