// The inner product of everything: a tile of 4 x 8 results in registers, and how its factors are laid out.
// a is row-major with rows lda bytes apart. b is packed in panels of 8 columns: panel[k][8], zeros where there are fewer columns.
import { madd, storeTransposed } from "./simd.ts";

/** Columns of a panel. */
export const NR: i32 = 8;
/** Bytes of a panel's row. */
export const PANEL_ROW: usize = 32;
/** Bytes of the scratch of a tile at the edge. */
export const EDGE_BYTES: usize = 128;

/** c[rows, columns] (+)= alpha a[rows, k] b[k, columns]: rows <= 4, columns <= 8. */
export function tile(
  k: i32,
  a: usize,
  lda: usize,
  rows: i32,
  b: usize,
  c: usize,
  ldc: usize,
  columns: i32,
  alpha: f32,
  accumulate: i32,
  edge: usize,
): void {
  // Rows that are not there are read from the first one and thrown away.
  let a0 = a;
  let a1 = rows > 1 ? a + lda : a;
  let a2 = rows > 2 ? a + 2 * lda : a;
  let a3 = rows > 3 ? a + 3 * lda : a;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let b0: v128;
  let b1: v128;
  let x: v128;
  // One k at a time: with several in a turn V8 loads all factors before it multiplies, more than there are registers.
  for (; k > 0; k--) {
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a0, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1, 0);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2, 0);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3, 0);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    b += 32;
  }
  const scale = f32x4.splat(alpha);
  if (rows == 4 && columns == NR) {
    put(c, c00, c01, scale, accumulate);
    put(c + ldc, c10, c11, scale, accumulate);
    put(c + 2 * ldc, c20, c21, scale, accumulate);
    put(c + 3 * ldc, c30, c31, scale, accumulate);
    return;
  }
  put(edge, c00, c01, scale, 0);
  put(edge + 32, c10, c11, scale, 0);
  put(edge + 64, c20, c21, scale, 0);
  put(edge + 96, c30, c31, scale, 0);
  for (let i = 0; i < rows; i++, c += ldc, edge += 32) {
    for (let j = 0; j < columns; j++) {
      const to = c + ((<usize>j) << 2);
      const value = load<f32>(edge + ((<usize>j) << 2));
      store<f32>(to, accumulate ? load<f32>(to) + value : value);
    }
  }
}

function put(to: usize, low: v128, high: v128, scale: v128, accumulate: i32): void {
  if (accumulate) {
    v128.store(to, madd(low, scale, v128.load(to)));
    v128.store(to, madd(high, scale, v128.load(to, 16)), 16);
  } else {
    v128.store(to, f32x4.mul(low, scale));
    v128.store(to, f32x4.mul(high, scale), 16);
  }
}

/** c[rows, columns] (+)= alpha a[rows, k] b, rows <= 4, over panels that are `panel` bytes apart. */
export function tiles(
  k: i32,
  a: usize,
  lda: usize,
  rows: i32,
  b: usize,
  panel: usize,
  c: usize,
  ldc: usize,
  columns: i32,
  alpha: f32,
  accumulate: i32,
  edge: usize,
): void {
  for (let j = 0; j < columns; j += NR, b += panel, c += PANEL_ROW) {
    tile(k, a, lda, rows, b, c, ldc, min(NR, columns - j), alpha, accumulate, edge);
  }
}

/** One panel from 8 or fewer rows of length k that become its columns: b[k][n] = from[n x stride + k]. */
export function packRows(from: usize, stride: usize, columns: i32, k: i32, to: usize): void {
  const zero = f32x4.splat(0);
  for (let half = 0; half < NR; half += 4, to += 16) {
    const n = columns - half;
    const r0 = from + <usize>half * stride;
    let out = to;
    let i = 0;
    for (; i + 4 <= k; i += 4, out += 4 * PANEL_ROW) {
      const at = r0 + ((<usize>i) << 2);
      storeTransposed(
        n > 0 ? v128.load(at) : zero,
        n > 1 ? v128.load(at + stride) : zero,
        n > 2 ? v128.load(at + 2 * stride) : zero,
        n > 3 ? v128.load(at + 3 * stride) : zero,
        out,
        PANEL_ROW,
      );
    }
    for (; i < k; i++, out += PANEL_ROW) {
      for (let j = 0; j < 4; j++) {
        store<f32>(out + ((<usize>j) << 2), j < n ? load<f32>(r0 + <usize>j * stride + ((<usize>i) << 2)) : 0);
      }
    }
  }
}

/** One panel from 8 or fewer columns of k rows: b[k][n] = from[k x stride + n]. */
export function packColumns(from: usize, stride: usize, columns: i32, k: i32, to: usize): void {
  if (columns >= NR) {
    for (let i = 0; i < k; i++, from += stride, to += PANEL_ROW) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  for (let i = 0; i < k; i++, from += stride, to += PANEL_ROW) {
    for (let j = 0; j < NR; j++) {
      const at = (<usize>j) << 2;
      store<f32>(to + at, j < columns ? load<f32>(from + at) : 0);
    }
  }
}
