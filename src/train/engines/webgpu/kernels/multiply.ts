// Matrix products: out[m, n] (+)= alpha left[m, k] right[k, n] (+ bias[n]). A workgroup makes a tile of out; tiles of both factors lie in
// workgroup memory as vectors over m and over n, and an invocation keeps 4 x 4 values (quads = 1) or four times that (quads = 2) in
// registers. While a tile is multiplied the next is on its way from memory.
import { groupNumber, loads, reads, stores, unroll, variants } from "../kernel.ts";

export const multiplyThreads = 256;

export interface MultiplyOptions {
  /** left is stored [m, k], or [k, m]. */
  readonly leftRows: "m" | "k";
  /** right is stored [n, k] or [k, n]. */
  readonly rightRows: "n" | "k";
  /** Whether rows of left, right and out all are whole vectors of four. */
  readonly vectors: boolean;
  readonly bias: boolean;
  readonly quads: 1 | 2;
  /** Rows of tiles have a spare vector, so that neighbours in k lie in other banks: 17 KiB of workgroup memory instead of 16. */
  readonly padded: boolean;
}

export const tileSize = (quads: 1 | 2): number => 64 * quads;

/**
 * Groups: n / tile, m / tile, parts. With several parts each sums over `depth` of k and leaves out[part, m, n] for addProducts;
 * accumulate: 1 adds to out.
 */
export const multiplyKernel = variants("multiply", (options: MultiplyOptions) => {
  const { leftRows, rightRows, vectors, bias, quads, padded } = options;
  const vectorsInTile = 16 * quads;
  /** Of k. */
  const depth = 32 / quads;
  const stride = vectorsInTile + Number(padded);
  const element = vectors ? "vec4f" : "f32";
  const names = { left: leftRows === "m", right: rightRows === "n" };
  const each = (text: (q: number) => string): string => unroll(quads, text);
  const accumulators = each((q) => each((p) => unroll(4, (i) => `  var sum${q}${i}${p} = vec4f(0.0);`)));
  return {
    threads: multiplyThreads,
    buffers: {
      left: loads(element),
      right: loads(element),
      ...(bias ? { bias: reads() } : {}),
      out: stores(element),
    },
    params: { m: "u32", n: "u32", k: "u32", depth: "u32", alpha: "f32", accumulate: "u32" } as const,
    declarations: `var<workgroup> leftTile: array<vec4f, ${depth * stride}>;
var<workgroup> rightTile: array<vec4f, ${depth * stride}>;
${loadFunction("left", vectors, names.left ? "m" : "k", names.left ? "k" : "m")}
${loadFunction("right", vectors, names.right ? "n" : "k", names.right ? "k" : "n")}
${storeFunction(vectors, bias)}`,
    body: `  let row0 = group.y * ${tileSize(quads)}u;
  let column0 = group.x * ${tileSize(quads)}u;
  let across = thread % 16u;
  let down = thread / 16u;
  let begin = group.z * params.depth;
  let to = min(params.k, begin + params.depth);
  // Half of the invocations fetch blocks of 4 x 4 values of left, the other half of right.
  let fetchesLeft = thread < 128u;
  let block = thread % 128u;
  let keepsRows = select(${names.right}, ${names.left}, fetchesLeft);
  let along = select(block / ${vectorsInTile}u, block % ${depth / 4}u, keepsRows);
  let place = select(block % ${vectorsInTile}u, block / ${depth / 4}u, keepsRows);
  var next = mat4x4f();
  if (fetchesLeft) { ${fetch("left", names.left, "row0", "begin")} } else { ${fetch("right", names.right, "column0", "begin")} }
${accumulators}
  for (var k0 = begin; k0 < to; k0 += ${depth}u) {
    if (fetchesLeft) {
${unroll(4, (c) => `      leftTile[(along * 4u + ${c}u) * ${stride}u + place] = next[${c}];`)}
    } else {
${unroll(4, (c) => `      rightTile[(along * 4u + ${c}u) * ${stride}u + place] = next[${c}];`)}
    }
    workgroupBarrier();
    if (k0 + ${depth}u < to) {
      if (fetchesLeft) { ${fetch("left", names.left, "row0", `k0 + ${depth}u`)} } else { ${fetch("right", names.right, "column0", `k0 + ${depth}u`)} }
    }
    for (var i = 0u; i < ${depth}u; i++) {
${each((q) => `      let a${q} = leftTile[i * ${stride}u + ${16 * q}u + down];\n      let b${q} = rightTile[i * ${stride}u + ${16 * q}u + across];`)}
${each((q) => each((p) => unroll(4, (i) => `      sum${q}${i}${p} += a${q}[${i}] * b${p};`)))}
    }
    workgroupBarrier();
  }
${each((q) => each((p) => unroll(4, (i) => `  put(group.z, row0 + ${64 * q}u + down * 4u + ${i}u, column0 + ${64 * p}u + across * 4u, sum${q}${i}${p});`)))}`,
  };
});

