// A project that trains: a few hundred short rows, a tiny model that starts at random, a recipe that goes on to training.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "../../src/core/random.ts";
import type { MetricsLine } from "../../src/pipeline/metrics.ts";
import type { TrainingRecord } from "../../src/pipeline/training-record.ts";
import { createProject, type Project, sampleTokenizer } from "./project.ts";

export const tinyConfig = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 4096,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 512,
  tie_word_embeddings: true,
};

/** Settings of a training that takes a second or two. */
const defaults = {
  model: "model",
  init: "random",
  max_length: 128,
  learning_rate: 0.01,
  max_steps: 24,
  per_device_train_batch_size: 2,
  gradient_accumulation_steps: 2,
  eval_strategy: "steps",
  eval_steps: 8,
  logging_steps: 4,
  sample_prompts: 4,
  sample_max_new_tokens: 24,
};

/** `train` adds to or replaces the settings above; null takes one out. */
export function writeTrainingRecipe(project: Project, train: Readonly<Record<string, unknown>> = {}): void {
  const settings = Object.entries({ ...defaults, ...train }).filter(([, value]) => value !== null);
  project.write(
    "recipe.yaml",
    `name: tiny
seed: 3
tokenizer: tokenizer
chat_template: tokenizer
sources: { shop: { path: rows.jsonl } }
hold_out: { fraction: 0.1, max_rows: 40 }
filters: {}
dedup: false
train:
${settings.map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`).join("\n")}
`,
  );
}

export function createTrainingProject(train?: Readonly<Record<string, unknown>>, rows = questions(300)): Project {
  const project = createProject();
  mkdirSync(join(project.folder, "tokenizer"));
  for (const file of ["tokenizer.json", "tokenizer_config.json"])
    copyFileSync(join(sampleTokenizer, file), join(project.folder, "tokenizer", file));
  project.write("model/config.json", JSON.stringify(tinyConfig));
  project.write("rows.jsonl", rows);
  writeTrainingRecipe(project, train);
  return project;
}

const colours = ["red", "green", "blue", "white", "black", "yellow"];
const things = ["door", "lamp", "boat", "shoe", "bell", "cup", "coat", "wall"];

/** Rows whose answers follow from their questions; each question's number makes it a row of its own. */
export function questions(count: number, options: { readonly prefix?: string; readonly answer?: string } = {}): string {
  const random = createRandom(9);
  const pick = (list: readonly string[]): string => list[random.below(list.length)];
  const lines = Array.from({ length: count }, (_, i) => {
    const colour = pick(colours);
    const thing = pick(things);
    const content = `${options.prefix ?? ""}Order ${i}: the ${thing} is ${colour}. Which colour is it?`;
    const messages = [
      { role: "user", content },
      { role: "assistant", content: options.answer ?? `The ${thing} is ${colour}.` },
    ];
    return JSON.stringify({ messages });
  });
  return `${lines.join("\n")}\n`;
}

/** Where the project's run is. */
export const run = "data/runs/tiny";

export function recordOf(project: Project): TrainingRecord {
  return JSON.parse(project.read(`${run}/training.json`)) as TrainingRecord;
}

export function metricsOf(project: Project): MetricsLine[] {
  return project
    .read(`${run}/metrics.jsonl`)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as MetricsLine);
}

/** SHA-256 of each file of a checkpoint. */
export function checkpointHashes(project: Project, step: string): Record<string, string> {
  const folder = join(project.folder, run, "checkpoints", step);
  const hash = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
  return Object.fromEntries(readdirSync(folder).map((name) => [name, hash(name)]));
}

/** The training curve without what differs from run to run. */
export function curveOf(project: Project): unknown[] {
  return metricsOf(project).map((line) => ({ ...line, tokens_per_second: undefined }));
}
