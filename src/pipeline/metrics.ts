// The training curve on disk: metrics.jsonl, and TensorBoard's event file of the same numbers. A run that goes on from a checkpoint first takes
// back what came after it.
import { join } from "node:path";
import { EventFile } from "../io/event-file.ts";
import { LinesFile } from "../io/lines-file.ts";
import type { EvalFigures, StepFigures } from "../train/loop.ts";
import type { RunPaths } from "./paths.ts";

/** A line of metrics.jsonl: one after each logging_steps, one after each evaluation. Losses in nats a token. */
export type MetricsLine =
  | {
      readonly step: number;
      readonly epoch: number;
      readonly loss: number;
      readonly learning_rate: number;
      /** Before clipping; null where it was not finite. */
      readonly grad_norm: number | null;
      readonly tokens_per_second: number;
      readonly loss_by_source: Readonly<Record<string, number>>;
      /** With fp16: the loss scale after the step, and steps skipped so far for gradients that were not finite. */
      readonly loss_scale?: number;
      readonly skipped_steps?: number;
    }
  | {
      readonly step: number;
      readonly epoch: number;
      readonly eval_loss: number;
      readonly eval_loss_by_source: Readonly<Record<string, number>>;
    };

export interface Metrics {
  logged(figures: StepFigures, tokensPerSecond: number): void;
  evaluated(figures: EvalFigures): void;
  close(): void;
}

/** step: of the checkpoint that training goes on from; 0 for a new run. */
export function openMetrics(paths: RunPaths, step: number): Metrics {
  const now = (): number => Date.now() / 1000;
  const lines = new LinesFile<MetricsLine>(paths.metrics);
  lines.truncateAfter((line) => step > 0 && line.step <= step);
  const events = new EventFile(join(paths.tensorboard, "events.out.tfevents.0.sluice"), {
    wallTime: now(),
    lastStep: step === 0 ? -1 : step,
  });
  const scalars = (at: number, values: Readonly<Record<string, number>>): void =>
    events.append(...Object.entries(values).map(([tag, value]) => ({ step: at, wallTime: now(), tag, value })));
  const named = (prefix: string, bySource: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(bySource).map(([source, loss]) => [`${prefix}/${source}`, loss]));
  return {
    logged({ step: at, epoch, loss, lossBySource, learningRate, gradNorm, lossScale }, tokensPerSecond) {
      const rates = { learning_rate: learningRate, grad_norm: gradNorm, tokens_per_second: Math.round(tokensPerSecond * 10) / 10 };
      const scaling = lossScale && { loss_scale: lossScale.scale, skipped_steps: lossScale.skipped };
      const norm = Number.isFinite(gradNorm) ? gradNorm : null;
      lines.append({ step: at, epoch, loss, ...rates, grad_norm: norm, loss_by_source: lossBySource, ...scaling });
      const tags = Object.fromEntries(Object.entries({ ...rates, ...scaling }).map(([name, value]) => [`train/${name}`, value]));
      scalars(at, { "train/loss": loss, ...tags, ...named("train/loss_by_source", lossBySource) });
    },
    evaluated({ step: at, epoch, evalLoss, lossBySource }) {
      lines.append({ step: at, epoch, eval_loss: evalLoss, eval_loss_by_source: lossBySource });
      scalars(at, { "eval/loss": evalLoss, ...named("eval/loss_by_source", lossBySource) });
    },
    close() {
      lines.close();
      events.close();
    },
  };
}
