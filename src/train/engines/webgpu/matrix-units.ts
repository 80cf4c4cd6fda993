// Matrix units ("tensor cores") through WebGPU's subgroup matrices, an experiment of Dawn's: which shape of those offered is taken, and
// what tiles it is good for. Sums are in f32 in any case; where factors may be f16 they are, else f32.
import { type MatrixShape, matrixTile } from "./kernels/multiply-matrices.ts";

const neededFeatures = ["subgroups", "chromium-experimental-subgroup-matrix"] as const;
export const matrixFeatures = [...neededFeatures, "shader-f16"] as const;

export interface MatrixUnits {
  readonly shape: MatrixShape;
  /** Invocations of the largest subgroup. */
  readonly subgroupSize: number;
  /** Whether there are smaller ones. */
  readonly subgroupsVary: boolean;
  /** There is workgroup memory for large tiles. */
  readonly mayBeLarge: boolean;
}

interface MatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** Which GPUAdapterInfo has beside what its type says. */
interface MatrixInfo {
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
  readonly subgroupMatrixConfigs?: readonly MatrixConfig[];
}

const least = 8;
const most = 32;
const isSide = (size: number): boolean => size >= least && size <= most && (size & (size - 1)) === 0;

/** The largest shape that tiles can be made of, the first of equals; f16 before f32. */
export function shapeOf(
  configs: readonly MatrixConfig[],
  components: readonly MatrixShape["component"][] = ["f16", "f32"],
): MatrixShape | undefined {
  for (const component of components) {
    let best: MatrixShape | undefined;
    for (const { componentType, resultComponentType, M: m, N: n, K: k } of configs) {
      if (componentType !== component || resultComponentType !== "f32" || ![m, n, k].every(isSide)) continue;
      if (!best || m * n * k > best.m * best.n * best.k) best = { component, m, n, k };
    }
    if (best) return best;
  }
  return undefined;
}

export function matrixUnitsOf(adapter: GPUAdapter): MatrixUnits | undefined {
  if (!neededFeatures.every((feature) => adapter.features.has(feature))) return undefined;
  const { subgroupMinSize, subgroupMaxSize: subgroupSize, subgroupMatrixConfigs = [] } = adapter.info as unknown as MatrixInfo;
  const shape = shapeOf([...subgroupMatrixConfigs], adapter.features.has("shader-f16") ? ["f16", "f32"] : ["f32"]);
  if (!shape) return undefined;
  const memory = adapter.limits.maxComputeWorkgroupStorageSize;
  if (matrixTile({ shape, subgroupSize, tile: "square" }).bytes > memory) return undefined;
  const mayBeLarge = matrixTile({ shape, subgroupSize, tile: "large" }).bytes <= memory;
  return { shape, subgroupSize, subgroupsVary: subgroupMinSize !== subgroupSize, mayBeLarge };
}
