// What the WebGPU engine promises beside right answers: training as on the CPU engine, the same bits again, order, memory, and its end.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { totalmem } from "node:os";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { createRandom } from "../../src/core/random.ts";
import { type DeviceEngine, type Engine, OutOfMemory, type Tensor } from "../../src/train/engine.ts";
import { createCpuEngine } from "../../src/train/engines/cpu/index.ts";
import { listDevices } from "../../src/train/engines/devices.ts";
import { openEngine } from "../../src/train/engines/index.ts";
import { loadKoffi } from "../../src/train/engines/koffi.ts";
import { findGpu, isSoftware, memoryOf } from "../../src/train/engines/webgpu/adapter.ts";
import { deviceMemory, memoryOfNamed } from "../../src/train/engines/webgpu/device-memory.ts";
import { type VulkanDevice, vulkanLoaders } from "../../src/train/engines/webgpu/vulkan-heaps.ts";
import { type OpName, pages } from "../../src/train/ops/index.ts";
import { casesOf, layDocuments, normal, type OpPage } from "../../src/train/ops/page.ts";
import { createOptimizer } from "../../src/train/optimizer.ts";
import { planMemory } from "../../src/train/memory-plan.ts";
import { createModel } from "../../src/train/model/model.ts";
import { allocateWeights } from "../../src/train/model/weights.ts";
import { ask, assertAnswer } from "../cases/ask-op.ts";
import { buildModel, full, models } from "../cases/models.ts";
import { runOp, stored } from "../cases/run-op.ts";
import { assertPlannedMemory, settingsOf } from "../cases/planned-memory.ts";
import { readJson } from "../cases/train-fixtures.ts";
import { modelOf, type Run, trainAsTold } from "../cases/train-runs.ts";
import { noWebgpu, openWebgpu } from "../cases/webgpu.ts";
import { webgpuEngine } from "../cases/webgpu-shared.ts";
import { assertWholeModel, kinds } from "../cases/whole-models.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";

const skip = noWebgpu;
/** Of the 50 of a run: software takes about half a second for each. */
const steps = 20;

for (const [name, title] of Object.entries({
  packed: "full, documents packed",
  lora: "LoRA on all projections",
  qlora: "LoRA on a base in 4 bits",
})) {
  test(`${title}: ${steps} losses and gradient norms, those of the CPU engine and of torch`, { skip }, async () => {
    const run = readJson<Run>(`run-${name}.json`);
    const engine = await webgpuEngine();
    const found = await trainAsTold(engine, modelOf(engine, run), run, { steps });
    const cpu = await createCpuEngine({ blas: "off" });
    const expected = await trainAsTold(cpu as unknown as Engine, modelOf(cpu as unknown as Engine, run), run, { steps });
    await cpu.close();
    assert.equal(found.length, steps);
    found.forEach(({ loss, gradNorm }, step) => {
      assert.ok(Math.abs(loss - expected[step].loss) <= 1e-3, `step ${step}: loss ${loss}, the CPU engine's ${expected[step].loss}`);
      assert.ok(Math.abs(loss - run.losses[step]) <= 1e-3, `step ${step}: loss ${loss}, torch's ${run.losses[step]}`);
      assert.ok(Math.abs(gradNorm / run.grad_norms[step] - 1) <= 1e-2, `step ${step}: gradient norm ${gradNorm}`);
    });
  });
}

test("whole models give the reference's losses and gradients", { skip }, async () => {
  const engine = await webgpuEngine();
  for (const name of Object.keys(models)) await assertWholeModel(engine, name, "full", { checkpointing: false });
  const rest = Object.keys(kinds).filter((kind) => engine.limits.storages.includes(kinds[kind].storage));
  for (const kind of rest) await assertWholeModel(engine, "qwen3, head norm, second layer windowed", kind, { checkpointing: true });
});

