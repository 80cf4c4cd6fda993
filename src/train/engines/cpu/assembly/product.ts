// Matrix products in blocks: c[m, n] (+)= alpha a[m, k] b[k, n]. First b is packed (a job of its own), then blocks of c are made.
// How c is cut does not show in the result: each value is summed over k in blocks of KC, in order.
import { float, int, pointer } from "./job.ts";
import { dot, dotBf16, storeTransposed } from "./simd.ts";
import { EDGE_BYTES, NR, packColumns, packRows, PANEL_ROW, tile } from "./tile.ts";

/** A panel of KC x 8 floats stays in the first cache while a block of rows passes by. */
const KC: i32 = 256;
/** Rows of a block of c. */
const MC: i32 = 64;
/** Panels that one chunk packs. */
const PACK_PANELS: i32 = 16;
/** Rows of weights that one chunk of `dots` takes. */
const DOT_OUTPUTS: i32 = 64;

/** Job: b, byteStrideK, byteStrideN (one of them is 4), k, n, packed. Chunks: blocks of KC x groups of 16 panels. */
export function packB(job: usize, chunk: i32): void {
  const b = pointer(job, 0);
  const strideK = pointer(job, 1);
  const strideN = pointer(job, 2);
  const k = int(job, 3);
  const n = int(job, 4);
  const packed = pointer(job, 5);
  const panels = (n + NR - 1) / NR;
  const groups = (panels + PACK_PANELS - 1) / PACK_PANELS;
  const k0 = (chunk / groups) * KC;
  const kc = min(KC, k - k0);
  const first = (chunk % groups) * PACK_PANELS;
  const last = min(panels, first + PACK_PANELS);
  const base = packed + <usize>k0 * <usize>panels * PANEL_ROW;
  for (let panel = first; panel < last; panel++) {
    const column = panel * NR;
    const from = b + <usize>k0 * strideK + <usize>column * strideN;
    const to = base + <usize>panel * <usize>kc * PANEL_ROW;
    if (strideN == 4) packColumns(from, strideK, n - column, kc, to);
    else packRows(from, strideN, n - column, kc, to);
  }
}

/** Job: a, byteStrideM, byteStrideK (one of them is 4), m, n, k, packed, c, ldc, accumulate, columns of a block, blocks of columns; alpha. */
export function multiply(job: usize, chunk: i32, scratch: usize): void {
  const a = pointer(job, 0);
  const strideM = pointer(job, 1);
  const strideK = pointer(job, 2);
  const m = int(job, 3);
  const n = int(job, 4);
  const k = int(job, 5);
  const packed = pointer(job, 6);
  const c = pointer(job, 7);
  const ldc = pointer(job, 8);
  const accumulate = int(job, 9);
  const columns = int(job, 10);
  const blocks = int(job, 11);
  const alpha = float(job, 0);
  const edge = scratch;
  const rowsAt = scratch + EDGE_BYTES;
  const panels = (n + NR - 1) / NR;
  const m0 = (chunk / blocks) * MC;
  const m1 = min(m, m0 + MC);
  const n0 = (chunk % blocks) * columns;
  const n1 = min(n, n0 + columns);
  for (let k0 = 0; k0 < k; k0 += KC) {
    const kc = min(KC, k - k0);
    let rows = a + <usize>m0 * strideM + <usize>k0 * strideK;
    let lda = strideM;
    if (strideK != 4) {
      turn(rows, strideK, m1 - m0, kc, rowsAt);
      rows = rowsAt;
      lda = (<usize>KC) << 2;
    }
    const add = accumulate | (k0 > 0 ? 1 : 0);
    const base = packed + <usize>k0 * <usize>panels * PANEL_ROW;
    for (let j = n0; j < n1; j += NR) {
      const panel = base + <usize>(j / NR) * <usize>kc * PANEL_ROW;
      const width = min(NR, n - j);
      for (let i = m0; i < m1; i += 4) {
        const to = c + <usize>i * ldc + ((<usize>j) << 2);
        tile(kc, rows + <usize>(i - m0) * lda, lda, min(4, m1 - i), panel, to, ldc, width, alpha, add, edge);
      }
    }
  }
}

