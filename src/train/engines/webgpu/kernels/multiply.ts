// Matrix products: out[m, n] (+)= alpha left[m, k] right[k, n] (+ bias[n]), where left and out may be some columns of wider matrices. A workgroup makes a tile of out; tiles of both factors lie in
// workgroup memory as vectors over m and over n, and an invocation keeps one or four blocks of 4 x 4 values in registers. While a tile is
// multiplied the next is on its way from memory.
import { groupNumber, loads, reads, stores, unroll, variants } from "../kernel.ts";

interface Tile {
  /** Invocations down and across; each has quads x quads blocks of 4 x 4 values. */
  readonly down: number;
  readonly across: number;
  readonly quads: 1 | 2;
  /** Of k, at a time. */
  readonly depth: number;
}

export const tiles = {
  large: { down: 16, across: 16, quads: 2, depth: 16 },
  square: { down: 16, across: 16, quads: 1, depth: 32 },
  /** For results of few rows (a short prompt) and of few columns (the inside of an adapter). */
  low: { down: 4, across: 16, quads: 1, depth: 12 },
  slim: { down: 16, across: 4, quads: 1, depth: 12 },
} as const satisfies Readonly<Record<string, Tile>>;

/** Rows and columns of out that a tile covers. */
export function tileSize(name: keyof typeof tiles): { readonly rows: number; readonly columns: number } {
  const { down, across, quads } = tiles[name];
  return { rows: 4 * down * quads, columns: 4 * across * quads };
}

export interface MultiplyOptions {
  /** left is stored [m, k], or [k, m]. */
  readonly leftRows: "m" | "k";
  /** right is stored [n, k] or [k, n]. */
  readonly rightRows: "n" | "k";
  /** Whether rows of left, right and out all are whole vectors of four. */
  readonly vectors: boolean;
  readonly bias: boolean;
  readonly tile: keyof typeof tiles;
  /** Rows of tiles have a spare vector, so that neighbours in k lie in other banks: 17 KiB of workgroup memory instead of 16. */
  readonly padded: boolean;
}

/** Columns of left's and out's rows in memory, and the first that is meant. bias goes with out's rows in memory. */
export const productParams = {
  m: "u32",
  n: "u32",
  k: "u32",
  depth: "u32",
  leftWidth: "u32",
  leftFirst: "u32",
  outWidth: "u32",
  outFirst: "u32",
  alpha: "f32",
  accumulate: "u32",
} as const;

/**
 * Groups: n / columns, m / rows, parts. With several parts each sums over `depth` of k and leaves out[part, m, n] for addProducts;
 * accumulate: 1 adds to out.
 */
export const multiplyKernel = variants("multiply", (options: MultiplyOptions) => {
  const { leftRows, rightRows, vectors, bias, tile, padded } = options;
  const { down, across, quads, depth } = tiles[tile];
  const { rows, columns } = tileSize(tile);
  const threads = down * across;
  const element = vectors ? "vec4f" : "f32";
  const left = { vectors: down * quads, stride: down * quads + Number(padded), keepsRows: leftRows === "m" };
  const right = { vectors: across * quads, stride: across * quads + Number(padded), keepsRows: rightRows === "n" };
  // Blocks of 4 x 4 values that a step of k takes: those of left first. An invocation fetches one in each pass.
  const leftBlocks = (left.vectors * depth) / 4;
  const blocks = leftBlocks + (right.vectors * depth) / 4;
  const passes = Math.ceil(blocks / threads);
  const eachPass = (text: (pass: number) => string): string => unroll(passes, text);
  const orRight = (pass: number): string => ((pass + 1) * threads > blocks ? `else if (id${pass} < ${blocks}u)` : "else");
  const fetchAll = (k: string): string =>
    eachPass(
      (p) => `    if (id${p} < ${leftBlocks}u) { ${fetch(p, "left", left.keepsRows, "row0", k)} }
    ${orRight(p)} { ${fetch(p, "right", right.keepsRows, "column0", k)} }`,
    );
  const lay = (pass: number, name: "left" | "right", stride: number): string =>
    unroll(4, (c) => `      ${name}Tile[(along${pass} * 4u + ${c}u) * ${stride}u + place${pass}] = next${pass}[${c}];`);
  const each = (text: (q: number) => string): string => unroll(quads, text);
  return {
    threads,
    buffers: {
      left: loads(element),
      right: loads(element),
      ...(bias ? { bias: reads() } : {}),
      out: stores(element),
    },
    params: productParams,
    declarations: `var<workgroup> leftTile: array<vec4f, ${depth * left.stride}>;
var<workgroup> rightTile: array<vec4f, ${depth * right.stride}>;
${loadFunction("left", vectors, left.keepsRows ? "m" : "k", left.keepsRows ? "k" : "m")}
${loadFunction("right", vectors, right.keepsRows ? "n" : "k", right.keepsRows ? "k" : "n")}
${storeFunction(vectors, bias)}`,
    body: `  let row0 = group.y * ${rows}u;
  let column0 = group.x * ${columns}u;
  let across = thread % ${across}u;
  let down = thread / ${across}u;
  let begin = group.z * params.depth;
  let to = min(params.k, begin + params.depth);
${eachPass(
  (p) => `  let id${p} = thread + ${p * threads}u;
  let isLeft${p} = id${p} < ${leftBlocks}u;
  let block${p} = select(id${p} - ${leftBlocks}u, id${p}, isLeft${p});
  let count${p} = select(${right.vectors}u, ${left.vectors}u, isLeft${p});
  let keepsRows${p} = select(${right.keepsRows}, ${left.keepsRows}, isLeft${p});
  let along${p} = select(block${p} / count${p}, block${p} % ${depth / 4}u, keepsRows${p});
  let place${p} = select(block${p} % count${p}, block${p} / ${depth / 4}u, keepsRows${p});
  var next${p} = mat4x4f();`,
)}
${fetchAll("begin")}
${each((q) => each((p) => unroll(4, (i) => `  var sum${q}${i}${p} = vec4f(0.0);`)))}
  for (var k0 = begin; k0 < to; k0 += ${depth}u) {
${eachPass(
  (p) => `    if (id${p} < ${leftBlocks}u) {
${lay(p, "left", left.stride)}
    } ${orRight(p)} {
${lay(p, "right", right.stride)}
    }`,
)}
    workgroupBarrier();
    if (k0 + ${depth}u < to) {
${fetchAll(`k0 + ${depth}u`)}
    }
    for (var i = 0u; i < ${depth}u; i++) {
${each((q) => `      let a${q} = leftTile[i * ${left.stride}u + ${down * q}u + down];\n      let b${q} = rightTile[i * ${right.stride}u + ${across * q}u + across];`)}
${each((q) => each((p) => unroll(4, (i) => `      sum${q}${i}${p} += a${q}[${i}] * b${p};`)))}
    }
    workgroupBarrier();
  }
${each((q) => each((p) => unroll(4, (i) => `  put(group.z, row0 + ${4 * down * q}u + down * 4u + ${i}u, column0 + ${4 * across * p}u + across * 4u, sum${q}${i}${p});`)))}`,
  };
});

