// What the CPU engine promises beside right answers: the same bits for any number of threads, whole models, errors that say what is wrong.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../../src/core/errors.ts";
import { createRandom } from "../../src/core/random.ts";
import { type DeviceEngine, OutOfMemory, type Tensor } from "../../src/train/engine.ts";
import { createCpuEngine } from "../../src/train/engines/cpu/index.ts";
import { createMemory } from "../../src/train/engines/cpu/memory.ts";
import { createPool, type Kernel } from "../../src/train/engines/cpu/pool.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import { allocateWeights } from "../../src/train/model/weights.ts";
import { createModel } from "../../src/train/model/model.ts";
import { layDocuments, normal } from "../../src/train/ops/page.ts";
import { engineCases } from "../cases/engines.ts";
import { full, models, tiny } from "../cases/models.ts";
import { assertPlannedMemory } from "../cases/planned-memory.ts";
import { stored } from "../cases/run-op.ts";
import { assertWholeModel, kinds } from "../cases/whole-models.ts";

for (const { name, create, missing } of engineCases.filter((engine) => engine.name !== "webgpu")) {
  test(`${name}: whole models give the reference's losses and gradients`, async (t) => {
    const engine = await create();
    if (!engine) return t.skip(missing);
    try {
      for (const model of Object.keys(models)) {
        for (const kind of Object.keys(kinds)) {
          for (const checkpointing of [false, true]) await assertWholeModel(engine, model, kind, { checkpointing });
        }
      }
    } finally {
      await engine.close();
    }
  });
}

const wider = {
  ...tiny,
  model_type: "qwen3",
  vocab_size: 301,
  hidden_size: 96,
  intermediate_size: 200,
  num_attention_heads: 6,
  head_dim: 24,
};

/** A model whose every op is shared out; the bits of its losses, gradients and updated weights. */
async function trainedBits(threads: number, blas: "auto" | "off"): Promise<ReadonlyMap<string, Uint8Array>> {
  const engine = await createCpuEngine({ threads, blas });
  const config = parseModelConfig(wider, "config.json");
  const random = createRandom(12);
  const weights = allocateWeights(engine, config, full);
  for (const tensor of weights.values.values()) engine.write(tensor, normal(random, tensor.length, 0.1));
  const layout = layDocuments([200, 1, 130, 90]);
  const ids = Uint32Array.from(layout.firsts, () => random.below(301));
  const rows = Uint32Array.from({ length: 400 }, (_, i) => i);
  const model = createModel(engine, weights, { tokens: 421, storage: "f32", checkpointing: false });
  const make = (name: string, length: number) => engine.allocate({ name, shape: [length], storage: "f32" });
  const [sum, norm, clip] = ["sum", "norm", "clip"].map((name) => make(name, 1));
  const moments = weights.trained.map(({ name, length }) => [make(`${name} m`, length), make(`${name} v`, length)]);
  let { losses } = model.forwardBackward(
    { ids, ...layout, rows, labels: rows.map((row) => ids[row + 1]) },
    { gradScale: 1, dropoutSeed: 1 },
  );
  for (const { gradient: x, length } of weights.trained) engine.ops.addSquares({ x, sum, length });
  engine.ops.clipScale({ sum, norm, clip, maxNorm: 1, lossScale: 1 });
  const rates = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, step: 1 };
  weights.trained.forEach(({ master: parameter, gradient, length }, i) => {
    engine.ops.adamW({ parameter, gradient, m: moments[i][0], v: moments[i][1], clip, length, ...rates });
  });
  const bits = new Map<string, Uint8Array>();
  const keep = async (name: string, tensor: typeof losses): Promise<void> => {
    bits.set(name, new Uint8Array((await engine.read(tensor)).buffer as ArrayBuffer));
  };
  await keep("losses", losses);
  await keep("norm", norm);
  for (const { name, gradient, master } of weights.trained) {
    await keep(`${name} gradient`, gradient);
    await keep(name, master);
  }
  await engine.close();
  return bits;
}

test("1, 2 and 3 threads give the same bits, and so does the same call again", async () => {
  const one = await trainedBits(1, "off");
  assert.ok(one.get("losses")!.some((byte) => byte !== 0));
  for (const threads of [1, 2, 3, 3]) assert.deepEqual(await trainedBits(threads, "off"), one, `${threads} threads`);
});

test("with OpenBLAS the same call gives the same bits again", async () => {
  assert.deepEqual(await trainedBits(2, "auto"), await trainedBits(2, "auto"));
});

