// The training loop: optimizer steps over a feed of rows, evaluation, early stopping, saving. Knows the engine's interface, the model and the
// optimizer; not files, clocks or terminals: those are the hooks' affair.
import { trainingError } from "../core/errors.ts";
import { mix32 } from "../core/random.ts";
import { addLosses, layBatch, type LaidBatch, type LossSums, meanLosses, sumLosses } from "./batches.ts";
import type { TrainingRow } from "../arrow/training-rows.ts";
import type { Engine, Tensor } from "./engine.ts";
import { evaluateLoss } from "./evaluate-loss.ts";
import type { LoopState } from "./loop-state.ts";
import { freshLossScale, type LossScale, nextLossScale } from "./loss-scale.ts";
import type { Model } from "./model/model.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Schedule } from "./schedule.ts";
import type { TrainSettings } from "./settings.ts";
import { watchEvaluation } from "./watch.ts";

/** Rows in an order that depends on the epoch alone, so that any place of it can be found again. */
export interface RowFeed {
  readonly rows: number;
  /** The rows of an epoch (from 0), from place `from` on. */
  epoch(epoch: number, from: number): AsyncIterable<TrainingRow>;
}

export interface StepFigures {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly lossBySource: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Not finite where the step was skipped. */
  readonly gradNorm: number;
  /** For training in f16: after the step. */
  readonly lossScale: LossScale | undefined;
  /** Tokens trained on so far in this run, restarts included, and those of them with loss. */
  readonly tokens: number;
  readonly lossTokens: number;
}

export interface EvalFigures {
  readonly step: number;
  readonly epoch: number;
  readonly evalLoss: number;
  readonly lossBySource: Readonly<Record<string, number>>;
}

export interface LoopHooks {
  logged(figures: StepFigures): void;
  evaluated(figures: EvalFigures): void;
  warned(text: string): void;
  /** A checkpoint is due. isBest: its evaluation loss is the lowest yet. */
  save(state: LoopState, options: { readonly isBest: boolean }): Promise<void>;
  /** After every step; true stops the loop after saving. A place to let other work of the process run. */
  stepDone(state: LoopState): Promise<boolean>;
}

export interface LoopOptions<T extends Tensor> {
  readonly engine: Engine<T>;
  readonly model: Model<T>;
  readonly optimizer: Optimizer<T>;
  readonly schedule: Schedule;
  readonly settings: TrainSettings;
  readonly seed: number;
  readonly train: RowFeed;
  readonly evaluation: RowFeed | undefined;
  readonly start: LoopState;
  readonly hooks: LoopHooks;
}

export interface LoopOutcome {
  readonly state: LoopState;
  readonly stopped: "finished" | "early_stopping" | "interrupted";
}

export async function runLoop<T extends Tensor>(options: LoopOptions<T>): Promise<LoopOutcome> {
  const { schedule, settings, hooks, evaluation } = options;
  const evaluates = evaluation !== undefined && evaluation.rows > 0 && settings.eval_strategy !== "no";
  const isDue = (step: number, every: number | undefined): boolean =>
    step === schedule.steps || (every !== undefined && step % every === 0);
  const evalEvery = settings.eval_strategy === "steps" ? (settings.eval_steps ?? settings.logging_steps) : schedule.stepsPerEpoch;
  let state = options.start;
  if (settings.fp16) state = { ...state, lossScale: state.lossScale ?? freshLossScale };
  // Stopped between the checkpoint and the end of the run: what was decided then stands.
  const { early_stopping_patience: patience } = settings;
  if (patience !== undefined && state.watch.patienceUsed >= patience) return { state, stopped: "early_stopping" };
  if (evaluates && state.step === 0) state = { ...state, firstEvalLoss: (await evaluate(options, state)).loss };
  for await (const micros of stepsFrom(options, state.step)) {
    state = await trainStep(options, state, micros);
    const { step } = state;
    const stopAsked = await hooks.stepDone(state);
    let isBest = false;
    let stopEarly = false;
    const evalDue = evaluates && isDue(step, evalEvery);
    if (evalDue) ({ state, isBest, stopEarly } = await judgeEvaluation(options, state));
    if (evalDue || stopAsked || isDue(step, settings.save_steps)) await hooks.save(state, { isBest });
    if (step >= schedule.steps) break;
    if (stopEarly) return { state, stopped: "early_stopping" };
    if (stopAsked) return { state, stopped: "interrupted" };
  }
  return { state, stopped: "finished" };
}

