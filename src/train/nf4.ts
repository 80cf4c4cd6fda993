// Weights to 4-bit NormalFloat with double quantisation, as bitsandbytes (quant_type nf4, compress_statistics): codes byte for byte, the
// offset (a mean, which torch sums in an order of the machine's) to the last bit or so. Pure.
// Values go in blocks of 64 by their greatest absolute value; those scales, less their mean, go to 8 bits in blocks of 256.
import { nf4Block, nf4ScaleBlock, nf4Values } from "./ops/dequantize-nf4.ts";

export interface Nf4 {
  /** codes[length / 2]: two values a byte, the first in the high bits. */
  readonly codes: Uint8Array;
  /** scaleCodes[blocks] */
  readonly scaleCodes: Uint8Array;
  /** scaleRanges[blocks / 256, rounded up] */
  readonly scaleRanges: Float32Array;
  readonly offset: number;
}

/** Where one value ends and the next begins: halfway, as bitsandbytes compares in f32. */
const borders = Float32Array.from(nf4Values.slice(1), (value, i) => (value + nf4Values[i]) / 2);

/** A block's values are divided by no less, so that zeros stay zeros. */
const least = Math.fround(1e-38);

export function quantizeNf4(values: Float32Array): Nf4 {
  const blocks = Math.ceil(values.length / nf4Block);
  const scales = new Float32Array(blocks);
  const codes = new Uint8Array(Math.ceil(values.length / 2));
  for (let block = 0; block < blocks; block++) {
    const from = block * nf4Block;
    const to = Math.min(from + nf4Block, values.length);
    let most = 0;
    for (let i = from; i < to; i++) most = Math.max(most, Math.abs(values[i]));
    scales[block] = most;
    const inverse = Math.fround(1 / Math.max(most, least));
    for (let i = from; i < to; i++) codes[i >> 1] |= nf4Code(Math.fround(values[i] * inverse)) << (i % 2 === 0 ? 4 : 0);
  }
  return { codes, ...quantizeScales(scales) };
}

/** The nearest of the 16 values to a value in -1..1; on a border the lower one. */
function nf4Code(value: number): number {
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > borders[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}

function quantizeScales(scales: Float32Array): Pick<Nf4, "scaleCodes" | "scaleRanges" | "offset"> {
  const offset = Math.fround(scales.reduce((sum, scale) => sum + scale, 0) / scales.length);
  const codebook = dynamicCodebook();
  const blocks = Math.ceil(scales.length / nf4ScaleBlock);
  const scaleRanges = new Float32Array(blocks);
  const scaleCodes = new Uint8Array(scales.length);
  for (let block = 0; block < blocks; block++) {
    const from = block * nf4ScaleBlock;
    const to = Math.min(from + nf4ScaleBlock, scales.length);
    let most = 0;
    for (let i = from; i < to; i++) most = Math.max(most, Math.abs(Math.fround(scales[i] - offset)));
    scaleRanges[block] = most;
    // All scales equal: codes stay 0, as of bitsandbytes.
    if (most === 0) continue;
    const inverse = Math.fround(1 / most);
    for (let i = from; i < to; i++) scaleCodes[i] = nearestCode(codebook, Math.fround(Math.fround(scales[i] - offset) * inverse));
  }
  return { scaleCodes, scaleRanges, offset };
}

/** The place of the nearest entry of an ascending table; in the middle the lower one. */
function nearestCode(table: Float32Array, value: number): number {
  let low = 0;
  let high = table.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > Math.fround(table[middle] + table[middle + 1]) / 2) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * bitsandbytes' signed dynamic map (create_dynamic_map): codebook[256], ascending, of 7 exponents with a growing fraction. To the last bit,
 * so in the f32 steps of torch.linspace: from the nearer end, product and sum rounded once.
 */
export function dynamicCodebook(): Float32Array {
  const exponents = 7;
  const [first, last] = [Math.fround(0.1), 1];
  const values = [0, 1];
  for (let i = 0; i < exponents; i++) {
    const items = 2 ** i + 1;
    const step = Math.fround(Math.fround(last - first) / (items - 1));
    const boundary = (j: number): number => Math.fround(j < Math.floor(items / 2) ? first + step * j : last - step * (items - 1 - j));
    const scale = Math.fround(10 ** (i - exponents + 1));
    for (let j = 0; j + 1 < items; j++) {
      const mean = Math.fround(boundary(j) + boundary(j + 1)) / 2;
      values.push(scale * mean, -scale * mean);
    }
  }
  return Float32Array.from(values).sort();
}
