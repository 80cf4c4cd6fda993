// How fast the WebGPU engine trains: products of a model's shapes, and whole optimizer steps of Llama-like models, beside PyTorch on the same
// card where SLUICE_TORCH names a Python that has torch and transformers. On a GPU three real sizes, on a software adapter a tiny one, beside
// PyTorch on the CPU. Everything told is measured here; without an adapter nothing is told.
import { OutOfMemory, type Storage } from "../../src/train/engine.ts";
import { findGpu, type Gpu, isSoftware, mayHaveGpu } from "../../src/train/engines/webgpu/adapter.ts";
import { createWebgpuEngine, type WebgpuEngine } from "../../src/train/engines/webgpu/index.ts";
import { createRandom } from "../../src/core/random.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import { createModel } from "../../src/train/model/model.ts";
import { allocateWeights } from "../../src/train/model/weights.ts";
import { createOptimizer } from "../../src/train/optimizer.ts";
import { integers, layDocuments } from "../../src/train/ops/page.ts";
import { torchSpeed, type TorchSpeed } from "./torch-speed.ts";
import type { GpuTensor } from "../../src/train/engines/webgpu/memory.ts";

interface Shape {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly vocab_size: number;
}

const tied = { tie_word_embeddings: true, model_type: "llama" } as const;

/** The sizes of SmolLM2-135M, Qwen2.5-0.5B and Qwen2.5-1.5B. */
const models: Readonly<Record<string, Shape>> = {
  "135M": {
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    vocab_size: 49_152,
  },
  "0.5B": {
    hidden_size: 896,
    intermediate_size: 4864,
    num_hidden_layers: 24,
    num_attention_heads: 14,
    num_key_value_heads: 2,
    vocab_size: 151_936,
  },
  "1.5B": {
    hidden_size: 1536,
    intermediate_size: 8960,
    num_hidden_layers: 28,
    num_attention_heads: 12,
    num_key_value_heads: 2,
    vocab_size: 151_936,
  },
};
const tiny: Readonly<Record<string, Shape>> = {
  tiny: { hidden_size: 64, intermediate_size: 160, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, vocab_size: 512 },
};

export async function benchGpu(): Promise<void> {
  // Without a GPU the tests' software adapter is set up where there is one.
  if (!mayHaveGpu()) await import("../cases/webgpu.ts");
  const gpu = await findGpu();
  if ("missing" in gpu) return console.log(`  nothing to measure: ${gpu.missing}`);
  const engine = await createWebgpuEngine(gpu);
  const software = isSoftware(gpu.adapter);
  console.log(`  ${engine.device}`);
  if (software) console.log("  this adapter is software: what follows says nothing about GPUs");
  const batch = software ? { sequences: 2, length: 64 } : { sequences: 4, length: 1024 };
  const rows = batch.sequences * batch.length;
  const shapes = Object.entries(software ? tiny : models);
  const fastest = { f32: 0, bf16: 0 };
  for (const storage of ["f32", "bf16"] as const) {
    for (const [name, shape] of shapes) {
      fastest[storage] = Math.max(fastest[storage], await benchProducts(engine, name, shape, { rows, storage }));
    }
  }
  for (const [name, shape] of shapes) {
    for (const storage of ["f32", "bf16"] as const) {
      const theirs = torchSpeedOf(shape, { ...batch, storage, device: software ? "cpu" : "cuda" });
      await benchSteps(engine, name, shape, { ...batch, storage, fastest: fastest[storage], torch: theirs });
    }
  }
  await engine.close();
  if (!process.env.SLUICE_TORCH) console.log("  beside PyTorch: set SLUICE_TORCH to a Python with torch and transformers");
  if (!engine.matrixUnits) return;
  const tiles = await createWebgpuEngine((await findGpu()) as Gpu, { matrices: false });
  console.log(`  the same without matrix units: ${tiles.device}`);
  for (const [name, shape] of shapes) {
    await benchProducts(tiles, name, shape, { rows, storage: "bf16" });
    await benchSteps(tiles, name, shape, { ...batch, storage: "bf16", fastest: fastest.bf16 });
  }
  await tiles.close();
}

