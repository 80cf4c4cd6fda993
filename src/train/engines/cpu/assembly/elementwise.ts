// Work over length values, in chunks of CHUNK: SwiGLU, AdamW, sums of squares, copies, dropout, and values between storages.
import { float, int, pointer } from "./job.ts";
import { addTo } from "./product.ts";
import { exp1, exp4 } from "./simd.ts";

const CHUNK: i32 = 8192;

function part(length: i32, chunk: i32): i32 {
  return min(CHUNK, length - chunk * CHUNK);
}

function place(base: usize, chunk: i32): usize {
  return base + <usize>chunk * <usize>(CHUNK * 4);
}

/** Job: gate, up, out, length. */
export function swiGlu(job: usize, chunk: i32): void {
  let gate = place(pointer(job, 0), chunk);
  let up = place(pointer(job, 1), chunk);
  let out = place(pointer(job, 2), chunk);
  const one = f32x4.splat(1);
  let n = part(int(job, 3), chunk);
  for (; n >= 4; n -= 4, gate += 16, up += 16, out += 16) {
    const g = v128.load(gate);
    v128.store(out, f32x4.mul(f32x4.div(g, f32x4.add(one, exp4(f32x4.neg(g)))), v128.load(up)));
  }
  for (; n > 0; n--, gate += 4, up += 4, out += 4) {
    const g = load<f32>(gate);
    store<f32>(out, (g / (1 + exp1(-g))) * load<f32>(up));
  }
}

/** Job: gate, up, gradOut, gradGate, gradUp, length. */
export function swiGluBackward(job: usize, chunk: i32): void {
  let gate = place(pointer(job, 0), chunk);
  let up = place(pointer(job, 1), chunk);
  let gradOut = place(pointer(job, 2), chunk);
  let gradGate = place(pointer(job, 3), chunk);
  let gradUp = place(pointer(job, 4), chunk);
  const one = f32x4.splat(1);
  let n = part(int(job, 5), chunk);
  for (; n >= 4; n -= 4, gate += 16, up += 16, gradOut += 16, gradGate += 16, gradUp += 16) {
    const g = v128.load(gate);
    const pull = v128.load(gradOut);
    const sigmoid = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(g))));
    const silu = f32x4.mul(g, sigmoid);
    // sigmoid (1 + g (1 - sigmoid)) = sigmoid + silu (1 - sigmoid)
    const slope = f32x4.add(sigmoid, f32x4.mul(silu, f32x4.sub(one, sigmoid)));
    const forGate = f32x4.mul(f32x4.mul(pull, v128.load(up)), slope);
    v128.store(gradUp, f32x4.mul(pull, silu));
    v128.store(gradGate, forGate);
  }
  for (; n > 0; n--, gate += 4, up += 4, gradOut += 4, gradGate += 4, gradUp += 4) {
    const g = load<f32>(gate);
    const pull = load<f32>(gradOut);
    const sigmoid: f32 = 1 / (1 + exp1(-g));
    const silu = g * sigmoid;
    const forGate = pull * load<f32>(up) * (sigmoid + silu * (1 - sigmoid));
    store<f32>(gradUp, pull * silu);
    store<f32>(gradGate, forGate);
  }
}

