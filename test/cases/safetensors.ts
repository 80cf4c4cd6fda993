// Reads a small safetensors file of f32 and u8 values: length of the header (u64), header (JSON), values.
import { readFileSync } from "node:fs";

export interface FileTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Uint8Array;
}

export function readSafetensors(path: string): ReadonlyMap<string, FileTensor> {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, start)) as Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>;
  const tensors = new Map<string, FileTensor>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    if (dtype !== "F32" && dtype !== "U8") throw new Error(`${path}: ${name} is ${dtype}, F32 or U8 expected`);
    // A copy, as the place in the file need not be a multiple of four.
    const own = new Uint8Array(bytes.subarray(start + offsets[0], start + offsets[1]));
    tensors.set(name, { shape, values: dtype === "U8" ? own : new Float32Array(own.buffer) });
  }
  return tensors;
}
