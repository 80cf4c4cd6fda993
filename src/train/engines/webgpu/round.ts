// 16-bit values on the way in and out: to nearest, ties to even; what is no number stays none.
import type { Half } from "./kernel.ts";

export function packHalves(values: ArrayLike<number>, half: Half): Uint16Array {
  const floats = Float32Array.from(values);
  const words = new Uint32Array(floats.buffer);
  return Uint16Array.from(words, half === "bf16" ? bf16Of : f16Of);
}

export function unpackHalves(halves: Uint16Array, half: Half): Float32Array {
  if (half === "bf16") return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
  return Float32Array.from(halves, valueOfF16);
}

/** The upper half of an f32. */
function bf16Of(word: number): number {
  if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40;
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
}

function f16Of(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const size = word & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // 65520 and above round to infinity.
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  // Below 2^-14: multiples of 2^-24, of which an f32 below 2^-14 has no more than 24 bits' worth.
  const value = ((size & 0x7fffff) | (size >= 0x800000 ? 0x800000 : 0)) * 2 ** (Math.max(size >>> 23, 1) - 150);
  const units = value * 2 ** 24;
  const below = Math.floor(units);
  const rest = units - below;
  return sign | (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below);
}

function valueOfF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