/** Forward and backward over the step's batches, then one update. */
async function trainStep<T extends Tensor>(options: LoopOptions<T>, state: LoopState, micros: readonly LaidBatch[]): Promise<LoopState> {
  const { engine, model, optimizer, schedule, settings, seed } = options;
  const step = state.step + 1;
  const supervised = micros.reduce((sum, { batch }) => sum + batch.rows.length, 0);
  const scaling = state.lossScale;
  // As if steps that were skipped had never been, for the schedule too.
  const update = step - (scaling?.skipped ?? 0);
  const learningRate = schedule.learningRate(update);
  optimizer.clearGradients();
  const reads = micros
    .filter(({ batch }) => batch.rows.length > 0)
    .map(async (laid, micro) => {
      const dropoutSeed = mix32(seed + Math.imul(step, 0x9e37_79b1) + micro);
      const { losses } = model.forwardBackward(laid.batch, { gradScale: (scaling?.scale ?? 1) / supervised, dropoutSeed });
      return sumLosses(laid, (await engine.read(losses, 0, laid.batch.rows.length)) as Float32Array);
    });
  const gradNorm = await optimizer.step({ step: update, learningRate, lossScale: scaling?.scale });
  const sums = (await Promise.all(reads)).reduce<LossSums | undefined>(addLosses, undefined);
  if (!sums) return { ...state, step };
  const loss = sums.sum / sums.count;
  const lossScale = scaling && nextLossScale(scaling, Number.isFinite(gradNorm));
  refuseBroken({ step, loss, gradNorm, lossScale, vocabulary: model.weights.config.vocabulary, state, micros });
  const sinceLog = addLosses(state.sinceLog, sums);
  const logs = step % settings.logging_steps === 0 || step === 1 || step === schedule.steps;
  const tokens = state.tokens + micros.reduce((sum, { batch }) => sum + batch.ids.length, 0);
  const lossTokens = state.lossTokens + supervised;
  if (logs) {
    const { loss: meanLoss, bySource: lossBySource } = meanLosses(sinceLog);
    const epoch = step / schedule.stepsPerEpoch;
    options.hooks.logged({ step, epoch, loss: meanLoss, lossBySource, learningRate, gradNorm, lossScale, tokens, lossTokens });
  }
  return {
    ...state,
    step,
    tokens,
    lossTokens,
    sinceLog: logs ? undefined : sinceLog,
    sinceEval: addLosses(state.sinceEval, sums),
    lossScale,
  };
}

async function evaluate<T extends Tensor>(options: LoopOptions<T>, state: LoopState): Promise<ReturnType<typeof meanLosses>> {
  const { engine, model, settings, evaluation, schedule, hooks } = options;
  const mean = meanLosses(await evaluateLoss(engine, model, evaluation!, settings));
  const { step } = state;
  hooks.evaluated({ step, epoch: step / schedule.stepsPerEpoch, evalLoss: mean.loss, lossBySource: mean.bySource });
  return mean;
}

