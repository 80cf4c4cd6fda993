// Attention's gradients: shares are made again from the logs of their sums. One kernel walks keys for the queries' gradient, one walks
// queries (of all heads that share a key head) for the keys' and values': each place has one writer, and sums have one order.
import { type Kernel, loads, reads, stores, unroll, variants, writes } from "../kernel.ts";
import {
  accumulate,
  declareSums,
  dotTile,
  elementOf,
  headLoad,
  headStore,
  layPairs,
  storeSums,
  type TileOptions,
  tileMemory,
  tilePlace,
  tileThreads,
  tileTokens,
} from "./attention-tiles.ts";

export const statThreads = 64;

type StatBuffers = "gradOut" | "result" | "logSumExp" | "firsts" | "ends" | "stats" | "spans";

/** stats[rows, heads]: the log of the sum, and gradOut . out. spans[rows]: first key a query sees, last query that sees a key. */
export const attentionStatsKernel: Kernel<StatBuffers, "rows" | "heads" | "headSize" | "window"> = {
  name: "attentionStats",
  threads: statThreads,
  buffers: {
    gradOut: loads("f32"),
    result: loads("f32"),
    logSumExp: reads(),
    firsts: reads("u32"),
    ends: reads("u32"),
    stats: writes("vec2f"),
    spans: writes("vec2u"),
  },
  params: { rows: "u32", heads: "u32", headSize: "u32", window: "u32" },
  body: `  let i = (group.y * groups.x + group.x) * ${statThreads}u + thread;
  if (i >= params.rows * params.heads) { return; }
  var sum = 0.0;
  for (var d = i * params.headSize; d < (i + 1u) * params.headSize; d++) { sum += load_gradOut(d) * load_result(d); }
  stats[i] = vec2f(logSumExp[i], sum);
  if (i % params.heads != 0u) { return; }
  let row = i / params.heads;
  var seen = firsts[row];
  var to = ends[row] - 1u;
  if (params.window > 0u) {
    seen = max(seen, select(0u, row + 1u - params.window, row + 1u > params.window));
    to = min(to, row + params.window - 1u);
  }
  spans[row] = vec2u(seen, to);`,
};

const params = { headSize: "u32", rows: "u32", heads: "u32", keyHeads: "u32", scale: "f32" } as const;

const headLoads = (options: TileOptions): string => `${headLoad("q", options, "heads")}
${headLoad("k", options, "keyHeads")}
${headLoad("v", options, "keyHeads")}
${headLoad("gradOut", options, "heads")}`;

/** Groups: queries / 32, heads. */
export const queryGradientKernel = variants("queryGradient", (options: TileOptions) => {
  const { headSize } = options;
  const element = loads(elementOf(headSize));
  const keys = (name: string) => ({ name, from: "k0", head: "keyHead" });
  const queries = (name: string) => ({ name, from: "q0", head: "group.y" });
  return {
    threads: tileThreads,
    buffers: {
      q: element,
      k: element,
      v: element,
      gradOut: element,
      stats: reads("vec2f"),
      spans: reads("vec2u"),
      gradQ: stores(elementOf(headSize)),
    },
    params,
    declarations: `${tileMemory}
${headLoads(options)}
${headStore("gradQ", options, "heads")}`,
    body: `${tilePlace}
  let q0 = group.x * ${tileTokens}u;
  let keyHead = group.y * params.keyHeads / params.heads;
  let own = vec4u(q0 + down * 4u) + fours;
  let last = min(q0 + ${tileTokens - 1}u, params.rows - 1u);
  let places = min(own, vec4u(params.rows - 1u));
${unroll(4, (r) => `  let stat${r} = stats[places[${r}] * params.heads + group.y];`)}
  let logs = vec4f(stat0.x, stat1.x, stat2.x, stat3.x);
  let deltas = vec4f(stat0.y, stat1.y, stat2.y, stat3.y);
  let seen = vec4u(spans[places.x].x, spans[places.y].x, spans[places.z].x, spans[places.w].x);
${declareSums("sum", options)}
  for (var k0 = spans[q0].x; k0 <= last; k0 += ${tileTokens}u) {
${unroll(4, (j) => `  var s${j} = vec4f(0.0);\n  var g${j} = vec4f(0.0);`)}
${dotTile("s", queries("q"), keys("k"), options)}
${dotTile("g", queries("gradOut"), keys("v"), options)}
${unroll(
  4,
  (j) => `  let key${j} = vec4u(k0 + across * 4u + ${j}u);
  let share${j} = select(vec4f(0.0), exp(s${j} * params.scale - logs), (key${j} >= seen) & (key${j} <= own));
  s${j} = share${j} * (g${j} - deltas) * params.scale;`,
)}
${layPairs("s")}
${accumulate("sum", keys("k"), options)}
  }
${storeSums("gradQ", "sum", "q0", "group.y", options)}`,
  };
});

/** Rows of a tile are keys here, columns queries. Groups: keys / 32, key heads. */
export const keyGradientKernel = variants("keyGradient", (options: TileOptions) => {
  const { headSize } = options;
  const element = loads(elementOf(headSize));
  const keys = (name: string) => ({ name, from: "k0", head: "group.y" });
  const queries = (name: string) => ({ name, from: "q0", head: "head" });
  return {
    threads: tileThreads,
    buffers: {
      q: element,
      k: element,
      v: element,
      gradOut: element,
      stats: reads("vec2f"),
      spans: reads("vec2u"),
      gradK: stores(elementOf(headSize)),
      gradV: stores(elementOf(headSize)),
    },
    params,
    declarations: `${tileMemory}
${headLoads(options)}
${headStore("gradK", options, "keyHeads")}
${headStore("gradV", options, "keyHeads")}`,
    body: `${tilePlace}
  let k0 = group.x * ${tileTokens}u;
  let own = vec4u(k0 + down * 4u) + fours;
  let last = spans[min(k0 + ${tileTokens - 1}u, params.rows - 1u)].y;
  let sharing = params.heads / params.keyHeads;
${declareSums("keySum", options)}
${declareSums("valueSum", options)}
  for (var head = group.y * sharing; head < (group.y + 1u) * sharing; head++) {
  for (var q0 = k0; q0 <= last; q0 += ${tileTokens}u) {
${unroll(4, (j) => `  var s${j} = vec4f(0.0);\n  var g${j} = vec4f(0.0);`)}
${dotTile("s", keys("k"), queries("q"), options)}
${unroll(
  4,
  (j) => `  let query${j} = min(q0 + across * 4u + ${j}u, params.rows - 1u);
  let stat${j} = stats[query${j} * params.heads + head];
  let visible${j} = (vec4u(spans[query${j}].x) <= own) & (own <= vec4u(query${j})) & vec4<bool>(q0 + across * 4u + ${j}u < params.rows);
  s${j} = select(vec4f(0.0), exp(s${j} * params.scale - stat${j}.x), visible${j});`,
)}
  workgroupBarrier();
${layPairs("s")}
${accumulate("valueSum", queries("gradOut"), options)}
${dotTile("g", keys("v"), queries("gradOut"), options)}
${unroll(4, (j) => `  s${j} = s${j} * (g${j} - stat${j}.y) * params.scale;`)}
${layPairs("s")}
${accumulate("keySum", queries("q"), options)}
  }
  }
${storeSums("gradK", "keySum", "k0", "group.y", options)}
${storeSums("gradV", "valueSum", "k0", "group.y", options)}`,
  };
});
