// Products on matrix units ("tensor cores"): on a device that has them (llvmpipe of Mesa 26.2 is one in software, that of 25.0 is none), and
// on devices of other shapes that are emulated on any adapter.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import type { Engine, Storage, Tensor } from "../../src/train/engine.ts";
import { findGpu, type Gpu } from "../../src/train/engines/webgpu/adapter.ts";
import { createWebgpuEngine, type WebgpuEngine, type WebgpuOptions } from "../../src/train/engines/webgpu/index.ts";
import { type MatrixShape, matrixTile } from "../../src/train/engines/webgpu/kernels/multiply-matrices.ts";
import { matrixUnitsOf, shapeOf } from "../../src/train/engines/webgpu/matrix-units.ts";
import { freshLossScale } from "../../src/train/loss-scale.ts";
import { type OpName, pages } from "../../src/train/ops/index.ts";
import { casesOf, normal, type OpPage } from "../../src/train/ops/page.ts";
import { ask, assertAnswer } from "../cases/ask-op.ts";
import { emulateMatrices } from "../cases/emulated-matrices.ts";
import { readJson } from "../cases/train-fixtures.ts";
import { modelOf, type Run, trainAsTold } from "../cases/train-runs.ts";
import { type PlainArgs, runReference, stored } from "../cases/run-op.ts";
import { noWebgpu } from "../cases/webgpu.ts";

/** A device takes its adapter with it: each has its own. */
const find = async (): Promise<Gpu> => (await findGpu()) as Gpu;
const noUnits =
  noWebgpu ||
  (matrixUnitsOf((await find()).adapter)?.shape.component === "f16"
    ? false
    : "the adapter offers no subgroup matrices of f16 with sums in f32");
const products = ["linear", "linearBackwardInput", "linearBackwardWeight"] as const satisfies readonly OpName[];

/** Shapes that GPUs are known to have: NVIDIA's and AMD's, NVIDIA's others, Intel's, llvmpipe's, and Apple's, which has f16 with sums in f16 only. */
const shapes: readonly MatrixShape[] = [
  { component: "f16", m: 16, n: 16, k: 16 },
  { component: "f16", m: 16, n: 8, k: 16 },
  { component: "f16", m: 8, n: 16, k: 16 },
  { component: "f16", m: 8, n: 8, k: 8 },
  { component: "f32", m: 8, n: 8, k: 8 },
];

const opened: WebgpuEngine[] = [];
after(async () => {
  for (const engine of opened) await engine.close();
});

async function open(device: Gpu, options: WebgpuOptions = {}): Promise<Engine<Tensor>> {
  const engine = await createWebgpuEngine(device, options);
  opened.push(engine);
  assert.equal(engine.matrixUnits, options.matrices ?? true, engine.device);
  return engine as unknown as Engine<Tensor>;
}

test("of the shapes that are offered the largest with sums in f32 is taken, or none", () => {
  const config = (M: number, N: number, K: number, resultComponentType = "f32", componentType = "f16") => ({
    componentType,
    resultComponentType,
    M,
    N,
    K,
  });
  assert.deepEqual(shapeOf([config(16, 8, 8), config(16, 8, 16), config(16, 16, 16), config(16, 16, 16, "f16")]), {
    component: "f16",
    m: 16,
    n: 16,
    k: 16,
  });
  assert.deepEqual(shapeOf([config(8, 16, 16), config(8, 32, 64, "i32", "i8")]), { component: "f16", m: 8, n: 16, k: 16 });
  assert.deepEqual(shapeOf([config(8, 8, 8, "f32", "f32"), config(8, 8, 8, "f16")]), { component: "f32", m: 8, n: 8, k: 8 });
  assert.equal(shapeOf([config(8, 8, 8)], ["f32"]), undefined);
  assert.equal(shapeOf([config(1, 16, 16), config(24, 8, 8), config(64, 64, 64)]), undefined);
});

