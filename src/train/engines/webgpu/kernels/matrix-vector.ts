// One row through a weight: a workgroup reads four rows of the weight, which are four outputs. Bound by memory: nothing is read twice.
import { loads, reads, unroll, variants, writes } from "../kernel.ts";
import { total } from "./norm.ts";
import { workgroupReduction } from "./reduce.ts";

const vectorThreads = 64;
export const vectorOutputs = 4;

interface Options {
  readonly element: "vec4f" | "f32";
  readonly bias: boolean;
  readonly subgroups: boolean;
}

/** count: elements of x. outFirst: the place of the first output in out, and of its bias. */
export const matrixVectorKernel = variants("matrixVector", ({ element, bias, subgroups }: Options) => ({
  threads: vectorThreads,
  subgroups,
  buffers: { x: loads(element), weight: loads(element), ...(bias ? { bias: reads() } : {}), out: writes() },
  params: { count: "u32", outputs: "u32", outFirst: "u32", alpha: "f32", accumulate: "u32" } as const,
  declarations: workgroupReduction({ name: "sumAll", threads: vectorThreads, type: "vec4f", operation: "sum", subgroups }),
  body: `  let first = (group.y * groups.x + group.x) * ${vectorOutputs}u;
${unroll(vectorOutputs, (o) => `  var sum${o} = ${element}(0.0);\n  let at${o} = min(first + ${o}u, params.outputs - 1u) * params.count;`)}
  for (var j = thread; j < params.count; j += ${vectorThreads}u) {
    let value = load_x(j);
${unroll(vectorOutputs, (o) => `    sum${o} += value * load_weight(at${o} + j);`)}
  }
  let sums = sumAll(vec4f(${[0, 1, 2, 3].map((o) => total(element, `sum${o}`)).join(", ")}), thread);
  if (thread < ${vectorOutputs}u && first + thread < params.outputs) {
    let o = params.outFirst + first + thread;
    var value = params.alpha * sums[thread]${bias ? " + bias[o]" : ""};
    if (params.accumulate != 0u) { value += out[o]; }
    out[o] = value;
  }`,
}));
