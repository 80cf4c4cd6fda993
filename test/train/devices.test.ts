// What `sluice devices` measures. What it lists of a GPU is with the GPU's tests.
import assert from "node:assert/strict";
import test from "node:test";
import { createCpuEngine } from "../../src/train/engines/cpu/index.ts";
import { type ProductSizes, timeProduct } from "../../src/train/engines/devices.ts";

/** A clock that moves by so much between two looks, on which a run of products takes that long. */
async function sizeTimed(sizes: ProductSizes, milliseconds: number): Promise<{ readonly size: number; readonly gflops: number }> {
  const engine = await createCpuEngine({ threads: 1, blas: "off" });
  let time = 0;
  try {
    return await timeProduct(engine, sizes, "f32", () => (time += milliseconds));
  } finally {
    await engine.close();
  }
}

test("a fast device multiplies larger matrices, up to a limit, and the size is told", async () => {
  const { size } = await sizeTimed({ least: 8, most: 32 }, 1);
  assert.equal(size, 32);
  assert.equal((await sizeTimed({ least: 8, most: 20 }, 1)).size, 16, "never above the limit");
});

test("a slow device is asked no more than the first size", async () => {
  const { size, gflops } = await sizeTimed({ least: 8, most: 32 }, 100);
  assert.equal(size, 8);
  assert.equal(gflops, (2 * 8 ** 3) / 100 / 1e6);
});
