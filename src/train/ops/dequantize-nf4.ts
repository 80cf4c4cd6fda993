// 4-bit NormalFloat weights back to floats, with double quantisation (Dettmers et al. 2023, arXiv 2305.14314; layout of bitsandbytes).
// Two values a byte, the first in the high four bits. value = nf4Values[code] x scale of its block of 64; a block's scale is
// codebook[scaleCodes[block]] x scaleRanges[floor(block / 256)] + offset[0].
import { integers, normal, type OpPage, rubbish } from "./page.ts";

export interface DequantizeNf4<F, U = F> {
  /** u8 codes[length / 2] */
  readonly codes: U;
  /** u8 scaleCodes[length / 64, rounded up] */
  readonly scaleCodes: U;
  /** scaleRanges[blocks / 256, rounded up] */
  readonly scaleRanges: F;
  /** codebook[256] of the second quantisation. */
  readonly codebook: F;
  /** offset[1] */
  readonly offset: F;
  /** Overwritten. */
  readonly out: F;
  /** Even. */
  readonly length: number;
}

/** The 16 values: quantiles of a normal distribution, with an exact zero; figures as in bitsandbytes. */
export const nf4Values: readonly number[] = [
  -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334, -0.09105003625154495,
  0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
  0.7229568362236023, 1.0,
];
export const nf4Block = 64;
export const nf4ScaleBlock = 256;

export const dequantizeNf4: OpPage<DequantizeNf4<Float64Array, Uint8Array>> = {
  bound: 1e-6,
  reference({ codes, scaleCodes, scaleRanges, codebook, offset, out, length }) {
    for (let i = 0; i < length; i++) {
      const block = Math.floor(i / nf4Block);
      const scale = codebook[scaleCodes[block]] * scaleRanges[Math.floor(block / nf4ScaleBlock)] + offset[0];
      const pair = codes[i >> 1];
      out[i] = nf4Values[i % 2 === 0 ? pair >> 4 : pair & 15] * scale;
    }
  },
  cases: (random) =>
    [2, 130, 64 * 300].map((length) => ({
      name: `${length} values`,
      args: {
        codes: Uint8Array.from(integers(random, length / 2, 256)),
        scaleCodes: Uint8Array.from(integers(random, Math.ceil(length / nf4Block), 256)),
        scaleRanges: normal(random, Math.ceil(length / nf4Block / nf4ScaleBlock)),
        codebook: normal(random, 256),
        offset: Float64Array.of(0.02),
        out: rubbish(length),
        length,
      },
    })),
};
