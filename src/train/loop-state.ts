// What the loop carries from step to step, and how it is kept as JSON: a run that goes on from it goes on exactly.
import type { LossSums } from "./batches.ts";
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
}

export const freshState: LoopState = {
  step: 0,
  tokens: 0,
  lossTokens: 0,
  watch: freshWatch,
  sinceLog: undefined,
  sinceEval: undefined,
  firstEvalLoss: undefined,
};

/** Plain JSON; numbers come back bit for bit. */
export function stateToJson({ sinceLog, sinceEval, ...rest }: LoopState): unknown {
  const plain = (sums: LossSums | undefined): unknown => sums && { ...sums, bySource: [...sums.bySource] };
  return { ...rest, sinceLog: plain(sinceLog), sinceEval: plain(sinceEval) };
}

export function stateFromJson(json: unknown): LoopState {
  type Plain = Omit<LoopState, "sinceLog" | "sinceEval"> & { readonly sinceLog?: PlainSums; readonly sinceEval?: PlainSums };
  const { sinceLog, sinceEval, watch, ...rest } = json as Plain;
  const sums = (plain: PlainSums | undefined): LossSums | undefined => plain && { ...plain, bySource: new Map(plain.bySource) };
  return {
    ...rest,
    watch: { ...watch, best: watch.best },
    sinceLog: sums(sinceLog),
    sinceEval: sums(sinceEval),
    firstEvalLoss: rest.firstEvalLoss,
  };
}

type PlainSums = Omit<LossSums, "bySource"> & { readonly bySource: readonly [string, { readonly sum: number; readonly count: number }][] };