test("tiles as large as on GPUs, products of every form: as on the CPU engine", { skip }, async () => {
  const engine = await webgpuEngine();
  const cpu = (await createCpuEngine({ blas: "off" })) as unknown as Engine<Tensor>;
  const random = createRandom(9);
  const [rows, inputs, outputs] = [1030, 20, 1027];
  const values = (length: number) => normal(random, length, 0.3);
  const sizes = { rows, inputs, outputs, alpha: 0.5 };
  const [x, weight, bias] = [values(rows * inputs), values(outputs * inputs), values(outputs)];
  const wide = { rows, inputs: outputs, outputs: inputs, alpha: 2, accumulate: true };
  const calls: [OpName, Record<string, unknown>][] = [
    ["linear", { x, weight, bias, out: values(rows * outputs), ...sizes, accumulate: true }],
    ["linear", { x, weight: values(1028 * inputs), out: values(rows * 1028), ...sizes, outputs: 1028, accumulate: false }],
    ["linearBackwardInput", { gradOut: x, weight, gradX: values(rows * outputs), ...wide }],
    [
      "linearBackwardWeight",
      {
        x: values(inputs * rows),
        gradOut: values(inputs * outputs),
        gradWeight: values(rows * outputs),
        rows: inputs,
        inputs: rows,
        outputs,
        alpha: 1,
      },
    ],
  ];
  for (const [name, args] of calls) {
    const [found, expected] = [await runOp(engine, name, args), await runOp(cpu, name, args)];
    for (const [key, right] of Object.entries(expected)) {
      right.forEach((value, i) => assert.ok(Math.abs(found[key][i] - value) <= 1e-5, `${name} ${key}[${i}]: ${found[key][i]}, ${value}`));
    }
  }
  await cpu.close();
});

test("single queries to more keys than a block has, windowed and not: as on the CPU engine", { skip }, async () => {
  const engine = await webgpuEngine();
  const cpu = (await createCpuEngine({ blas: "off" })) as unknown as Engine<Tensor>;
  const random = createRandom(4);
  for (const { rows, window, headSize } of [
    { rows: 2, window: 0, headSize: 80 },
    { rows: 1, window: 150, headSize: 130 },
    { rows: 4, window: 9, headSize: 256 },
  ]) {
    const [start, heads, keyHeads] = [300, 4, 2];
    const kept = (start + rows) * keyHeads * headSize;
    const q = normal(random, rows * heads * headSize);
    const args = { q, k: normal(random, kept), v: normal(random, kept), out: q.map(() => -777), start, rows, heads, keyHeads, headSize };
    const call = { ...args, window, scale: headSize ** -0.5 };
    const [found, expected] = [await runOp(engine, "cachedAttention", call), await runOp(cpu, "cachedAttention", call)];
    expected.out.forEach((value, i) => assert.ok(Math.abs(found.out[i] - value) <= 1e-5, `out[${i}]: ${found.out[i]}, ${value}`));
  }
  await cpu.close();
});

test("the paths of other devices too: no subgroups, kernels without loops, the head in pieces", { skip }, async () => {
  const engine = await openWebgpu({ subgroups: false, unrolled: true, logitsBytes: 301 * 4 * 16 });
  for (const op of ["addRmsNorm", "rmsNormBackward", "normRope", "headLoss", "addSquares", "linear"] as const) {
    for (const one of casesOf(pages[op] as OpPage<unknown>)) await assertAnswer(engine as unknown as Engine<Tensor>, ask(op, one, "f32"));
  }
  for (const op of ["attention", "attentionBackward"] as const) {
    for (const one of casesOf(pages[op] as OpPage<unknown>).filter(({ name }) => /window|grouped/.test(name)))
      await assertAnswer(engine as unknown as Engine<Tensor>, ask(op, one, "f32"));
  }
  await engine.close();
});

/** The bits of a step's losses, gradients and updated weights, and how often something was sent. */
async function trainedBits(engine: Engine): Promise<{ readonly bits: ReadonlyMap<string, Uint8Array>; readonly submissions: number }> {
  const config = parseModelConfig(models["qwen3, head norm, second layer windowed"], "config.json");
  const model = buildModel(engine as unknown as Engine<Tensor>, config, full);
  const settings = { adam_beta1: 0.9, adam_beta2: 0.999, adam_epsilon: 1e-8, weight_decay: 0.1, max_grad_norm: 1 };
  const optimizer = createOptimizer(engine as unknown as Engine<Tensor>, model.weights, settings);
  const layout = layDocuments([9, 1, 10]);
  const ids = Uint32Array.from(layout.firsts, (_, i) => (i * 5) % 7);
  const rows = Uint32Array.from({ length: 19 }, (_, i) => i);
  const before = counts(engine).submissions;
  optimizer.clearGradients();
  const { losses } = model.forwardBackward(
    { ids, ...layout, rows, labels: rows.map((row) => ids[row + 1]) },
    { gradScale: 1, dropoutSeed: 1 },
  );
  await optimizer.step({ step: 1, learningRate: 1e-2 });
  const { submissions } = counts(engine);
  const bits = new Map<string, Uint8Array>();
  const keep = async (name: string, tensor: Tensor): Promise<void> => {
    bits.set(name, new Uint8Array((await (engine as unknown as Engine<Tensor>).read(tensor)).buffer as ArrayBuffer));
  };
  await keep("losses", losses);
  for (const { name, gradient, master } of model.weights.trained) {
    await keep(`${name} gradient`, gradient);
    await keep(name, master);
  }
  return { bits, submissions: submissions - before };
}

