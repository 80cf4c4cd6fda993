// Training speed beside PyTorch on the same three Llamas, in the same run: whole optimizer steps, two threads, f32. PyTorch runs where
// SLUICE_TORCH names a Python that has torch and transformers (torch-train.py); without it our own figures are told alone.
import { createRandom } from "../../src/core/random.ts";
import type { Engine } from "../../src/train/engine.ts";
import type { CpuTensor } from "../../src/train/engines/cpu/device.ts";
import { createCpuEngine } from "../../src/train/engines/cpu/index.ts";
import { initialiseWeights } from "../../src/train/load.ts";
import { parseModelConfig } from "../../src/train/model/config.ts";
import { createModel } from "../../src/train/model/model.ts";
import { allocateWeights } from "../../src/train/model/weights.ts";
import type { OpName } from "../../src/train/ops/index.ts";
import { integers, layDocuments } from "../../src/train/ops/page.ts";
import { createOptimizer } from "../../src/train/optimizer.ts";
import { torchSpeed } from "./torch-speed.ts";

const threads = 2;
const rounds = 3;
const warmup = 3;
const steps = 10;

/** As in torch-train.py. */
const models = {
  micro: {
    hidden_size: 64,
    intermediate_size: 176,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    vocab_size: 1024,
  },
  tiny: {
    hidden_size: 128,
    intermediate_size: 384,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    vocab_size: 2048,
  },
  "30m": {
    hidden_size: 512,
    intermediate_size: 1408,
    num_hidden_layers: 8,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    vocab_size: 8192,
  },
} as const;
const batches = {
  micro: { sequences: 8, length: 64 },
  tiny: { sequences: 16, length: 128 },
  "30m": { sequences: 4, length: 256 },
} as const;
type ModelName = keyof typeof models;

interface Speed {
  readonly tokensPerSecond: number;
  /** Share of the step that is matrix products, the output head with its products among them. */
  readonly productShare: number;
}

export async function benchTrain(names: readonly ModelName[] = ["micro", "tiny", "30m"]): Promise<void> {
  for (const name of names) {
    const ours: Record<"off" | "auto", number[]> = { off: [], auto: [] };
    const torch: number[] = [];
    let share = { off: 0, auto: 0 };
    // Turn and turn about: other work on the machine then hits all alike.
    for (let round = 0; round < rounds; round++) {
      for (const blas of ["off", "auto"] as const) {
        const engine = await createCpuEngine({ threads, blas });
        if (blas === "off" || engine.device.includes("BLAS")) {
          const speed = await trainSteps(engine, name);
          ours[blas].push(speed.tokensPerSecond);
          share = { ...share, [blas]: speed.productShare };
        }
        await engine.close();
      }
      const theirs = torchSpeed("--model", name, "--threads", String(threads));
      if (theirs) torch.push(theirs.tokens_per_second);
    }
    const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
    const told = (title: string, values: readonly number[], note: string): void => {
      if (values.length === 0) return console.log(`  ${title.padEnd(22)} not here`);
      const ratio = torch.length > 0 ? `  ${median(values.map((value, i) => value / torch[i])).toFixed(2)}x PyTorch` : "";
      console.log(`  ${title.padEnd(22)} ${Math.round(median(values)).toLocaleString("en").padStart(8)} tokens/s${ratio}${note}`);
    };
    console.log(`${name}: ${batches[name].sequences} x ${batches[name].length} tokens a step, ${threads} threads`);
    told("WASM alone", ours.off, `, products ${(100 * share.off).toFixed(0)} % of the step`);
    told("with OpenBLAS", ours.auto, `, products ${(100 * share.auto).toFixed(0)} % of the step`);
    if (torch.length > 0) console.log(`  ${"PyTorch".padEnd(22)} ${Math.round(median(torch)).toLocaleString("en").padStart(8)} tokens/s`);
    else console.log("  PyTorch: set SLUICE_TORCH to a Python with torch and transformers");
  }
}

async function trainSteps(engine: Engine<CpuTensor>, name: ModelName): Promise<Speed> {
  const config = parseModelConfig({ model_type: "llama", ...models[name], max_position_embeddings: batches[name].length }, name);
  const weights = allocateWeights(engine, config, { method: "full", storage: "f32", training: true });
  initialiseWeights(engine, weights, 1);
  const { sequences, length } = batches[name];
  const tokens = sequences * length;
  const timed = timeProducts(engine);
  const model = createModel(timed.engine, weights, { tokens, storage: "f32", checkpointing: false });
  const optimizer = createOptimizer(timed.engine, weights, {
    adam_beta1: 0.9,
    adam_beta2: 0.999,
    adam_epsilon: 1e-8,
    weight_decay: 0,
    max_grad_norm: 1,
  });
  const random = createRandom(2);
  const ids = integers(random, tokens, config.vocabulary);
  const layout = layDocuments(Array.from({ length: sequences }, () => length));
  const rows = Uint32Array.from(ids.keys()).filter((token) => token + 1 < layout.ends[token]);
  const batch = { ids, ...layout, rows, labels: rows.map((row) => ids[row + 1]) };
  const seconds: number[] = [];
  for (let step = 1; step <= warmup + steps; step++) {
    if (step === warmup + 1) timed.reset();
    const from = performance.now();
    optimizer.clearGradients();
    const { losses } = model.forwardBackward(batch, { gradScale: 1 / rows.length, dropoutSeed: 0 });
    await optimizer.step({ step, learningRate: 1e-4 });
    await engine.read(losses, 0, rows.length);
    if (step > warmup) seconds.push((performance.now() - from) / 1000);
  }
  const all = seconds.reduce((a, b) => a + b, 0);
  const middle = seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)];
  return { tokensPerSecond: tokens / middle, productShare: timed.seconds() / all };
}

/** The same engine, with the time spent in products added up: its ops run at once. */
function timeProducts(engine: Engine<CpuTensor>): { readonly engine: Engine<CpuTensor>; reset(): void; seconds(): number } {
  let total = 0;
  const products: readonly OpName[] = ["linear", "linearBackwardInput", "linearBackwardWeight", "headLoss"];
  const wrapped = products.map((name) => {
    const run = engine.ops[name] as (args: unknown) => void;
    const timed = (args: unknown): void => {
      const from = performance.now();
      run(args);
      total += performance.now() - from;
    };
    return [name, timed] as const;
  });
  return {
    engine: { ...engine, ops: { ...engine.ops, ...Object.fromEntries(wrapped) } },
    reset: () => void (total = 0),
    seconds: () => total / 1000,
  };
}
