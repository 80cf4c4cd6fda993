// Work a row at a time: embedding, RMSNorm, rotary positions, and the softmax of the output head.
import { float, int, pointer } from "./job.ts";
import { addTo } from "./product.ts";
import { dot, exp1, exp4, greatestOf, madd, sumOf } from "./simd.ts";

const ROWS: i32 = 16;

/** Rows of any storage by number. Job: table, ids, out, rows, bytes of a row. Chunks of 64 rows. */
export function gather(job: usize, chunk: i32): void {
  const bytes = pointer(job, 4);
  const last = min(int(job, 3), (chunk + 1) * 64);
  for (let i: usize = chunk * 64; i < <usize>last; i++) {
    memory.copy(pointer(job, 2) + i * bytes, pointer(job, 0) + <usize>load<u32>(pointer(job, 1) + (i << 2)) * bytes, bytes);
  }
}

/** table[ids[i]] += rows[i], for 64 columns a chunk: ids repeat, columns have one owner. Job: rows, ids, table, count, width. */
export function scatterAdd(job: usize, chunk: i32): void {
  const width = int(job, 4);
  const from = chunk * 64;
  const columns = min(64, width - from);
  const bytes = (<usize>width) << 2;
  const rows = pointer(job, 0) + ((<usize>from) << 2);
  const table = pointer(job, 2) + ((<usize>from) << 2);
  const count = <usize>int(job, 3);
  for (let i: usize = 0; i < count; i++) {
    addTo(table + <usize>load<u32>(pointer(job, 1) + (i << 2)) * bytes, rows + i * bytes, columns);
  }
}

/** Job: x, delta (0: none), sum, weight, out, scale, rows, width; epsilon. Chunks of 16 rows. */
export function addRmsNorm(job: usize, chunk: i32): void {
  const delta = pointer(job, 1);
  const width = int(job, 7);
  const bytes = (<usize>width) << 2;
  const vectors = bytes & ~15;
  const weight = pointer(job, 3);
  const last = min(int(job, 6), (chunk + 1) * ROWS);
  for (let i: usize = chunk * ROWS; i < <usize>last; i++) {
    const x = pointer(job, 0) + i * bytes;
    let from = x;
    if (delta) {
      from = pointer(job, 2) + i * bytes;
      const more = delta + i * bytes;
      let at: usize = 0;
      for (; at < vectors; at += 16) v128.store(from + at, f32x4.add(v128.load(x + at), v128.load(more + at)));
      for (; at < bytes; at += 4) store<f32>(from + at, load<f32>(x + at) + load<f32>(more + at));
    }
    const scale: f32 = 1 / sqrt<f32>(dot(from, from, width) / <f32>width + float(job, 0));
    store<f32>(pointer(job, 5) + (i << 2), scale);
    const out = pointer(job, 4) + i * bytes;
    const scales = f32x4.splat(scale);
    let at: usize = 0;
    for (; at < vectors; at += 16) v128.store(out + at, f32x4.mul(f32x4.mul(v128.load(from + at), scales), v128.load(weight + at)));
    for (; at < bytes; at += 4) store<f32>(out + at, load<f32>(from + at) * scale * load<f32>(weight + at));
  }
}

/** Job: x, weight, scale, gradOut, gradX, parts (0: frozen; else [chunks, width]), rows, width. Chunks of 64 rows. */
export function rmsNormBackward(job: usize, chunk: i32): void {
  const width = int(job, 7);
  const bytes = (<usize>width) << 2;
  const vectors = bytes & ~15;
  const weight = pointer(job, 1);
  const parts = pointer(job, 5);
  const sums = parts + <usize>chunk * bytes;
  if (parts) memory.fill(sums, 0, bytes);
  const last = min(int(job, 6), (chunk + 1) * 64);
  for (let i: usize = chunk * 64; i < <usize>last; i++) {
    const x = pointer(job, 0) + i * bytes;
    const gradOut = pointer(job, 3) + i * bytes;
    const gradX = pointer(job, 4) + i * bytes;
    const scale = load<f32>(pointer(job, 2) + (i << 2));
    let total = f32x4.splat(0);
    let at: usize = 0;
    for (; at < vectors; at += 16) total = madd(f32x4.mul(v128.load(gradOut + at), v128.load(weight + at)), v128.load(x + at), total);
    let product = sumOf(total);
    for (; at < bytes; at += 4) product += load<f32>(gradOut + at) * load<f32>(weight + at) * load<f32>(x + at);
    const pull = (product * scale * scale * scale) / <f32>width;
    const scales = f32x4.splat(scale);
    const pulls = f32x4.splat(pull);
    for (at = 0; at < vectors; at += 16) {
      const value = v128.load(x + at);
      const grad = f32x4.mul(v128.load(gradOut + at), scales);
      const own = f32x4.sub(f32x4.mul(grad, v128.load(weight + at)), f32x4.mul(value, pulls));
      v128.store(gradX + at, f32x4.add(v128.load(gradX + at), own));
      if (parts) v128.store(sums + at, madd(grad, value, v128.load(sums + at)));
    }
    for (; at < bytes; at += 4) {
      const value = load<f32>(x + at);
      const grad = load<f32>(gradOut + at) * scale;
      store<f32>(gradX + at, load<f32>(gradX + at) + (grad * load<f32>(weight + at) - value * pull));
      if (parts) store<f32>(sums + at, load<f32>(sums + at) + grad * value);
    }
  }
}

