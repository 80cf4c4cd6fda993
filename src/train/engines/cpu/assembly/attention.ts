// Attention in blocks of 64 queries and 64 keys, forward (online softmax) and backward; a block's products are tiles of 4 x 8.
// Nothing of rows x rows is kept. ../../../ops/attention.ts says what is computed.
import { float, int, pointer } from "./job.ts";
import { dot, exp1, exp4, greatestOf, storeTransposed, sumOf } from "./simd.ts";
import { EDGE_BYTES, NR, packColumns, packRows, PANEL_ROW, tiles } from "./tile.ts";

/** Queries and keys of a block. */
const BLOCK: i32 = 64;
/** Bytes of a row of a block's products. */
const BLOCK_ROW: usize = (<usize>BLOCK) << 2;
/** Query heads of one chunk: they share the packed keys and values. */
const HEADS: i32 = 4;
/** Stands for what is masked. */
const FAR: f32 = -3e38;

/** Panels of rows that become columns, all `rows` of them. */
function packAllRows(from: usize, stride: usize, rows: i32, k: i32, to: usize): void {
  for (let i = 0; i < rows; i += NR, to += <usize>k * PANEL_ROW) packRows(from + <usize>i * stride, stride, rows - i, k, to);
}

/** Panels of columns, BLOCK x PANEL_ROW bytes apart. */
function packAllColumns(from: usize, stride: usize, rows: i32, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j += NR, to += <usize>BLOCK * PANEL_ROW)
    packColumns(from + ((<usize>j) << 2), stride, columns - j, rows, to);
}

/**
 * Job: q, k, v, out, logSumExp (0: not wanted), blocks, heads, keyHeads, headSize, window, shift; scale. blocks[][3]: first query, the one
 * after the last, and the first key of their document. Query i stands at key i + shift. Chunks: blocks x key heads x groups of 4 heads.
 */
