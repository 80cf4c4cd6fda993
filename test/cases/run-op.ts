// One op on one engine: arguments of a page become tensors, and are read back after it.
import type { Engine, Storage, Tensor, Values } from "../../src/train/engine.ts";
import { type OpName, pages } from "../../src/train/ops/index.ts";

export type PlainArgs = Readonly<Record<string, unknown>>;
type Floats = Float64Array;

export function isArray(value: unknown): value is Floats | Uint32Array | Uint8Array {
  return ArrayBuffer.isView(value);
}

/** Values as they lie in this storage: rounded as the engine must, by plain arithmetic. */
export function stored(values: Floats, storage: Storage): Floats {
  if (storage === "bf16") return values.map(roundBf16);
  if (storage === "f16") return values.map(roundF16);
  return values.map(Math.fround);
}

/** To the nearest of bf16's values, ties to even. */
export function roundBf16(value: number): number {
  return roundTo(value, 7, -126);
}

/** To the nearest of f16's values, ties to even; above 65504 there are none. */
export function roundF16(value: number): number {
  const rounded = roundTo(value, 10, -14);
  return Math.abs(rounded) > 65504 ? Math.sign(rounded) * Infinity : rounded;
}

function roundTo(value: number, fractionBits: number, leastExponent: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const size = Math.abs(value);
  const unit = 2 ** (Math.max(Math.floor(Math.log2(size)), leastExponent) - fractionBits);
  const scaled = size / unit;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  return Math.sign(value) * (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below) * unit;
}

/** Runs an op on an engine; gives every array argument as it is afterwards. shapes: of arguments whose tensors are not just rows of values. */
export async function runOp(
  engine: Engine<Tensor>,
  name: OpName,
  args: PlainArgs,
  storage: Storage = "f32",
  shapes: Readonly<Record<string, readonly number[]>> = {},
): Promise<Readonly<Record<string, Values>>> {
  const tensors = new Map<string, Tensor>();
  const given = Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      if (!isArray(value)) return [key, value];
      const kind = value instanceof Uint32Array ? "u32" : value instanceof Uint8Array ? "u8" : storage;
      const tensor = engine.allocate({ name: key, shape: shapes[key] ?? [value.length], storage: kind });
      engine.write(tensor, value);
      tensors.set(key, tensor);
      return [key, tensor];
    }),
  );
  (engine.ops[name] as (args: unknown) => void)(given);
  await engine.finish();
  const results: Record<string, Values> = {};
  for (const [key, tensor] of tensors) {
    results[key] = await engine.read(tensor);
    engine.release(tensor);
  }
  return results;
}

/** The reference's answer to the same arguments, which are left as they are. */
export function runReference(name: OpName, args: PlainArgs): PlainArgs {
  const copy = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, isArray(value) ? value.slice() : value]));
  (pages[name].reference as (args: unknown) => void)(copy);
  return copy;
}
