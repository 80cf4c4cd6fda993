// The model's weights by their Hugging Face names, with shapes: what a checkpoint holds and a model allocates. No values here.
import type { ModelConfig } from "./config.ts";

export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
  /** norms and biases are not decayed (transformers' rule). */
  readonly kind: "embedding" | "linear" | "bias" | "norm";
}

/** The seven projections of a layer, as PEFT names them in target_modules. */
export const projections = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"] as const;
export type Projection = (typeof projections)[number];

export interface ProjectionShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  /** self_attn or mlp */
  readonly block: "self_attn" | "mlp";
}

export function projectionShape(config: ModelConfig, name: Projection): ProjectionShape {
  const { width, innerWidth, heads, keyHeads, headSize, bias } = config;
  switch (name) {
    case "q_proj":
      return { inputs: width, outputs: heads * headSize, bias: bias.qkv, block: "self_attn" };
    case "k_proj":
    case "v_proj":
      return { inputs: width, outputs: keyHeads * headSize, bias: bias.qkv, block: "self_attn" };
    case "o_proj":
      return { inputs: heads * headSize, outputs: width, bias: bias.output, block: "self_attn" };
    case "gate_proj":
    case "up_proj":
      return { inputs: width, outputs: innerWidth, bias: bias.mlp, block: "mlp" };
    case "down_proj":
      return { inputs: innerWidth, outputs: width, bias: bias.mlp, block: "mlp" };
  }
}

/** `model.layers.3.mlp.down_proj` */
export function projectionName(config: ModelConfig, layer: number, name: Projection): string {
  return `model.layers.${layer}.${projectionShape(config, name).block}.${name}`;
}

export const embeddingName = "model.embed_tokens.weight";
export const finalNormName = "model.norm.weight";
export const headName = "lm_head.weight";

export function layerNormNames(layer: number): { readonly input: string; readonly post: string; readonly q: string; readonly k: string } {
  const prefix = `model.layers.${layer}`;
  return {
    input: `${prefix}.input_layernorm.weight`,
    post: `${prefix}.post_attention_layernorm.weight`,
    q: `${prefix}.self_attn.q_norm.weight`,
    k: `${prefix}.self_attn.k_norm.weight`,
  };
}

/** All weights in the order of transformers' state_dict; a tied head is not listed. */
export function parameterShapes(config: ModelConfig): ParameterShape[] {
  const { width, vocabulary, headSize } = config;
  const list: ParameterShape[] = [{ name: embeddingName, shape: [vocabulary, width], kind: "embedding" }];
  for (let layer = 0; layer < config.layers; layer++) {
    const norms = layerNormNames(layer);
    for (const projection of projections) {
      const { inputs, outputs, bias } = projectionShape(config, projection);
      const name = projectionName(config, layer, projection);
      list.push({ name: `${name}.weight`, shape: [outputs, inputs], kind: "linear" });
      if (bias) list.push({ name: `${name}.bias`, shape: [outputs], kind: "bias" });
    }
    if (config.headNorm) {
      list.push({ name: norms.q, shape: [headSize], kind: "norm" }, { name: norms.k, shape: [headSize], kind: "norm" });
    }
    list.push({ name: norms.input, shape: [width], kind: "norm" }, { name: norms.post, shape: [width], kind: "norm" });
  }
  list.push({ name: finalNormName, shape: [width], kind: "norm" });
  if (!config.tied) list.push({ name: headName, shape: [vocabulary, width], kind: "linear" });
  return list;
}