export function attend(job: usize, chunk: i32, scratch: usize): void {
  const heads = int(job, 6);
  const keyHeads = int(job, 7);
  const headSize = int(job, 8);
  const window = int(job, 9);
  const shift = int(job, 10);
  const scale = float(job, 0);
  const group = heads / keyHeads;
  const parts = (group + HEADS - 1) / HEADS;
  const block = pointer(job, 5) + <usize>(chunk / (keyHeads * parts)) * 12;
  const keyHead = (chunk / parts) % keyHeads;
  const h0 = keyHead * group + (chunk % parts) * HEADS;
  const count = min(HEADS, (keyHead + 1) * group - h0);
  const q0 = load<i32>(block);
  const queries = load<i32>(block, 4) - q0;
  const first = load<i32>(block, 8);

  const padded = (headSize + NR - 1) & ~(NR - 1);
  const headRow = (<usize>headSize) << 2;
  const paddedRow = (<usize>padded) << 2;
  const queryRow = <usize>heads * headRow;
  const keyRow = <usize>keyHeads * headRow;
  const keys = scratch + EDGE_BYTES;
  const values = keys + <usize>BLOCK * headRow;
  const products = values + <usize>BLOCK * paddedRow;
  const sums = products + <usize>BLOCK * BLOCK_ROW;
  const most = sums + <usize>(HEADS * BLOCK) * 4;
  const outs = most + <usize>(HEADS * BLOCK) * 4;
  const outHead = <usize>BLOCK * paddedRow;
  memory.fill(sums, 0, <usize>(HEADS * BLOCK) * 4);
  memory.fill(outs, 0, <usize>count * outHead);
  for (let i: usize = 0; i < <usize>(HEADS * BLOCK) * 4; i += 16) v128.store(most + i, f32x4.splat(FAR));

  const keyEnd = q0 + queries + shift;
  for (let kb = firstSeen(first, q0 + shift, window); kb < keyEnd; kb += BLOCK) {
    const n = min(BLOCK, keyEnd - kb);
    const at = <usize>kb * keyRow + <usize>keyHead * headRow;
    packAllRows(pointer(job, 1) + at, keyRow, n, headSize, keys);
    packAllColumns(pointer(job, 2) + at, keyRow, n, headSize, values);
    for (let h = 0; h < count; h++) {
      const headQ = pointer(job, 0) + <usize>(h0 + h) * headRow;
      const headOut = outs + <usize>h * outHead;
      for (let r = 0; r < queries; r += 4) {
        const rows = min(4, queries - r);
        const place = q0 + r + shift;
        // Keys that some query of the four sees, from a panel's beginning.
        const lo = max(0, firstSeen(first, place, window) - kb) & ~(NR - 1);
        const hi = min(n, place + rows - kb);
        if (hi <= lo) continue;
        const hiPanel = (hi + NR - 1) & ~(NR - 1);
        const line = products + <usize>r * BLOCK_ROW;
        const from = headQ + <usize>(q0 + r) * queryRow;
        const panel = <usize>headSize * PANEL_ROW;
        const start = (<usize>lo) << 2;
        tiles(
          headSize,
          from,
          queryRow,
          rows,
          keys + <usize>(lo / NR) * panel,
          panel,
          line + start,
          BLOCK_ROW,
          hiPanel - lo,
          scale,
          0,
          scratch,
        );
        for (let i = 0; i < rows; i++) {
          const row = line + <usize>i * BLOCK_ROW;
          const seenFrom = max(lo, firstSeen(first, place + i, window) - kb);
          const seenTo = min(hi, place + i + 1 - kb);
          const state = (<usize>(h * BLOCK + r + i)) << 2;
          soften(row, lo, hiPanel, seenFrom, seenTo, most + state, sums + state, headOut + <usize>(r + i) * paddedRow, padded);
        }
        const under = values + <usize>lo * PANEL_ROW;
        const to = headOut + <usize>r * paddedRow;
        tiles(hi - lo, line + start, BLOCK_ROW, rows, under, <usize>BLOCK * PANEL_ROW, to, paddedRow, padded, 1, 1, scratch);
      }
    }
  }

  const logSumExp = pointer(job, 4);
  for (let h = 0; h < count; h++) {
    for (let r = 0; r < queries; r++) {
      const state = (<usize>(h * BLOCK + r)) << 2;
      const sum = load<f32>(sums + state);
      const token = <usize>(q0 + r) * <usize>heads + <usize>(h0 + h);
      if (logSumExp) store<f32>(logSumExp + (token << 2), load<f32>(most + state) + Mathf.log(sum));
      const from = outs + <usize>h * outHead + <usize>r * paddedRow;
      const to = pointer(job, 3) + token * headRow;
      const share: f32 = 1 / sum;
      let c = 0;
      for (; c + 4 <= headSize; c += 4) {
        v128.store(to + ((<usize>c) << 2), f32x4.mul(v128.load(from + ((<usize>c) << 2)), f32x4.splat(share)));
      }
      for (; c < headSize; c++) store<f32>(to + ((<usize>c) << 2), load<f32>(from + ((<usize>c) << 2)) * share);
    }
  }
}

function firstSeen(first: i32, place: i32, window: i32): i32 {
  return window > 0 ? max(first, place - window + 1) : first;
}

/** Products [lo, hi) of a row to exponentials less the greatest so far; zero outside [seenFrom, seenTo). Scales what was summed before. */
function soften(row: usize, lo: i32, hi: i32, seenFrom: i32, seenTo: i32, most: usize, sum: usize, out: usize, padded: i32): void {
  if (seenTo <= seenFrom) {
    memory.fill(row + ((<usize>lo) << 2), 0, (<usize>(hi - lo)) << 2);
    return;
  }
  for (let j = lo; j < seenFrom; j++) store<f32>(row + ((<usize>j) << 2), FAR);
  for (let j = seenTo; j < hi; j++) store<f32>(row + ((<usize>j) << 2), FAR);
  const from = row + ((<usize>lo) << 2);
  const to = row + ((<usize>hi) << 2);
  let greatest = f32x4.splat(FAR);
  for (let at = from; at < to; at += 16) greatest = f32x4.pmax(greatest, v128.load(at));
  const before = load<f32>(most);
  const now = max(before, greatestOf(greatest));
  const less = f32x4.splat(now);
  let total = f32x4.splat(0);
  for (let at = from; at < to; at += 16) {
    const share = exp4(f32x4.sub(v128.load(at), less));
    v128.store(at, share);
    total = f32x4.add(total, share);
  }
  if (now == before) {
    store<f32>(sum, load<f32>(sum) + sumOf(total));
    return;
  }
  const shrink = exp1(before - now);
  store<f32>(most, now);
  store<f32>(sum, load<f32>(sum) * shrink + sumOf(total));
  const factor = f32x4.splat(shrink);
  for (let c = 0; c < padded; c += 4, out += 16) v128.store(out, f32x4.mul(v128.load(out), factor));
}