test("running out of memory names the tensor and what is left; released memory is used again and is zero", async () => {
  const engine = await createCpuEngine({ threads: 1, blas: "off" });
  const { totalBytes } = engine.limits;
  assert.ok(totalBytes <= 2 ** 32);
  assert.throws(
    () => engine.allocate({ name: "layers.3.mlp.down_proj.weight", shape: [2 ** 15, 2 ** 15], storage: "f32" }),
    (error) =>
      error instanceof OutOfMemory && /layers\.3\.mlp\.down_proj\.weight: 4294967296 bytes asked for, \d+ left/.test(error.message),
  );
  const before = engine.memory().bytes;
  const tensors = Array.from({ length: 5 }, (_, i) => engine.allocate({ name: `t${i}`, shape: [1000], storage: "f32" }));
  for (const tensor of tensors) engine.write(tensor, new Float32Array(1000).fill(3));
  for (const i of [1, 3, 2]) engine.release(tensors[i]);
  const joined = engine.allocate({ name: "joined", shape: [2900], storage: "f32" });
  assert.ok(joined.offset > tensors[0].offset && joined.offset < tensors[4].offset, "neighbours that are free are one place");
  assert.ok((await engine.read(joined)).every((value) => value === 0));
  assert.deepEqual(await engine.read(tensors[4], 998), new Float32Array(2).fill(3));
  for (const tensor of [tensors[0], tensors[4], joined]) engine.release(tensor);
  assert.equal(engine.memory().bytes, before);
  assert.ok(engine.memory().peak > before);
  await engine.close();
});

test("a run takes the memory that was planned, with what ops work in and threads have, and no step asks for more", async () => {
  for (const options of [{ threads: 1, blas: "off" }, { threads: 3, blas: "off" }, { threads: 2 }] as const)
    await assertPlannedMemory(async () => (await createCpuEngine(options)) as unknown as DeviceEngine<Tensor>);
});

test("memory above 2 GiB works as memory below it", async () => {
  const engine = await createCpuEngine({ threads: 2, blas: "off" });
  // Address space is set aside, not touched: this takes little of the machine's memory.
  engine.allocate({ name: "below", shape: [2200, 2 ** 20], storage: "u8" });
  const random = createRandom(3);
  const x = normal(random, 70 * 64);
  const weight = normal(random, 90 * 64);
  const tensor = (name: string, values: Float64Array) => {
    const made = engine.allocate({ name, shape: [values.length], storage: "f32" });
    engine.write(made, values);
    return made;
  };
  const out = tensor("out", new Float64Array(70 * 90));
  assert.ok(out.offset > 2 ** 31);
  const sizes = { rows: 70, inputs: 64, outputs: 90, alpha: 1, accumulate: false };
  engine.ops.linear({ x: tensor("x", x), weight: tensor("weight", weight), out, ...sizes });
  const found = await engine.read(out);
  for (const [row, column] of [
    [0, 0],
    [69, 89],
  ]) {
    let sum = 0;
    for (let i = 0; i < 64; i++) sum += x[row * 64 + i] * weight[column * 64 + i];
    assert.ok(Math.abs(found[row * 90 + column] - sum) < 1e-4);
  }
  await engine.close();
});

