// Gradients of vectors that all rows share (biases, norm weights): columns are summed over blocks of rows, then the blocks' sums are added
// in order. Nothing is added atomically: the same calls give the same bits.
import { type Kernel, loads, reads, variants, writes } from "../kernel.ts";
import { turnBack } from "./rope.ts";

export const columnThreads = 64;

/** What is summed: the gradient; times x and the row's scale; or that after turning heads back. */
type Kind = "plain" | "norm" | "rope";

const extra = {
  plain: {},
  norm: { x: loads("f32"), scale: reads() },
  rope: { x: loads("f32"), scale: reads(), cosines: reads(), sines: reads(), positions: reads("u32") },
} as const;

const value: Readonly<Record<Kind, string>> = {
  plain: "load_gradOut(row * params.width + column)",
  norm: "load_gradOut(row * params.width + column) * load_x(row * params.width + column) * scale[row]",
  rope: "turned(row, column) * load_x(row * params.width + column) * scale[row]",
};

const turned = `${turnBack("gradOut", "f32")}
fn turned(row: u32, column: u32) -> f32 {
  let half = params.width / 2u;
  let grad = turnedBack(row * params.width, column % half, half, positions[row / params.heads]);
  return select(grad.b, grad.a, column < half);
}`;

/** parts[blocks, width]. Groups: columns / 64, blocks of params.block rows. Of heads, each is a row. */
export const columnSumsKernel = variants("columnSums", ({ kind }: { readonly kind: Kind }) => ({
  threads: columnThreads,
  buffers: { gradOut: loads("f32"), ...(extra[kind] as Partial<(typeof extra)["rope"]>), parts: writes() },
  params: { rows: "u32", width: "u32", block: "u32", heads: "u32" } as const,
  declarations: kind === "rope" ? turned : "",
  body: `  let column = group.x * ${columnThreads}u + thread;
  if (column >= params.width) { return; }
  let start = group.y * params.block;
  var sum = 0.0;
  for (var row = start; row < min(start + params.block, params.rows); row++) { sum += ${value[kind]}; }
  parts[group.y * params.width + column] = sum;`,
}));

/** out[width] += the sum of parts[count, width]. */
export const addPartsKernel: Kernel<"parts" | "out", "count" | "width"> = {
  name: "addParts",
  threads: columnThreads,
  buffers: { parts: reads(), out: writes() },
  params: { count: "u32", width: "u32" },
  body: `  let column = group.x * ${columnThreads}u + thread;
  if (column >= params.width) { return; }
  var sum = 0.0;
  for (var i = 0u; i < params.count; i++) { sum += parts[i * params.width + column]; }
  out[column] += sum;`,
};