/** Columns of from[k, m] as rows of to[m, KC]. */
function turn(from: usize, stride: usize, m: i32, k: i32, to: usize): void {
  const width: usize = (<usize>KC) << 2;
  let i = 0;
  for (; i + 4 <= m; i += 4, to += 4 * width) {
    let at = from + ((<usize>i) << 2);
    let out = to;
    let j = 0;
    for (; j + 4 <= k; j += 4, at += 4 * stride, out += 16) {
      storeTransposed(v128.load(at), v128.load(at + stride), v128.load(at + 2 * stride), v128.load(at + 3 * stride), out, width);
    }
    for (; j < k; j++, at += stride, out += 4) {
      for (let r: usize = 0; r < 4; r++) store<f32>(out + r * width, load<f32>(at + (r << 2)));
    }
  }
  for (; i < m; i++, to += width) {
    let at = from + ((<usize>i) << 2);
    for (let j = 0; j < k; j++, at += stride) store<f32>(to + ((<usize>j) << 2), load<f32>(at));
  }
}

/** out[rows, outputs] (+)= alpha x weightT for a few rows: weights are read once, nothing is packed. Job: x, weight, out, rows, inputs, outputs, accumulate, weight in bf16; alpha. */
export function dots(job: usize, chunk: i32): void {
  const x = pointer(job, 0);
  const weight = pointer(job, 1);
  const out = pointer(job, 2);
  const rows = int(job, 3);
  const inputs = int(job, 4);
  const outputs = int(job, 5);
  const accumulate = int(job, 6);
  const alpha = float(job, 0);
  const narrow = int(job, 7);
  const width: usize = (<usize>inputs) << 2;
  const last = min(outputs, (chunk + 1) * DOT_OUTPUTS);
  for (let o = chunk * DOT_OUTPUTS; o < last; o++) {
    const from = weight + <usize>o * (narrow ? width >> 1 : width);
    for (let i = 0; i < rows; i++) {
      const to = out + ((<usize>(i * outputs + o)) << 2);
      const at = x + <usize>i * width;
      const sum = alpha * (narrow ? dotBf16(at, from, inputs) : dot(at, from, inputs));
      store<f32>(to, accumulate ? load<f32>(to) + sum : sum);
    }
  }
}

/** Rows that one chunk of columnSums adds up. */
const SUM_ROWS: i32 = 128;

/** out[rows, width] (+)= bias. Job: bias, out, rows, width, accumulate. Chunks of 32 rows. */
export function addBias(job: usize, chunk: i32): void {
  const bias = pointer(job, 0);
  const rows = int(job, 2);
  const width = int(job, 3);
  const accumulate = int(job, 4);
  const last = min(rows, (chunk + 1) * 32);
  for (let i = chunk * 32; i < last; i++) {
    const to = pointer(job, 1) + ((<usize>(i * width)) << 2);
    if (!accumulate) memory.copy(to, bias, (<usize>width) << 2);
    else addTo(to, bias, width);
  }
}

/** Sums over rows, a part a chunk of 128 rows: parts[chunk, width]. Job: x, parts, rows, width. */
export function columnSums(job: usize, chunk: i32): void {
  const width = int(job, 3);
  const rowBytes = (<usize>width) << 2;
  const to = pointer(job, 1) + <usize>chunk * rowBytes;
  memory.fill(to, 0, rowBytes);
  const last = min(int(job, 2), (chunk + 1) * SUM_ROWS);
  for (let i = chunk * SUM_ROWS; i < last; i++) addTo(to, pointer(job, 0) + <usize>i * rowBytes, width);
}

/** out[width] += parts[count, width], in order. Job: parts, out, count, width. Chunks of 256 columns. */
export function addParts(job: usize, chunk: i32): void {
  const width = int(job, 3);
  const from = chunk * 256;
  const columns = min(256, width - from);
  const out = pointer(job, 1) + ((<usize>from) << 2);
  const count = int(job, 2);
  for (let i = 0; i < count; i++) addTo(out, pointer(job, 0) + ((<usize>(i * width + from)) << 2), columns);
}

/** to[length] += from[length] */
export function addTo(to: usize, from: usize, length: i32): void {
  for (; length >= 4; length -= 4, to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; length > 0; length--, to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
