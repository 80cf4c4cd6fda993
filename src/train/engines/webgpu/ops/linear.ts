// linear and its backward ops: products with weights in the Hugging Face layout, [outputs, inputs]. A weight or its gradient may be in pieces.
import { storages } from "../../../engine.ts";
import type { Ops } from "../../../ops/index.ts";
import type { Device, GpuTensor } from "../device.ts";
import { spread, vectorOf } from "../kernel.ts";
import { clearKernel } from "../kernels/elementwise.ts";
import { largestKernel, largestVectors } from "../kernels/largest.ts";
import { matrixVectorKernel, vectorOutputs } from "../kernels/matrix-vector.ts";
import { addProductsKernel, addThreads, multiplyKernel, type MultiplyOptions, productParams, tileSize } from "../kernels/multiply.ts";
import { matrixTile, multiplyMatricesKernel } from "../kernels/multiply-matrices.ts";
import { piecesOf } from "../pieces.ts";
import { copyValues } from "./elementwise.ts";
import { addColumnSums } from "./rows.ts";

type Linear = Pick<Ops<GpuTensor>, "linear" | "linearBackwardInput" | "linearBackwardWeight">;

/** Of rows in memory. */
interface Columns {
  readonly first: number;
  /** How many there are in all. */
  readonly of: number;
}

export interface Product {
  readonly left: GpuTensor;
  readonly leftRows: MultiplyOptions["leftRows"];
  /** Which of the stored columns are meant; all if left out. */
  readonly leftColumns?: Columns;
  readonly right: GpuTensor;
  readonly rightRows: MultiplyOptions["rightRows"];
  readonly bias?: GpuTensor;
  readonly out: GpuTensor;
  /** As leftColumns, and bias has so many values. */
  readonly outColumns?: Columns;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  readonly accumulate: boolean;
  /** left, though in f32, may be rounded to the 11 bits of f16. */
  readonly roughLeft?: boolean;
}

/** Large tiles do more with what they fetch; where the result is small, smaller ones leave fewer workgroups idle. */
const largeTiles = 64;
const narrow = 16;

function fillsLargeTiles({ m, n }: Product, { rows, columns }: { readonly rows: number; readonly columns: number }): boolean {
  return m >= rows && n >= columns && Math.ceil(m / rows) * Math.ceil(n / columns) >= largeTiles;
}

interface Part {
  readonly bias: GpuTensor | undefined;
  readonly out: GpuTensor;
  readonly outColumns: Columns;
  readonly depth: number;
  readonly alpha: number;
  readonly accumulate: boolean;
  readonly groups: readonly [number, number, number];
}

/** How a product is made: rows and columns of out a workgroup, and the kernel for all of k or parts of it. */
interface Way {
  readonly rows: number;
  readonly columns: number;
  record(part: Part): void;
}

function leftColumnsOf({ leftRows, leftColumns, m, k }: Product): Columns {
  return leftColumns ?? { first: 0, of: leftRows === "m" ? k : m };
}

function outColumnsOf({ outColumns, n }: Product): Columns {
  return outColumns ?? { first: 0, of: n };
}

function layoutOf(product: Product): Pick<MultiplyOptions, "leftRows" | "rightRows" | "vectors"> {
  const { leftRows, rightRows, m, n, k } = product;
  const [left, out] = [leftColumnsOf(product), outColumnsOf(product)];
  const widths = [leftRows === "m" ? k : m, left.first, left.of, rightRows === "n" ? k : n, n, out.first, out.of];
  return { leftRows, rightRows, vectors: vectorOf(...widths).size === 4 };
}

function paramsOf(product: Product, { outColumns, depth, alpha, accumulate }: Part): Readonly<Record<keyof typeof productParams, number>> {
  const { m, n, k } = product;
  const left = leftColumnsOf(product);
  const columns = { leftWidth: left.of, leftFirst: left.first, outWidth: outColumns.of, outFirst: outColumns.first };
  return { m, n, k, depth, ...columns, alpha, accumulate: Number(accumulate) };
}

/** In f32. */
function tilesFor({ run, paddedTiles }: Device, product: Product): Way {
  const { left, right, m, n } = product;
  const small = m <= narrow ? "low" : n <= narrow ? "slim" : "square";
  const tile = fillsLargeTiles(product, tileSize("large")) ? "large" : small;
  const options = { ...layoutOf(product), tile, padded: paddedTiles } as const;
  return {
    ...tileSize(tile),
    record(part) {
      const { bias, out, groups } = part;
      run(multiplyKernel({ ...options, bias: bias !== undefined }), {
        buffers: { left, right, bias, out },
        params: paramsOf(product, part),
        groups,
      });
    },
  };
}

/** On matrix units, where there are some and the factors are no more exact than they. */
function matricesFor({ run, scratch, matrices }: Device, product: Product): Way | undefined {
  const { left, right, m, n, k, roughLeft = false } = product;
  if (!matrices || m <= narrow || n <= narrow) return undefined;
  const { mayBeLarge, ...units } = matrices;
  const inF16 = units.shape.component === "f16";
  if (inF16 && (storages[right.storage] !== 2 || (storages[left.storage] !== 2 && !roughLeft))) return undefined;
  const large = mayBeLarge && fillsLargeTiles(product, matrixTile({ ...units, tile: "large" }));
  const [scaledLeft, scaledRight] = [left, right].map(({ storage }) => inF16 && storage !== "f16");
  const options = { ...layoutOf(product), ...units, tile: large ? "large" : "square", scaledLeft, scaledRight } as const;
  const largest = scaledLeft || scaledRight ? scratch("largest magnitudes", 2, "u32") : undefined;
  if (largest) run(clearKernel, { buffers: { x: largest }, params: { count: 2, bytes: 8 }, groups: [1] });
  const look = (x: GpuTensor, length: number, at: number): void =>
    run(largestKernel, { buffers: { x, largest }, params: { length, at }, groups: spread(length / 4, largestVectors) });
  if (scaledLeft) look(left, leftColumnsOf(product).of * (product.leftRows === "m" ? m : k), 0);
  if (scaledRight) look(right, k * n, 1);
  return {
    ...matrixTile(options),
    record(part) {
      const { bias, out, groups } = part;
      run(multiplyMatricesKernel({ ...options, bias: bias !== undefined }), {
        buffers: { left, right, largest, bias, out },
        params: paramsOf(product, part),
        groups,
      });
    },
  };
}

