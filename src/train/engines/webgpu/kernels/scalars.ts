// The gradients' norm and the factor that clips it: a few numbers that never leave the device.
import { type Kernel, reads, variants, writes } from "../kernel.ts";
import { workgroupReduction } from "./reduce.ts";

export const squareThreads = 256;
/** Workgroups that share one tensor at most; each leaves a part. */
export const squareParts = 256;

const sumAll = (subgroups: boolean): string =>
  workgroupReduction({ name: "sumAll", threads: squareThreads, type: "f32", operation: "sum", subgroups });

interface Options {
  readonly subgroups: boolean;
}

export const squaresKernel = variants("squares", ({ subgroups }: Options) => ({
  threads: squareThreads,
  subgroups,
  buffers: { x: reads(), parts: writes() },
  params: { count: "u32" } as const,
  declarations: sumAll(subgroups),
  body: `  var sum = 0.0;
  for (var i = group.x * ${squareThreads}u + thread; i < params.count; i += groups.x * ${squareThreads}u) { sum += x[i] * x[i]; }
  let all = sumAll(sum, thread);
  if (thread == 0u) { parts[group.x] = all; }`,
}));

/** sum[0] += parts[0, count) */
export const addSquaresKernel = variants("addSquares", ({ subgroups }: Options) => ({
  threads: squareThreads,
  subgroups,
  buffers: { parts: reads(), sum: writes() },
  params: { count: "u32" } as const,
  declarations: sumAll(subgroups),
  body: `  let all = sumAll(select(0.0, parts[min(thread, params.count - 1u)], thread < params.count), thread);
  if (thread == 0u) { sum[0] += all; }`,
}));

/** unscale: 1 / lossScale. */
export const clipScaleKernel: Kernel<"sum" | "norm" | "clip", "maxNorm" | "unscale"> = {
  name: "clipScale",
  threads: 1,
  buffers: { sum: reads(), norm: writes(), clip: writes() },
  params: { maxNorm: "f32", unscale: "f32" },
  body: `  let length = sqrt(sum[0]) * params.unscale;
  norm[0] = length;
  clip[0] = select(min(1.0, params.maxNorm / (length + 1e-6)), 1.0, params.maxNorm == 0.0) * params.unscale;`,
};
