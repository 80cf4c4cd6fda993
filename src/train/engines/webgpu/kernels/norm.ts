// RMSNorm with the residual before it: a workgroup a row.
import { loads, reads, rowNumber, stores, variants, writes } from "../kernel.ts";
import { workgroupReduction } from "./reduce.ts";

const normThreads = 128;

interface Options {
  readonly element: "vec4f" | "f32";
  readonly subgroups: boolean;
}

/** The sum of an element's values. */
export function total(element: string, value: string): string {
  return element === "vec4f" ? `dot(${value}, vec4f(1.0))` : value;
}

/** count: elements of a row; width: values. */
export const addRmsNormKernel = variants("addRmsNorm", ({ element, residual, subgroups }: Options & { readonly residual: boolean }) => ({
  threads: normThreads,
  subgroups,
  buffers: {
    x: loads(element),
    ...(residual ? { delta: loads(element), sum: stores(element) } : {}),
    weight: loads(element),
    out: stores(element),
    scale: writes(),
  },
  params: { rows: "u32", count: "u32", width: "f32", epsilon: "f32" } as const,
  declarations: workgroupReduction({ name: "sumAll", threads: normThreads, type: "f32", operation: "sum", subgroups }),
  body: `  let row = ${rowNumber};
  if (row >= params.rows) { return; }
  let start = row * params.count;
  var squares = ${element}(0.0);
  for (var j = thread; j < params.count; j += ${normThreads}u) {
    let value = load_x(start + j)${residual ? " + load_delta(start + j)" : ""};
    ${residual ? "store_sum(start + j, value);" : ""}
    squares += value * value;
  }
  let factor = inverseSqrt(sumAll(${total(element, "squares")}, thread) / params.width + params.epsilon);
  if (thread == 0u) { scale[row] = factor; }
  for (var j = thread; j < params.count; j += ${normThreads}u) {
    let value = load_x(start + j)${residual ? " + load_delta(start + j)" : ""};
    store_out(start + j, value * factor * load_weight(j));
  }`,
}));

export const rmsNormBackwardKernel = variants("rmsNormBackward", ({ element, subgroups }: Options) => ({
  threads: normThreads,
  subgroups,
  buffers: { x: loads(element), weight: loads(element), scale: reads(), gradOut: loads(element), gradX: stores(element) },
  params: { rows: "u32", count: "u32", width: "f32" } as const,
  declarations: workgroupReduction({ name: "sumAll", threads: normThreads, type: "f32", operation: "sum", subgroups }),
  body: `  let row = ${rowNumber};
  if (row >= params.rows) { return; }
  let start = row * params.count;
  var product = ${element}(0.0);
  for (var j = thread; j < params.count; j += ${normThreads}u) { product += load_gradOut(start + j) * load_weight(j) * load_x(start + j); }
  let factor = scale[row];
  let pull = sumAll(${total(element, "product")}, thread) * factor * factor * factor / params.width;
  for (var j = thread; j < params.count; j += ${normThreads}u) {
    store_gradX(start + j, load_gradX(start + j) + load_gradOut(start + j) * load_weight(j) * factor - load_x(start + j) * pull);
  }`,
}));
