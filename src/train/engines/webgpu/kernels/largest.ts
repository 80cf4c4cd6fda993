// The largest magnitude of a tensor, for factors that are brought into the range of f16.
import { groupNumber, type Kernel, loads, writes } from "../kernel.ts";

const threads = 256;
/** Vectors of four that an invocation looks at. */
const each = 8;
/** Of a workgroup. */
export const largestVectors = threads * each;

/**
 * largest[at] = the greater of itself and the largest of |x[length]|, as bits: these are ordered as the magnitudes are, with infinity and what is
 * no number above all.
 */
export const largestKernel: Kernel<"x" | "largest", "length" | "at"> = {
  name: "largest",
  threads,
  buffers: { x: loads("vec4f"), largest: writes("atomic<u32>") },
  params: { length: "u32", at: "u32" },
  declarations: "var<workgroup> most: atomic<u32>;",
  body: `  if (thread == 0u) { atomicStore(&most, 0u); }
  workgroupBarrier();
  var found = vec4u(0u);
  for (var step = 0u; step < ${each}u; step++) {
    let i = (${groupNumber} * ${each}u + step) * ${threads}u + thread;
    if (i * 4u >= params.length) { break; }
    // Behind the last value lies rubbish.
    let inside = vec4u(i * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.length);
    found = max(found, select(vec4u(0u), bitcast<vec4u>(load_x(i)) & vec4u(0x7fffffffu), inside));
  }
  atomicMax(&most, max(max(found.x, found.y), max(found.z, found.w)));
  workgroupBarrier();
  if (thread == 0u) { atomicMax(&largest[params.at], atomicLoad(&most)); }`,
};