async function judgeEvaluation<T extends Tensor>(
  options: LoopOptions<T>,
  state: LoopState,
): Promise<{ readonly state: LoopState; readonly isBest: boolean; readonly stopEarly: boolean }> {
  const { loss } = await evaluate(options, state);
  const trainLoss = state.sinceEval && meanLosses(state.sinceEval).loss;
  const { settings, schedule } = options;
  const epoch = state.step / schedule.stepsPerEpoch;
  const { state: watch, verdict } = watchEvaluation(state.watch, { step: state.step, evalLoss: loss, trainLoss }, { settings, epoch });
  for (const text of verdict.warnings) options.hooks.warned(text);
  return { state: { ...state, watch, sinceEval: undefined }, isBest: verdict.isBest, stopEarly: verdict.stop };
}

/** The batches of each optimizer step from here to the last one; the next step's rows are asked for while a step runs. */
async function* stepsFrom<T extends Tensor>(options: LoopOptions<T>, done: number): AsyncGenerator<readonly LaidBatch[]> {
  const { schedule, settings, train } = options;
  const { per_device_train_batch_size: rowsPerBatch, gradient_accumulation_steps: batches } = settings;
  const allTokens = !settings.assistant_only_loss;
  const rowsPerStep = rowsPerBatch * batches;
  async function* steps(): AsyncGenerator<readonly LaidBatch[]> {
    for (let step = done; step < schedule.steps;) {
      const epoch = Math.floor(step / schedule.stepsPerEpoch);
      let rows: TrainingRow[] = [];
      let micros: LaidBatch[] = [];
      const endBatch = (): void => {
        if (rows.length > 0) micros.push(layBatch(rows, { allTokens }));
        rows = [];
      };
      for await (const row of train.epoch(epoch, (step % schedule.stepsPerEpoch) * rowsPerStep)) {
        rows.push(row);
        if (rows.length === rowsPerBatch) endBatch();
        if (micros.length < batches) continue;
        yield micros;
        micros = [];
        if (++step >= schedule.steps) return;
      }
      endBatch();
      if (micros.length > 0) {
        yield micros;
        step++;
      }
    }
  }
  const iterator = steps();
  for (let next = iterator.next(); ;) {
    const { value, done: end } = await next;
    if (end) return;
    next = iterator.next();
    next.catch(() => {}); // told when it is awaited
    yield value;
  }
}

/** A loss that is no number, or that has run away, will not come back: better to stop while the last checkpoint is good. */
function refuseBroken(args: {
  readonly step: number;
  readonly loss: number;
  readonly gradNorm: number;
  readonly lossScale: LossScale | undefined;
  readonly vocabulary: number;
  readonly state: LoopState;
  readonly micros: readonly LaidBatch[];
}): void {
  const { step, loss, gradNorm, lossScale, vocabulary, state, micros } = args;
  // A gradient too large for f16 is tried again with a smaller scale, down to none at all.
  const finite = Number.isFinite(loss) && (Number.isFinite(gradNorm) || (lossScale !== undefined && lossScale.scale >= 1));
  // Weights so large that their norm overflows give a steady loss and no gradient at all.
  const dead = gradNorm === 0 && loss > 0.1;
  // Guessing blindly costs ln(vocabulary); a trained model four times worse than both that and its own mean has run away.
  const usual = state.sinceEval ? meanLosses(state.sinceEval).loss : undefined;
  const limit = usual === undefined ? Infinity : 4 * Math.max(usual, Math.log(vocabulary));
  if (finite && loss <= limit && !dead) return;
  const ids = [...new Set(micros.flatMap(({ documents }) => documents.map(({ id }) => id)))];
  const shown = ids.slice(0, 8).join(", ");
  throw trainingError({
    where: `step ${step}, rows ${shown}${ids.length > 8 ? ` and ${ids.length - 8} more` : ""}`,
    expected: finite && !dead ? `a loss below ${limit.toFixed(2)}` : "a finite loss and a finite gradient that is not zero",
    found: `loss ${Number(loss.toPrecision(6))}, gradient norm ${Number(gradNorm.toPrecision(6))}`,
    fix: "lower learning_rate or raise warmup_steps; look at these rows with `sluice explain`. Earlier checkpoints are whole",
  });
}
