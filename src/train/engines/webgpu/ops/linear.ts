// linear and its backward ops: products with weights in the Hugging Face layout, [outputs, inputs].
import { storages } from "../../../engine.ts";
import type { Ops } from "../../../ops/index.ts";
import type { Device, GpuTensor } from "../device.ts";
import { spread, vectorOf } from "../kernel.ts";
import { clearKernel } from "../kernels/elementwise.ts";
import { largestKernel, largestVectors } from "../kernels/largest.ts";
import { matrixVectorKernel, vectorOutputs } from "../kernels/matrix-vector.ts";
import { addProductsKernel, multiplyKernel, addThreads, type MultiplyOptions, tileSize } from "../kernels/multiply.ts";
import { matrixTile, multiplyMatricesKernel } from "../kernels/multiply-matrices.ts";
import { addColumnSums } from "./rows.ts";

type Linear = Pick<Ops<GpuTensor>, "linear" | "linearBackwardInput" | "linearBackwardWeight">;

export interface Product {
  readonly left: GpuTensor;
  readonly leftRows: MultiplyOptions["leftRows"];
  readonly right: GpuTensor;
  readonly rightRows: MultiplyOptions["rightRows"];
  readonly bias?: GpuTensor;
  readonly out: GpuTensor;
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

function layoutOf({ leftRows, rightRows, m, n, k }: Product): Pick<MultiplyOptions, "leftRows" | "rightRows" | "vectors"> {
  return { leftRows, rightRows, vectors: vectorOf(leftRows === "m" ? k : m, rightRows === "n" ? k : n, n).size === 4 };
}

/** In f32. */
function tilesFor({ run, paddedTiles }: Device, product: Product): Way {
  const { left, right, m, n, k } = product;
  const small = m <= narrow ? "low" : n <= narrow ? "slim" : "square";
  const tile = fillsLargeTiles(product, tileSize("large")) ? "large" : small;
  const options = { ...layoutOf(product), tile, padded: paddedTiles } as const;
  return {
    ...tileSize(tile),
    record({ bias, out, depth, alpha, accumulate, groups }) {
      run(multiplyKernel({ ...options, bias: bias !== undefined }), {
        buffers: { left, right, bias, out },
        params: { m, n, k, depth, alpha, accumulate: Number(accumulate) },
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
  if (scaledLeft) look(left, m * k, 0);
  if (scaledRight) look(right, k * n, 1);
  return {
    ...matrixTile(options),
    record({ bias, out, depth, alpha, accumulate, groups }) {
      run(multiplyMatricesKernel({ ...options, bias: bias !== undefined }), {
        buffers: { left, right, largest, bias, out },
        params: { m, n, k, depth, alpha, accumulate: Number(accumulate) },
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
  const { run, scratch } = device;
  const { bias, out, m, n, k, alpha, accumulate } = product;
  const { rows, columns, record } = matricesFor(device, product) ?? tilesFor(device, product);
  const [across, down] = [Math.ceil(n / columns), Math.ceil(m / rows)];
  const parts = Math.min(Math.ceil(wantedGroups / (across * down)), Math.floor(k / leastDepth));
  if (parts < 2) return record({ bias, out, depth: k, alpha, accumulate, groups: [across, down, 1] });
  // Of a small result and a long sum, several workgroups each make a part.
  const depth = Math.ceil(k / parts / depthUnit) * depthUnit;
  const count = Math.ceil(k / depth);
  const products = scratch("parts of a product", count * m * n);
  record({ bias: undefined, out: products, depth, alpha: 1, accumulate: false, groups: [across, down, count] });
  const { element, size } = vectorOf(n);
  run(addProductsKernel({ element, bias: bias !== undefined }), {
    buffers: { parts: products, bias, out },
    params: { count, length: (m * n) / size, width: n / size, alpha, accumulate: Number(accumulate) },
    groups: spread((m * n) / size, addThreads),
  });
}

export function createLinear(device: Device): Linear {
  const { run, subgroups } = device;
  return {
    linear({ x, weight, bias, out, rows, inputs, outputs, alpha, accumulate }) {
      if (rows > 1) {
        const factors = { left: x, leftRows: "m", right: weight, rightRows: "n", bias, out } as const;
        return multiply(device, { ...factors, m: rows, n: outputs, k: inputs, alpha, accumulate });
      }
      const { element, size } = vectorOf(inputs);
      run(matrixVectorKernel({ element, bias: bias !== undefined, subgroups }), {
        buffers: { x, weight, bias, out },
        params: { count: inputs / size, outputs, alpha, accumulate: Number(accumulate) },
        groups: spread(outputs, vectorOutputs),
      });
    },
    linearBackwardInput({ gradOut, weight, gradX, rows, inputs, outputs, alpha, accumulate }) {
      const factors = { left: gradOut, leftRows: "m", right: weight, rightRows: "k", out: gradX } as const;
      multiply(device, { ...factors, m: rows, n: inputs, k: outputs, alpha, accumulate });
    },
    linearBackwardWeight({ x, gradOut, gradWeight, gradBias, rows, inputs, outputs, alpha }) {
      const factors = { left: gradOut, leftRows: "k", right: x, rightRows: "k", out: gradWeight } as const;
      multiply(device, { ...factors, m: outputs, n: inputs, k: rows, alpha, accumulate: true });
      if (gradBias) addColumnSums(device, "plain", { gradOut, out: gradBias, rows, width: outputs });
    },
  };
}