/**
 * Job: q, k, v, out, logSumExp, gradOut, gradQ, gradK, gradV, documents, heads, keyHeads, headSize, window; scale. documents[][2]: first
 * token, and the one after the last. Chunks: documents x key heads, so that each gradient has one owner.
 * Products lie transposed, [keys, queries], so that their rows are keys' and vectors go over queries.
 */
export function attendBackward(job: usize, chunk: i32, scratch: usize): void {
  const heads = int(job, 10);
  const keyHeads = int(job, 11);
  const headSize = int(job, 12);
  const window = int(job, 13);
  const scale = float(job, 0);
  const group = heads / keyHeads;
  const document = pointer(job, 9) + <usize>(chunk / keyHeads) * 8;
  const keyHead = chunk % keyHeads;
  const d0 = load<i32>(document);
  const d1 = load<i32>(document, 4);

  const padded = (headSize + NR - 1) & ~(NR - 1);
  const headRow = (<usize>headSize) << 2;
  const queryRow = <usize>heads * headRow;
  const keyRow = <usize>keyHeads * headRow;
  const packBytes = <usize>BLOCK * ((<usize>padded) << 2);
  const square = <usize>BLOCK * BLOCK_ROW;
  const panel = <usize>headSize * PANEL_ROW;
  const tall = <usize>BLOCK * PANEL_ROW;
  const qRows = scratch + EDGE_BYTES;
  const gRows = qRows + packBytes;
  const qColumns = gRows + packBytes;
  const gColumns = qColumns + packBytes;
  const kColumns = gColumns + packBytes;
  const shares = kColumns + packBytes;
  const pulls = shares + square;
  const turned = pulls + square;
  const deltas = turned + square;
  const logs = deltas + BLOCK_ROW;

  const k = pointer(job, 1) + <usize>keyHead * headRow;
  const v = pointer(job, 2) + <usize>keyHead * headRow;
  const gradK = pointer(job, 7) + <usize>keyHead * headRow;
  const gradV = pointer(job, 8) + <usize>keyHead * headRow;
  for (let i = d0; i < d1; i++) {
    memory.fill(gradK + <usize>i * keyRow, 0, headRow);
    memory.fill(gradV + <usize>i * keyRow, 0, headRow);
  }
  for (let h = keyHead * group; h < (keyHead + 1) * group; h++) {
    for (let qb = d0; qb < d1; qb += BLOCK) {
      const queries = min(BLOCK, d1 - qb);
      const at = <usize>qb * queryRow + <usize>h * headRow;
      const q = pointer(job, 0) + at;
      const out = pointer(job, 3) + at;
      const gradOut = pointer(job, 5) + at;
      const gradQ = pointer(job, 6) + at;
      packAllRows(q, queryRow, queries, headSize, qRows);
      packAllRows(gradOut, queryRow, queries, headSize, gRows);
      packAllColumns(q, queryRow, queries, headSize, qColumns);
      packAllColumns(gradOut, queryRow, queries, headSize, gColumns);
      memory.fill(deltas, 0, 2 * BLOCK_ROW);
      for (let i = 0; i < queries; i++) {
        const row = <usize>i * queryRow;
        const token = <usize>(qb + i) * <usize>heads + <usize>h;
        store<f32>(deltas + ((<usize>i) << 2), dot(gradOut + row, out + row, headSize));
        store<f32>(logs + ((<usize>i) << 2), load<f32>(pointer(job, 4) + (token << 2)));
        memory.fill(gradQ + row, 0, headRow);
      }
      const keyEnd = qb + queries;
      for (let kb = firstSeen(d0, qb, window); kb < keyEnd; kb += BLOCK) {
        const n = min(BLOCK, keyEnd - kb);
        packAllColumns(k + <usize>kb * keyRow, keyRow, n, headSize, kColumns);
        memory.fill(pulls, 0, square);
        for (let j = 0; j < n; j += 4) {
          const rows = min(4, n - j);
          const key = kb + j;
          // Queries that see some key of the four, from a panel's beginning.
          const lo = max(0, key - qb) & ~(NR - 1);
          const hi = window > 0 ? min(queries, key + rows - 1 + window - qb) : queries;
          if (hi <= lo) continue;
          const hiPanel = (hi + NR - 1) & ~(NR - 1);
          const start = (<usize>lo) << 2;
          const share = shares + <usize>j * BLOCK_ROW;
          const pull = pulls + <usize>j * BLOCK_ROW;
          const keyAt = <usize>key * keyRow;
          const skip = <usize>(lo / NR) * panel;
          tiles(headSize, k + keyAt, keyRow, rows, qRows + skip, panel, share + start, BLOCK_ROW, hiPanel - lo, scale, 0, scratch);
          tiles(headSize, v + keyAt, keyRow, rows, gRows + skip, panel, pull + start, BLOCK_ROW, hiPanel - lo, 1, 0, scratch);
          for (let i = 0; i < rows; i++) {
            const seenFrom = max(lo, key + i - qb);
            const seenTo = window > 0 ? min(hi, key + i + window - qb) : hi;
            const line = <usize>i * BLOCK_ROW;
            differentiate(share + line, pull + line, logs, deltas, lo, hiPanel, seenFrom, seenTo, scale);
          }
          const under = <usize>lo * PANEL_ROW;
          tiles(hi - lo, share + start, BLOCK_ROW, rows, gColumns + under, tall, gradV + keyAt, keyRow, headSize, 1, 1, scratch);
          tiles(hi - lo, pull + start, BLOCK_ROW, rows, qColumns + under, tall, gradK + keyAt, keyRow, headSize, 1, 1, scratch);
        }
        for (let j: usize = 0; j < <usize>n; j += 4) {
          for (let i: usize = 0; i < <usize>queries; i += 4) {
            const from = pulls + j * BLOCK_ROW + (i << 2);
            storeTransposed(
              v128.load(from),
              v128.load(from + BLOCK_ROW),
              v128.load(from + 2 * BLOCK_ROW),
              v128.load(from + 3 * BLOCK_ROW),
              turned + i * BLOCK_ROW + (j << 2),
              BLOCK_ROW,
            );
          }
        }
        for (let r = 0; r < queries; r += 4) {
          const rows = min(4, queries - r);
          const lo = max(0, firstSeen(d0, qb + r, window) - kb);
          const hi = min(n, qb + r + rows - kb);
          if (hi <= lo) continue;
          const from = turned + <usize>r * BLOCK_ROW + ((<usize>lo) << 2);
          const to = gradQ + <usize>r * queryRow;
          tiles(hi - lo, from, BLOCK_ROW, rows, kColumns + <usize>lo * PANEL_ROW, tall, to, queryRow, headSize, 1, 1, scratch);
        }
      }
    }
  }
}

