// Weights larger than one buffer may be, on the WebGPU engine: in pieces they give what whole ones give. Buffers are kept small for it.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { type DeviceEngine, type Engine, lengthOf, OutOfMemory, type Tensor } from "../../src/train/engine.ts";
import { rowsOfPieces } from "../../src/train/engines/webgpu/pieces.ts";
import type { WebgpuEngine } from "../../src/train/engines/webgpu/index.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import type { OpName } from "../../src/train/ops/index.ts";
import { integers, normal, rubbish } from "../../src/train/ops/page.ts";
import { createOptimizer } from "../../src/train/optimizer.ts";
import { ask, assertAnswer } from "../cases/ask-op.ts";
import { batchOf, buildModel, full, models } from "../cases/models.ts";
import { noWebgpu, openWebgpu } from "../cases/webgpu.ts";

const skip = noWebgpu;
const tensorBytes = 60_000;
let small: Promise<WebgpuEngine> | undefined;
const smallEngine = async (): Promise<DeviceEngine<Tensor>> =>
  (await (small ??= openWebgpu({ tensorBytes }))) as unknown as DeviceEngine<Tensor>;
after(async () => (await small)?.close());

test("rows of a piece are whole tiles, the same for a weight, its gradient and its moments", () => {
  assert.equal(rowsOfPieces([1000, 15], "f32", 60_000), undefined);
  assert.equal(rowsOfPieces([1000, 16], "f32", 60_000), 512);
  assert.equal(rowsOfPieces([1000, 16], "bf16", 60_000), 512);
  assert.equal(rowsOfPieces([1900, 16], "f32", 60_000), 640);
  assert.equal(rowsOfPieces([40_000], "u8", 60_000), undefined);
  assert.equal(rowsOfPieces([10, 1501], "f32", 60_000), 8);
  assert.equal(rowsOfPieces([10, 15_001], "f32", 60_000), 0);
});

test("every op that takes weights takes them in pieces", { skip }, async () => {
  const engine = await smallEngine();
  const random = createRandom(12);
  const questions: { readonly op: OpName; readonly args: object; readonly shapes: Readonly<Record<string, readonly number[]>> }[] = [];
  const add = (op: OpName, args: object, shapes: Readonly<Record<string, readonly number[]>>): void =>
    void questions.push({ op, args, shapes });
  for (const [rows, inputs, outputs] of [
    [9, 96, 1031],
    [1, 96, 1028],
    [70, 128, 200],
    [5, 70, 1030],
    [4, 3000, 24],
  ]) {
    const weight = normal(random, outputs * inputs, inputs ** -0.5);
    const [x, bias, gradBias] = [normal(random, rows * inputs), normal(random, outputs), normal(random, outputs)];
    const gradOut = normal(random, rows * outputs, outputs ** -0.5);
    const sizes = { rows, inputs, outputs };
    const shape = [outputs, inputs];
    add("linear", { x, weight, bias, out: normal(random, rows * outputs), ...sizes, alpha: 0.5, accumulate: true }, { weight: shape });
    add("linear", { x, weight, out: rubbish(rows * outputs), ...sizes, alpha: 1, accumulate: false }, { weight: shape });
    for (const accumulate of [true, false])
      add(
        "linearBackwardInput",
        { gradOut, weight, gradX: normal(random, rows * inputs), ...sizes, alpha: 2, accumulate },
        { weight: shape },
      );
    add(
      "linearBackwardWeight",
      { x, gradOut, gradWeight: normal(random, outputs * inputs), gradBias, ...sizes, alpha: 2 },
      { gradWeight: shape },
    );
  }
  for (const width of [20, 33]) {
    const [rows, vocabulary, supervised] = [50, 1031, 7];
    const table = normal(random, vocabulary * width);
    const ids = integers(random, rows, vocabulary);
    // Rows of one id in a piece and rows on both sides of a cut.
    ids.set([0, 0, vocabulary - 1, 383, 384, 575, 576]);
    const shape = [vocabulary, width];
    add("embed", { table, ids, out: rubbish(rows * width), rows, width }, { table: shape });
    add("embedBackward", { gradOut: normal(random, rows * width), ids, gradTable: table, rows, width }, { gradTable: shape });
    const head = {
      x: normal(random, rows * width),
      weight: normal(random, vocabulary * width, width ** -0.5),
      rows: Uint32Array.of(0, 3, 4, 8, 20, 21, 49),
      labels: Uint32Array.of(0, 383, 384, 575, 576, 1030, 9),
      losses: rubbish(supervised),
      gradX: normal(random, rows * width),
      gradWeight: normal(random, vocabulary * width),
      gradScale: 0.25,
      supervised,
      width,
      vocabulary,
    };
    add("headLoss", head, { weight: shape, gradWeight: shape });
    const length = vocabulary * width;
    const moments = { m: normal(random, length, 0.1), v: normal(random, length, 0.1).map(Math.abs) };
    const numbers = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, step: 3, length };
    const step = { parameter: table, gradient: normal(random, length), ...moments, clip: Float64Array.of(0.5), ...numbers };
    const alike = Object.fromEntries(["parameter", "gradient", "m", "v", "copy"].map((name) => [name, shape]));
    add("adamW", step, alike);
    add("adamW", { ...step, copy: rubbish(length) }, alike);
    add("addSquares", { x: table, sum: Float64Array.of(3), length }, { x: shape });
    add("clear", { x: table, length }, { x: shape });
  }
  for (const { op, args, shapes } of questions) {
    const inPieces = Object.values(shapes).some((shape) => rowsOfPieces(shape, "f32", tensorBytes) !== undefined);
    assert.ok(inPieces, `${op}: nothing is in pieces`);
    for (const storage of ["f32", "bf16"] as const) {
      const title = `in pieces ${JSON.stringify(shapes)}`;
      await assertAnswer(engine, ask(op, { name: title, args }, storage), shapes);
    }
  }
});

