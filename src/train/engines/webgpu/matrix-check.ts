// Whether a device's matrix units multiply as they should: nobody has tried them all. Small products of whole numbers, which are exact.
import type { Device } from "./device.ts";
import type { Buffers } from "./buffers.ts";
import type { Memory } from "./memory.ts";
import { multiply, type Product } from "./ops/linear.ts";

/** Uneven, and more than one tile in each direction. */
const [m, n, k] = [76, 68, 44];

/** Both ways a factor may lie in memory, which are the ways it is loaded into fragments. */
const layouts = [
  { leftRows: "m", rightRows: "n" },
  { leftRows: "k", rightRows: "k" },
] as const satisfies readonly Pick<Product, "leftRows" | "rightRows">[];

const left = whole(m * k);
const right = whole(n * k);

function whole(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => ((i * i + 3 * i) % 17) - 8);
}

/** What is wrong, or undefined. */
export async function checkMatrices(device: Device, gpu: GPUDevice, memory: Memory & Buffers): Promise<string | undefined> {
  const filters = ["validation", "internal"] as const;
  for (const filter of filters) gpu.pushErrorScope(filter);
  const found = await Promise.all(layouts.map((layout) => multiplied(device, memory, layout)));
  const errors = await Promise.all(filters.map(() => gpu.popErrorScope()));
  const error = errors.find((one) => one !== null);
  if (error) return error.message.split("\n")[0];
  const right = layouts.every(({ leftRows, rightRows }, i) => found[i].every((value, at) => value === expected(leftRows, rightRows, at)));
  return right ? undefined : "wrong products";
}

async function multiplied(device: Device, memory: Memory & Buffers, layout: (typeof layouts)[number]): Promise<Float32Array> {
  const make = (name: string, values: Float32Array, storage: "bf16" | "f32") => {
    const tensor = memory.allocate({ name, shape: [values.length], storage });
    memory.write(tensor, values, 0);
    return tensor;
  };
  const tensors = {
    left: make("left", left, "bf16"),
    right: make("right", right, "bf16"),
    out: make("out", new Float32Array(m * n), "f32"),
  };
  multiply(device, { ...tensors, ...layout, m, n, k, alpha: 1, accumulate: false });
  const values = memory.read(tensors.out, 0, m * n);
  for (const tensor of Object.values(tensors)) memory.release(tensor);
  return (await values) as Float32Array;
}

function expected(leftRows: "m" | "k", rightRows: "n" | "k", at: number): number {
  const [row, column] = [Math.floor(at / n), at % n];
  let sum = 0;
  for (let i = 0; i < k; i++) {
    sum += left[leftRows === "m" ? row * k + i : i * m + row] * right[rightRows === "n" ? column * k + i : i * n + column];
  }
  return sum;
}
