// How a model is trained, in the words of transformers' TrainingArguments, TRL's SFTConfig and PEFT's LoraConfig.
// A recipe's `train` section has this form; see pipeline/recipe-schema.ts for defaults and ranges.
import { targetModules, type LoraOptions } from "./model/lora.ts";
import type { ModelOptions } from "./model/model.ts";
import type { WeightOptions } from "./model/weights.ts";

export interface TrainSettings {
  readonly method: "full" | "lora" | "qlora";
  /** Whether weights start from a checkpoint, which is what adapters need; it is if left out. */
  readonly init?: "pretrained" | "random" | undefined;
  readonly max_length: number;
  readonly packing: boolean;
  /** False: every token but a document's first carries loss (continual pretraining). */
  readonly assistant_only_loss: boolean;
  readonly learning_rate?: number | undefined;
  readonly lr_scheduler_type: "cosine" | "linear" | "constant" | "constant_with_warmup";
  readonly warmup_ratio: number;
  /** Whole steps; goes before warmup_ratio. */
  readonly warmup_steps?: number | undefined;
  readonly num_train_epochs: number;
  readonly max_steps?: number | undefined;
  /** Rows a forward pass; a row is a packed row, or one conversation where packing is off. */
  readonly per_device_train_batch_size: number;
  readonly gradient_accumulation_steps: number;
  readonly gradient_checkpointing: boolean;
  readonly weight_decay: number;
  readonly adam_beta1: number;
  readonly adam_beta2: number;
  readonly adam_epsilon: number;
  /** 0: gradients are not clipped. */
  readonly max_grad_norm: number;
  readonly bf16: boolean;
  readonly fp16: boolean;
  readonly r: number;
  readonly lora_alpha: number;
  readonly lora_dropout: number;
  readonly target_modules: string | readonly string[];
  readonly use_rslora: boolean;
  readonly eval_strategy: "no" | "steps" | "epoch";
  /** For eval_strategy "steps"; as in transformers, logging_steps where it is left out. */
  readonly eval_steps?: number | undefined;
  readonly save_steps?: number | undefined;
  readonly early_stopping_patience?: number | undefined;
  readonly early_stopping_threshold: number;
  readonly save_total_limit: number;
  readonly logging_steps: number;
  /** Held-out prompts answered before and after training, and the tokens an answer may have. */
  readonly sample_prompts: number;
  readonly sample_max_new_tokens: number;
}

/** How weights and activations are kept. */
export function storageOf({ bf16, fp16 }: Pick<TrainSettings, "bf16" | "fp16">): "f32" | "bf16" | "f16" {
  if (bf16) return "bf16";
  return fp16 ? "f16" : "f32";
}

/** transformers' usual rates: 2e-5 for all weights, ten times that for adapters. */
export function learningRateOf({ learning_rate, method }: Pick<TrainSettings, "learning_rate" | "method">): number {
  return learning_rate ?? (method === "full" ? 2e-5 : 2e-4);
}

export function loraOptionsOf(settings: TrainSettings): LoraOptions | undefined {
  if (settings.method === "full") return undefined;
  const { r, lora_alpha, lora_dropout, use_rslora } = settings;
  return { r, lora_alpha, lora_dropout, use_rslora, target_modules: targetModules(settings.target_modules) };
}

/** The model that is trained: a plan builds it with these too. */
export function weightOptionsOf(settings: TrainSettings): WeightOptions {
  return { method: settings.method, lora: loraOptionsOf(settings), storage: storageOf(settings), training: true };
}

export function modelOptionsOf(settings: TrainSettings): ModelOptions {
  const { max_length: positions, per_device_train_batch_size: rows, gradient_checkpointing: checkpointing } = settings;
  return { tokens: positions * rows, positions, storage: storageOf(settings), checkpointing };
}

/** The longest sample prompt, and the tokens its answer's cache must hold. */
export function sampleTokens({ max_length, sample_max_new_tokens }: TrainSettings): { readonly prompt: number; readonly capacity: number } {
  const prompt = Math.min(max_length, 1024);
  return { prompt, capacity: prompt + sample_max_new_tokens };
}

/** Tokens a piece of a prompt has in the decoder. */
export const decoderChunk = 256;