/** Job: parameter, gradient, m, v, clip, copy (0: none), length; beta1, 1 - beta1, beta2, 1 - beta2, decay factor, step size, 1 / correction2, epsilon. */
export function adamW(job: usize, chunk: i32): void {
  let parameter = place(pointer(job, 0), chunk);
  let gradient = place(pointer(job, 1), chunk);
  let m = place(pointer(job, 2), chunk);
  let v = place(pointer(job, 3), chunk);
  const clip = load<f32>(pointer(job, 4));
  const kept = pointer(job, 5);
  let copy = place(kept, chunk);
  const beta1 = float(job, 0);
  const rest1 = float(job, 1);
  const beta2 = float(job, 2);
  const rest2 = float(job, 3);
  const decay = float(job, 4);
  const size = float(job, 5);
  const correction = float(job, 6);
  const epsilon = float(job, 7);
  let n = part(int(job, 6), chunk);
  for (; n >= 4; n -= 4, parameter += 16, gradient += 16, m += 16, v += 16, copy += 16) {
    const g = f32x4.mul(v128.load(gradient), f32x4.splat(clip));
    const m1 = f32x4.add(f32x4.mul(f32x4.splat(beta1), v128.load(m)), f32x4.mul(f32x4.splat(rest1), g));
    const v1 = f32x4.add(f32x4.mul(f32x4.splat(beta2), v128.load(v)), f32x4.mul(f32x4.mul(f32x4.splat(rest2), g), g));
    v128.store(m, m1);
    v128.store(v, v1);
    const below = f32x4.add(f32x4.mul(f32x4.sqrt(v1), f32x4.splat(correction)), f32x4.splat(epsilon));
    const moved = f32x4.sub(f32x4.mul(v128.load(parameter), f32x4.splat(decay)), f32x4.div(f32x4.mul(f32x4.splat(size), m1), below));
    v128.store(parameter, moved);
    if (kept) v128.store(copy, moved);
  }
  for (; n > 0; n--, parameter += 4, gradient += 4, m += 4, v += 4, copy += 4) {
    const g = load<f32>(gradient) * clip;
    const m1 = beta1 * load<f32>(m) + rest1 * g;
    const v1 = beta2 * load<f32>(v) + rest2 * g * g;
    store<f32>(m, m1);
    store<f32>(v, v1);
    const moved = load<f32>(parameter) * decay - (size * m1) / (sqrt<f32>(v1) * correction + epsilon);
    store<f32>(parameter, moved);
    if (kept) store<f32>(copy, moved);
  }
}

