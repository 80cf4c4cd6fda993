// linear and its backward ops: products with weights in the Hugging Face layout, [outputs, inputs].
import type { Ops } from "../../../ops/index.ts";
import type { Device, GpuTensor } from "../device.ts";
import { spread, vectorOf } from "../kernel.ts";
import { matrixVectorKernel, vectorOutputs } from "../kernels/matrix-vector.ts";
import { addProductsKernel, multiplyKernel, addThreads, type MultiplyOptions, tileSize } from "../kernels/multiply.ts";
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
}

/** Large tiles do more with what they fetch; where the result is small, smaller ones leave fewer workgroups idle. */
const largeTiles = 64;
const narrow = 16;

function tileFor(m: number, n: number): MultiplyOptions["tile"] {
  const { rows, columns } = tileSize("large");
  if (m >= rows && n >= columns && Math.ceil(m / rows) * Math.ceil(n / columns) >= largeTiles) return "large";
  if (m <= narrow) return "low";
  return n <= narrow ? "slim" : "square";
}

/** Workgroups that keep a GPU busy, values of a sum that are worth one, and what parts of a sum are multiples of. */
const wantedGroups = 128;
const leastDepth = 512;
const depthUnit = 32;

/** out[m, n] (+)= alpha left[m, k] right[k, n] (+ bias[n]). */
export function multiply(device: Device, product: Product): void {
  const { run, scratch } = device;
  const { left, leftRows, right, rightRows, bias, out, m, n, k, alpha, accumulate } = product;
  const tile = tileFor(m, n);
  const { rows, columns } = tileSize(tile);
  const groups = [Math.ceil(n / columns), Math.ceil(m / rows)] as const;
  const vectors = vectorOf(leftRows === "m" ? k : m, rightRows === "n" ? k : n, n).size === 4;
  const parts = Math.min(Math.ceil(wantedGroups / (groups[0] * groups[1])), Math.floor(k / leastDepth));
  const factors = { leftRows, rightRows, vectors, tile, padded: device.paddedTiles } as const;
  if (parts < 2) {
    run(multiplyKernel({ ...factors, bias: bias !== undefined }), {
      buffers: { left, right, bias, out },
      params: { m, n, k, depth: k, alpha, accumulate: Number(accumulate) },
      groups,
    });
    return;
  }
  // Of a small result and a long sum, several workgroups each make a part.
  const depth = Math.ceil(k / parts / depthUnit) * depthUnit;
  const count = Math.ceil(k / depth);
  const products = scratch("parts of a product", count * m * n);
  run(multiplyKernel({ ...factors, bias: false }), {
    buffers: { left, right, bias: undefined, out: products },
    params: { m, n, k, depth, alpha: 1, accumulate: 0 },
    groups: [...groups, count],
  });
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
