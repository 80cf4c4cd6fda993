// How many optimizer steps there are, and each one's learning rate: transformers' Trainer and get_scheduler, number for number.
import type { TrainSettings } from "./settings.ts";
import { learningRateOf } from "./settings.ts";

export interface Schedule {
  /** Optimizer steps in all. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  /** The learning rate of step 1, 2 ... steps. */
  learningRate(step: number): number;
}

/** rows: of the training shards. */
export function createSchedule(settings: TrainSettings, rows: number): Schedule {
  const { per_device_train_batch_size, gradient_accumulation_steps, num_train_epochs, max_steps, warmup_ratio, lr_scheduler_type } =
    settings;
  const stepsPerEpoch = Math.max(1, Math.ceil(Math.ceil(rows / per_device_train_batch_size) / gradient_accumulation_steps));
  const steps = max_steps ?? Math.ceil(num_train_epochs * stepsPerEpoch);
  const warmupSteps = Math.ceil(steps * warmup_ratio);
  const peak = learningRateOf(settings);
  return {
    steps,
    stepsPerEpoch,
    warmupSteps,
    learningRate(step) {
      // transformers' schedulers count finished steps: the first step of a warmup has rate 0.
      const done = step - 1;
      if (done < warmupSteps) return (peak * done) / Math.max(1, warmupSteps);
      if (lr_scheduler_type === "constant") return peak;
      const progress = (done - warmupSteps) / Math.max(1, steps - warmupSteps);
      if (lr_scheduler_type === "linear") return peak * Math.max(0, 1 - progress);
      return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
    },
  };
}