function counts(engine: Engine): { readonly submissions: number } {
  return (engine as unknown as { counts(): { readonly submissions: number } }).counts();
}

test("the same calls give the same bits, and a step is sent at once", { skip }, async () => {
  const engine = await webgpuEngine();
  const first = await trainedBits(engine);
  assert.ok(first.bits.get("losses")!.some((byte) => byte !== 0));
  const again = await trainedBits(engine);
  assert.deepEqual(again.bits, first.bits);
  assert.equal(again.submissions, 1);
});

test("a run takes the memory that was planned, with what ops work in, and no step asks for more", { skip }, () =>
  assertPlannedMemory(async () => (await openWebgpu()) as unknown as DeviceEngine<Tensor>),
);

test("batches of all sizes take what was planned for the largest", { skip }, async () => {
  const config = parseModelConfig({ ...models["qwen2, biases, tied head"], intermediate_size: 2100, vocab_size: 3000 }, "config.json");
  const engine = (await webgpuEngine()) as DeviceEngine;
  for (const tokens of [40, 700, 2100]) {
    const settings = settingsOf(`method: full, max_length: ${tokens}, sample_prompts: 0`);
    const plan = planMemory(config, settings, engine.counting());
    const counting = engine.counting();
    const weights = allocateWeights(counting, config, { method: "full", storage: "f32", training: true });
    const optimizer = createOptimizer(counting, weights, settings);
    const model = createModel(counting, weights, { tokens, storage: "f32", checkpointing: false });
    for (let next = 1; next < tokens + 41; next += next < 130 ? 1 : 41) {
      const size = Math.min(next, tokens);
      const rows = Uint32Array.from({ length: size }, (_, i) => i);
      const batch = { ids: rows.map(() => 0), ...layDocuments([size]), rows, labels: rows.map(() => 0) };
      model.forwardBackward(batch, { gradScale: 1, dropoutSeed: 1 });
      model.forward(batch);
    }
    await optimizer.step({ step: 1, learningRate: 1 });
    assert.equal(counting.memory().peak, plan.bytes, `${tokens} tokens`);
  }
});

test("writes and releases keep their place among recorded work", { skip }, async () => {
  const engine = (await webgpuEngine()) as unknown as Engine<Tensor>;
  const make = (name: string): Tensor => engine.allocate({ name, shape: [4], storage: "f32" });
  const [x, out] = [make("x"), make("out")];
  const given = [1, 2, 3].map((value) => new Float32Array(4).fill(value));
  const seen: Promise<ArrayLike<number>>[] = [];
  for (const values of given) {
    engine.write(x, values);
    engine.ops.copy({ x, out, at: 0, length: 4, accumulate: false });
    seen.push(engine.read(out));
  }
  assert.deepEqual(await Promise.all(seen), given);
  engine.ops.copy({ x, out, at: 0, length: 4, accumulate: true });
  engine.release(x);
  assert.deepEqual(await engine.read(out), new Float32Array(4).fill(6));
  engine.release(out);
});

test("parts of tensors are written and read, at places between words too", { skip }, async () => {
  const engine = (await webgpuEngine()) as unknown as Engine<Tensor>;
  const codes = engine.allocate({ name: "codes", shape: [11], storage: "u8" });
  engine.write(
    codes,
    Uint8Array.from({ length: 11 }, (_, i) => i + 1),
  );
  engine.write(codes, Uint8Array.of(201, 202, 203, 204, 205, 206), 3);
  engine.write(codes, Uint8Array.of(99), 9);
  assert.deepEqual([...(await engine.read(codes))], [1, 2, 3, 201, 202, 203, 204, 205, 206, 99, 11]);
  assert.deepEqual([...(await engine.read(codes, 5, 7))], [203, 204]);
  assert.throws(() => engine.write(codes, new Uint8Array(3), 9), /values 9 to 12 of codes, which has 11/);
  engine.release(codes);
});

