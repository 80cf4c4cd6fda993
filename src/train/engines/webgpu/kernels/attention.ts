// Attention without a matrix of all pairs: a workgroup takes 32 queries of a head past the keys they see, a tile at a time, with a running
// maximum and sum (Dao et al. 2022, arXiv 2205.14135). With `cached`, queries stand at params.start and later in one document.
import { loads, reads, stores, unroll, variants, writes } from "../kernel.ts";
import {
  accumulate,
  declareSums,
  dotTile,
  elementOf,
  headLoad,
  headStore,
  layPairs,
  lowest,
  scaleSums,
  storeSums,
  type TileOptions,
  tileMemory,
  tilePlace,
  tileThreads,
  tileTokens,
} from "./attention-tiles.ts";

interface Options extends TileOptions {
  readonly cached: boolean;
}

/** Groups: queries / 32, heads. keys: tokens of k and v. */
export const attentionKernel = variants("attention", (options: Options) => {
  const { headSize, cached } = options;
  const element = loads(elementOf(headSize));
  const query = { name: "q", from: "q0", head: "group.y" };
  const firstOf = cached ? "0u" : "firsts[min(row, params.rows - 1u)]";
  return {
    threads: tileThreads,
    buffers: {
      q: element,
      k: element,
      v: element,
      ...(cached ? {} : { firsts: reads("u32"), logSumExp: writes() }),
      out: stores(elementOf(headSize)),
    },
    params: {
      headSize: "u32",
      rows: "u32",
      keys: "u32",
      heads: "u32",
      keyHeads: "u32",
      window: "u32",
      start: "u32",
      scale: "f32",
    } as const,
    declarations: `${tileMemory}
var<workgroup> peaks: array<vec4f, ${tileThreads}>;
${headLoad("q", options, "heads")}
${headLoad("k", options, "keyHeads", "keys")}
${headLoad("v", options, "keyHeads", "keys")}
${headStore("out", options, "heads")}
/** The first key that this query sees. */
fn seenFrom(row: u32) -> u32 {
  let own = params.start + row;
  return max(${firstOf}, select(0u, own + 1u - params.window, params.window > 0u && own + 1u > params.window));
}`,
    body: `${tilePlace}
  let q0 = group.x * ${tileTokens}u;
  let keyHead = group.y * params.keyHeads / params.heads;
  let rows4 = vec4u(q0 + down * 4u) + fours;
  let own = rows4 + params.start;
  let seen = vec4u(seenFrom(rows4.x), seenFrom(rows4.y), seenFrom(rows4.z), seenFrom(rows4.w));
  let last = params.start + min(q0 + ${tileTokens - 1}u, params.rows - 1u);
  var most = vec4f(${lowest});
  var total = vec4f(0.0);
${declareSums("sum", options)}
  for (var k0 = seenFrom(q0); k0 <= last; k0 += ${tileTokens}u) {
${unroll(4, (j) => `  var s${j} = vec4f(0.0);`)}
${dotTile("s", query, { name: "k", from: "k0", head: "keyHead" }, options)}
${unroll(
  4,
  (j) => `  let key${j} = vec4u(k0 + across * 4u + ${j}u);
  let visible${j} = (key${j} >= seen) & (key${j} <= own);
  s${j} = select(vec4f(${lowest}), s${j} * params.scale, visible${j});`,
)}
  peaks[thread] = max(max(s0, s1), max(s2, s3));
  workgroupBarrier();
  var higher = most;
  for (var i = 0u; i < 8u; i++) { higher = max(higher, peaks[down * 8u + i]); }
${unroll(4, (j) => `  s${j} = select(vec4f(0.0), exp(s${j} - higher), visible${j});`)}
  let shrink = exp(most - higher);
  most = higher;
  total = total * shrink + ((s0 + s1) + (s2 + s3));
${layPairs("s")}
${scaleSums("sum", "shrink", options)}
${accumulate("sum", { name: "v", from: "k0", head: "keyHead" }, options)}
  }
  workgroupBarrier();
  peaks[thread] = total;
  workgroupBarrier();
  var all = vec4f(0.0);
  for (var i = 0u; i < 8u; i++) { all += peaks[down * 8u + i]; }
  all = max(all, vec4f(1e-37));
${scaleSums("sum", "(1.0 / all)", options)}
${storeSums("out", "sum", "q0", "group.y", options)}
${
  cached
    ? ""
    : `  if (across == 0u) {
    let logs = most + log(all);
${unroll(4, (r) => `    if (rows4[${r}] < params.rows) { logSumExp[rows4[${r}] * params.heads + group.y] = logs[${r}]; }`)}
  }`
}`,
  };
});
