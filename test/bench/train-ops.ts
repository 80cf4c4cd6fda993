// How fast the CPU engine is: products, attention and the output head, and where the time of a whole training pass goes.
// Best of several rounds: others use the machine too.
import { createRandom, type Random } from "../../src/core/random.ts";
import type { Engine } from "../../src/train/engine.ts";
import type { CpuTensor } from "../../src/train/engines/cpu/device.ts";
import { createCpuEngine } from "../../src/train/engines/cpu/index.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import { createModel } from "../../src/train/model/model.ts";
import { allocateWeights } from "../../src/train/model/weights.ts";
import type { OpName } from "../../src/train/ops/index.ts";
import { integers, layDocuments, normal } from "../../src/train/ops/page.ts";

/** At least so many rounds, and so many milliseconds of them. */
const leastRounds = 3;
const leastTime = 300;
type Cpu = Engine<CpuTensor>;

/** model_type llama; tokens of a batch, in documents of 128. */
const models = {
  "1M": { width: 128, inner: 384, layers: 4, heads: 4, keyHeads: 2, vocabulary: 2048, tokens: 2048 },
  "30M": { width: 512, inner: 1408, layers: 8, heads: 8, keyHeads: 8, vocabulary: 8192, tokens: 1024 },
} as const;

export async function benchTrainOps(): Promise<void> {
  for (const blas of ["off", "auto"] as const) {
    for (const threads of [1, 2]) {
      const engine = await createCpuEngine({ threads, blas });
      const skipped = blas === "auto" && !engine.device.includes("OpenBLAS");
      console.log(skipped ? "OpenBLAS: not installed" : engine.device);
      if (!skipped) {
        benchProducts(engine);
        benchAttention(engine);
        benchHead(engine);
        for (const name of Object.keys(models) as (keyof typeof models)[]) benchModel(engine, name);
      }
      await engine.close();
    }
  }
}

/** Milliseconds of the fastest round. */
function best(run: () => void): number {
  let least = Infinity;
  const start = performance.now();
  for (let round = 0; round < leastRounds || performance.now() - start < leastTime; round++) {
    const from = performance.now();
    run();
    least = Math.min(least, performance.now() - from);
  }
  return least;
}

function told(name: string, milliseconds: number, operations?: number): void {
  const speed = operations === undefined ? "" : `  ${(operations / milliseconds / 1e6).toFixed(1)} GFLOPS`;
  console.log(`  ${name.padEnd(52)} ${milliseconds.toFixed(2).padStart(8)} ms${speed}`);
}

function floats(engine: Cpu, random: Random, length: number, deviation = 1): CpuTensor {
  const tensor = engine.allocate({ name: "bench", shape: [length], storage: "f32" });
  // A short piece again and again: making normal values takes longer than the bench.
  const piece = Float32Array.from(normal(random, Math.min(length, 9973), deviation));
  engine.write(
    tensor,
    Float32Array.from({ length }, (_, i) => piece[i % piece.length]),
  );
  return tensor;
}

function words(engine: Cpu, values: Uint32Array): CpuTensor {
  const tensor = engine.allocate({ name: "bench", shape: [values.length], storage: "u32" });
  engine.write(tensor, values);
  return tensor;
}

function benchProducts(engine: Cpu): void {
  const random = createRandom(1);
  for (const [rows, inputs, outputs] of [
    [2048, 768, 768],
    [512, 512, 512],
    [2048, 128, 384],
    [1, 768, 2048],
  ]) {
    const x = floats(engine, random, rows * inputs);
    const weight = floats(engine, random, outputs * inputs, inputs ** -0.5);
    const out = floats(engine, random, rows * outputs);
    const gradX = floats(engine, random, rows * inputs);
    const gradWeight = floats(engine, random, outputs * inputs);
    const sizes = { rows, inputs, outputs, alpha: 1 };
    const operations = 2 * rows * inputs * outputs;
    const title = `${rows} x ${inputs} -> ${outputs}`;
    told(
      `linear ${title}`,
      best(() => engine.ops.linear({ x, weight, out, ...sizes, accumulate: false })),
      operations,
    );
    if (rows > 1) {
      told(
        `linearBackwardInput ${title}`,
        best(() => engine.ops.linearBackwardInput({ gradOut: out, weight, gradX, ...sizes, accumulate: false })),
        operations,
      );
      told(
        `linearBackwardWeight ${title}`,
        best(() => engine.ops.linearBackwardWeight({ x, gradOut: out, gradWeight, ...sizes })),
        operations,
      );
    }
    for (const tensor of [x, weight, out, gradX, gradWeight]) engine.release(tensor);
  }
}

