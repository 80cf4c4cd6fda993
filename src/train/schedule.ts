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

/** As in transformers, a constant rate is constant from the first step on. */
export function warms({ lr_scheduler_type }: Pick<TrainSettings, "lr_scheduler_type">): boolean {
  return lr_scheduler_type !== "constant";
}

/** rows: of the training shards. */
export function createSchedule(settings: TrainSettings, rows: number): Schedule {
  const { per_device_train_batch_size, gradient_accumulation_steps, num_train_epochs, max_steps, lr_scheduler_type } = settings;
  const stepsPerEpoch = Math.max(1, Math.ceil(Math.ceil(rows / per_device_train_batch_size) / gradient_accumulation_steps));
  const steps = max_steps ?? Math.ceil(num_train_epochs * stepsPerEpoch);
  const warmupSteps = warms(settings) ? (settings.warmup_steps ?? Math.ceil(steps * settings.warmup_ratio)) : 0;
  const peak = learningRateOf(settings);
  return {
    steps,
    stepsPerEpoch,
    warmupSteps,
    learningRate(step) {
      // transformers' schedulers count finished steps: the first step of a warmup has rate 0.
      const done = step - 1;
      if (done < warmupSteps) return (peak * done) / Math.max(1, warmupSteps);
      if (lr_scheduler_type === "constant" || lr_scheduler_type === "constant_with_warmup") return peak;
      const progress = (done - warmupSteps) / Math.max(1, steps - warmupSteps);
      if (lr_scheduler_type === "linear") return peak * Math.max(0, 1 - progress);
      return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
    },
  };
}
