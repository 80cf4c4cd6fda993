// What the evaluation curve says: is it the best yet, is it time to stop, does the model get worse, and why. Pure; fed after each evaluation.
import type { TrainSettings } from "./settings.ts";

export interface EvalPoint {
  readonly step: number;
  readonly evalLoss: number;
  /** Mean training loss since the evaluation before. */
  readonly trainLoss: number | undefined;
}

export interface Verdict {
  /** The lowest evaluation loss so far is this one. */
  readonly isBest: boolean;
  /** early_stopping_patience is used up. */
  readonly stop: boolean;
  /** What to tell; each kind once. */
  readonly warnings: readonly string[];
}

export interface WatchState {
  readonly best: EvalPoint | undefined;
  /** Evaluations without improvement by more than the threshold. */
  readonly patienceUsed: number;
  /** The last evaluation losses, newest last. */
  readonly recent: readonly number[];
  readonly warned: readonly string[];
}

export const freshWatch: WatchState = { best: undefined, patienceUsed: 0, recent: [], warned: [] };

/** Train and eval loss this far apart: the model knows its rows better than the task. Nats. */
const gapLimit = 0.3;
/** Eval loss this much over its best, as a share, in each of the last three. */
const riseLimit = 0.01;

export interface WatchOptions {
  readonly settings: Pick<TrainSettings, "early_stopping_patience" | "early_stopping_threshold">;
  /** Passes over the rows so far. */
  readonly epoch: number;
}

export function watchEvaluation(
  state: WatchState,
  point: EvalPoint,
  { settings, epoch }: WatchOptions,
): { readonly state: WatchState; readonly verdict: Verdict } {
  const { early_stopping_patience: patience, early_stopping_threshold: threshold } = settings;
  const isBest = !state.best || point.evalLoss < state.best.evalLoss;
  // As transformers' EarlyStoppingCallback counts.
  const improved = !state.best || state.best.evalLoss - point.evalLoss > threshold;
  const patienceUsed = improved ? 0 : state.patienceUsed + 1;
  const recent = [...state.recent, point.evalLoss].slice(-3);
  const best = isBest ? point : state.best!;
  const found = worsening({ best, recent, point, epoch }).filter(({ kind }) => !state.warned.includes(kind));
  return {
    state: {
      best,
      patienceUsed,
      recent,
      warned: [...state.warned, ...found.map(({ kind }) => kind)],
    },
    verdict: { isBest, stop: patience !== undefined && patienceUsed >= patience, warnings: found.map(({ text }) => text) },
  };
}

interface Curve {
  readonly best: EvalPoint;
  readonly recent: readonly number[];
  readonly point: EvalPoint;
  readonly epoch: number;
}

function worsening({ best, recent, point, epoch }: Curve): { readonly kind: string; readonly text: string }[] {
  const { step, evalLoss, trainLoss } = point;
  const found: { kind: string; text: string }[] = [];
  // Rows that were seen once cannot be known by heart, but for those that the mix repeats.
  const firstPass = epoch <= 1;
  const change = firstPass
    ? "a lower learning_rate or more warmup_steps"
    : "fewer num_train_epochs, a lower learning_rate, more or more varied rows, or lora with a smaller r";
  const cause = firstPass
    ? "the first pass over the rows is too early to learn them by heart: the steps are too large, or the held-out rows unlike the others"
    : "the model learns its rows by heart";
  if (trainLoss !== undefined && evalLoss - trainLoss > gapLimit) {
    found.push({
      kind: "gap",
      text: `step ${step}: the evaluation loss (${evalLoss.toFixed(3)}) is ${(evalLoss - trainLoss).toFixed(2)} above the training loss (${trainLoss.toFixed(3)}); over ${gapLimit}, ${cause}; try ${change}`,
    });
  }
  if (recent.length === 3 && recent.every((loss) => loss > best.evalLoss * (1 + riseLimit))) {
    found.push({
      kind: "rise",
      text: `step ${step}: the last three evaluation losses are more than ${riseLimit * 100} % above the best (${best.evalLoss.toFixed(3)} at step ${best.step}): the model gets worse; set early_stopping_patience, or try ${change}`,
    });
  }
  return found;
}
