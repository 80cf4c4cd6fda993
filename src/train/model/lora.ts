// LoRA: y += (alpha / r) B A x beside a frozen projection (Hu et al. 2021, arXiv 2106.09685); names, shapes and init as in PEFT.
import { recipeError } from "../../core/errors.ts";
import type { ModelConfig } from "./config.ts";
import { type ParameterShape, type Projection, projectionName, projections, projectionShape } from "./parameters.ts";

export interface LoraOptions {
  readonly r: number;
  readonly lora_alpha: number;
  readonly lora_dropout: number;
  readonly target_modules: readonly Projection[];
  /** Scale by alpha / sqrt(r) (Kalajdzievski 2023, arXiv 2312.03732). */
  readonly use_rslora: boolean;
}

export function loraScale({ r, lora_alpha, use_rslora }: LoraOptions): number {
  return lora_alpha / (use_rslora ? Math.sqrt(r) : r);
}

/** A[r, inputs] starts uniform (Kaiming, a = sqrt 5: bound 1 / sqrt(inputs)), B[outputs, r] at zero. */
export function loraShapes(config: ModelConfig, { r, target_modules }: LoraOptions): ParameterShape[] {
  const list: ParameterShape[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    for (const projection of projections) {
      if (!target_modules.includes(projection)) continue;
      const { inputs, outputs } = projectionShape(config, projection);
      const name = projectionName(config, layer, projection);
      list.push({ name: loraName(name, "A"), shape: [r, inputs], kind: "linear" });
      list.push({ name: loraName(name, "B"), shape: [outputs, r], kind: "linear" });
    }
  }
  return list;
}

/** PEFT's name of an adapter's matrix in adapter_model.safetensors. */
export function loraName(projection: string, matrix: "A" | "B"): string {
  return `base_model.model.${projection}.lora_${matrix}.weight`;
}

/** The recipe's target_modules: "all-linear", or names of projections. */
export function targetModules(given: string | readonly string[]): readonly Projection[] {
  const names = typeof given === "string" ? (given === "all-linear" ? projections : given.split(/[\s,]+/)) : given;
  return names.map((name) => {
    const known = projections.find((projection) => projection === name);
    if (known) return known;
    throw recipeError({
      where: "train.target_modules",
      expected: `all-linear, or some of ${projections.join(", ")}`,
      found: name,
      fix: "name the projections as PEFT does",
    });
  });
}
