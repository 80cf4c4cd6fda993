// From a recipe's train section to a model ready to train: the model's files, the engine, the memory it takes (told and checked before
// anything is allocated), weights, optimizer.
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { mebibytes } from "../core/count.ts";
import { aboutKey, recipeError } from "../core/errors.ts";
import { readJsonObject } from "../io/json-file.ts";
import { resolveModelFolder } from "../io/model-folder.ts";
import type { DeviceEngine, Engine, Tensor } from "../train/engine.ts";
import { openEngine } from "../train/engines/index.ts";
import { checkTensors, initialiseWeights, loadWeights, type TensorSource } from "../train/load.ts";
import type { MemoryPlan } from "../train/memory-plan.ts";
import { type ModelConfig, parseModelConfig } from "../train/model/config.ts";
import { createModel, type Model } from "../train/model/model.ts";
import { allocateWeights, type Weights } from "../train/model/weights.ts";
import { createOptimizer, type Optimizer } from "../train/optimizer.ts";
import { modelOptionsOf, storageOf, type TrainSettings, weightOptionsOf } from "../train/settings.ts";
import { openTensors } from "./checkpoint.ts";
import type { Recipe } from "./recipe.ts";
import { planTraining, withinMemory } from "./training-memory.ts";

export interface BaseModel {
  /** As the recipe names it. */
  readonly reference: string;
  /** Holds config.json, and weights unless they start at random. */
  readonly folder: string;
  /** The config's path, config.json but where the recipe names a file. */
  readonly configFile: string;
  /** What it says, and what is made of it. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly config: ModelConfig;
}

export interface TrainingSetup<T extends Tensor = Tensor> {
  readonly engine: DeviceEngine<T>;
  readonly weights: Weights<T>;
  readonly model: Model<T>;
  readonly optimizer: Optimizer<T>;
  readonly memory: MemoryPlan;
}

/** Finds the model's files (from the Hub where they are not here) and reads its config. */
export async function findBaseModel(train: Recipe["train"], say: (text: string) => void): Promise<BaseModel> {
  const { model: reference, init, method } = train;
  if (init === "random" && method !== "full") {
    throw recipeError({
      where: `train.method: ${method}`,
      key: ["train", "method"],
      expected: "a pretrained model under an adapter",
      found: "init: random",
      fix: "set method: full, or init: pretrained",
    });
  }
  if (reference === undefined) {
    throw recipeError({
      where: "train.model",
      key: ["train", "model"],
      expected: "a folder in the Hugging Face layout or a Hub id",
      found: "nothing",
      fix: "name the model to train, e.g. model: Qwen/Qwen2.5-0.5B",
    });
  }
  const local = existsSync(reference);
  const isFile = local && statSync(reference).isFile();
  const found = (): Promise<string> => aboutKey(["train", "model"], () => modelFolder(reference, say));
  const folder = local && init === "random" ? (isFile ? dirname(reference) : reference) : await found();
  const configFile = isFile ? reference : join(folder, "config.json");
  const json = readConfig(configFile);
  return { reference, folder, configFile, json, config: parseModelConfig(json, configFile) };
}

/** The model's folder; what is fetched from the Hub is told file by file. */
export async function modelFolder(reference: string, say: (text: string) => void): Promise<string> {
  const onProgress = ({ file, bytes, total }: { readonly file: string; readonly bytes: number; readonly total: number }): void => {
    if (bytes === total) say(`fetched ${file}, ${mebibytes(total)}`);
  };
  return (await resolveModelFolder(reference, { baseDir: ".", onProgress })).path;
}

function readConfig(path: string): Readonly<Record<string, unknown>> {
  const fix = "name a folder that holds the model's config.json";
  if (!existsSync(path)) throw recipeError({ where: path, expected: "a model's config.json", found: "no such file", fix });
  return readJsonObject(path, "the file is broken: get the model again");
}

/**
 * What would end training at its start, looked for before a run begins: the device, the memory on it, the model's tensors. Nothing is allocated,
 * and no weight is read.
 */
export async function checkTrainable(
  base: BaseModel,
  settings: Recipe["train"],
): Promise<Pick<Engine, "name" | "device"> & { readonly memory: MemoryPlan }> {
  const engine = await openEngine(settings);
  try {
    refuseStorage(engine, settings);
    const { memory } = planTraining(engine, base.config, settings);
    if (settings.init === "pretrained") await withTensors(base, async (source) => checkTensors(source, base.config));
    return { name: engine.name, device: engine.device, memory };
  } finally {
    await engine.close();
  }
}

/** Opens the engine and fills it. The memory a run takes is told first; what does not fit is refused with what would. */
export async function setUpTraining(base: BaseModel, recipe: Recipe, say: (text: string) => void): Promise<TrainingSetup> {
  const { train: settings, seed } = recipe;
  const engine = await openEngine(settings);
  const { config } = base;
  const fill = async (): Promise<TrainingSetup> => {
    refuseStorage(engine, settings);
    const { memory, prepare } = planTraining(engine, config, settings);
    const { parameters, parts } = memory;
    say(
      `model: ${millions(parameters.total)} parameters, ${millions(parameters.trained)} trained (${settings.method}) on ${engine.name}: ${engine.device}`,
    );
    say(
      `memory: ${mebibytes(memory.bytes)} (weights ${mebibytes(parts.weights)}, optimizer ${mebibytes(parts.optimizer)}, activations ${mebibytes(parts.activations)})`,
    );
    prepare();
    const weights = allocateWeights(engine, config, weightOptionsOf(settings));
    const optimizer = createOptimizer(engine, weights, settings);
    const model = createModel(engine, weights, modelOptionsOf(settings));
    if (settings.init === "random") initialiseWeights(engine, weights, seed);
    else await withTensors(base, (source) => loadWeights(engine, weights, source, seed));
    return { engine, weights, model, optimizer, memory };
  };
  try {
    return await withinMemory(engine, config, settings, fill);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function withTensors({ folder }: BaseModel, use: (source: TensorSource) => Promise<void>): Promise<void> {
  const { source, close } = await openTensors(folder);
  try {
    await use(source);
  } finally {
    await close();
  }
}

function refuseStorage({ name, limits }: Engine, settings: TrainSettings): void {
  if (limits.storages.includes(storageOf(settings))) return;
  throw recipeError({
    where: "train.fp16: true",
    key: ["train", "fp16"],
    expected: "a device that keeps float16",
    found: `the ${name} engine, which keeps ${limits.storages.filter((storage) => storage.includes("f")).join(" and ")}`,
    fix: "set bf16: true instead, or device: webgpu where there is a GPU",
  });
}

function millions(count: number): string {
  return `${(count / 1e6).toLocaleString("en", { maximumFractionDigits: 2 })} M`;
}