test("tiles are made of whole fragments and fit the least workgroup memory that WebGPU promises", () => {
  for (const shape of [...shapes, { component: "f16", m: 32, n: 8, k: 16 }, { component: "f16", m: 32, n: 32, k: 32 }] as const) {
    for (const subgroupSize of [8, 16, 32, 64, 128]) {
      for (const tile of ["square", "large"] as const) {
        const { rows, columns, depth, threads, down, across, high, wide, bytes } = matrixTile({ shape, subgroupSize, tile });
        assert.equal(down * across * subgroupSize, threads);
        assert.deepEqual([rows, columns], [down * high * shape.m, across * wide * shape.n]);
        assert.ok([rows, columns, high, wide].every(Number.isInteger) && depth % shape.k === 0);
        if (tile === "square" && shape.component === "f16" && subgroupSize >= 32 && shape.m * shape.n <= 256)
          assert.ok(bytes <= 16384, `${bytes}`);
      }
    }
  }
});

/** Factors and sums of the page's cases are rounded to `storage`; 16-bit products run on matrix units where rows and columns are over 16. */
async function holdToPages(engine: Engine<Tensor>, ops: readonly OpName[], storages: readonly Storage[] = ["bf16", "f16"]): Promise<void> {
  for (const op of ops) {
    for (const storage of storages) {
      for (const one of casesOf(pages[op] as OpPage<unknown>)) await assertAnswer(engine, ask(op, one, storage));
    }
  }
}

/** out[rows, outputs] in f32 of factors in 16 bits: these are exact in f16, so that nothing but the sum is rounded. */
async function assertExactFactors(
  engine: Engine<Tensor>,
  storage: Storage,
  sizes: readonly [number, number, number],
  size = 1,
): Promise<void> {
  const [rows, inputs, outputs] = sizes;
  const random = createRandom(rows + inputs);
  const factor = (length: number, deviation: number) => stored(normal(random, length, deviation), storage);
  const [x, weight] = [factor(rows * inputs, size), factor(outputs * inputs, inputs ** -0.5 / size)];
  const args = { x, weight, out: new Float64Array(rows * outputs), rows, inputs, outputs, alpha: 1, accumulate: false };
  const expected = runReference("linear", args).out as Float64Array;
  const found = await runMixed(engine, "linear", args, { x: storage, weight: storage });
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(found.out[i] - value)), 0);
  // Matrix units may cut off sums where f32 would round them.
  assert.ok(worst <= 1e-5, `${storage}, ${sizes.join(" x ")}, factors of ${size}: off by ${worst}`);
}

/** Rows of one factor are of very different size: each is as exact as if it were alone. */
async function assertExactRows(engine: Engine<Tensor>): Promise<void> {
  const [rows, inputs, outputs] = [54, 40, 36];
  const random = createRandom(3);
  const sizeOf = (row: number): number => 2 ** -(row % 27);
  const value = (): number => (random.below(2) === 0 ? 1 : -1) * (0.5 + random.float() / 2);
  const x = stored(
    Float64Array.from({ length: rows * inputs }, (_, i) => value() * sizeOf(Math.floor(i / inputs))),
    "bf16",
  );
  const weight = stored(Float64Array.from({ length: outputs * inputs }, value), "bf16");
  const args = { x, weight, out: new Float64Array(rows * outputs), rows, inputs, outputs, alpha: 1, accumulate: false };
  const expected = runReference("linear", args).out as Float64Array;
  const { out } = await runMixed(engine, "linear", args, { x: "bf16", weight: "bf16" });
  expected.forEach((right, i) => {
    const row = Math.floor(i / outputs);
    assert.ok(Math.abs(out[i] - right) <= 1e-6 * inputs * sizeOf(row), `row ${row}: ${out[i]}, the reference says ${right}`);
  });
}

