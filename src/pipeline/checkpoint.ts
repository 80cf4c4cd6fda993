// Checkpoints on disk: a folder in the Hugging Face layout (a whole model, or a PEFT adapter) with what training needs to go on bit for bit
// beside it: optimizer.safetensors and trainer_state.json. A folder appears under its name when it is whole; `best` points to the best one.
import { cpSync, existsSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { readJsonFile } from "../io/json-file.ts";
import { diskError, writeAtomic } from "../io/atomic.ts";
import { openSafetensors, type TensorToWrite, writeSafetensors } from "../io/safetensors.ts";
import type { Engine, Tensor } from "../train/engine.ts";
import { loadTrained, type TensorSource } from "../train/load.ts";
import { type LoopState, stateFromJson, stateToJson } from "../train/loop-state.ts";
import { modelConfigJson } from "../train/model/config.ts";
import type { Weights } from "../train/model/weights.ts";
import type { Optimizer } from "../train/optimizer.ts";

export interface CheckpointContext<T extends Tensor> {
  /** data/runs/<name>/checkpoints */
  readonly folder: string;
  readonly engine: Engine<T>;
  readonly weights: Weights<T>;
  readonly optimizer: Optimizer<T>;
  /** Files that go into every checkpoint as they are: tokenizer, chat template, generation_config.json. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** The base model as the recipe names it, for adapter_config.json. */
  readonly baseModel: string;
}

/** How weights of a storage are written, and what config.json calls that. */
export const fileTypes = {
  f32: { dtype: "F32", torch: "float32" },
  bf16: { dtype: "BF16", torch: "bfloat16" },
  f16: { dtype: "F16", torch: "float16" },
} as const;

const stateFile = "trainer_state.json";
const optimizerFile = "optimizer.safetensors";

export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

/** Writes step-N, marks the best, and removes all but the last `limit` and the best. Returns its path. */
export async function saveCheckpoint<T extends Tensor>(
  context: CheckpointContext<T>,
  state: LoopState,
  options: { readonly isBest: boolean; readonly limit: number; readonly epoch: number },
): Promise<string> {
  const { folder, weights, engine, optimizer } = context;
  const name = checkpointName(state.step);
  const target = join(folder, name);
  const unfinished = join(folder, `${name}.tmp-${process.pid}`);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    await writeModelFiles(context, unfinished);
    const moments = optimizer.moments.flatMap(({ name: tensor, m, v }, i) => {
      const { shape, master, value } = weights.trained[i];
      const list = [toWrite(engine, `m.${tensor}`, shape, m), toWrite(engine, `v.${tensor}`, shape, v)];
      return master === value ? list : [...list, toWrite(engine, `master.${tensor}`, shape, master)];
    });
    await writeSafetensors(join(unfinished, optimizerFile), moments);
    const best = state.watch.best;
    const record = {
      global_step: state.step,
      epoch: options.epoch,
      best_metric: best?.evalLoss ?? null,
      best_model_checkpoint: best ? checkpointName(best.step) : null,
      sluice: stateToJson(state),
    };
    writeAtomic(join(unfinished, stateFile), `${JSON.stringify(record, null, 2)}\n`);
    rmSync(target, { recursive: true, force: true });
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw diskError(target, error);
  }
  if (options.isBest) markBest(folder, name);
  prune(folder, options.limit);
  return target;
}

/** What transformers or PEFT load: weights, configs, tokenizer. */
async function writeModelFiles<T extends Tensor>(context: CheckpointContext<T>, folder: string): Promise<void> {
  const { engine, weights, files, baseModel } = context;
  const { config, options, trained } = weights;
  for (const [name, bytes] of Object.entries(files)) writeAtomic(join(folder, name), bytes);
  const { dtype, torch } = fileTypes[options.storage as keyof typeof fileTypes];
  const tensors = trained.map(({ name, shape, value, kind }) => ({
    ...toWrite(engine, name, shape, value),
    dtype: kind !== "norm" && kind !== "bias" && options.method === "full" ? dtype : ("F32" as const),
  }));
  if (options.method === "full") {
    writeAtomic(join(folder, "config.json"), `${JSON.stringify(modelConfigJson(config, torch), null, 2)}\n`);
    await writeSafetensors(join(folder, "model.safetensors"), tensors, { refuseNotFinite: true });
    return;
  }
  const { r, lora_alpha, lora_dropout, target_modules, use_rslora } = options.lora!;
  const adapter = {
    base_model_name_or_path: baseModel,
    bias: "none",
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha,
    lora_dropout,
    peft_type: "LORA",
    r,
    target_modules: [...target_modules],
    task_type: "CAUSAL_LM",
    use_rslora,
  };
  writeAtomic(join(folder, "adapter_config.json"), `${JSON.stringify(adapter, null, 2)}\n`);
  await writeSafetensors(join(folder, "adapter_model.safetensors"), tensors, { refuseNotFinite: true });
}

