// Checkpoints on disk: a folder in the Hugging Face layout (a whole model, or a PEFT adapter) with what training needs to go on bit for bit
// beside it: optimizer.safetensors and trainer_state.json. A folder appears under its name when it is whole; `best` points to the best one.
import { cpSync, existsSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { type FileRecord, marker, writeAtomic } from "../io/atomic.ts";
import { removeFolder, writeFolder } from "../io/atomic-folder.ts";
import type { Sha256 } from "../io/checksum.ts";
import { openSafetensors, type TensorToWrite, writeSafetensors, type WrittenFile } from "../io/safetensors.ts";
import type { Engine, Tensor } from "../train/engine.ts";
import { loadTrained, type TensorSource } from "../train/load.ts";
import { type LoopState, stateToJson } from "../train/loop-state.ts";
import type { WeightOptions, Weights } from "../train/model/weights.ts";
import type { Optimizer } from "../train/optimizer.ts";
import { bestCheckpoint, checkpointName, checkpointSteps, optimizerFile, readState, stateFile } from "./checkpoint-folder.ts";

export interface CheckpointContext<T extends Tensor> {
  /** data/runs/<name>/checkpoints */
  readonly folder: string;
  readonly engine: Engine<T>;
  readonly weights: Weights<T>;
  readonly optimizer: Optimizer<T>;
  /** Files that go into every checkpoint as they are: tokenizer, chat template, generation_config.json. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** config.json of a whole model. */
  readonly config: Uint8Array;
  /** The base model as the recipe names it, for adapter_config.json. */
  readonly baseModel: string;
}

/** How weights of a storage are written, and what config.json calls that. */
export const fileTypes = {
  f32: { dtype: "F32", torch: "float32" },
  bf16: { dtype: "BF16", torch: "bfloat16" },
  f16: { dtype: "F16", torch: "float16" },
} as const;

/** Writes step-N, marks the best, and removes all but the last `limit` and the best. Returns its path. */
export async function saveCheckpoint<T extends Tensor>(
  context: CheckpointContext<T>,
  state: LoopState,
  options: { readonly isBest: boolean; readonly limit: number; readonly epoch: number },
): Promise<string> {
  const { folder, weights, engine, optimizer } = context;
  const name = checkpointName(state.step);
  const target = join(folder, name);
  await writeFolder(target, async (unfinished) => {
    const files = await writeModelFiles(context, unfinished);
    const moments = optimizer.moments.flatMap(({ name: tensor, m, v }, i) => {
      const { shape, master, value } = weights.trained[i];
      const list = [toWrite(engine, `m.${tensor}`, shape, m), toWrite(engine, `v.${tensor}`, shape, v)];
      return master === value ? list : [...list, toWrite(engine, `master.${tensor}`, shape, master)];
    });
    files.push(...recordsOf(await writeSafetensors(join(unfinished, optimizerFile), moments)));
    const best = state.watch.best;
    const record = {
      global_step: state.step,
      epoch: options.epoch,
      best_metric: best?.evalLoss ?? null,
      best_model_checkpoint: best ? checkpointName(best.step) : null,
      sluice: stateToJson(state),
      files,
    };
    writeAtomic(join(unfinished, stateFile), `${JSON.stringify(record, null, 2)}\n`);
  });
  if (options.isBest) await markBest(folder, name);
  removeOld(folder, state.step, options.limit);
  removeLater(folder, state.step);
  return target;
}

/** What transformers or PEFT load: weights, configs, tokenizer. */
async function writeModelFiles<T extends Tensor>(context: CheckpointContext<T>, folder: string): Promise<FileRecord<Sha256>[]> {
  const { engine, weights, files, config, baseModel } = context;
  const { options, trained } = weights;
  const write = (file: string, content: string | Uint8Array): FileRecord<Sha256> => ({ file, ...writeAtomic(join(folder, file), content) });
  const written = Object.entries(files).map(([name, bytes]) => write(name, bytes));
  const { dtype } = fileTypes[options.storage as keyof typeof fileTypes];
  const tensors = trained.map(({ name, shape, value, kind }) => ({
    ...toWrite(engine, name, shape, value),
    dtype: kind !== "norm" && kind !== "bias" && options.method === "full" ? dtype : ("F32" as const),
  }));
  if (options.method === "full") {
    written.push(write("config.json", config));
  } else {
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
    written.push(write("adapter_config.json", `${JSON.stringify(adapter, null, 2)}\n`));
  }
  const path = join(folder, weightsFile(options.method));
  return [...written, ...recordsOf(await writeSafetensors(path, tensors, { refuseNotFinite: true }))];
}

/** Named below their folder. */
export function recordsOf(written: readonly WrittenFile[]): FileRecord<Sha256>[] {
  return written.map(({ path, bytes, sha256 }) => ({ file: basename(path), bytes, sha256 }));
}

function weightsFile(method: WeightOptions["method"]): string {
  return method === "full" ? "model.safetensors" : "adapter_model.safetensors";
}

function toWrite<T extends Tensor>(engine: Engine<T>, name: string, shape: readonly number[], tensor: T): TensorToWrite {
  return { name, shape, dtype: "F32", values: async () => (await engine.read(tensor)) as Float32Array };
}

/** After a kill between a checkpoint and its mark, or a return to an earlier checkpoint: the best is again the one that is known as such. */
export async function renewBest(folder: string, best: { readonly step: number } | null | undefined): Promise<void> {
  const name = best ? checkpointName(best.step) : undefined;
  if (name === bestCheckpoint(folder)) return;
  if (name !== undefined && existsSync(join(folder, name, stateFile))) await markBest(folder, name);
  else removeFolder(join(folder, "best"));
}

/** After a kill while a checkpoint's saving came to its end: what was left to do of it. */
export async function endSaving(folder: string, { step, watch }: LoopState, limit: number): Promise<void> {
  await renewBest(folder, watch.best);
  removeOld(folder, step, limit);
}

/** A link that names the best checkpoint and can be loaded like one. */
async function markBest(folder: string, name: string): Promise<void> {
  const link = join(folder, "best");
  const unfinished = join(folder, `best${marker}${process.pid}`);
  rmSync(unfinished, { recursive: true, force: true });
  try {
    symlinkSync(name, unfinished, "dir");
    renameSync(unfinished, link);
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (process.platform !== "win32") throw error;
    // Windows gives links only to some: a copy says the same.
    await writeFolder(link, (copy) => cpSync(join(folder, name), copy, { recursive: true }));
  }
}

/** Removes the checkpoints up to step `last` but the last `limit` of them and the best. */
function removeOld(folder: string, last: number, limit: number): void {
  const steps = checkpointSteps(folder).filter((step) => step <= last);
  removeSteps(folder, steps.slice(0, -limit));
}

/** Later ones are damaged: training did not go on from them. */
function removeLater(folder: string, last: number): void {
  removeSteps(
    folder,
    checkpointSteps(folder).filter((step) => step > last),
  );
}

function removeSteps(folder: string, steps: readonly number[]): void {
  const best = bestCheckpoint(folder);
  for (const name of steps.map(checkpointName)) if (name !== best) removeFolder(join(folder, name));
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
  const { source, close } = await openTensors(join(checkpoint, weightsFile(weights.options.method)));
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
