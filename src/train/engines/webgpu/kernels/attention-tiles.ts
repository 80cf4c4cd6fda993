// What the attention kernels are made of. A workgroup of 64 invocations works on a tile of 32 x 32 pairs of tokens; an invocation holds
// 4 x 4 of them, as one vector over four rows for each of four columns. Tokens' heads are read in chunks of 32 values.
import { unroll } from "../kernel.ts";

export const tileTokens = 32;
export const tileThreads = 64;
/** Vectors of a tile's row in workgroup memory: eight and one more, so that neighbours lie in other banks. */
const stride = 9;
/** Below every score; not an infinity, which WGSL does not promise. */
export const lowest = "-3.0e38";

export interface TileOptions {
  /** Unrolled: of this kernel. Else the most it can have; params.headSize says. Either way a multiple of four, or not. */
  readonly headSize: number;
  readonly unrolled: boolean;
}

/** A kernel of its own for each size on GPUs; few kernels for all sizes where compiling takes longest. */
export function tileOptions(headSize: number, unrolled: boolean): TileOptions {
  if (unrolled) return { headSize, unrolled };
  const most = headSize <= 64 ? 64 : headSize <= 128 ? 128 : Math.ceil(headSize / tileTokens) * tileTokens;
  return { headSize: headSize % 4 === 0 ? most : most - 1, unrolled };
}

const sizeOf = ({ headSize, unrolled }: TileOptions): string => (unrolled ? `${headSize}u` : "params.headSize");

export const chunksOf = (headSize: number): number => Math.ceil(headSize / tileTokens);
export const elementOf = (headSize: number): "vec4f" | "f32" => (headSize % 4 === 0 ? "vec4f" : "f32");

/** Workgroup memory, and what every kernel knows: where an invocation's four rows and four columns are. */
export const tileMemory = `var<workgroup> leftTile: array<vec4f, ${tileTokens * stride}>;
var<workgroup> rightTile: array<vec4f, ${tileTokens * stride}>;
var<workgroup> pairTile: array<vec4f, ${tileTokens * stride}>;
const fours = vec4u(0u, 1u, 2u, 3u);`;

export const tilePlace = `  let across = thread % 8u;
  let down = thread / 8u;`;

/** `fn NAME_at(token, head, dim)`: four values of a head from dim on; zeros outside. `heads` and `limit` are parameters' names. */
export function headLoad(name: string, options: TileOptions, heads: string, limit = "rows"): string {
  const size = sizeOf(options);
  const head = `fn ${name}_at(token: u32, head: u32, dim: u32) -> vec4f {
  if (token >= params.${limit} || dim >= ${size}) { return vec4f(0.0); }
  let at = (token * params.${heads} + head) * ${size} + dim;`;
  if (options.headSize % 4 === 0) return `${head}\n  return load_${name}(at / 4u);\n}`;
  return `${head}
  var values = vec4f(0.0);
${unroll(4, (i) => `  if (dim + ${i}u < ${size}) { values[${i}] = load_${name}(at + ${i}u); }`)}
  return values;
}`;
}

interface Side {
  readonly name: string;
  /** WGSL: the tile's first token, and the head. */
  readonly from: string;
  readonly head: string;
}

/** Adds the products of left's and right's heads to INTO0 to INTO3. */
export function dotTile(into: string, left: Side, right: Side, options: TileOptions): string {
  const size = sizeOf(options);
  const fetch = (tile: string, { name, from, head }: Side): string => `    {
      let block = transpose(mat4x4f(${[0, 1, 2, 3]
        .map((i) => `${name}_at(${from} + down * 4u + ${i}u, ${head}, d0 + across * 4u)`)
        .join(", ")}));
${unroll(4, (c) => `      ${tile}[(across * 4u + ${c}u) * ${stride}u + down] = block[${c}];`)}
    }`;
  return `  for (var d0 = 0u; d0 < ${size}; d0 += ${tileTokens}u) {
    workgroupBarrier();
${fetch("leftTile", left)}
${fetch("rightTile", right)}
    workgroupBarrier();
    for (var d = 0u; d < min(${tileTokens}u, ${size} - d0); d++) {
      let a = leftTile[d * ${stride}u + down];
      let b = rightTile[d * ${stride}u + across];
${unroll(4, (j) => `      ${into}${j} += a * b[${j}];`)}
    }
  }`;
}

/** Lays the invocation's pairs where `accumulate` finds them. */
export function layPairs(from: string): string {
  return unroll(4, (j) => `  pairTile[(across * 4u + ${j}u) * ${stride}u + down] = ${from}${j};`);
}

/** Sums are one vector over the invocation's four rows for each of its columns of a chunk: NAME[4 x chunk + column]. */
export function declareSums(name: string, { headSize }: TileOptions): string {
  return `  var ${name}: array<vec4f, ${4 * chunksOf(headSize)}>;`;
}

export function scaleSums(name: string, factor: string, options: TileOptions): string {
  return overChunks(options, (chunk) => unroll(4, (i) => `  ${name}[${chunk} * 4u + ${i}u] *= ${factor};`));
}

/**
 * Text for each chunk of a head. Unrolled, so that a GPU keeps the sums in registers; as a loop where a compiler that runs on the CPU would
 * take minutes.
 */
function overChunks(options: TileOptions, text: (chunk: string) => string): string {
  if (options.unrolled) return unroll(chunksOf(options.headSize), (c) => text(`${c}u`));
  return `  for (var chunk = 0u; chunk * ${tileTokens}u < params.headSize; chunk++) {\n${text("chunk")}\n  }`;
}

/** sums[4 rows, headSize] += pairs x the columns' heads. */
export function accumulate(sums: string, { name, from, head }: Side, options: TileOptions): string {
  return overChunks(
    options,
    (chunk) => `  workgroupBarrier();
${unroll(4, (i) => `  rightTile[(down + ${8 * i}u) * ${stride}u + across] = ${name}_at(${from} + down + ${8 * i}u, ${head}, ${chunk} * ${tileTokens}u + across * 4u);`)}
  workgroupBarrier();
  for (var k = 0u; k < ${tileTokens}u; k++) {
    let p = pairTile[k * ${stride}u + down];
    let value = rightTile[k * ${stride}u + across];
${unroll(4, (i) => `    ${sums}[${chunk} * 4u + ${i}u] += p * value[${i}];`)}
  }`,
  );
}

/** `fn put_NAME(token, head, dim, values)` */
export function headStore(name: string, options: TileOptions, heads: string): string {
  const size = sizeOf(options);
  const head = `fn put_${name}(token: u32, head: u32, dim: u32, values: vec4f) {
  if (token >= params.rows || dim >= ${size}) { return; }
  let at = (token * params.${heads} + head) * ${size} + dim;`;
  if (options.headSize % 4 === 0) return `${head}\n  store_${name}(at / 4u, values);\n}`;
  return `${head}\n${unroll(4, (i) => `  if (dim + ${i}u < ${size}) { store_${name}(at + ${i}u, values[${i}]); }`)}\n}`;
}

export function storeSums(name: string, sums: string, from: string, head: string, options: TileOptions): string {
  const values = (chunk: string, row: number): string => [0, 1, 2, 3].map((i) => `${sums}[${chunk} * 4u + ${i}u][${row}]`).join(", ");
  return overChunks(options, (chunk) =>
    unroll(
      4,
      (row) =>
        `  put_${name}(${from} + down * 4u + ${row}u, ${head}, ${chunk} * ${tileTokens}u + across * 4u, vec4f(${values(chunk, row)}));`,
    ),
  );
}