test("values are written and read across pieces, and all memory is given back", { skip }, async () => {
  const engine = await smallEngine();
  const before = engine.memory().bytes;
  for (const storage of ["f32", "bf16", "f16"] as const) {
    const shape = [1000, 33];
    const tensor = engine.allocate({ name: "w", shape, storage });
    const values = Float32Array.from({ length: lengthOf(shape) }, (_, i) => i % 251);
    assert.ok((await engine.read(tensor)).every((value) => value === 0));
    engine.write(tensor, values);
    assert.deepEqual(await engine.read(tensor), values);
    // The first piece ends with value 384 x 33.
    engine.write(tensor, Float32Array.of(1, 2, 3, 4, 5), 384 * 33 - 3);
    assert.deepEqual(
      [...(await engine.read(tensor, 384 * 33 - 4, 384 * 33 + 3))],
      [values[384 * 33 - 4], 1, 2, 3, 4, 5, values[384 * 33 + 2]],
    );
    assert.deepEqual([...(await engine.read(tensor, 7, 7))], []);
    engine.release(tensor);
  }
  assert.equal(engine.memory().bytes, before);
});

test("ops that work on activations refuse pieces by name, and so does the counting engine", { skip }, async () => {
  const engine = await smallEngine();
  for (const one of [engine, engine.counting()]) {
    const make = (name: string): Tensor => one.allocate({ name, shape: [40, 400], storage: "f32" });
    const [gate, up, out] = [make("gate"), make("up"), make("out")];
    assert.throws(
      () => one.ops.swiGlu({ gate, up, out, length: 16_000 }),
      (error) => error instanceof OutOfMemory && error.parts.found === "no room for gate: 64000 bytes asked for, 60000 left",
    );
    for (const tensor of [gate, up, out]) one.release(tensor);
  }
  assert.throws(() => engine.allocate({ name: "one row", shape: [2, 15_001], storage: "f32" }), OutOfMemory);
});

/** Two steps of a small model: the losses, and every weight after them. */
async function trained(engine: Engine<Tensor>, vocabulary: number): Promise<ReadonlyMap<string, Float32Array>> {
  const config = parseModelConfig({ ...models["qwen2, biases, tied head"], vocab_size: vocabulary }, "config.json");
  const model = buildModel(engine, config, full);
  const settings = { adam_beta1: 0.9, adam_beta2: 0.999, adam_epsilon: 1e-8, weight_decay: 0.1, max_grad_norm: 1 };
  const optimizer = createOptimizer(engine, model.weights, settings);
  const found = new Map<string, Float32Array>();
  for (const step of [1, 2]) {
    optimizer.clearGradients();
    const { losses } = model.forwardBackward(batchOf(vocabulary), { gradScale: 1, dropoutSeed: 1 });
    await optimizer.step({ step, learningRate: 1e-2 });
    found.set(`losses of step ${step}`, (await engine.read(losses)) as Float32Array);
  }
  for (const { name, master } of model.weights.trained) found.set(name, (await engine.read(master)) as Float32Array);
  return found;
}

test("a model with its vocabulary in pieces trains as with whole tensors", { skip }, async () => {
  const vocabulary = 3001;
  const whole = await openWebgpu();
  const expected = await trained(whole as unknown as Engine<Tensor>, vocabulary);
  await whole.close();
  const found = await trained(await smallEngine(), vocabulary);
  for (const [name, values] of expected) {
    values.forEach((value, i) =>
      assert.ok(Math.abs(value - found.get(name)![i]) <= 2e-5, `${name}[${i}]: ${found.get(name)![i]}, ${value}`),
    );
  }
});