test("16-bit values are rounded to nearest, ties to even, on their way in and on the device", { skip }, async () => {
  const engine = (await webgpuEngine()) as unknown as Engine<Tensor>;
  const random = createRandom(5);
  const edges = [
    0,
    1,
    -1,
    65504,
    65519.99,
    65520,
    -70000,
    2 ** -14,
    2 ** -24,
    2 ** -25,
    1.5 * 2 ** -25,
    3 * 2 ** -25,
    1.0009765625 + 2 ** -11,
  ];
  const spread = Array.from({ length: 4000 }, () => (random.float() - 0.5) * 2 ** (random.below(44) - 26));
  const values = Float64Array.from([...edges, ...spread], Math.fround);
  const x = engine.allocate({ name: "x", shape: [values.length], storage: "f32" });
  engine.write(x, values);
  for (const storage of ["bf16", "f16"] as const) {
    const expected = Float32Array.from(stored(values, storage));
    const out = engine.allocate({ name: "out", shape: [values.length], storage });
    engine.write(out, values);
    assert.deepEqual(await engine.read(out), expected, `${storage}, written`);
    for (const at of [0, 1]) {
      engine.ops.copy({ x, out, at, length: values.length - at, accumulate: false });
      assert.deepEqual(
        ((await engine.read(out, at)) as Float32Array).slice(),
        expected.slice(0, values.length - at),
        `${storage}, copied to ${at}`,
      );
    }
    engine.release(out);
  }
  engine.release(x);
});

test("a tensor too large is refused by name; memory given back is counted, and new memory is zero", { skip }, async () => {
  const engine = (await webgpuEngine()) as unknown as Engine<Tensor>;
  const length = engine.limits.tensorBytes / 4 + 4;
  assert.throws(
    () => engine.allocate({ name: "lm_head.weight", shape: [1, length], storage: "f32" }),
    (error) => error instanceof OutOfMemory && error.message.includes(`lm_head.weight: ${length * 4} bytes asked for`),
  );
  const before = engine.memory().bytes;
  const tensor = engine.allocate({ name: "t", shape: [1000], storage: "f32" });
  engine.write(tensor, new Float32Array(1000).fill(3));
  assert.equal(engine.memory().bytes, before + 4000);
  engine.release(tensor);
  assert.equal(engine.memory().bytes, before);
  const next = engine.allocate({ name: "next", shape: [1000], storage: "f32" });
  assert.ok((await engine.read(next)).every((value) => value === 0));
  engine.release(next);
});

test("memory that the device refuses is told as that, whatever fails for want of it", { skip }, async (t) => {
  // Of SwiftShader it is known: a buffer as large as it says it takes is too large.
  const engine = await openWebgpu({ tensorBytes: 2 ** 30 });
  if (!/SwiftShader/.test(engine.device)) return t.skip("another driver may have the memory");
  const tensor = engine.allocate({ name: "lm_head.weight", shape: [1, 2 ** 28], storage: "f32" });
  engine.write(tensor, new Float32Array(4));
  engine.write(tensor, new Float32Array(4), 4);
  engine.ops.clear({ x: tensor, length: 8 });
  await assert.rejects(engine.read(tensor, 0, 1), /no room for lm_head\.weight: 1073741824 bytes asked for, the device had given 0/);
  assert.throws(() => engine.ops.clear({ x: tensor, length: 8 }), /no room for lm_head\.weight/);
  await engine.close();
});

