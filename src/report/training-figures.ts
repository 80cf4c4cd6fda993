// What the curves say in words: where the loss went, and why it may have risen. Knows the trainer's files, no HTML.
import { count, figure, percent, words } from "./numbers.ts";
import type { TrainingRecord } from "../pipeline/training-record.ts";
import type { Metric } from "./training-files.ts";

export interface Remark {
  /** What it is about, where that is not the training. */
  readonly about?: string;
  readonly text: string;
}

interface TrainingFiles {
  readonly training: TrainingRecord | undefined;
  readonly metrics: readonly Metric[];
}

/** An evaluation loss this far above the best one, relative to it, is told. */
const riseTold = 0.02;
/** An evaluation loss this far above the training loss at the end, relative to it, is told. */
const gapTold = 0.3;

export function trainingRemarks({ training, metrics }: TrainingFiles): Remark[] {
  const remarks: Remark[] = (training?.warnings ?? []).map((text) => ({ text }));
  // Of checkpoints; the evaluation before the first step is of none.
  const evals = metrics.filter(
    (metric): metric is Metric & { eval_loss: number } => typeof metric.eval_loss === "number" && metric.step > 0,
  );
  const losses = metrics.filter((metric): metric is Metric & { loss: number } => typeof metric.loss === "number");
  const broken = metrics.find(({ loss, eval_loss }) => loss === null || eval_loss === null);
  if (broken) remarks.push({ text: `the loss was not a number at step ${count(broken.step)}` });
  if (evals.length >= 2) {
    const best = evals.reduce((a, b) => (b.eval_loss < a.eval_loss ? b : a));
    const last = evals[evals.length - 1];
    if (last.eval_loss > (1 + riseTold) * best.eval_loss) {
      remarks.push({
        text: `the evaluation loss rose from ${figure(best.eval_loss)} at step ${count(best.step)} to ${figure(last.eval_loss)} at step ${count(last.step)}: ${
          last.epoch > 1
            ? "the model began to learn its rows by heart; use the best checkpoint, or train less"
            : "in the first pass over the rows the steps are too large; use the best checkpoint, or a lower learning_rate"
        }`,
      });
    }
    const end = tailMean(losses.map(({ loss }) => loss));
    if (end !== undefined && last.eval_loss > (1 + gapTold) * end) {
      remarks.push({
        text: `the evaluation loss ends ${percent(last.eval_loss / end - 1, 0)} above the training loss (${figure(last.eval_loss)} and ${figure(end)})`,
      });
    }
  }
  if (training) remarks.push(...unwanted(training));
  return remarks;
}

/** Whether the best checkpoint is better than the model was; undefined where one of them was not evaluated. */
export function hasImproved({ first, best }: Pick<TrainingRecord, "first" | "best">): boolean | undefined {
  return first && best ? best.eval_loss < first.eval_loss : undefined;
}

/** A behaviour that so much larger a share of the answers shows, and two answers at least, is told; all that are counted are unwanted. */
const behaviourTold = 0.1;

function unwanted({ behaviour }: TrainingRecord): Remark[] {
  const risen = (behaviour ?? []).filter(({ rows, before, after }) => after - before > behaviourTold && (after - before) * rows >= 1.5);
  return risen
    .sort((a, b) => b.after - b.before - (a.after - a.before))
    .map(({ name, rows, before, after }) => ({
      about: "the answers after training",
      text: `“${words(name)}” rose from ${percent(before, 0)} to ${percent(after, 0)} of ${count(rows)} sample answers; the rows trained on may do the same`,
    }));
}

/** The mean of the last tenth, of 3 values at least: a single step's loss jumps. */
function tailMean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const tail = values.slice(-Math.max(3, Math.ceil(values.length / 10)));
  return tail.reduce((a, b) => a + b, 0) / tail.length;
}

export function stoppedText({ stopped, steps, planned_steps }: TrainingRecord): string {
  if (stopped === "early_stopping") return `stopped early at step ${count(steps)}, because the evaluation loss no longer fell`;
  return stopped === "finished"
    ? `ran to its end, ${count(steps)} steps`
    : `was interrupted at step ${count(steps)} of ${count(planned_steps)}`;
}