/** GFLOP/s of the fastest round; the op is recorded `times` times a round. */
async function speed(engine: WebgpuEngine, operations: number, record: () => void): Promise<number> {
  const round = async (times: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < times; i++) record();
    await engine.finish();
    return (performance.now() - start) / times;
  };
  await round(1);
  const times = Math.max(1, Math.min(50, Math.round(40 / (await round(1)))));
  let best = Infinity;
  for (let i = 0; i < 3; i++) best = Math.min(best, await round(times));
  return operations / best / 1e6;
}

function filled(engine: WebgpuEngine, length: number, storage: Storage = "f32"): GpuTensor {
  const tensor = engine.allocate({ name: "bench", shape: [length], storage });
  fill(engine, tensor);
  return tensor;
}

/** Values as weights have them, a short piece again and again: making them otherwise takes longer than the bench. */
function fill(engine: WebgpuEngine, tensor: GpuTensor): void {
  const piece = Float32Array.from({ length: Math.min(tensor.length, 1 << 20) }, (_, i) => (((i * 7919) % 997) / 997 - 0.5) / 16);
  for (let at = 0; at < tensor.length; at += piece.length) engine.write(tensor, piece.subarray(0, tensor.length - at), at);
}

interface ProductOptions {
  readonly rows: number;
  /** Of the factors; gradients of weights are f32. */
  readonly storage: "f32" | "bf16";
}

async function benchProducts(engine: WebgpuEngine, name: string, shape: Shape, { rows, storage }: ProductOptions): Promise<number> {
  const { hidden_size: width, intermediate_size: inner, vocab_size: vocabulary } = shape;
  let fastest = 0;
  for (const [inputs, outputs] of [
    [width, width],
    [width, inner],
    [inner, width],
    [width, vocabulary],
  ]) {
    const x = filled(engine, rows * inputs, storage);
    const weight = filled(engine, outputs * inputs, storage);
    const count = outputs === vocabulary ? Math.min(rows, 256) : rows;
    const out = filled(engine, count * outputs, storage);
    const gradX = filled(engine, rows * inputs, storage);
    const gradWeight = filled(engine, outputs * inputs);
    const sizes = { rows: count, inputs, outputs, alpha: 1 };
    const operations = 2 * count * inputs * outputs;
    const { linear, linearBackwardInput, linearBackwardWeight } = engine.ops;
    const speeds = [
      await speed(engine, operations, () => linear({ x, weight, out, ...sizes, accumulate: false })),
      await speed(engine, operations, () => linearBackwardInput({ gradOut: out, weight, gradX, ...sizes, accumulate: false })),
      await speed(engine, operations, () => linearBackwardWeight({ x, gradOut: out, gradWeight, ...sizes })),
    ];
    const one = await speed(engine, 2 * inputs * outputs, () => linear({ x, weight, out, ...sizes, rows: 1, accumulate: false }));
    const told = ["forward", "to input", "to weight"].map((kind, i) => `${kind} ${speeds[i].toFixed(1)}`).join(", ");
    console.log(`  ${name} ${storage} ${count} x ${inputs} -> ${outputs}: ${told}, one row ${one.toFixed(1)} GFLOP/s`);
    fastest = Math.max(fastest, ...speeds);
    for (const tensor of [x, weight, out, gradX, gradWeight]) engine.release(tensor);
  }
  return fastest;
}

function torchSpeedOf(
  shape: Shape,
  { sequences, length, storage, device }: Pick<StepOptions, "sequences" | "length" | "storage"> & { readonly device: "cpu" | "cuda" },
): TorchSpeed | undefined {
  const config = JSON.stringify({ ...shape, tie_word_embeddings: true });
  const sizes = ["--config", config, "--sequences", String(sequences), "--length", String(length), "--device", device];
  try {
    return torchSpeed(...sizes, ...(storage === "bf16" ? ["--bf16"] : []));
  } catch (error) {
    console.log(`  PyTorch: ${(error as Error).message.trim().split("\n").at(-1)}`);
    return undefined;
  }
}

