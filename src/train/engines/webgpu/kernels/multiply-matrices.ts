// Matrix products on a GPU's matrix units ("tensor cores"): out[m, n] (+)= alpha left[m, k] right[k, n] (+ bias[n]), factors in f16 or
// f32 as the device has it, sums in f32. A workgroup makes a tile of out. Tiles of both factors are converted into workgroup memory as they lie, and each subgroup multiplies
// some fragments of the shape that the device has. While a tile is multiplied the next is on its way from memory.
// For f16 a factor of another storage is multiplied by a power of two that brings its largest magnitude to just below 2^15: bf16 values down to 2^-28 of
// the largest then are exact in f16, and the result is divided by the same power.
import { loads, reads, stores, unroll, variants } from "../kernel.ts";
import { loadFunction, type MultiplyOptions, productParams, storeFunction } from "./multiply.ts";

/** left[m, k] x right[k, n], of one subgroup. */
export interface MatrixShape {
  /** Of both factors. */
  readonly component: "f16" | "f32";
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export interface MatrixOptions extends Pick<MultiplyOptions, "leftRows" | "rightRows" | "vectors" | "bias"> {
  readonly shape: MatrixShape;
  /** Invocations of the device's largest subgroup, and whether there are smaller ones: these leave the work to as many as there would be. */
  readonly subgroupSize: number;
  readonly subgroupsVary: boolean;
  readonly tile: keyof typeof matrixTiles;
  /** Whether the factor has to be brought into the range of f16, by its largest magnitude in `largest`. */
  readonly scaledLeft: boolean;
  readonly scaledRight: boolean;
}

/** side: rows and columns of out, where fragments are not larger. */
const matrixTiles = { large: { side: 128, threads: 256 }, square: { side: 64, threads: 128 } } as const;
const leastDepth = 32;
/** Spare values between a tile's rows, so that neighbours lie in other banks; a multiple of 16 bytes. */
const spare = 8;

export interface MatrixTile {
  /** Of out. */
  readonly rows: number;
  readonly columns: number;
  /** Of k, at a time. */
  readonly depth: number;
  readonly threads: number;
  /** Subgroups down and across, and the fragments each of them has. */
  readonly down: number;
  readonly across: number;
  readonly high: number;
  readonly wide: number;
  /** Of workgroup memory. */
  readonly bytes: number;
}

export function matrixTile({ shape, subgroupSize, tile }: Pick<MatrixOptions, "shape" | "subgroupSize" | "tile">): MatrixTile {
  const { side, threads } = matrixTiles[tile];
  const subgroups = threads / subgroupSize;
  const down = 2 ** Math.floor(Math.log2(subgroups) / 2);
  const across = subgroups / down;
  const high = Math.max(1, side / (down * shape.m));
  const wide = Math.max(1, side / (across * shape.n));
  const [rows, columns, depth] = [down * high * shape.m, across * wide * shape.n, Math.max(leastDepth, shape.k)];
  const values = (rows + columns + 2 * spare) * (depth + spare);
  const bytes = (shape.component === "f16" ? 2 : 4) * values + 4 * subgroups * shape.m * shape.n;
  return { rows, columns, depth, threads, down, across, high, wide, bytes };
}

/** Groups, and several parts: as multiplyKernel's. largest[2]: the bits of the largest magnitudes of left and right. */
export const multiplyMatricesKernel = variants("multiplyMatrices", (options: MatrixOptions) => {
  const { leftRows, rightRows, vectors, bias, shape, subgroupsVary, scaledLeft, scaledRight } = options;
  const { rows, columns, depth, threads, down, across, high, wide } = matrixTile(options);
  const { component, m, n, k } = shape;
  const element = vectors ? "vec4f" : "f32";
  const subgroups = down * across;
  const left = layOut({ name: "left", keepsRows: leftRows === "m", side: rows, depth, threads, component, scaled: scaledLeft });
  const right = layOut({ name: "right", keepsRows: rightRows === "n", side: columns, depth, threads, component, scaled: scaledRight });
  const guarded = (statements: string): string =>
    subgroupsVary ? `    if (subgroupOf < ${subgroups}u) {\n${statements}\n    }` : statements;
  const fragments = (text: (f: number, g: number) => string): string => unroll(high, (f) => unroll(wide, (g) => text(f, g)));
  const each = (m * n) / 4;
  return {
    threads,
    subgroups: true,
    matrices: component,
    buffers: {
      left: loads(element),
      right: loads(element),
      ...(scaledLeft || scaledRight ? { largest: reads("u32") } : {}),
      ...(bias ? { bias: reads() } : {}),
      out: stores(element),
    },
    params: productParams,
    declarations: `${left.tile}
${right.tile}
var<workgroup> results: array<f32, ${subgroups * m * n}>;
${loadFunction("left", vectors, left.keepsRows ? "m" : "k", left.keepsRows ? "k" : "m")}
${loadFunction("right", vectors, right.keepsRows ? "n" : "k", right.keepsRows ? "k" : "n")}
${storeFunction(vectors, bias)}
/** The power of two, as the bits of its exponent. Factors of zeros, or with values that are no numbers, stay as they are. */
fn exponentFor(largest: u32) -> u32 {
  let exponent = largest >> 23u;
  return select(min(268u - exponent, 253u), 127u, largest == 0u || exponent == 255u);
}`,
    body: `  let row0 = group.y * ${rows}u;
  let column0 = group.x * ${columns}u;
  let begin = group.z * params.depth;
  let to = min(params.k, begin + params.depth);
  let fragmentRow = (subgroupOf / ${across}u) * ${high * m}u;
  let fragmentColumn = (subgroupOf % ${across}u) * ${wide * n}u;
${scaledLeft ? "  let leftExponent = exponentFor(largest[0]);\n  let leftScale = bitcast<f32>(leftExponent << 23u);" : ""}
${scaledRight ? "  let rightExponent = exponentFor(largest[1]);\n  let rightScale = bitcast<f32>(rightExponent << 23u);" : ""}
${left.declare}
${right.declare}
${left.fetch("row0", "begin")}
${right.fetch("column0", "begin")}
${fragments((f, g) => `  var sum${f}_${g} = subgroup_matrix_result<f32, ${n}, ${m}>();`)}
  for (var k0 = begin; k0 < to; k0 += ${depth}u) {
${left.lay}
${right.lay}
    workgroupBarrier();
    if (k0 + ${depth}u < to) {
${left.fetch("row0", `k0 + ${depth}u`)}
${right.fetch("column0", `k0 + ${depth}u`)}
    }
${guarded(`    for (var i = 0u; i < ${depth}u; i += ${k}u) {
${unroll(high, (f) => `      let a${f} = ${left.load(`subgroup_matrix_left<${component}, ${k}, ${m}>`, `fragmentRow + ${f * m}u`, left.keepsRows)};`)}
${unroll(wide, (g) => `      let b${g} = ${right.load(`subgroup_matrix_right<${component}, ${n}, ${k}>`, `fragmentColumn + ${g * n}u`, !right.keepsRows)};`)}
${fragments((f, g) => `      sum${f}_${g} = subgroupMatrixMultiplyAccumulate(a${f}, b${g}, sum${f}_${g});`)}
    }`)}
    workgroupBarrier();
  }
${fragments(
  (f, g) => `${guarded(`    subgroupMatrixStore<row_major>(&results, subgroupOf * ${m * n}u, sum${f}_${g}, ${n}u);`)}
  workgroupBarrier();
  for (var i = thread; i < ${subgroups * each}u; i += ${threads}u) {
    let owner = i / ${each}u;
    let inside = i % ${each}u;
    let row = row0 + ((owner / ${across}u) * ${high}u + ${f}u) * ${m}u + inside / ${n / 4}u;
    let column = column0 + ((owner % ${across}u) * ${wide}u + ${g}u) * ${n}u + (inside % ${n / 4}u) * 4u;
    var sum = vec4f(results[i * 4u], results[i * 4u + 1u], results[i * 4u + 2u], results[i * 4u + 3u]);
${scaledLeft ? "    sum *= bitcast<f32>((254u - leftExponent) << 23u);" : ""}
${scaledRight ? "    sum *= bitcast<f32>((254u - rightExponent) << 23u);" : ""}
    put(group.z, row, column, sum);
  }
  workgroupBarrier();`,
)}`,
  };
});

interface Layout {
  readonly name: "left" | "right";
  /** Rows of the tile are m (or n) and columns k, as the factor lies in memory; else the other way round. */
  readonly keepsRows: boolean;
  /** Of m (or n). */
  readonly side: number;
  readonly depth: number;
  readonly threads: number;
  readonly component: MatrixShape["component"];
  readonly scaled: boolean;
}

/** The code for one factor's tile: an invocation fetches and lays a vector of four in each pass. */
function layOut({ name, keepsRows, side, depth, threads, component, scaled }: Layout) {
  const [rows, columns] = keepsRows ? [side, depth] : [depth, side];
  const stride = columns + spare;
  const vectors = (rows * columns) / 4;
  const passes = Math.ceil(vectors / threads);
  const tile = `${name}Tile`;
  const vector = component === "f16" ? "vec4h" : "vec4f";
  const place = (pass: number): string => `(thread + ${pass * threads}u)`;
  const row = (pass: number): string => `${place(pass)} / ${columns / 4}u`;
  const column = (pass: number): string => `(${place(pass)} % ${columns / 4}u) * 4u`;
  const eachPass = (text: (pass: number) => string): string =>
    unroll(passes, (p) => ((p + 1) * threads > vectors ? `    if (${place(p)} < ${vectors}u) {\n${text(p)}\n    }` : text(p)));
  return {
    keepsRows,
    tile: `var<workgroup> ${tile}: array<${component}, ${rows * stride}>;`,
    declare: unroll(passes, (p) => `  var ${name}Next${p} = ${vector}();`),
    fetch(first: string, k: string): string {
      const [row0, column0] = keepsRows ? [first, k] : [k, first];
      const scale = scaled ? ` * ${name}Scale` : "";
      return eachPass((p) => `    ${name}Next${p} = ${vector}(${name}At(${row0} + ${row(p)}, ${column0} + ${column(p)}, to)${scale});`);
    },
    lay: eachPass((p) => unroll(4, (i) => `    ${tile}[${row(p)} * ${stride}u + ${column(p)} + ${i}u] = ${name}Next${p}[${i}];`)),
    /** The fragment from `at` on of m (or n), and i of k. */
    load(type: string, at: string, rowMajor: boolean): string {
      const offset = keepsRows ? `(${at}) * ${stride}u + i` : `i * ${stride}u + ${at}`;
      return `subgroupMatrixLoad<${type}, ${rowMajor ? "row_major" : "col_major"}>(&${tile}, ${offset}, ${stride}u)`;
    },
  } as const;
}