/** As runOp, with a storage for each tensor; f32 for others. */
async function runMixed(
  engine: Engine<Tensor>,
  name: OpName,
  args: PlainArgs,
  kept: Readonly<Record<string, Storage>>,
): Promise<Readonly<Record<string, Float32Array>>> {
  const tensors = Object.entries(args).filter((entry): entry is [string, Float64Array] => entry[1] instanceof Float64Array);
  const made = tensors.map(([key, values]) => {
    const tensor = engine.allocate({ name: key, shape: [values.length], storage: kept[key] ?? "f32" });
    engine.write(tensor, values);
    return [key, tensor] as const;
  });
  (engine.ops[name] as (args: unknown) => void)({ ...args, ...Object.fromEntries(made) });
  const results = await Promise.all(made.map(async ([key, tensor]) => [key, (await engine.read(tensor)) as Float32Array] as const));
  for (const [, tensor] of made) engine.release(tensor);
  return Object.fromEntries(results);
}

/** One tile and its edges; a sum in parts; tiles as large as on GPUs. */
const sizes = [
  [70, 50, 66],
  [33, 2100, 41],
  [1030, 44, 1028],
] as const;

/** What bf16 holds and f16 does not, such as gradients far below 2^-24. */
const farSizes = [2 ** 60, 2 ** -60, 2 ** -110];

test("products on this device's matrix units are as exact as the references ask", { skip: noUnits }, async () => {
  const engine = await open(await find());
  await holdToPages(engine, [...products, "headLoss"]);
  for (const one of sizes) for (const storage of ["bf16", "f16"] as const) await assertExactFactors(engine, storage, one);
  for (const size of farSizes) await assertExactFactors(engine, "bf16", sizes[0], size);
  await assertExactRows(engine);
});

test("a factor that is no number, or infinite, is seen in the result", { skip: noUnits }, async () => {
  const engine = await open(await find());
  const [rows, inputs, outputs] = [40, 40, 40];
  for (const broken of [NaN, Infinity]) {
    for (const storage of ["bf16", "f16"] as const) {
      const x = new Float64Array(rows * inputs).fill(1);
      x[3 * inputs + 7] = broken;
      const args = { x, weight: new Float64Array(outputs * inputs).fill(1), out: new Float64Array(rows * outputs), rows, inputs, outputs };
      const { out } = await runMixed(engine, "linear", { ...args, alpha: 1, accumulate: false }, { x: storage, weight: storage });
      assert.ok(!Number.isFinite(out[3 * outputs + 5]), `${broken} in ${storage}: ${out[3 * outputs + 5]}`);
      assert.equal(out[4 * outputs + 5], inputs);
    }
  }
});

test("factors in f32 stay in f32, and the same calls give the same bits", { skip: noUnits }, async () => {
  const [engine, plain] = [await open(await find()), await open(await find(), { matrices: false })];
  const [rows, inputs, outputs] = [70, 130, 66];
  const random = createRandom(8);
  const [x, weight] = [normal(random, rows * inputs), normal(random, outputs * inputs)];
  const args = { x, weight, out: new Float64Array(rows * outputs), rows, inputs, outputs, alpha: 1, accumulate: false };
  const storages: readonly Readonly<Record<string, Storage>>[] = [{}, { weight: "bf16" }, { x: "bf16" }];
  for (const kept of storages) {
    assert.deepEqual(await runMixed(engine, "linear", args, kept), await runMixed(plain, "linear", args, kept));
  }
  const halves = { x: "bf16", weight: "bf16" } as const;
  const first = await runMixed(engine, "linear", args, halves);
  assert.deepEqual(await runMixed(engine, "linear", args, halves), first);
  assert.notDeepEqual((await runMixed(plain, "linear", args, halves)).out, first.out);
});

