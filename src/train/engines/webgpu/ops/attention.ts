// Attention forward, backward, and over cached keys.
import type { Ops } from "../../../ops/index.ts";
import type { Device, GpuTensor } from "../device.ts";
import { spread } from "../kernel.ts";
import { attentionStatsKernel, keyGradientKernel, queryGradientKernel, statThreads } from "../kernels/attention-backward.ts";
import { tileOptions, tileTokens } from "../kernels/attention-tiles.ts";
import { attentionOneKernel } from "../kernels/attention-one.ts";
import { attentionKernel } from "../kernels/attention.ts";

/** Up to so many, a tile of queries would mostly be empty. */
const fewQueries = 4;

type Attention = Pick<Ops<GpuTensor>, "attention" | "attentionBackward" | "cachedAttention">;

export function createAttention({ run, scratch, subgroups, unrolled }: Device): Attention {
  return {
    attention({ q, k, v, out, logSumExp, firsts, rows, heads, keyHeads, headSize, scale, window }) {
      run(attentionKernel({ ...tileOptions(headSize, unrolled), cached: false }), {
        buffers: { q, k, v, firsts, logSumExp, out },
        params: { headSize, rows, keys: rows, heads, keyHeads, window, start: 0, scale },
        groups: [Math.ceil(rows / tileTokens), heads],
      });
    },
    attentionBackward(args) {
      const { q, k, v, out, logSumExp, gradOut, gradQ, gradK, gradV, firsts, ends, rows, heads, keyHeads, headSize, scale, window } = args;
      const stats = scratch("statistics of attention", 2 * rows * heads);
      const spans = scratch("spans of attention", 2 * rows, "u32");
      run(attentionStatsKernel, {
        buffers: { gradOut, result: out, logSumExp, firsts, ends, stats, spans },
        params: { rows, heads, headSize, window },
        groups: spread(rows * heads, statThreads),
      });
      const options = tileOptions(headSize, unrolled);
      const params = { headSize, rows, heads, keyHeads, scale };
      const tiles = Math.ceil(rows / tileTokens);
      const given = { q, k, v, gradOut, stats, spans };
      run(queryGradientKernel(options), { buffers: { ...given, gradQ }, params, groups: [tiles, heads] });
      run(keyGradientKernel(options), { buffers: { ...given, gradK, gradV }, params, groups: [tiles, keyHeads] });
    },
    cachedAttention({ q, k, v, out, start, rows, heads, keyHeads, headSize, scale, window }) {
      if (rows <= fewQueries) {
        run(attentionOneKernel({ headSize, subgroups }), {
          buffers: { q, k, v, out },
          params: { heads, keyHeads, window, start, scale },
          groups: [rows, heads],
        });
        return;
      }
      run(attentionKernel({ ...tileOptions(headSize, unrolled), cached: true }), {
        buffers: { q, k, v, out, firsts: undefined, logSumExp: undefined },
        params: { headSize, rows, keys: start + rows, heads, keyHeads, window, start, scale },
        groups: [Math.ceil(rows / tileTokens), heads],
      });
    },
  };
}