/** Workgroups that keep a GPU busy, values of a sum that are worth one, and what parts of a sum are multiples of. */
const wantedGroups = 128;
const leastDepth = 512;
const depthUnit = 32;

/** out[m, n] (+)= alpha left[m, k] right[k, n] (+ bias[n]). */
export function multiply(device: Device, product: Product): void {
  const { run, scratch, partsBytes } = device;
  const { bias, out, m, n, k, alpha, accumulate } = product;
  const { rows, columns, record } = matricesFor(device, product) ?? tilesFor(device, product);
  const [across, down] = [Math.ceil(n / columns), Math.ceil(m / rows)];
  const parts = Math.min(Math.ceil(wantedGroups / (across * down)), Math.floor(k / leastDepth), Math.floor(partsBytes / (4 * m * n)));
  const outColumns = outColumnsOf(product);
  if (parts < 2) return record({ bias, out, outColumns, depth: k, alpha, accumulate, groups: [across, down, 1] });
  // Of a small result and a long sum, several workgroups each make a part.
  const depth = Math.ceil(k / parts / depthUnit) * depthUnit;
  const count = Math.ceil(k / depth);
  const products = scratch("parts of a product", partsBytes / 4);
  const whole = { first: 0, of: n };
  record({ bias: undefined, out: products, outColumns: whole, depth, alpha: 1, accumulate: false, groups: [across, down, count] });
  const { element, size } = vectorOf(n, outColumns.first, outColumns.of);
  run(addProductsKernel({ element, bias: bias !== undefined }), {
    buffers: { parts: products, bias, out },
    params: {
      count,
      length: (m * n) / size,
      width: n / size,
      outWidth: outColumns.of / size,
      outFirst: outColumns.first / size,
      alpha,
      accumulate: Number(accumulate),
    },
    groups: spread((m * n) / size, addThreads),
  });
}

/** The gradient's rows may be rounded to the 11 bits of f16. */
interface Rough {
  readonly roughGradient?: boolean;
}

type Args<Name extends keyof Linear> = Parameters<Linear[Name]>[0];

export function forward(device: Device, { x, weight, bias, out, rows, inputs, outputs, alpha, accumulate }: Args<"linear">): void {
  const { run, subgroups } = device;
  for (const { tensor, firstRow, rows: count } of piecesOf(weight, outputs)) {
    if (rows > 1) {
      const factors = { left: x, leftRows: "m", right: tensor, rightRows: "n" } as const;
      const outColumns = { first: firstRow, of: outputs };
      multiply(device, { ...factors, bias, out, outColumns, m: rows, n: count, k: inputs, alpha, accumulate });
      continue;
    }
    const { element, size } = vectorOf(inputs);
    run(matrixVectorKernel({ element, bias: bias !== undefined, subgroups }), {
      buffers: { x, weight: tensor, bias, out },
      params: { count: inputs / size, outputs: count, outFirst: firstRow, alpha, accumulate: Number(accumulate) },
      groups: spread(count, vectorOutputs),
    });
  }
}

export function backwardInput(device: Device, args: Args<"linearBackwardInput"> & Rough): void {
  const { gradOut, weight, gradX, rows, inputs, outputs, alpha, accumulate, roughGradient } = args;
  const pieces = piecesOf(weight, outputs);
  // Each piece adds its part: in 16 bits every one of them would round.
  const sum = pieces.length > 1 && storages[gradX.storage] === 2 ? device.scratch("a sum over pieces", rows * inputs) : undefined;
  for (const { tensor, firstRow, rows: count } of pieces) {
    const left = { left: gradOut, leftRows: "m", leftColumns: { first: firstRow, of: outputs }, roughLeft: roughGradient } as const;
    const factors = { ...left, right: tensor, rightRows: "k", out: sum ?? gradX } as const;
    const added = firstRow > 0 || (accumulate && !sum);
    multiply(device, { ...factors, m: rows, n: inputs, k: count, alpha, accumulate: added });
  }
  if (sum) copyValues(device, { x: sum, out: gradX, at: 0, length: rows * inputs, accumulate });
}

export function backwardWeight(device: Device, args: Args<"linearBackwardWeight"> & Rough): void {
  const { x, gradOut, gradWeight, gradBias, rows, inputs, outputs, alpha, roughGradient } = args;
  for (const { tensor: out, firstRow, rows: count } of piecesOf(gradWeight, outputs)) {
    const left = { left: gradOut, leftRows: "k", leftColumns: { first: firstRow, of: outputs }, roughLeft: roughGradient } as const;
    multiply(device, { ...left, right: x, rightRows: "k", out, m: count, n: inputs, k: rows, alpha, accumulate: true });
  }
  if (gradBias) addColumnSums(device, "plain", { gradOut, out: gradBias, rows, width: outputs });
}

export function createLinear(device: Device): Linear {
  return {
    linear: (args) => forward(device, args),
    linearBackwardInput: (args) => backwardInput(device, args),
    linearBackwardWeight: (args) => backwardWeight(device, args),
  };
}
