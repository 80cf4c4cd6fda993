// How a training run is told while it goes on: its speed, and a line for people after each log and evaluation.
import type { EvalFigures, StepFigures } from "../train/loop.ts";
import type { StepOperations } from "../train/operations.ts";

/** Times the training alone: what happens between a step's end and `rested` (an evaluation, a checkpoint) is left out. */
export interface Speedometer {
  /** Tokens a second of training since the last call, up to `tokens` in all. */
  tokensPerSecond(tokens: number): number;
  /** Mean of this start. */
  secondsPerStep(steps: number): number;
  /** A step has ended: all time up to here was training. */
  worked(): void;
  /** What was done since `worked` was no training. */
  rested(): void;
}

/** now: milliseconds. */
export function createSpeedometer(tokensBefore: number, now: () => number = () => performance.now()): Speedometer {
  let mark = now();
  let tokens = tokensBefore;
  let busy = 0;
  let all = 0;
  const worked = (): void => {
    const time = now();
    busy += time - mark;
    mark = time;
  };
  return {
    worked,
    tokensPerSecond(count) {
      worked();
      const speed = ((count - tokens) / busy) * 1000;
      all += busy;
      busy = 0;
      tokens = count;
      return speed;
    },
    secondsPerStep: (steps) => all / 1000 / Math.max(1, steps),
    rested() {
      mark = now();
    },
  };
}

export interface Pace {
  /** In all. */
  readonly steps: number;
  readonly tokensPerSecond: number;
  readonly secondsPerStep: number;
  readonly operations: StepOperations;
}

export function progressLine(figures: StepFigures, { steps, tokensPerSecond, secondsPerStep, operations }: Pace): string {
  const { step, epoch, loss, learningRate, gradNorm, lossScale, tokens, lossTokens } = figures;
  const scaling = lossScale ? `  loss scale ${lossScale.scale}, ${lossScale.skipped} skipped` : "";
  const gflops = ((operations.token + (operations.supervised * lossTokens) / tokens) * tokensPerSecond) / 1e9;
  const left = Math.round(secondsPerStep * (steps - step));
  return `step ${step}/${steps}  epoch ${epoch.toFixed(2)}  loss ${loss.toFixed(4)}  lr ${learningRate.toExponential(2)}  grad ${gradNorm.toFixed(3)}${scaling}  ${Math.round(tokensPerSecond).toLocaleString("en")} tokens/s  ${gflops.toFixed(1)} GFLOP/s  ${duration(left)} left`;
}

export function evaluationLine({ step, evalLoss, lossBySource }: EvalFigures): string {
  const sources = Object.entries(lossBySource).map(([source, loss]) => `${source} ${loss.toFixed(3)}`);
  return `step ${step}  eval loss ${evalLoss.toFixed(4)}  (${sources.join(", ")})`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