test("weights in 16 bits are widened a piece at a time: scratch stays far below their size", async () => {
  const engine = await createCpuEngine({ threads: 2, blas: "off" });
  const [rows, width, vocabulary] = [16, 512, 40_000];
  const length = vocabulary * width;
  const make = (name: string, values: number, storage: "f32" | "bf16" | "u32") => engine.allocate({ name, shape: [values], storage });
  const weight = make("head", length, "bf16");
  const [x, gradX] = ["x", "gradX"].map((name) => make(name, rows * width, "f32"));
  const random = createRandom(2);
  engine.write(x, normal(random, rows * width));
  engine.write(weight, normal(random, 2000, 0.05), length - 2000);
  const [ids, labels] = ["ids", "labels"].map((name) => make(name, rows, "u32"));
  engine.write(labels, new Uint32Array(rows).fill(vocabulary - 1));
  const losses = make("losses", rows, "f32");
  const before = engine.memory().bytes;
  const sizes = { supervised: rows, width, vocabulary, gradScale: 1 };
  engine.ops.headLoss({ x, weight, rows: ids, labels, losses, gradX, ...sizes });
  engine.ops.linear({
    x,
    weight,
    out: make("out", 8 * vocabulary, "f32"),
    rows: 8,
    inputs: width,
    outputs: vocabulary,
    alpha: 1,
    accumulate: false,
  });
  engine.ops.copy({ x: weight, out: weight, at: 0, length, accumulate: false });
  const scratch = engine.memory().peak - before - 8 * vocabulary * 4;
  assert.ok(scratch < 64 * 2 ** 20 && scratch < length * 4, `${scratch} bytes of scratch`);
  const [loss] = await engine.read(losses);
  // By hand: all logits are zero but those of the last 2000 values, which are 3 whole rows of the table and part of a fourth.
  const given = (await engine.read(x, 0, width)) as Float32Array;
  const table = await engine.read(weight, (vocabulary - 4) * width);
  const logits = Array.from({ length: 4 }, (_, t) => given.reduce((sum: number, value, j) => sum + value * table[t * width + j], 0));
  const expected = Math.log(vocabulary - 4 + logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[3];
  assert.ok(Math.abs(loss - expected) < 1e-4, `${loss}, by hand ${expected}`);
  await engine.close();
});

test("SLUICE_BLAS chooses the library: off does without, a file that cannot be loaded is a user's error", async () => {
  const kept = process.env.SLUICE_BLAS;
  try {
    process.env.SLUICE_BLAS = "off";
    const engine = await createCpuEngine({ threads: 1 });
    assert.match(engine.device, /^1 thread, WASM (relaxed )?SIMD$/);
    await engine.close();
    process.env.SLUICE_BLAS = "/nowhere/libopenblas.so";
    await assert.rejects(
      createCpuEngine({ threads: 1 }),
      (error) => error instanceof SluiceError && /SLUICE_BLAS=\/nowhere/.test(error.message),
    );
  } finally {
    if (kept === undefined) delete process.env.SLUICE_BLAS;
    else process.env.SLUICE_BLAS = kept;
  }
});

test("bf16 values are rounded to nearest, ties to even, and come back as they lie, across pieces", async () => {
  const engine = await createCpuEngine({ threads: 2, blas: "off" });
  const tensor = engine.allocate({ name: "x", shape: [2 ** 20 + 9], storage: "bf16" });
  const edges = [1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -(1 + 2 ** -8), 3.4e38, Infinity, NaN, 2 ** -130];
  engine.write(tensor, Float64Array.from(edges), 2 ** 20);
  const found = await engine.read(tensor, 2 ** 20 - 1);
  // 3.4e38 is nearer to 2^128 than to the greatest bf16, 3.3895e38.
  assert.deepEqual([...found], [0, 1, 1, 1 + 2 ** -6, 1 + 2 ** -7, -1, Infinity, Infinity, NaN, 2 ** -130]);
  const all = normal(createRandom(1), tensor.length);
  engine.write(tensor, all);
  assert.deepEqual(await engine.read(tensor), Float32Array.from(stored(all.map(Math.fround), "bf16")));
  await engine.close();
});

test("products are fused on every Node: 20 has relaxed SIMD behind a flag of V8", async () => {
  const engine = await createCpuEngine({ threads: 1, blas: "off" });
  assert.equal(engine.device, "1 thread, WASM relaxed SIMD");
  await engine.close();
  const plain = await createCpuEngine({ threads: 1, blas: "off", simd: "plain" });
  assert.equal(plain.device, "1 thread, WASM SIMD");
  await plain.close();
});

test("a thread that crashes is an error for the caller, now and later, and never a hang", async () => {
  const memory = createMemory();
  const pool = await createPool(memory, 3, { relaxed: false });
  // 64 chunks of 32 KiB, all of them beyond the memory there is.
  const job = { kernel: "CLEAR" as Kernel, chunks: 64, work: 1e9, integers: [2 ** 32 - 64 * 32768, 64 * 8192] };
  assert.throws(() => pool.run(job), /out of bounds|thread of the CPU engine was lost/);
  assert.throws(() => pool.run({ ...job, integers: [65536, 0] }), /thread of the CPU engine was lost/);
  await pool.close();
  // Threads have ended by now; to close once more ends nothing and waits for nothing.
  await pool.close();
});

test("a closed engine says so; an open one does not keep the process alive", async () => {
  const engine = await createCpuEngine({ threads: 2, blas: "off" });
  const x = engine.allocate({ name: "x", shape: [4], storage: "f32" });
  await engine.close();
  assert.throws(() => engine.ops.clear({ x, length: 4 }), /closed/);
  const script = fileURLToPath(new URL("../../src/train/engines/cpu/index.js", import.meta.url));
  const code = `const { createCpuEngine } = await import(${JSON.stringify(script)}); await createCpuEngine({ threads: 3, blas: "off" }); console.log("made");`;
  const made = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8", timeout: 20_000 });
  // A V8 that does not know a flag would say so on stderr.
  assert.deepEqual([made.status, made.stdout, made.stderr], [0, "made\n", ""]);
});
