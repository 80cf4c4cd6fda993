// What the loop carries from step to step, and how it is kept as JSON: a run that goes on from it goes on exactly.
import type { LossSums } from "./batches.ts";
import type { LossScale } from "./loss-scale.ts";
import { freshWatch, type WatchState } from "./watch.ts";

export interface LoopState {
  /** Optimizer steps done. */
  readonly step: number;
  readonly tokens: number;
  readonly lossTokens: number;
  readonly watch: WatchState;
  /** Training losses since the last log line, and since the last evaluation. */
  readonly sinceLog: LossSums | undefined;
  readonly sinceEval: LossSums | undefined;
  /** The evaluation loss before the first step. */
  readonly firstEvalLoss: number | undefined;
  /** For training in f16; steps skipped count as steps done. */
  readonly lossScale: LossScale | undefined;
}

export const freshState: LoopState = {
  step: 0,
  tokens: 0,
  lossTokens: 0,
  watch: freshWatch,
  sinceLog: undefined,
  sinceEval: undefined,
  firstEvalLoss: undefined,
  lossScale: undefined,
};

interface PlainSums extends Omit<LossSums, "bySource"> {
  readonly bySource: readonly (readonly [string, { readonly sum: number; readonly count: number }])[];
}

interface PlainState extends Omit<LoopState, "sinceLog" | "sinceEval"> {
  readonly sinceLog: PlainSums | undefined;
  readonly sinceEval: PlainSums | undefined;
}

/** Plain JSON with its keys in one order; numbers come back bit for bit. */
export function stateToJson(state: LoopState): PlainState {
  const { step, tokens, lossTokens, watch, sinceLog, sinceEval, firstEvalLoss, lossScale } = state;
  const plain = (sums: LossSums | undefined): PlainSums | undefined =>
    sums && { sum: sums.sum, count: sums.count, bySource: [...sums.bySource] };
  const { best, patienceUsed, recent, warned } = watch;
  return {
    step,
    tokens,
    lossTokens,
    watch: { best: best && { step: best.step, evalLoss: best.evalLoss, trainLoss: best.trainLoss }, patienceUsed, recent, warned },
    sinceLog: plain(sinceLog),
    sinceEval: plain(sinceEval),
    firstEvalLoss,
    lossScale: lossScale && { scale: lossScale.scale, goodSteps: lossScale.goodSteps, skipped: lossScale.skipped },
  };
}

export function stateFromJson(json: unknown): LoopState {
  const { sinceLog, sinceEval, ...rest } = json as PlainState;
  const sums = (plain: PlainSums | undefined): LossSums | undefined => plain && { ...plain, bySource: new Map(plain.bySource) };
  return { ...rest, sinceLog: sums(sinceLog), sinceEval: sums(sinceEval) };
}
