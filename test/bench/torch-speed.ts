// PyTorch's speed on the same machine (torch-train.py), where SLUICE_TORCH names a Python that has torch and transformers.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../shared.ts";

export interface TorchSpeed {
  readonly tokens_per_second: number;
  /** GFLOP/s of its fastest square product. */
  readonly product_gflops: number;
  readonly device: string;
}

/** Undefined without SLUICE_TORCH. Throws what the script says where it fails. */
export function torchSpeed(...args: readonly string[]): TorchSpeed | undefined {
  const python = process.env.SLUICE_TORCH;
  if (!python) return undefined;
  const script = join(root, "test", "bench", "torch-train.py");
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${python} ${script}: ${stderr}`);
  return JSON.parse(stdout) as TorchSpeed;
}
