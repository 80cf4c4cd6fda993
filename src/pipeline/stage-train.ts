// Stage "train": from a finished run's training shards to checkpoints, a training curve and the training's record. It goes on from the last
// whole checkpoint where an earlier start was stopped.
import { existsSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { mebibytes } from "../core/count.ts";
import { dataError, recipeError } from "../core/errors.ts";
import { type FileRecord, removeTemporaries, writeAtomic } from "../io/atomic.ts";
import { removeFolder } from "../io/atomic-folder.ts";
import type { Sha256 } from "../io/checksum.ts";
import { promptOf } from "../tokenizer/prompt.ts";
import { isRefusal, specialTokensOf } from "../tokenizer/template.ts";
import { guardRails } from "../train/guard-rails.ts";
import { runLoop } from "../train/loop.ts";
import { freshState, type LoopState } from "../train/loop-state.ts";
import { operationsOf } from "../train/operations.ts";
import { createSchedule } from "../train/schedule.ts";
import { loraOptionsOf, sampleTokens, storageOf } from "../train/settings.ts";
import { type CheckpointContext, endSaving, renewBest, restoreCheckpoint, restoreWeights, saveCheckpoint } from "./checkpoint.ts";
import { bestCheckpoint, checkpointName, lastWhole } from "./checkpoint-folder.ts";
import { modelVocabularyWarnings } from "./check-vocabulary.ts";
import { checkpointFiles } from "./checkpoint-files.ts";
import { createEncoder, readTokenizer } from "./context.ts";
import { mergeAdapter } from "./merge-adapter.ts";
import { openMetrics } from "./metrics.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import type { Recipe } from "./recipe.ts";
import type { Progress } from "./run.ts";
import { chooseSamples, type SamplePrompt } from "./sample-prompts.ts";
import { answersBefore, beforeFile, compareAnswers } from "./training-answers.ts";
import { createFeed } from "./training-feed.ts";
import { forgetFailure, noteFailure } from "./training-failure.ts";
import { freezeTrainingPlan, modelFingerprint } from "./training-plan.ts";
import { curationManifest, earlierTraining, type TrainedManifest, trainingOutputs } from "./training-outputs.ts";
import { createSpeedometer, evaluationLine, progressLine } from "./training-progress.ts";
import type { TrainingRecord } from "./training-record.ts";
import { withinMemory } from "./training-memory.ts";
import { type BaseModel, findBaseModel, setUpTraining, type TrainingSetup } from "./training-setup.ts";

export interface TrainOptions {
  readonly recipe: Recipe;
  readonly plan: Plan;
  readonly paths: RunPaths;
  /** The finished curation, and what run.json says of an earlier training. */
  readonly manifest: TrainedManifest;
  /** Forget an earlier training of this run. */
  readonly fresh: boolean;
  readonly progress: Progress;
  /** Asked after each step: stop and save? */
  readonly stopAsked: () => boolean;
}

export interface TrainingOutcome {
  readonly training: TrainingRecord;
  /** False where an earlier start had done all of it. */
  readonly trainedNow: boolean;
  /** What an earlier training left that is missing or changed, and was not made again. */
  readonly notWhole: readonly string[];
}

export async function trainStage(asked: TrainOptions): Promise<TrainingOutcome> {
  const options = asked.fresh ? { ...asked, manifest: curationManifest(asked.manifest) } : asked;
  const { paths, progress, manifest } = options;
  // A model that is not there must not cost what an earlier training left.
  const base = await findBaseModel(options.recipe.train, progress.say);
  if (options.fresh) forgetTraining(paths, manifest);
  const { record, remade, notWhole } = earlierTraining(paths, manifest);
  if (record) {
    await freezePlan(options, base, record.engine);
    await renewBest(paths.checkpoints, record.best);
    return { training: record, trainedNow: false, notWhole };
  }
  for (const text of remade) progress.say(`train: ${text}; it is made again`);
  for (const text of notWhole) progress.say(`warning (train): ${text}; it cannot be made again`);
  mkdirSync(paths.checkpoints, { recursive: true });
  removeTemporaries(paths.checkpoints);
  try {
    const setup = await setUpTraining(base, options.recipe, progress.say);
    try {
      await freezePlan(options, base, setup.engine.name);
      forgetFailure(paths);
      const training = await withinMemory(setup.engine, base.config, options.recipe.train, () => train(options, base, setup));
      return { training, trainedNow: true, notWhole };
    } finally {
      await setup.engine.close();
    }
  } catch (error) {
    noteFailure(paths, base.reference, error);
    throw error;
  }
}

/** The record goes first and the plan last: killed in between, no start takes what is left for a finished or another training. */
function forgetTraining(paths: RunPaths, curation: TrainedManifest): void {
  writeManifest(paths, curation);
  const { training, trainingFailure, checkpoints, merged, metrics, generations, tensorboard, trainingPlan } = paths;
  for (const path of [training, trainingFailure, checkpoints, merged, metrics, generations, tensorboard, beforeFile(paths), trainingPlan])
    removeFolder(path);
}

function writeManifest(paths: RunPaths, manifest: TrainedManifest): void {
  writeAtomic(paths.runRecord, `${JSON.stringify(manifest, null, 1)}\n`);
}

async function freezePlan({ recipe, plan, paths, manifest }: TrainOptions, base: BaseModel, engine: string): Promise<void> {
  const shards = manifest.outputs.filter(({ file }) => file.startsWith("tokenized/"));
  freezeTrainingPlan(paths, {
    sluice: plan.sluice,
    seed: recipe.seed,
    settings: recipe.train,
    engine,
    model: await modelFingerprint(base, { weights: recipe.train.init === "pretrained" }),
    shards,
  });
}

async function train(options: TrainOptions, base: BaseModel, setup: TrainingSetup): Promise<TrainingRecord> {
  const { recipe, plan, paths, manifest, progress, stopAsked } = options;
  const { engine, weights, model, optimizer, memory } = setup;
  const { train: settings, seed } = recipe;
  const started = performance.now();
  const files = readTokenizer(paths, plan.recipe);
  const { tokenizer, encoder } = createEncoder(
    { ...plan.recipe, train: { ...plan.recipe.train, max_length: 2 ** 30 } },
    files,
    plan.chat_template,
  );
  const unlike = await modelVocabularyWarnings({ ...files, vocabSize: tokenizer.vocabSize }, base, settings.init);
  const { eos_token: eosToken, pad_token: padToken } = specialTokensOf(files.config);
  const folder = paths.folder;
  const trainShards = manifest.shards.filter(({ part }) => part === "train");
  const evalShards = manifest.shards.filter(({ part }) => part === "eval");
  const feed = createFeed({ folder, shards: trainShards, shuffleSeed: seed });
  const evaluation = createFeed({ folder, shards: evalShards, shuffleSeed: undefined });
  if (feed.rows === 0) {
    throw recipeError({
      where: paths.folder,
      expected: "training rows",
      found: "none are left",
      fix: "look at the report: which stage ends them?",
    });
  }
  const samples = chooseSamples({
    folder,
    shards: evalShards,
    count: settings.sample_prompts,
    maxPromptTokens: sampleTokens(settings).prompt,
    encoder,
    tokenizer,
    eosToken,
  });
  const ends = endTokensOf(samples, { encoder, tokenizer, eosToken });
  const rails = guardRails({
    settings,
    documents: manifest.packing?.documents,
    rows: feed.rows,
    cut: manifest.packing?.cut,
    evalDocuments: manifest.hold_out?.eval_documents ?? 0,
    decontaminated: plan.recipe.decontaminate !== null,
    endTokenTrained: ends.trained,
    padToken,
    eosToken,
    maxPositions: base.config.positions,
    parameters: memory.parameters.total,
  });
  const warnings = [...unlike, ...rails.warnings];
  for (const text of rails.notes) progress.say(`note (train): ${text}`);
  for (const text of warnings) progress.say(`warning (train): ${text}`);
  const context: CheckpointContext<(typeof weights.trained)[number]["value"]> = {
    folder: paths.checkpoints,
    engine,
    weights,
    optimizer,
    ...checkpointFiles({ paths, plan, files, tokenizer, base, storage: storageOf(settings), endTokens: ends.ids }),
    baseModel: base.reference,
  };
  const answers = { paths, engine, weights, tokenizer, settings, samples };

  const hadSaved = manifest.training !== undefined || existsSync(paths.training);
  const last = checkpointToGoOnFrom(paths, { hadSaved, say: progress.say });
  const start: LoopState = last === undefined ? freshState : await restoreCheckpoint(context, join(paths.checkpoints, last));
  if (start.step > 0) progress.say(`train: going on from step ${start.step}`);
  await endSaving(paths.checkpoints, start, settings.save_total_limit);
  const before = await answersBefore(answers, start.step);
  const schedule = createSchedule(settings, feed.rows);
  const metrics = openMetrics(paths, start.step);
  const operations = operationsOf(weights);
  const speed = createSpeedometer(start.tokens);
  const outcome = await runLoop({
    engine,
    model,
    optimizer,
    schedule,
    settings,
    seed,
    train: feed,
    evaluation,
    start,
    hooks: {
      logged(figures) {
        const tokensPerSecond = speed.tokensPerSecond(figures.tokens);
        metrics.logged(figures, tokensPerSecond);
        const secondsPerStep = speed.secondsPerStep(figures.step - start.step);
        progress.status(progressLine(figures, { steps: schedule.steps, tokensPerSecond, secondsPerStep, operations }));
      },
      evaluated(figures) {
        metrics.evaluated(figures);
        progress.say(evaluationLine(figures));
        speed.rested();
      },
      warned(text) {
        warnings.push(text);
        progress.say(`warning (train): ${text}`);
      },
      async save(state, { isBest }) {
        await saveCheckpoint(context, state, { isBest, limit: settings.save_total_limit, epoch: state.step / schedule.stepsPerEpoch });
        speed.rested();
      },
      async stepDone(state) {
        speed.worked();
        progress.step("train", state.step, schedule.steps);
        await setImmediate();
        return stopAsked();
      },
    },
  }).finally(() => metrics.close());

  const { state, stopped } = outcome;
  const worse = stopped === "interrupted" ? undefined : worseThanBefore(state);
  if (worse !== undefined) {
    warnings.unshift(worse); // nothing else matters as much
    progress.say(`warning (train): ${worse}`);
  }
  const best = bestCheckpoint(paths.checkpoints) ?? checkpointName(state.step);
  const common = {
    engine: engine.name,
    device: engine.device,
    model: base.reference,
    method: settings.method,
    parameters: memory.parameters,
    settings,
    steps: state.step,
    planned_steps: schedule.steps,
    epochs: state.step / schedule.stepsPerEpoch,
    tokens: state.tokens,
    loss_tokens: state.lossTokens,
    first: state.firstEvalLoss === undefined ? null : { eval_loss: state.firstEvalLoss },
    best: state.watch.best
      ? { step: state.watch.best.step, eval_loss: state.watch.best.evalLoss, checkpoint: `checkpoints/${best}` }
      : null,
    last: state.watch.recent.length > 0 ? { step: state.step, eval_loss: state.watch.recent.at(-1)! } : null,
    stopped,
    warnings,
    checkpoint: `checkpoints/${best}`,
  };
  const finish = (rest: Pick<TrainingRecord, "behaviour" | "ended" | "merged">): TrainingRecord => {
    const { peak } = engine.memory();
    const record = {
      ...common,
      seconds: Math.round(performance.now() - started) / 1000,
      memory: { planned_bytes: memory.bytes, peak_bytes: peak },
      ...rest,
    };
    writeAtomic(paths.training, `${JSON.stringify(record, null, 1)}\n`);
    progress.say(`memory: ${mebibytes(peak)} at most, ${mebibytes(memory.bytes)} were planned`);
    return record;
  };
  if (stopped === "interrupted") return finish({ behaviour: [], ended: null, merged: null });

  // What is used from here on is the best checkpoint, not the last step.
  await restoreWeights(context, join(paths.checkpoints, best));
  const compared = await compareAnswers(answers, before);
  const lora = loraOptionsOf(settings);
  const merged: FileRecord<Sha256>[] = [];
  if (lora && settings.save_merged) {
    const merge = { config: base.config, lora, base: base.folder, checkpoint: join(paths.checkpoints, best), storage: storageOf(settings) };
    merged.push(...(await mergeAdapter({ ...merge, target: paths.merged, files: context.files, configFile: context.config })));
  }
  const record = finish({ ...compared, merged: merged.length > 0 ? relative(paths.folder, paths.merged) : null });
  const curation = curationManifest(manifest);
  writeManifest(paths, { ...curation, outputs: [...curation.outputs, ...trainingOutputs(paths, merged)], training: record });
  return record;
}

/** The last whole checkpoint's name: training on from an earlier one gives the same bytes, and makes a damaged one again when it comes by. */
function checkpointToGoOnFrom(
  { folder, checkpoints }: RunPaths,
  { hadSaved, say }: { readonly hadSaved: boolean; readonly say: Progress["say"] },
): string | undefined {
  const { step, broken } = lastWhole(checkpoints, "train");
  if (step === undefined && (broken.length > 0 || hadSaved)) {
    throw dataError({
      where: checkpoints,
      expected: "a whole checkpoint to go on from",
      found: broken.length > 0 ? broken.join("\n            ") : "none, though this training had saved some",
      fix: `put the files back, or start training over on these shards with \`sluice train ${folder} --fresh\``,
    });
  }
  const name = step === undefined ? undefined : checkpointName(step);
  for (const text of broken) say(`warning (train): ${text}: taking ${name}, the last whole one, and doing again what came after it`);
  return name;
}

/** Training that did harm, by the held-out rows. */
function worseThanBefore({ firstEvalLoss, watch: { best } }: LoopState): string | undefined {
  if (firstEvalLoss === undefined || best === undefined || best.evalLoss <= firstEvalLoss) return undefined;
  return `the best checkpoint (step ${best.step}, evaluation loss ${best.evalLoss.toFixed(3)}) is worse than the model before training (${firstEvalLoss.toFixed(3)}): training did harm; try a lower learning_rate, more warmup_steps, or rows that are more like the held-out ones`;
}

/** The tokens that end an answer, and whether training sees any: from a plain question, or the samples where the template refuses that. */
function endTokensOf(
  samples: readonly SamplePrompt[],
  tools: Omit<Parameters<typeof promptOf>[1], "meta">,
): { readonly ids: ReadonlySet<number>; readonly trained: boolean | undefined } {
  const question = promptOf([{ role: "user", content: "x" }], { ...tools, eosToken: undefined });
  const prompts = isRefusal(question) ? samples.map(({ prompt }) => prompt) : [question];
  const ids = new Set(prompts.flatMap(({ endTokens }) => [...endTokens]));
  const eos = tools.eosToken === undefined ? undefined : tools.tokenizer.addedToken(tools.eosToken);
  const trained = prompts.length === 0 ? undefined : ids.size > 0;
  return { ids: ids.size === 0 && eos !== undefined ? new Set([eos]) : ids, trained };
}