for (const storage of ["bf16", "f16"] as const) {
  test(`20 steps in ${storage} with products on matrix units: as near to torch's as without them`, { skip: noUnits }, async () => {
    const run = readJson<Run>("run-packed.json");
    const lossScale = storage === "f16" ? freshLossScale : undefined;
    const off = async (matrices: boolean): Promise<number> => {
      const engine = (await open(await find(), { matrices })) as unknown as Engine;
      const found = await trainAsTold(engine, modelOf(engine, run, storage), run, { steps: 20, lossScale });
      return Math.max(...found.map(({ loss }, step) => Math.abs(loss - run.losses[step])));
    };
    const [units, tiles] = [await off(true), await off(false)];
    assert.ok(units <= 1.5 * tiles && units <= 6e-3, `off by ${units} on matrix units, by ${tiles} without`);
  });
}

for (const shape of shapes) {
  const { component, m, n, k } = shape;
  test(`fragments of ${m}x${n}x${k} in ${component}, emulated: as exact as the references ask`, { skip: noWebgpu }, async () => {
    const device = emulateMatrices(await find(), shape);
    const engine = await open(device.gpu);
    await holdToPages(engine, products, component === "f16" ? ["bf16", "f16"] : ["f32", "bf16"]);
    for (const one of sizes.slice(0, 2)) await assertExactFactors(engine, "bf16", one);
    for (const size of farSizes) await assertExactFactors(engine, "bf16", sizes[0], size);
    await assertExactRows(engine);
    assert.ok(device.rewritten() > 5);
  });
}

test("weights in pieces are multiplied on matrix units too", { skip: noWebgpu }, async () => {
  const device = emulateMatrices(await find(), shapes[0]);
  const engine = await open(device.gpu, { tensorBytes: 30_000 });
  const random = createRandom(5);
  const [rows, inputs, outputs] = [20, 300, 120];
  const [x, gradOut] = [normal(random, rows * inputs), normal(random, rows * outputs)];
  const [weight, gradWeight] = [normal(random, outputs * inputs), normal(random, outputs * inputs)];
  const shape = [outputs, inputs];
  const sizes = { rows, inputs, outputs, alpha: 0.5 };
  const hold = (op: OpName, args: object, shapes: Readonly<Record<string, readonly number[]>>): Promise<void> =>
    assertAnswer(engine, ask(op, { name: "in pieces", args }, "bf16"), shapes);
  const before = device.rewritten();
  await hold("linear", { x, weight, bias: normal(random, outputs), out: gradOut, ...sizes, accumulate: true }, { weight: shape });
  await hold("linearBackwardInput", { gradOut, weight, gradX: x, ...sizes, accumulate: true }, { weight: shape });
  await hold("linearBackwardWeight", { x, gradOut, gradWeight, ...sizes }, { gradWeight: shape });
  assert.ok(device.rewritten() >= before + 3);
});

test("where subgroups may be smaller those too many stand by", { skip: noWebgpu }, async () => {
  const engine = await open(emulateMatrices(await find(), { component: "f16", m: 8, n: 16, k: 16 }, { largest: 64 }).gpu);
  await assertExactFactors(engine, "bf16", sizes[0]);
});

test("matrix units that multiply wrongly are left alone, and the device says so", { skip: noWebgpu }, async () => {
  const engine = await createWebgpuEngine(emulateMatrices(await find(), { component: "f16", m: 16, n: 16, k: 16 }, { wrong: true }).gpu);
  opened.push(engine);
  assert.match(engine.device, /matrix units left alone: wrong products/);
  await assertExactFactors(engine as unknown as Engine<Tensor>, "bf16", sizes[0]);
});

test("SLUICE_MATRIX_UNITS=off leaves them alone untried", { skip: noWebgpu }, async () => {
  process.env.SLUICE_MATRIX_UNITS = "off";
  try {
    const device = emulateMatrices(await find(), shapes[0]);
    const engine = await createWebgpuEngine(device.gpu);
    opened.push(engine);
    assert.deepEqual([engine.matrixUnits, device.rewritten()], [false, 0]);
  } finally {
    delete process.env.SLUICE_MATRIX_UNITS;
  }
});