export const addThreads = 256;

/**
 * out[m, n] (+)= alpha x the sum of parts[count, m, n] (+ bias[n]). length: elements of a part; width: of its rows; outWidth, outFirst: of out's
 * rows in memory.
 */
export const addProductsKernel = variants(
  "addProducts",
  ({ element, bias }: { readonly element: "vec4f" | "f32"; readonly bias: boolean }) => ({
    threads: addThreads,
    buffers: { parts: reads(element), ...(bias ? { bias: loads(element) } : {}), out: stores(element) },
    params: { count: "u32", length: "u32", width: "u32", outWidth: "u32", outFirst: "u32", alpha: "f32", accumulate: "u32" } as const,
    body: `  let i = ${groupNumber} * ${addThreads}u + thread;
  if (i >= params.length) { return; }
  var sum = parts[i];
  for (var part = 1u; part < params.count; part++) { sum += parts[part * params.length + i]; }
  let column = params.outFirst + i % params.width;
  let at = (i / params.width) * params.outWidth + column;
  var value = params.alpha * sum${bias ? " + load_bias(column)" : ""};
  if (params.accumulate != 0u) { value += load_out(at); }
  store_out(at, value);`,
  }),
);

/** Declares NAMEAt(row, column, to): four values of a factor's row from `column` on; zeros outside. The end of k is that of the workgroup's part. */
export function loadFunction(name: "left" | "right", vector: boolean, rows: "m" | "n" | "k", columns: "m" | "n" | "k"): string {
  const place = name === "left" ? "row * params.leftWidth + params.leftFirst + column" : `row * params.${columns} + column`;
  const limit = (dimension: string): string => (dimension === "k" ? "to" : `params.${dimension}`);
  const head = `fn ${name}At(row: u32, column: u32, to: u32) -> vec4f {`;
  if (vector) {
    return `${head}
  if (row >= ${limit(rows)} || column >= ${limit(columns)}) { return vec4f(0.0); }
  return load_${name}((${place}) / 4u);
}`;
  }
  return `${head}
  var values = vec4f(0.0);
  if (row >= ${limit(rows)}) { return values; }
  let at = ${place};
${unroll(4, (i) => `  if (column + ${i}u < ${limit(columns)}) { values[${i}] = load_${name}(at + ${i}u); }`)}
  return values;
}`;
}

/** A pass's block into `next`: its columns are vectors over m or n, one for each of four k. */
function fetch(pass: number, name: "left" | "right", keepsRows: boolean, first: string, k: string): string {
  const rows = [0, 1, 2, 3].map((i) =>
    keepsRows
      ? `${name}At(${first} + place${pass} * 4u + ${i}u, ${k} + along${pass} * 4u, to)`
      : `${name}At(${k} + along${pass} * 4u + ${i}u, ${first} + place${pass} * 4u, to)`,
  );
  const block = `mat4x4f(${rows.join(", ")})`;
  return `next${pass} = ${keepsRows ? `transpose(${block})` : block};`;
}

/** Declares put(part, row, column, sum): four values of out; what lies outside is left. */
export function storeFunction(vector: boolean, bias: boolean): string {
  const head = `fn put(part: u32, row: u32, column: u32, sum: vec4f) {
  if (row >= params.m || column >= params.n) { return; }
  let place = params.outFirst + column;
  let at = (part * params.m + row) * params.outWidth + place;`;
  if (vector) {
    return `${head}
  var value = params.alpha * sum${bias ? " + vec4f(bias[place], bias[place + 1u], bias[place + 2u], bias[place + 3u])" : ""};
  if (params.accumulate != 0u) { value += load_out(at / 4u); }
  store_out(at / 4u, value);
}`;
  }
  return `${head}
${unroll(
  4,
  (i) => `  if (column + ${i}u < params.n) {
    var value = params.alpha * sum[${i}]${bias ? ` + bias[place + ${i}u]` : ""};
    if (params.accumulate != 0u) { value += load_out(at + ${i}u); }
    store_out(at + ${i}u, value);
  }`,
)}
}`;
}
