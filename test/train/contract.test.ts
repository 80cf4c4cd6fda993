// Every op x every case x every engine of this machine against the op's float64 reference, within the page's bound. Backward references are
// held to finite differences in ops.test.ts. Shapes larger than the pages' try the edges of an engine's blocks.
import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import type { Engine, Storage, Tensor } from "../../src/train/engine.ts";
import { type OpName, pages } from "../../src/train/ops/index.ts";
import { casesOf, integers, layDocuments, normal, type OpCase, type OpPage, rubbish } from "../../src/train/ops/page.ts";
import { type EngineCase, engineCases } from "../cases/engines.ts";
import { ask, assertAnswer } from "../cases/ask-op.ts";
import { isArray, type PlainArgs, runOp, runReference } from "../cases/run-op.ts";

const opNames = Object.keys(pages) as OpName[];

/** Larger than one block in every direction, and not a multiple of any. */
function largeCases(): { name: OpName; opCase: OpCase<unknown> }[] {
  const random = createRandom(31);
  const cases: { name: OpName; opCase: OpCase<unknown> }[] = [];
  const add = (name: OpName, title: string, args: object): void => void cases.push({ name, opCase: { name: title, args } });
  for (const [rows, inputs, outputs] of [
    [300, 256, 137],
    [129, 521, 67],
    [9, 12, 1031],
    [1030, 9, 8],
    [9, 4100, 1030],
    [3, 70, 129],
  ]) {
    const title = `${rows} x ${inputs} -> ${outputs}`;
    const weight = normal(random, outputs * inputs, inputs ** -0.5);
    const sizes = { rows, inputs, outputs };
    const x = normal(random, rows * inputs);
    const bias = normal(random, outputs);
    add("linear", title, { x, weight, bias, out: normal(random, rows * outputs), ...sizes, alpha: 0.5, accumulate: true });
    const gradOut = normal(random, rows * outputs, outputs ** -0.5);
    add("linearBackwardInput", title, { gradOut, weight, gradX: rubbish(rows * inputs), ...sizes, alpha: 1, accumulate: false });
    const gradBias = normal(random, outputs);
    const small = normal(random, rows * outputs, rows ** -0.5);
    add("linearBackwardWeight", title, { x, gradOut: small, gradWeight: normal(random, outputs * inputs), gradBias, ...sizes, alpha: 2 });
  }
  for (const { lengths, heads, keyHeads, headSize, window } of [
    { lengths: [300], heads: 4, keyHeads: 2, headSize: 64, window: 0 },
    { lengths: [65, 1, 200, 34], heads: 6, keyHeads: 1, headSize: 20, window: 0 },
    { lengths: [150, 150], heads: 2, keyHeads: 2, headSize: 6, window: 70 },
    { lengths: [140], heads: 1, keyHeads: 1, headSize: 256, window: 9 },
  ]) {
    const { firsts, ends } = layDocuments(lengths);
    const rows = firsts.length;
    const title = `documents of ${lengths.join(", ")}, ${heads} heads of ${headSize}, window ${window}`;
    const layout = { firsts, ends, rows, heads, keyHeads, headSize, scale: headSize ** -0.5, window };
    const q = normal(random, rows * heads * headSize);
    const k = normal(random, rows * keyHeads * headSize);
    const v = normal(random, rows * keyHeads * headSize);
    const forward = { q, k, v, out: rubbish(q.length), logSumExp: rubbish(rows * heads), ...layout };
    add("attention", title, forward);
    const { out, logSumExp } = runReference("attention", forward);
    const gradients = { gradQ: rubbish(q.length), gradK: rubbish(k.length), gradV: rubbish(v.length) };
    add("attentionBackward", title, { ...forward, out, logSumExp, gradOut: normal(random, q.length), ...gradients });
    const start = 83;
    const cached = { q: q.slice(0, 70 * heads * headSize), k: normal(random, 160 * keyHeads * headSize), start, rows: 70 };
    const cachedV = normal(random, cached.k.length);
    const { firsts: _, ends: __, ...sizes } = layout;
    add("cachedAttention", title, { ...sizes, ...cached, v: cachedV, out: rubbish(cached.q.length) });
  }
  for (const width of [257, 384]) {
    const rows = 300;
    const x = normal(random, rows * width, 2);
    const weight = normal(random, width);
    const forward = { x, weight, out: rubbish(rows * width), scale: rubbish(rows), rows, width, epsilon: 1e-5 };
    add("addRmsNorm", `${rows} x ${width}`, { ...forward, delta: normal(random, rows * width), sum: rubbish(rows * width) });
    const { scale } = runReference("addRmsNorm", forward);
    const gradX = normal(random, rows * width);
    add("rmsNormBackward", `${rows} x ${width}`, {
      x,
      weight,
      scale,
      gradOut: normal(random, rows * width, 0.1),
      gradX,
      gradWeight: normal(random, width),
      rows,
      width,
    });
    const ids = integers(random, rows, 50);
    const gradTable = normal(random, 50 * width);
    add("embedBackward", `${rows} x ${width}`, { gradOut: normal(random, rows * width, 0.3), ids, gradTable, rows, width });
  }
  const length = 8192 * 3 + 5;
  const gate = normal(random, length, 30);
  add("swiGlu", `${length} values, steep`, { gate, up: normal(random, length), out: rubbish(length), length });
  return cases;
}

