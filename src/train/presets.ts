// Settings for the usual scales of model and data. A recipe names one in train.preset and overrides what it likes.
import type { TrainSettings } from "./settings.ts";

export const presetNames = ["1b-1k", "7b-50k", "70b-500k", "continual-pretraining"] as const;
export type PresetName = (typeof presetNames)[number];

export const presets: Readonly<Record<PresetName, Partial<TrainSettings>>> = {
  // A small model on about a thousand rows: many passes, so the evaluation loss decides when to stop.
  "1b-1k": {
    method: "lora",
    r: 8,
    lora_alpha: 16,
    learning_rate: 2e-4,
    num_train_epochs: 7,
    eval_strategy: "epoch",
    early_stopping_patience: 2,
  },
  "7b-50k": {
    method: "lora",
    r: 16,
    lora_alpha: 32,
    learning_rate: 2e-4,
    num_train_epochs: 3,
    gradient_checkpointing: true,
    bf16: true,
  },
  "70b-500k": {
    method: "qlora",
    r: 64,
    lora_alpha: 128,
    learning_rate: 1e-5,
    num_train_epochs: 2,
    gradient_checkpointing: true,
    bf16: true,
  },
  "continual-pretraining": {
    method: "full",
    assistant_only_loss: false,
    learning_rate: 1e-4,
    num_train_epochs: 1,
  },
};