interface StepOptions {
  readonly sequences: number;
  readonly length: number;
  readonly storage: "f32" | "bf16";
  /** GFLOP/s of the fastest product measured. */
  readonly fastest: number;
  /** The same model and batch in PyTorch. */
  readonly torch?: TorchSpeed | undefined;
}

/** Whole optimizer steps of full fine-tuning. */
async function benchSteps(engine: WebgpuEngine, name: string, shape: Shape, options: StepOptions): Promise<void> {
  const { sequences, length, storage, fastest, torch } = options;
  const config = parseModelConfig({ ...tied, ...shape, hidden_act: "silu", max_position_embeddings: length }, name);
  const owned: GpuTensor[] = [];
  const tracked = {
    ...engine,
    allocate(spec: Parameters<WebgpuEngine["allocate"]>[0]): GpuTensor {
      const tensor = engine.allocate(spec);
      owned.push(tensor);
      return tensor;
    },
  };
  const title = `  ${name} ${storage}, ${sequences} x ${length} tokens a step`;
  try {
    const weights = allocateWeights(tracked, config, { method: "full", storage, training: true });
    for (const tensor of weights.values.values()) fill(engine, tensor);
    for (const { master, value } of weights.trained) if (master !== value) fill(engine, master);
    const tokens = sequences * length;
    const model = createModel(tracked, weights, { tokens, storage, checkpointing: false });
    const settings = { adam_beta1: 0.9, adam_beta2: 0.999, adam_epsilon: 1e-8, weight_decay: 0, max_grad_norm: 1 };
    const optimizer = createOptimizer(tracked, weights, settings);
    const ids = integers(createRandom(2), tokens, config.vocabulary);
    const layout = layDocuments(Array.from({ length: sequences }, () => length));
    const rows = Uint32Array.from(ids.keys()).filter((token) => token + 1 < layout.ends[token]);
    const batch = { ids, ...layout, rows, labels: rows.map((row) => ids[row + 1]) };
    const seconds: number[] = [];
    for (let step = 1; step <= 8; step++) {
      const start = performance.now();
      optimizer.clearGradients();
      const { losses } = model.forwardBackward(batch, { gradScale: 1 / rows.length, dropoutSeed: 0 });
      await optimizer.step({ step, learningRate: 1e-5 });
      await engine.read(losses as GpuTensor, 0, rows.length);
      if (step > 3) seconds.push((performance.now() - start) / 1000);
    }
    const middle = seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)];
    const matrices = [...weights.values.values()].reduce((sum, tensor) => sum + (tensor.shape.length === 2 ? tensor.length : 0), 0);
    // 6 operations a weight and token; attention's two products, causal, forward and backward.
    const { layers, heads, headSize } = config;
    const operations = 6 * matrices * tokens + 6 * tokens * length * layers * heads * headSize;
    const gflops = operations / middle / 1e9;
    // MFU: of the fastest product that anything here reached, PyTorch's included.
    const share = (100 * gflops) / Math.max(fastest, torch?.product_gflops ?? 0);
    const count = (value: number): string => Math.round(value).toLocaleString("en");
    const beside = torch
      ? `; PyTorch on ${torch.device}: ${count(torch.tokens_per_second)} tokens/s, product ${count(torch.product_gflops)} GFLOP/s: ${(tokens / middle / torch.tokens_per_second).toFixed(2)}x`
      : "";
    console.log(
      `${title}: ${count(tokens / middle)} tokens/s, ${gflops.toFixed(1)} GFLOP/s, MFU ${share.toFixed(0)} % of the fastest product; ${(engine.memory().bytes / 2 ** 30).toFixed(2)} GiB${beside}`,
    );
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
    console.log(`${title}: ${error.parts.found}`);
  } finally {
    for (const tensor of owned) engine.release(tensor);
  }
}
