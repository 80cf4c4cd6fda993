// Floats of 16 bits to and from floats of 32: IEEE binary16 ("F16") and bfloat16 ("BF16"). Rounding is to nearest, ties to even.
// Plain loops over the bits, so that NaNs keep their sign and the upper bits of their payload.

/** One over the smallest step of binary16. */
const f16StepsInOne = 2 ** 24;
/** Adding and taking away 2^52 rounds a double to an integer, ties to even. */
const integerRounding = 2 ** 52;

let f16Table: Uint32Array | undefined;

/** The bits as f32 of each of the 65,536 binary16 codes: 256 KiB, made once. */
function tableOfF16(): Uint32Array {
  if (f16Table) return f16Table;
  const value = new Float32Array(1);
  const bits = new Uint32Array(value.buffer);
  const table = new Uint32Array(1 << 16);
  for (let code = 0; code < table.length; code++) {
    const exponent = (code >>> 10) & 0x1f;
    const mantissa = code & 0x3ff;
    if (exponent === 0) {
      value[0] = mantissa / f16StepsInOne;
      table[code] = bits[0];
    } else table[code] = ((exponent === 31 ? 0xff : exponent + 112) << 23) | (mantissa << 13);
    if (code & 0x8000) table[code] |= 0x80000000;
  }
  return (f16Table = table);
}

/** codes[n] of binary16 to the bits of into[n]. */
export function f16ToF32(codes: Uint16Array, into: Float32Array): void {
  const table = tableOfF16();
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < codes.length; i++) bits[i] = table[codes[i]];
}

/** codes[n] of bfloat16 to the bits of into[n]. */
export function bf16ToF32(codes: Uint16Array, into: Float32Array): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < codes.length; i++) bits[i] = codes[i] << 16;
}

/** values[n] to into[n] of bfloat16. */
export function f32ToBf16(values: Float32Array, into: Uint16Array): void {
  const all = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < all.length; i++) {
    const bits = all[i];
    // A NaN whose payload lies in the lower half only must not become an infinity.
    if ((bits & 0x7fffffff) > 0x7f800000) into[i] = (bits >>> 16) | 0x40;
    else into[i] = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }
}

/** values[n] to into[n] of binary16; what is too large becomes an infinity. */
export function f32ToF16(values: Float32Array, into: Uint16Array): void {
  const all = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < all.length; i++) {
    const sign = (all[i] >>> 16) & 0x8000;
    const bits = all[i] & 0x7fffffff;
    if (bits > 0x7f800000) into[i] = sign | 0x7e00 | ((bits >>> 13) & 0x3ff); // NaN
    else if (bits >= 0x47800000) into[i] = sign | 0x7c00; // 65536 and above
    else if (bits < 0x38800000) into[i] = sign | (Math.abs(values[i]) * f16StepsInOne + integerRounding - integerRounding); // below the smallest normal
    else into[i] = sign | ((bits - 0x38000000 + 0xfff + ((bits >>> 13) & 1)) >>> 13);
  }
}

/** The smallest magnitude that is not finite once stored: halfway between the largest number and the power of two above. */
export const notFiniteFrom = { F32: Infinity, BF16: (2 - 2 ** -8) * 2 ** 127, F16: 65_520 } as const;