/** Asked once: the references of the larger cases take seconds. */
const asked = opNames.flatMap((op) =>
  (["f32", "bf16", "f16"] as const).flatMap((storage) => casesOf(pages[op] as OpPage<unknown>).map((opCase) => ask(op, opCase, storage))),
);
const askedLarge = largeCases().flatMap(({ name, opCase }) => (["f32", "bf16"] as const).map((storage) => ask(name, opCase, storage)));

for (const { name, create, missing } of engineCases satisfies readonly EngineCase[]) {
  test(name, async (t) => {
    const engine = await create();
    if (!engine) return t.skip(missing);
    const offers = (storage: Storage): boolean => engine.limits.storages.includes(storage);
    try {
      for (const op of opNames) {
        await t.test(op, async () => {
          for (const question of asked.filter((one) => one.op === op && offers(one.storage))) await assertAnswer(engine, question);
        });
      }
      await t.test("shapes of several blocks", async () => {
        for (const question of askedLarge.filter((one) => offers(one.storage))) await assertAnswer(engine, question);
      });
      await t.test("an op may write where it reads, where its page says so", async () => {
        const random = createRandom(6);
        const [length, rows, heads, headSize] = [2 * 70 * 16, 70, 2, 16];
        const up = normal(random, length);
        const gate = normal(random, length);
        const swiGlu = { gate, up, gradOut: normal(random, length), length };
        await assertInPlace(engine, "swiGluBackward", swiGlu, { gradGate: "gate", gradUp: "up" });
        await assertInPlace(engine, "dropout", { x: up, length, rate: 0.3, seed: 12 }, { out: "x" });
        const angles = normal(random, rows * (headSize / 2));
        const turn = { cos: angles.map(Math.cos), sin: angles.map(Math.sin), positions: layDocuments([rows]).positions };
        const sizes = { rows, heads, headSize };
        await assertInPlace(engine, "normRope", { x: up, ...turn, ...sizes, epsilon: 1e-5 }, { out: "x" });
        await assertInPlace(engine, "normRopeBackward", { gradOut: up, ...turn, ...sizes }, { gradX: "gradOut" });
        const norm = { x: gate, weight: normal(random, headSize), scale: normal(random, rows * heads) };
        await assertInPlace(engine, "normRopeBackward", { gradOut: up, ...norm, ...turn, ...sizes }, { gradX: "gradOut" });
      });
    } finally {
      await engine.close();
    }
  });
}

/** Outputs that are the tensors of inputs hold the same bits as outputs of their own, in f32 and bf16. */
async function assertInPlace(
  engine: Engine<Tensor>,
  name: OpName,
  args: PlainArgs,
  places: Readonly<Record<string, string>>,
): Promise<void> {
  for (const storage of (["f32", "bf16", "f16"] as const).filter((one) => engine.limits.storages.includes(one))) {
    const outputs = Object.fromEntries(Object.entries(places).map(([out, input]) => [out, rubbish((args[input] as Float64Array).length)]));
    const apart = await runOp(engine, name, { ...args, ...outputs }, storage);
    const tensors = Object.entries(args).map(([key, value]) => {
      if (!isArray(value)) return [key, value] as const;
      const kind = value instanceof Uint32Array ? "u32" : storage;
      const tensor = engine.allocate({ name: key, shape: [value.length], storage: kind });
      engine.write(tensor, value);
      return [key, tensor] as const;
    });
    const given: Record<string, unknown> = Object.fromEntries(tensors);
    for (const [out, input] of Object.entries(places)) given[out] = given[input];
    (engine.ops[name] as (args: unknown) => void)(given);
    for (const [out, input] of Object.entries(places)) {
      assert.deepEqual(await engine.read(given[input] as Tensor), apart[out], `${name}, ${storage}: ${out} in the place of ${input}`);
    }
    for (const [, tensor] of tensors) if (typeof tensor === "object") engine.release(tensor as Tensor);
  }
}