function toWrite<T extends Tensor>(engine: Engine<T>, name: string, shape: readonly number[], tensor: T): TensorToWrite {
  return { name, shape, dtype: "F32", values: async () => (await engine.read(tensor)) as Float32Array };
}

/** A link that names the best checkpoint and can be loaded like one. */
function markBest(folder: string, name: string): void {
  const link = join(folder, "best");
  const unfinished = join(folder, `best.tmp-${process.pid}`);
  rmSync(unfinished, { force: true });
  try {
    symlinkSync(name, unfinished, "dir");
    renameSync(unfinished, link);
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (process.platform !== "win32") throw error;
    // Windows gives links only to some: a copy says the same.
    rmSync(link, { recursive: true, force: true });
    cpSync(join(folder, name), link, { recursive: true });
  }
}

/** The best checkpoint's name, where one is marked. */
export function bestCheckpoint(folder: string): string | undefined {
  try {
    return basename(readlinkSync(join(folder, "best")));
  } catch {
    return existsSync(join(folder, "best", stateFile)) ? checkpointName(readState(join(folder, "best")).step) : undefined;
  }
}

/** Steps of the whole checkpoints, ascending. */
export function checkpointSteps(folder: string): number[] {
  if (!existsSync(folder)) return [];
  const steps = readdirSync(folder).flatMap((name) => {
    const step = /^step-(\d+)$/.exec(name)?.[1];
    return step !== undefined && existsSync(join(folder, name, stateFile)) ? [Number(step)] : [];
  });
  return steps.sort((a, b) => a - b);
}

function prune(folder: string, limit: number): void {
  const best = bestCheckpoint(folder);
  for (const step of checkpointSteps(folder).slice(0, -limit)) {
    const name = checkpointName(step);
    if (name !== best) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

export function readState(checkpoint: string): LoopState {
  const fix = `delete ${checkpoint}: training goes on from the checkpoint before it`;
  return stateFromJson(readJsonFile<{ readonly sluice: unknown }>(join(checkpoint, stateFile), fix).sluice);
}

/** Puts a checkpoint's weights and moments back; training goes on from the state returned. */
export async function restoreCheckpoint<T extends Tensor>(context: CheckpointContext<T>, checkpoint: string): Promise<LoopState> {
  const { engine, weights, optimizer } = context;
  await restoreWeights(context, checkpoint);
  const tensors = await openSafetensors(join(checkpoint, optimizerFile));
  try {
    for (const [i, { name, m, v }] of optimizer.moments.entries()) {
      engine.write(m, await tensors.readFloats(`m.${name}`));
      engine.write(v, await tensors.readFloats(`v.${name}`));
      const { master, value } = weights.trained[i];
      if (master !== value) engine.write(master, await tensors.readFloats(`master.${name}`));
    }
  } finally {
    await tensors.close();
  }
  return readState(checkpoint);
}

/** Puts a checkpoint's trained weights back. */
export async function restoreWeights<T extends Tensor>(
  { engine, weights }: Pick<CheckpointContext<T>, "engine" | "weights">,
  checkpoint: string,
): Promise<void> {
  const file = weights.options.method === "full" ? "model.safetensors" : "adapter_model.safetensors";
  const { source, close } = await openTensors(join(checkpoint, file));
  try {
    await loadTrained(engine, weights, source);
  } finally {
    await close();
  }
}

/** A safetensors file, index or folder as the trainer reads tensors. */
export async function openTensors(path: string): Promise<{ readonly source: TensorSource; close(): Promise<void> }> {
  const files = await openSafetensors(path);
  const source: TensorSource = {
    name: path,
    names: files.names,
    shape: (name) => (files.has(name) ? files.entry(name).shape : undefined),
    readFloats: (name) => files.readFloats(name),
  };
  return { source, close: () => files.close() };
}
