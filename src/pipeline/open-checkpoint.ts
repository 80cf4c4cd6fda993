// A checkpoint (or any model in the Hugging Face layout, or a PEFT adapter) opened for asking it: weights on an engine, tokenizer, template.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { dataError, recipeError } from "../core/errors.ts";
import { readJsonFile } from "../io/json-file.ts";
import { loadTokenizerFiles } from "../io/tokenizer-files.ts";
import { type ConversationEncoder, createConversationEncoder } from "../tokenizer/conversation.ts";
import { createTokenizer } from "../tokenizer/load.ts";
import { createChatTemplate, specialTokensOf, tokenizerTemplate } from "../tokenizer/template.ts";
import type { Tokenizer, TokenizerFiles } from "../tokenizer/types.ts";
import type { Engine, Tensor } from "../train/engine.ts";
import { type EngineOptions, openEngine } from "../train/engines/index.ts";
import { loadAdapters, loadWeights } from "../train/load.ts";
import { type ModelConfig, parseModelConfig } from "../train/model/config.ts";
import { allocateWeights, type Weights } from "../train/model/weights.ts";
import { openTensors } from "./checkpoint.ts";
import { bestCheckpoint, checkpointFault, checkpointName, lastWhole } from "./checkpoint-folder.ts";
import { tokenizerFilesOf } from "./context.ts";
import { readAdapterConfig } from "./merge-adapter.ts";
import { modelFolder } from "./training-setup.ts";

export interface OpenedCheckpoint<T extends Tensor = Tensor> {
  readonly folder: string;
  readonly config: ModelConfig;
  readonly engine: Engine<T>;
  readonly weights: Weights<T>;
  readonly files: TokenizerFiles;
  readonly tokenizer: Tokenizer;
  /** Renders with the template that the checkpoint holds. */
  readonly encoder: ConversationEncoder;
  readonly eosToken: string | undefined;
  close(): Promise<void>;
}

export async function openCheckpoint(
  reference: string,
  options: EngineOptions & { readonly say: (text: string) => void },
): Promise<OpenedCheckpoint> {
  const isAdapter = existsSync(join(reference, "adapter_config.json"));
  const folder = isAdapter ? reference : await modelFolder(reference, options.say);
  const adapter = isAdapter ? readAdapterConfig(folder) : undefined;
  const base = adapter ? await modelFolder(adapter.base, options.say) : folder;
  const configFile = join(base, "config.json");
  const config = parseModelConfig(
    readJsonFile<Record<string, unknown>>(configFile, "get the model again, or name another checkpoint"),
    configFile,
  );
  const bytes = await loadTokenizerFiles(folder);
  const files = tokenizerFilesOf(folder, bytes);
  const tokenizer = createTokenizer(files);
  const jinja = bytes["chat_template.jinja"];
  const source = jinja
    ? { jinja: Buffer.from(jinja).toString("utf8"), name: join(folder, "chat_template.jinja") }
    : tokenizerTemplate(files.config, folder);
  const template = createChatTemplate({ source, files });
  const encoder = createConversationEncoder({ tokenizer, files, template, maxLength: 2 ** 30 });
  const engine = await openEngine(options);
  try {
    const weights = allocateWeights(engine, config, { method: adapter ? "lora" : "full", lora: adapter, storage: "f32", training: false });
    await filled(base, (tensors) => loadWeights(engine, weights, tensors, 0));
    if (adapter) await filled(join(folder, "adapter_model.safetensors"), (tensors) => loadAdapters(engine, weights, tensors));
    const { eos_token: eosToken } = specialTokensOf(files.config);
    return { folder, config, engine, weights, files, tokenizer, encoder, eosToken, close: () => engine.close() };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function filled(path: string, fill: (source: Awaited<ReturnType<typeof openTensors>>["source"]) => Promise<void>): Promise<void> {
  const { source, close } = await openTensors(path);
  try {
    await fill(source);
  } finally {
    await close();
  }
}

/** A checkpoint named on the command line: a folder, a run (its best checkpoint, else its last whole one), or a Hub id. */
export function checkpointOf(word: string, say: (text: string) => void): string {
  for (const folder of [word, join("data", "runs", word)]) {
    if (existsSync(join(folder, "config.json")) || existsSync(join(folder, "adapter_config.json"))) return folder;
    if (existsSync(join(folder, "plan.json"))) return checkpointOfRun(folder, say);
  }
  if (existsSync(word) && statSync(word).isDirectory()) {
    throw recipeError({
      where: word,
      expected: "a checkpoint: config.json or adapter_config.json with safetensors beside it",
      found: "neither",
      fix: "name a folder such as data/runs/<name>/checkpoints/best",
    });
  }
  return word;
}

function checkpointOfRun(run: string, say: (text: string) => void): string {
  const folder = join(run, "checkpoints");
  const best = bestCheckpoint(folder);
  const fault = best === undefined ? undefined : checkpointFault(join(folder, best), "ask");
  if (best !== undefined && fault === undefined) return join(folder, "best");
  const { step, broken } = lastWhole(folder, "ask");
  const last = step === undefined ? undefined : join(folder, checkpointName(step));
  if (best !== undefined) {
    throw dataError({
      where: join(folder, best),
      expected: "the run's best checkpoint, whole",
      found: fault!,
      fix: `${last === undefined ? "" : `name another one: ${last} is whole; or `}train again with \`sluice train ${run} --fresh\``,
    });
  }
  if (last !== undefined) {
    say(`note: no checkpoint is marked as the best, as none was evaluated: taking the last whole one, ${last}`);
    return last;
  }
  throw recipeError({
    where: run,
    expected: "a run that was trained",
    found:
      broken.length > 0
        ? `no whole checkpoint: ${broken.join("; ")}`
        : "no checkpoint: training has not begun, or ended before it saved one",
    fix: `train it with \`sluice train ${run}\`; save_steps sets how often it saves`,
  });
}