function benchAttention(engine: Cpu): void {
  const random = createRandom(2);
  const [rows, heads, keyHeads, headSize] = [2048, 8, 4, 64];
  const [q, out, gradOut, gradQ] = Array.from({ length: 4 }, () => floats(engine, random, rows * heads * headSize));
  const [k, v, gradK, gradV] = Array.from({ length: 4 }, () => floats(engine, random, rows * keyHeads * headSize));
  const logSumExp = floats(engine, random, rows * heads);
  for (const length of [128, 2048]) {
    const { firsts, ends } = layDocuments(new Array<number>(rows / length).fill(length));
    const layout = { firsts: words(engine, firsts), ends: words(engine, ends), rows, heads, keyHeads, headSize, scale: headSize ** -0.5 };
    const title = `${rows / length} x ${length} tokens, ${heads} heads of ${headSize}`;
    /** Of one product of causal attention. */
    const operations = rows * length * heads * headSize;
    const tensors = { q, k, v, out, logSumExp, ...layout, window: 0 };
    told(
      `attention ${title}`,
      best(() => engine.ops.attention(tensors)),
      2 * operations,
    );
    told(
      `attentionBackward ${title}`,
      best(() => engine.ops.attentionBackward({ ...tensors, gradOut, gradQ, gradK, gradV })),
      5 * operations,
    );
  }
}

function benchHead(engine: Cpu): void {
  const random = createRandom(3);
  const [supervised, width, vocabulary] = [512, 512, 8192];
  const x = floats(engine, random, supervised * width);
  const weight = floats(engine, random, vocabulary * width, width ** -0.5);
  const gradX = floats(engine, random, supervised * width);
  const gradWeight = floats(engine, random, vocabulary * width);
  const losses = floats(engine, random, supervised);
  const rows = words(
    engine,
    Uint32Array.from({ length: supervised }, (_, i) => i),
  );
  const labels = words(engine, integers(random, supervised, vocabulary));
  const sizes = { gradScale: 1 / supervised, supervised, width, vocabulary };
  told(
    `headLoss ${supervised} x ${width} -> ${vocabulary}, backward`,
    best(() => engine.ops.headLoss({ x, weight, rows, labels, losses, gradX, gradWeight, ...sizes })),
    6 * supervised * width * vocabulary,
  );
  for (const tensor of [x, weight, gradX, gradWeight, losses, rows, labels]) engine.release(tensor);
}

/** forwardBackward of a whole model: milliseconds, and the share of each op. */
function benchModel(engine: Cpu, name: keyof typeof models): void {
  const { width, inner, layers, heads, keyHeads, vocabulary, tokens } = models[name];
  const json = {
    model_type: "llama",
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyHeads,
    hidden_act: "silu",
  };
  const spent = new Map<string, number>();
  const ops = Object.fromEntries(
    Object.entries(engine.ops).map(([op, run]) => [
      op,
      (args: never) => {
        const from = performance.now();
        (run as (args: never) => void)(args);
        spent.set(op, (spent.get(op) ?? 0) + performance.now() - from);
      },
    ]),
  ) as unknown as Cpu["ops"] satisfies Readonly<Record<OpName, unknown>>;
  const random = createRandom(4);
  const weights = allocateWeights({ ...engine, ops }, parseModelConfig(json, "bench"), { method: "full", storage: "f32", training: true });
  for (const tensor of weights.values.values()) {
    const piece = normal(random, Math.min(tensor.length, 9973), 0.02);
    engine.write(
      tensor,
      Float32Array.from({ length: tensor.length }, (_, i) => piece[i % piece.length] + (tensor.shape.length === 1 ? 1 : 0)),
    );
  }
  const model = createModel({ ...engine, ops }, weights, { tokens, storage: "f32", checkpointing: false });
  const layout = layDocuments(new Array<number>(tokens / 128).fill(128));
  const ids = integers(random, tokens, vocabulary);
  const rows = Uint32Array.from({ length: tokens - 1 }, (_, i) => i).filter((row) => layout.firsts[row] === layout.firsts[row + 1]);
  const batch = { ids, ...layout, rows, labels: rows.map((row) => ids[row + 1]) };
  let least = Infinity;
  let shares: [string, number][] = [];
  for (let i = 0; i < (name === "1M" ? 10 : 3); i++) {
    spent.clear();
    const from = performance.now();
    model.forwardBackward(batch, { gradScale: 1 / rows.length, dropoutSeed: i });
    const all = performance.now() - from;
    if (all < least) shares = [...spent, ["outside ops", all - [...spent.values()].reduce((sum, value) => sum + value, 0)]];
    least = Math.min(least, all);
  }
  told(`${name} llama, forward and backward, ${tokens} tokens`, least);
  console.log(`    ${((tokens / least) * 1000).toFixed(0)} tokens/s`);
  for (const [op, time] of shares.sort((a, b) => b[1] - a[1])) {
    if (time / least > 0.004)
      console.log(`    ${op.padEnd(24)} ${time.toFixed(2).padStart(8)} ms ${((100 * time) / least).toFixed(1).padStart(5)} %`);
  }
}