/** Job: x, weight (0: no norm), scale, out, cos, sin, positions, rows, heads, headSize; epsilon. Chunks of 16 rows. */
export function normRope(job: usize, chunk: i32): void {
  const weight = pointer(job, 1);
  const heads = int(job, 8);
  const headSize = int(job, 9);
  const bytes = (<usize>headSize) << 2;
  const half = bytes >> 1;
  const vectors = half & ~15;
  const last = min(int(job, 7), (chunk + 1) * ROWS);
  for (let i: usize = chunk * ROWS; i < <usize>last; i++) {
    const turn = <usize>load<u32>(pointer(job, 6) + (i << 2)) * half;
    const cos = pointer(job, 4) + turn;
    const sin = pointer(job, 5) + turn;
    for (let h: usize = 0; h < <usize>heads; h++) {
      const head = i * <usize>heads + h;
      const x = pointer(job, 0) + head * bytes;
      const out = pointer(job, 3) + head * bytes;
      let scale: f32 = 1;
      if (weight) {
        scale = 1 / sqrt<f32>(dot(x, x, headSize) / <f32>headSize + float(job, 0));
        store<f32>(pointer(job, 2) + (head << 2), scale);
      }
      let at: usize = 0;
      for (; at < vectors; at += 16) {
        let a = v128.load(x + at);
        let b = v128.load(x + half + at);
        if (weight) {
          a = f32x4.mul(f32x4.mul(a, f32x4.splat(scale)), v128.load(weight + at));
          b = f32x4.mul(f32x4.mul(b, f32x4.splat(scale)), v128.load(weight + half + at));
        }
        const c = v128.load(cos + at);
        const s = v128.load(sin + at);
        v128.store(out + at, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
        v128.store(out + half + at, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
      }
      for (; at < half; at += 4) {
        let a = load<f32>(x + at);
        let b = load<f32>(x + half + at);
        if (weight) {
          a *= scale * load<f32>(weight + at);
          b *= scale * load<f32>(weight + half + at);
        }
        const c = load<f32>(cos + at);
        const s = load<f32>(sin + at);
        store<f32>(out + at, a * c - b * s);
        store<f32>(out + half + at, b * c + a * s);
      }
    }
  }
}

/** Job: gradOut, gradX, x, weight (0: no norm), scale, parts (0: frozen; else [chunks, headSize]), cos, sin, positions, rows, heads, headSize. Chunks of 64 rows. */
export function normRopeBackward(job: usize, chunk: i32): void {
  const weight = pointer(job, 3);
  const parts = pointer(job, 5);
  const heads = int(job, 10);
  const headSize = int(job, 11);
  const bytes = (<usize>headSize) << 2;
  const half = bytes >> 1;
  const vectors = half & ~15;
  const sums = parts + <usize>chunk * bytes;
  if (parts) memory.fill(sums, 0, bytes);
  const last = min(int(job, 9), (chunk + 1) * 64);
  for (let i: usize = chunk * 64; i < <usize>last; i++) {
    const turn = <usize>load<u32>(pointer(job, 8) + (i << 2)) * half;
    const cos = pointer(job, 6) + turn;
    const sin = pointer(job, 7) + turn;
    for (let h: usize = 0; h < <usize>heads; h++) {
      const head = i * <usize>heads + h;
      const gradOut = pointer(job, 0) + head * bytes;
      const gradX = pointer(job, 1) + head * bytes;
      let at: usize = 0;
      for (; at < vectors; at += 16) {
        const a = v128.load(gradOut + at);
        const b = v128.load(gradOut + half + at);
        const c = v128.load(cos + at);
        const s = v128.load(sin + at);
        v128.store(gradX + at, f32x4.add(f32x4.mul(a, c), f32x4.mul(b, s)));
        v128.store(gradX + half + at, f32x4.sub(f32x4.mul(b, c), f32x4.mul(a, s)));
      }
      for (; at < half; at += 4) {
        const a = load<f32>(gradOut + at);
        const b = load<f32>(gradOut + half + at);
        const c = load<f32>(cos + at);
        const s = load<f32>(sin + at);
        store<f32>(gradX + at, a * c + b * s);
        store<f32>(gradX + half + at, b * c - a * s);
      }
      if (!weight) continue;
      const x = pointer(job, 2) + head * bytes;
      const scale = load<f32>(pointer(job, 4) + (head << 2));
      const whole = bytes & ~15;
      let total = f32x4.splat(0);
      for (at = 0; at < whole; at += 16) total = madd(f32x4.mul(v128.load(gradX + at), v128.load(weight + at)), v128.load(x + at), total);
      let product = sumOf(total);
      for (; at < bytes; at += 4) product += load<f32>(gradX + at) * load<f32>(weight + at) * load<f32>(x + at);
      const pull = (product * scale * scale * scale) / <f32>headSize;
      for (at = 0; at < whole; at += 16) {
        const value = v128.load(x + at);
        const grad = f32x4.mul(v128.load(gradX + at), f32x4.splat(scale));
        if (parts) v128.store(sums + at, madd(grad, value, v128.load(sums + at)));
        v128.store(gradX + at, f32x4.sub(f32x4.mul(grad, v128.load(weight + at)), f32x4.mul(value, f32x4.splat(pull))));
      }
      for (; at < bytes; at += 4) {
        const value = load<f32>(x + at);
        const grad = load<f32>(gradX + at) * scale;
        if (parts) store<f32>(sums + at, load<f32>(sums + at) + grad * value);
        store<f32>(gradX + at, grad * load<f32>(weight + at) - value * pull);
      }
    }
  }
}

/** Values whose exponentials are summed in f32 before they go to f64. */
const PIECE: usize = 4096;

/**
 * A row of logits to its loss, and with `backward` in place to softmax less one at the label.
 * Job: logits, labels, losses, rows, vocabulary, backward. Chunks of 4 rows.
 */
export function crossEntropy(job: usize, chunk: i32): void {
  const vocabulary = int(job, 4);
  const bytes = (<usize>vocabulary) << 2;
  const vectors = bytes & ~15;
  const backward = int(job, 5);
  const last = min(int(job, 3), (chunk + 1) * 4);
  for (let i: usize = chunk * 4; i < <usize>last; i++) {
    const row = pointer(job, 0) + i * bytes;
    const label = row + ((<usize>load<u32>(pointer(job, 1) + (i << 2))) << 2);
    const wanted = load<f32>(label);
    let greatest = f32x4.splat(load<f32>(row));
    let at: usize = 0;
    for (; at < vectors; at += 16) greatest = f32x4.pmax(greatest, v128.load(row + at));
    let most = greatestOf(greatest);
    for (; at < bytes; at += 4) most = max(most, load<f32>(row + at));
    const less = f32x4.splat(most);
    let sum: f64 = 0;
    for (at = 0; at < vectors;) {
      const end = min(vectors, at + PIECE);
      let total = f32x4.splat(0);
      for (; at < end; at += 16) {
        const value = exp4(f32x4.sub(v128.load(row + at), less));
        total = f32x4.add(total, value);
        if (backward) v128.store(row + at, value);
      }
      sum += <f64>sumOf(total);
    }
    for (; at < bytes; at += 4) {
      const value = exp1(load<f32>(row + at) - most);
      sum += <f64>value;
      if (backward) store<f32>(row + at, value);
    }
    store<f32>(pointer(job, 2) + (i << 2), <f32>(<f64>most + Math.log(sum) - <f64>wanted));
    if (!backward) continue;
    const share = <f32>(1 / sum);
    for (at = 0; at < vectors; at += 16) v128.store(row + at, f32x4.mul(v128.load(row + at), f32x4.splat(share)));
    for (; at < bytes; at += 4) store<f32>(row + at, load<f32>(row + at) * share);
    store<f32>(label, load<f32>(label) - 1);
  }
}
