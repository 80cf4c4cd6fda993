// Four floats at a time: what the kernels share.

/** a x b + c; fused where the build has relaxed SIMD. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The sum of the four lanes. */
export function sumOf(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

export function greatestOf(x: v128): f32 {
  return max(max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)), max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)));
}

/**
 * What exp4 needs, each number four times: V8 loads a vector in one instruction and builds a constant one in three.
 * Bounds, 1 / ln 2, the number to round with, ln 2 in two parts (negative), then the polynomial from r^7 down to 1.
 */
// prettier-ignore
const EXP = memory.data<f32>([
  88, 88, 88, 88,
  -87.33, -87.33, -87.33, -87.33,
  1.44269504, 1.44269504, 1.44269504, 1.44269504,
  12583039, 12583039, 12583039, 12583039,
  -0.693359375, -0.693359375, -0.693359375, -0.693359375,
  2.1219444e-4, 2.1219444e-4, 2.1219444e-4, 2.1219444e-4,
  1.98756915e-4, 1.98756915e-4, 1.98756915e-4, 1.98756915e-4,
  1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3,
  8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3,
  4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2,
  1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1,
  5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1,
  1, 1, 1, 1,
], 16);

/** e^x to about 1e-7 of its value: 2^n e^r with |r| <= ln 2 / 2, e^r by a polynomial (Cephes' expf). Below -87.33 zero, above 88 e^88. */
export function exp4(given: v128): v128 {
  // pmin and pmax are one instruction each, min and max eight; what is not a number comes through.
  const x = f32x4.pmax(f32x4.pmin(given, v128.load(EXP)), v128.load(EXP, 16));
  // n + 127 + 1.5 x 2^23: the addition rounds, and n + 127, the exponent of 2^n, is in the low bits.
  const shifted = madd(x, v128.load(EXP, 32), v128.load(EXP, 48));
  const n = f32x4.sub(shifted, v128.load(EXP, 48));
  const r = madd(n, v128.load(EXP, 80), madd(n, v128.load(EXP, 64), x));
  let y = madd(v128.load(EXP, 96), r, v128.load(EXP, 112));
  y = madd(y, r, v128.load(EXP, 128));
  y = madd(y, r, v128.load(EXP, 144));
  y = madd(y, r, v128.load(EXP, 160));
  y = madd(y, r, v128.load(EXP, 176));
  y = f32x4.add(madd(y, f32x4.mul(r, r), r), v128.load(EXP, 192));
  const power = i32x4.shl(shifted, 23);
  return v128.andnot(f32x4.mul(y, power), f32x4.lt(given, v128.load(EXP, 16)));
}

export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** Writes the transpose of four rows a, b, c, d of four values: its rows are `stride` bytes apart. */
export function storeTransposed(a: v128, b: v128, c: v128, d: v128, to: usize, stride: usize): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to + stride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * stride, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
  v128.store(to + 3 * stride, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
}

/** The product of a[length] and b[length]. */
export function dot(a: usize, b: usize, length: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let i = length;
  for (; i >= 16; i -= 16, a += 64, b += 64) {
    s0 = madd(v128.load(a), v128.load(b), s0);
    s1 = madd(v128.load(a, 16), v128.load(b, 16), s1);
    s2 = madd(v128.load(a, 32), v128.load(b, 32), s2);
    s3 = madd(v128.load(a, 48), v128.load(b, 48), s3);
  }
  for (; i >= 4; i -= 4, a += 16, b += 16) s0 = madd(v128.load(a), v128.load(b), s0);
  let sum = sumOf(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; i > 0; i--, a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}

/** The product of a[length] in f32 and b[length] in bf16. */
export function dotBf16(a: usize, b: usize, length: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let i = length;
  for (; i >= 8; i -= 8, a += 32, b += 16) {
    const both = v128.load(b);
    s0 = madd(v128.load(a), i32x4.shl(i32x4.extend_low_i16x8_u(both), 16), s0);
    s1 = madd(v128.load(a, 16), i32x4.shl(i32x4.extend_high_i16x8_u(both), 16), s1);
  }
  let sum = sumOf(f32x4.add(s0, s1));
  for (; i > 0; i--, a += 4, b += 2) sum += load<f32>(a) * reinterpret<f32>((<u32>load<u16>(b)) << 16);
  return sum;
}