/** out[m, n] (+)= alpha x the sum of parts[count, m, n] (+ bias[n]). length: elements of out; width: of its rows. */
export const addProductsKernel = variants(
  "addProducts",
  ({ element, bias }: { readonly element: "vec4f" | "f32"; readonly bias: boolean }) => ({
    threads: multiplyThreads,
    buffers: { parts: reads(element), ...(bias ? { bias: loads(element) } : {}), out: stores(element) },
    params: { count: "u32", length: "u32", width: "u32", alpha: "f32", accumulate: "u32" } as const,
    body: `  let i = ${groupNumber} * ${multiplyThreads}u + thread;
  if (i >= params.length) { return; }
  var sum = parts[i];
  for (var part = 1u; part < params.count; part++) { sum += parts[part * params.length + i]; }
  var value = params.alpha * sum${bias ? " + load_bias(i % params.width)" : ""};
  if (params.accumulate != 0u) { value += load_out(i); }
  store_out(i, value);`,
  }),
);

/** Four values of a factor's row from `column` on; zeros outside. The end of k is that of the workgroup's part. */
function loadFunction(name: string, vector: boolean, rows: "m" | "n" | "k", columns: "m" | "n" | "k"): string {
  const limit = (dimension: string): string => (dimension === "k" ? "to" : `params.${dimension}`);
  const head = `fn ${name}At(row: u32, column: u32, to: u32) -> vec4f {`;
  if (vector) {
    return `${head}
  if (row >= ${limit(rows)} || column >= ${limit(columns)}) { return vec4f(0.0); }
  return load_${name}((row * params.${columns} + column) / 4u);
}`;
  }
  return `${head}
  var values = vec4f(0.0);
  if (row >= ${limit(rows)}) { return values; }
  let at = row * params.${columns} + column;
${unroll(4, (i) => `  if (column + ${i}u < ${limit(columns)}) { values[${i}] = load_${name}(at + ${i}u); }`)}
  return values;
}`;
}

/** A block into `next`: its columns are vectors over m or n, one for each of four k. */
function fetch(name: "left" | "right", keepsRows: boolean, first: string, k: string): string {
  const rows = [0, 1, 2, 3].map((i) =>
    keepsRows
      ? `${name}At(${first} + place * 4u + ${i}u, ${k} + along * 4u, to)`
      : `${name}At(${k} + along * 4u + ${i}u, ${first} + place * 4u, to)`,
  );
  const block = `mat4x4f(${rows.join(", ")})`;
  return `next = ${keepsRows ? `transpose(${block})` : block};`;
}

function storeFunction(vector: boolean, bias: boolean): string {
  const head = `fn put(part: u32, row: u32, column: u32, sum: vec4f) {
  if (row >= params.m || column >= params.n) { return; }
  let at = (part * params.m + row) * params.n + column;`;
  if (vector) {
    return `${head}
  var value = params.alpha * sum${bias ? " + vec4f(bias[column], bias[column + 1u], bias[column + 2u], bias[column + 3u])" : ""};
  if (params.accumulate != 0u) { value += load_out(at / 4u); }
  store_out(at / 4u, value);
}`;
  }
  return `${head}
${unroll(
  4,
  (i) => `  if (column + ${i}u < params.n) {
    var value = params.alpha * sum[${i}]${bias ? ` + bias[column + ${i}u]` : ""};
    if (params.accumulate != 0u) { value += load_out(at + ${i}u); }
    store_out(at + ${i}u, value);
  }`,
)}
}`;
}