/** A chunk's sum in f64. Job: x, parts[chunks] (f64), length. */
export function squares(job: usize, chunk: i32): void {
  let x = place(pointer(job, 0), chunk);
  let low = f64x2.splat(0);
  let high = low;
  let n = part(int(job, 2), chunk);
  for (; n >= 4; n -= 4, x += 16) {
    const value = v128.load(x);
    const a = f64x2.promote_low_f32x4(value);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(value, value, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; n > 0; n--, x += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(x);
  store<f64>(pointer(job, 1) + ((<usize>chunk) << 3), sum);
}

/** Job: x, length. */
export function clear(job: usize, chunk: i32): void {
  memory.fill(place(pointer(job, 0), chunk), 0, (<usize>part(int(job, 1), chunk)) << 2);
}

/** Job: x, out, length, accumulate. */
export function copyValues(job: usize, chunk: i32): void {
  const x = place(pointer(job, 0), chunk);
  const out = place(pointer(job, 1), chunk);
  const n = part(int(job, 2), chunk);
  if (int(job, 3)) addTo(out, x, n);
  else memory.copy(out, x, (<usize>n) << 2);
}

function mix32(value: u32): u32 {
  let h = value;
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

/** Job: x, out, length, seed, threshold; 1 / (1 - rate). Kept where mix32(seed + i * 0x9e3779b1) >= threshold. */
export function dropout(job: usize, chunk: i32): void {
  let x = place(pointer(job, 0), chunk);
  let out = place(pointer(job, 1), chunk);
  const seed: u32 = int(job, 3);
  const threshold: u32 = int(job, 4);
  const scale = float(job, 0);
  let i: u32 = chunk * CHUNK;
  let n = part(int(job, 2), chunk);
  const step: u32 = 0x9e3779b1;
  const start = seed + i * step;
  let counter = i32x4.add(i32x4.splat(start), i32x4(0, step, 2 * step, 3 * step));
  for (; n >= 4; n -= 4, x += 16, out += 16) {
    let h = counter;
    h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
    h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
    h = v128.xor(h, i32x4.shr_u(h, 16));
    const kept = i32x4.ge_u(h, i32x4.splat(threshold));
    v128.store(out, v128.and(kept, f32x4.mul(v128.load(x), f32x4.splat(scale))));
    counter = i32x4.add(counter, i32x4.splat(4 * step));
    i += 4;
  }
  for (; n > 0; n--, i++, x += 4, out += 4) store<f32>(out, mix32(seed + i * step) >= threshold ? load<f32>(x) * scale : 0);
}

/** 4-bit codes to values, a chunk of 8192 values: 128 blocks of 64. Job: codes, scaleCodes, scaleRanges, codebook, offset, out, length, pairs[256][2]. */
export function dequantize(job: usize, chunk: i32): void {
  const codes = pointer(job, 0);
  const scaleCodes = pointer(job, 1);
  const codebook = pointer(job, 3);
  const offset = load<f32>(pointer(job, 4));
  const pairs = pointer(job, 7);
  const length = int(job, 6);
  const end = chunk * CHUNK + part(length, chunk);
  for (let from = chunk * CHUNK; from < end; from += 64) {
    const block: usize = from >> 6;
    const range = load<f32>(pointer(job, 2) + ((block >> 8) << 2));
    const scale = load<f32>(codebook + ((<usize>load<u8>(scaleCodes + block)) << 2)) * range + offset;
    const scales = f32x4.splat(scale);
    let at = codes + (<usize>from >> 1);
    let out = pointer(job, 5) + ((<usize>from) << 2);
    let n = min(64, end - from);
    for (; n >= 4; n -= 4, at += 2, out += 16) {
      const low = v128.load64_zero(pairs + ((<usize>load<u8>(at)) << 3));
      const high = v128.load64_zero(pairs + ((<usize>load<u8>(at, 1)) << 3));
      v128.store(out, f32x4.mul(v128.shuffle<f64>(low, high, 0, 2), scales));
    }
    if (n > 0) {
      const pair = pairs + ((<usize>load<u8>(at)) << 3);
      store<f32>(out, load<f32>(pair) * scale);
      store<f32>(out, load<f32>(pair, 4) * scale, 4);
    }
  }
}

/** bf16 to f32. Job: x, out, length. */
export function widenBf16(job: usize, chunk: i32): void {
  let x = pointer(job, 0) + <usize>chunk * <usize>(CHUNK * 2);
  let out = place(pointer(job, 1), chunk);
  let n = part(int(job, 2), chunk);
  for (; n >= 4; n -= 4, x += 8, out += 16) {
    v128.store(out, i32x4.shl(i32x4.extend_low_i16x8_u(v128.load64_zero(x)), 16));
  }
  for (; n > 0; n--, x += 2, out += 4) store<u32>(out, (<u32>load<u16>(x)) << 16);
}

/** f32 to bf16, to nearest, ties to even; what is not a number stays so. Job: x, out, length. */
export function narrowBf16(job: usize, chunk: i32): void {
  let x = place(pointer(job, 0), chunk);
  let out = pointer(job, 1) + <usize>chunk * <usize>(CHUNK * 2);
  let n = part(int(job, 2), chunk);
  for (; n >= 4; n -= 4, x += 16, out += 8) {
    const bits = v128.load(x);
    const odd = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(1));
    const rounded = i32x4.shr_u(i32x4.add(bits, i32x4.add(odd, i32x4.splat(0x7fff))), 16);
    const nan = v128.or(i32x4.shr_u(bits, 16), i32x4.splat(0x40));
    const value = v128.bitselect(nan, rounded, f32x4.ne(bits, bits));
    v128.store64_lane(out, i16x8.narrow_i32x4_u(value, value), 0);
  }
  for (; n > 0; n--, x += 4, out += 2) {
    const bits = load<u32>(x);
    const value = load<f32>(x);
    store<u16>(out, <u16>(value != value ? (bits >> 16) | 0x40 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16));
  }
}