test("a closed engine says so, and an open one does not keep the process alive", { skip }, async () => {
  const engine = await openWebgpu();
  const given = engine.allocate({ name: "given", shape: [4], storage: "f32" });
  await engine.close();
  assert.throws(() => engine.ops.clear({ x: given, length: 4 }), /closed/);
  await assert.rejects(engine.finish(), /closed/);
  assert.throws(() => engine.allocate({ name: "x", shape: [1], storage: "f32" }), /closed/);
  const script = fileURLToPath(new URL("../cases/webgpu.js", import.meta.url));
  const code = `const { openWebgpu } = await import(${JSON.stringify(script)}); const engine = await openWebgpu();
    const x = engine.allocate({ name: "x", shape: [4], storage: "f32" }); engine.ops.clear({ x, length: 4 }); await engine.finish(); console.error("made");`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8", timeout: 20_000 });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /made/);
});

test("a device that is lost is an error that says so, for whoever waits", { skip }, async () => {
  const engine = await openWebgpu();
  const x = engine.allocate({ name: "x", shape: [4], storage: "f32" });
  engine.lose();
  await assert.rejects(engine.read(x), /webgpu, [\s\S]*the device was lost/);
  await assert.rejects(engine.finish(), /the device was lost/);
  await engine.close();
});

async function foundAdapter(): Promise<GPUAdapter> {
  const gpu = await findGpu();
  assert.ok("adapter" in gpu);
  return gpu.adapter;
}

/** What a fresh process, which opens no adapter first, reads from Vulkan. */
function vulkanDevices(): { readonly devices: readonly VulkanDevice[]; readonly stderr: string } {
  const [setting, module] = ["../cases/webgpu.js", "../../src/train/engines/webgpu/vulkan-heaps.js"].map((file) =>
    JSON.stringify(fileURLToPath(new URL(file, import.meta.url))),
  );
  const code = `await import(${setting}); const { listVulkanDevices } = await import(${module}); console.log(JSON.stringify(listVulkanDevices()));`;
  const env = { ...process.env, SLUICE_ALL: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
    timeout: 20_000,
    env,
  });
  assert.equal(status, 0, stderr);
  return { devices: JSON.parse(stdout) as VulkanDevice[], stderr };
}

const noVulkan = skip || (!(process.platform in vulkanLoaders) && "no Vulkan here") || (!loadKoffi() && "koffi is not installed");

test("Vulkan tells the adapter's memory, again and again, beside Dawn and alone, and prints nothing", { skip: noVulkan }, async () => {
  const { device } = (await foundAdapter()).info;
  const { devices, stderr } = vulkanDevices();
  assert.equal(stderr, "");
  const told = memoryOfNamed(devices, device);
  assert.ok(told && told.bytes > 64 * 2 ** 20 && told.bytes < 2 ** 50, `${device}: ${JSON.stringify(devices)}`);
  for (let i = 0; i < 5; i++) assert.deepEqual(deviceMemory({ device }), told);
  assert.equal(deviceMemory({ device: "no-such-device" }), undefined);
  const engine = await openWebgpu();
  const x = engine.allocate({ name: "x", shape: [4], storage: "f32" });
  engine.write(x, Float32Array.of(1, 2, 3, 4));
  assert.deepEqual(deviceMemory({ device }), told);
  assert.deepEqual([...(await engine.read(x))], [1, 2, 3, 4]);
  await engine.close();
});

test("an engine's limit is the adapter's memory: a software one's is the machine's", { skip }, async () => {
  const adapter = await foundAdapter();
  const { bytes } = memoryOf(adapter);
  assert.equal((await webgpuEngine()).limits.totalBytes, bytes);
  if (isSoftware(adapter)) assert.equal(bytes, totalmem());
});

test("devices are told with what they offer; auto never takes a software adapter, which can be asked for", { skip }, async () => {
  const { devices, auto } = await listDevices(() => performance.now());
  const found = devices.find(({ engine }) => engine === "webgpu");
  assert.ok(found?.adapter && found.product && found.product.gflops > 0 && found.bf16Product!.gflops > 0);
  assert.equal(auto.engine, found.adapter.software ? "cpu" : "webgpu");
  const { software, memoryBytes, memorySource, driver, model } = found.adapter;
  assert.ok(software ? memoryBytes === totalmem() : memoryBytes === null || memoryBytes > 0, memorySource);
  assert.ok(found.device?.includes(model.replace(/-$/, "")) && found.device.includes(driver), found.device);
  for (const [device, name] of [
    ["webgpu", "webgpu"],
    ["auto", auto.engine],
  ] as const) {
    const engine = await openEngine({ device });
    assert.equal(engine.name, name);
    await engine.close();
  }
});