/** A row of scaled products to shares, and of gradOut v to the products' gradients times scale; zero outside [seenFrom, seenTo). */
function differentiate(
  share: usize,
  pull: usize,
  logs: usize,
  deltas: usize,
  lo: i32,
  hi: i32,
  seenFrom: i32,
  seenTo: i32,
  scale: f32,
): void {
  const factor = f32x4.splat(scale);
  const to = (<usize>hi) << 2;
  for (let at = (<usize>lo) << 2; at < to; at += 16) {
    const value = exp4(f32x4.sub(v128.load(share + at), v128.load(logs + at)));
    v128.store(share + at, value);
    const change = f32x4.sub(v128.load(pull + at), v128.load(deltas + at));
    v128.store(pull + at, f32x4.mul(f32x4.mul(value, factor), change));
  }
  const masked = max(0, min(seenFrom, hi) - lo);
  memory.fill(share + ((<usize>lo) << 2), 0, (<usize>masked) << 2);
  memory.fill(pull + ((<usize>lo) << 2), 0, (<usize>masked) << 2);
  const end = max(seenTo, lo);
  memory.fill(share + ((<usize>end) << 2), 0, (<usize>(hi - end)) << 2);
  memory.fill(pull + ((<usize>end) << 2), 0, (<usize>(hi - end)) << 2);
}
