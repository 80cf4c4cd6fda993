// Values into a model's weights: from a checkpoint's tensors, or random. Every tensor is checked; nothing is guessed. Opens no files.
import { dataError } from "../core/errors.ts";
import { type Engine, lengthOf, type Tensor } from "./engine.ts";
import { initialiseAdapters, initialValues } from "./initialise.ts";
import { loraShapes } from "./model/lora.ts";
import type { ModelConfig } from "./model/config.ts";
import { headName, parameterShapes, type ParameterShape } from "./model/parameters.ts";
import type { Weights } from "./model/weights.ts";
import { quantizeNf4 } from "./nf4.ts";

/** Tensors by their Hugging Face names, as a safetensors reader gives them. */
export interface TensorSource {
  /** For errors: the file or folder. */
  readonly name: string;
  readonly names: readonly string[];
  /** The shape, or undefined where there is no such tensor. */
  shape(name: string): readonly number[] | undefined;
  readFloats(name: string): Promise<Float32Array>;
}

/** Fills all weights of the base model. Adapters start as PEFT starts them. */
export async function loadWeights<T extends Tensor>(
  engine: Engine<T>,
  weights: Weights<T>,
  source: TensorSource,
  seed: number,
): Promise<void> {
  const { config } = weights;
  checkTensors(source, config);
  for (const parameter of parameterShapes(config)) {
    const values = await readChecked(source, parameter);
    writeParameter(engine, weights, parameter.name, values);
  }
  initialiseAdapters(engine, weights, seed);
}

/** Whether all tensors of the base model are there with their shapes, and no others: what can be known without reading them. */
export function checkTensors(source: TensorSource, config: ModelConfig): void {
  const shapes = parameterShapes(config);
  checkNames(source, shapes, config.tied);
  for (const parameter of shapes) checkShape(source, parameter);
}

/** Fills all weights with random values. */
export function initialiseWeights<T extends Tensor>(engine: Engine<T>, weights: Weights<T>, seed: number): void {
  for (const parameter of parameterShapes(weights.config))
    writeParameter(engine, weights, parameter.name, initialValues(weights.config, parameter, seed));
  initialiseAdapters(engine, weights, seed);
}

/** Fills the trained weights (adapters, or all) from a checkpoint of this run. */
export async function loadTrained<T extends Tensor>(engine: Engine<T>, weights: Weights<T>, source: TensorSource): Promise<void> {
  for (const parameter of weights.trained) writeParameter(engine, weights, parameter.name, await readChecked(source, parameter));
}

/** Fills the adapters' matrices of a model that is only asked, not trained. */
export async function loadAdapters<T extends Tensor>(
  engine: Engine<T>,
  { config, options, values }: Weights<T>,
  source: TensorSource,
): Promise<void> {
  for (const parameter of loraShapes(config, options.lora!))
    engine.write(values.get(parameter.name)!, await readChecked(source, parameter));
}

/** Into what the model computes with, and into the optimizer's f32 original where there is one. */
function writeParameter<T extends Tensor>(engine: Engine<T>, weights: Weights<T>, name: string, values: Float32Array): void {
  const quantised = weights.nf4.get(name);
  if (quantised) {
    const { codes, scaleCodes, scaleRanges, offset } = quantizeNf4(values);
    engine.write(quantised.codes, codes);
    engine.write(quantised.scaleCodes, scaleCodes);
    engine.write(quantised.scaleRanges, scaleRanges);
    engine.write(quantised.offset, Float32Array.of(offset));
    return;
  }
  const value = weights.values.get(name)!;
  engine.write(value, values);
  const master = weights.trained.find((trained) => trained.name === name)?.master;
  if (master && master !== value) engine.write(master, values);
}

type NamedShape = Pick<ParameterShape, "name" | "shape">;

function checkShape(source: TensorSource, { name, shape }: NamedShape): void {
  const found = source.shape(name);
  const where = `${source.name} ${name}`;
  if (!found) {
    throw dataError({
      where,
      expected: `a tensor of shape [${shape.join(", ")}]`,
      found: "no such tensor",
      fix: "the weights do not belong to config.json: download both again",
    });
  }
  if (found.length !== shape.length || found.some((size, i) => size !== shape[i])) {
    throw dataError({
      where,
      expected: `shape [${shape.join(", ")}], as config.json says`,
      found: `[${found.join(", ")}]`,
      fix: "the weights do not belong to config.json: use those that came with it",
    });
  }
}

async function readChecked(source: TensorSource, { name, shape }: NamedShape): Promise<Float32Array> {
  checkShape(source, { name, shape });
  const where = `${source.name} ${name}`;
  const values = await source.readFloats(name);
  if (values.length !== lengthOf(shape)) throw new Error(`${where}: ${values.length} values for shape [${shape.join(", ")}]`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw dataError({
      where: `${where}[${bad}]`,
      expected: "a finite number",
      found: String(values[bad]),
      fix: "the checkpoint is broken: take an earlier one or download it again",
    });
  }
  return values;
}

/** A tensor that the model does not have would be lost in silence. */
function checkNames(source: TensorSource, shapes: readonly ParameterShape[], tied: boolean): void {
  const known = new Set(shapes.map(({ name }) => name));
  // A tied head is the embedding table, stored twice by some; buffers that old versions saved are computed anew.
  const spare = (name: string): boolean => (tied && name === headName) || name.endsWith(".rotary_emb.inv_freq");
  const unknown = source.names.filter((name) => !known.has(name) && !spare(name));
  if (unknown.length === 0) return;
  throw dataError({
    where: source.name,
    expected: "only tensors of the model that config.json describes",
    found: `${unknown.slice(0, 3).join(", ")}${unknown.length > 3 ? ` and ${unknown.length - 3} more` : ""}`,
    fix: "is this another model's checkpoint, or one with adapters? Merge adapters first",
  });
}
