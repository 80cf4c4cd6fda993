// Attention of single queries to cached keys: a workgroup takes one head of one query. Keys come in blocks, one an invocation; then
// invocations share out the values' columns, several keys at a time.
import { loads, stores, unroll, variants } from "../kernel.ts";
import { lowest, type TileOptions } from "./attention-tiles.ts";
import { workgroupReduction } from "./reduce.ts";

const oneThreads = 128;

interface Options extends Pick<TileOptions, "headSize"> {
  readonly subgroups: boolean;
}

/** Groups: queries, heads. Query i stands at params.start + i. */
export const attentionOneKernel = variants("attentionOne", ({ headSize, subgroups }: Options) => {
  const size = headSize % 4 === 0 ? 4 : 1;
  const element = size === 4 ? ("vec4f" as const) : ("f32" as const);
  /** Elements of a head, and keys whose values are added at the same time. */
  const width = headSize / size;
  const columns = Math.min(width, oneThreads);
  const sharers = Math.floor(oneThreads / columns);
  const passes = Math.ceil(width / columns);
  const product = size === 4 ? "dot(query[j], load_k(at + j))" : "query[j] * load_k(at + j)";
  return {
    threads: oneThreads,
    subgroups,
    buffers: { q: loads(element), k: loads(element), v: loads(element), out: stores(element) },
    params: { heads: "u32", keyHeads: "u32", window: "u32", start: "u32", scale: "f32" } as const,
    declarations: `var<workgroup> query: array<${element}, ${width}>;
var<workgroup> shares: array<f32, ${oneThreads}>;
var<workgroup> partial: array<${element}, ${oneThreads}>;
${workgroupReduction({ name: "maxAll", threads: oneThreads, type: "f32", operation: "max", subgroups })}
${workgroupReduction({ name: "sumAll", threads: oneThreads, type: "f32", operation: "sum", subgroups })}`,
    body: `  let place = (group.x * params.heads + group.y) * ${width}u;
  let keyHead = group.y * params.keyHeads / params.heads;
  for (var j = thread; j < ${width}u; j += ${oneThreads}u) { query[j] = load_q(place + j); }
  workgroupBarrier();
  let last = params.start + group.x;
  let column = thread % ${columns}u;
  let sharer = thread / ${columns}u;
  var most = ${lowest};
  var total = 0.0;
${unroll(passes, (p) => `  var sum${p} = ${element}(0.0);`)}
  for (var k0 = select(0u, last + 1u - params.window, params.window > 0u && last + 1u > params.window); k0 <= last; k0 += ${oneThreads}u) {
    var score = ${lowest};
    if (k0 + thread <= last) {
      let at = ((k0 + thread) * params.keyHeads + keyHead) * ${width}u;
      score = 0.0;
      for (var j = 0u; j < ${width}u; j++) { score += ${product}; }
      score *= params.scale;
    }
    let higher = max(most, maxAll(score, thread));
    let share = select(0.0, exp(score - higher), k0 + thread <= last);
    shares[thread] = share;
    let shrink = exp(most - higher);
    total = total * shrink + sumAll(share, thread);
    most = higher;
${unroll(passes, (p) => `    sum${p} *= shrink;`)}
    for (var i = sharer; i < min(${oneThreads}u, last + 1u - k0) && sharer < ${sharers}u; i += ${sharers}u) {
      let at = ((k0 + i) * params.keyHeads + keyHead) * ${width}u;
${unroll(passes, (p) => `      if (column + ${p * columns}u < ${width}u) { sum${p} += shares[i] * load_v(at + column + ${p * columns}u); }`)}
    }
    workgroupBarrier();
  }
${unroll(
  passes,
  (p) => `  workgroupBarrier();
  partial[thread] = sum${p};
  workgroupBarrier();
  if (sharer == 0u && column + ${p * columns}u < ${width}u) {
    var all = partial[column];
    for (var i = 1u; i < ${sharers}u; i++) { all += partial[i * ${columns}u + column]; }
    store_out(place + column + ${p * columns}u, all / total);
  }`,
)}`,
  };
});
