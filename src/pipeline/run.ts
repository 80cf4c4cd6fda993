// One execution of a recipe: plan, read, hold out, judge, dedup, mix, shards, ledger, record. Each step's inputs are files of the steps before.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { counted } from "../core/count.ts";
import { removeTemporaries, writeAtomic } from "../io/atomic.ts";
import { removeFolder } from "../io/atomic-folder.ts";
import { DurableFiles } from "../io/durable.ts";
import { planFile, type PlannedFile } from "../io/index.ts";
import { readWholeJson } from "../io/json-file.ts";
import type { TokenizerFiles } from "../tokenizer/types.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { isWhole, readCompletion, type Completion } from "./completion.ts";
import type { Finished } from "./finish.ts";
import { planHash } from "./frozen-plan.ts";
import type { Manifest } from "./manifest.ts";
import { isTrainingOutput, type RunPaths, runPaths } from "./paths.ts";
import { makePlan, type Plan, type PlanFiles, refuseChange } from "./plan.ts";
import { createPool, type Pool } from "./pool.ts";
import type { Recipe } from "./recipe.ts";
import { canonicalJson } from "./recipe-diff.ts";
import { createRowTable, type RowTable } from "./row-table.ts";
import { lockRun } from "./run-lock.ts";
import type { TrainingOutcome } from "./stage-train.ts";
import type { Mixed } from "./stage-mix.ts";
import type { JudgeCounts } from "./task-judge.ts";
import type { LedgerCounts } from "./task-ledger.ts";
import type { ReadCounts } from "./task-read.ts";
import type { ShardCounts } from "./task-shard.ts";
import { type PlanTask, splitTaskName, taskName, type Task } from "./tasks.ts";
import type { TrainingRecord } from "./training-record.ts";
import type { WorkerStart } from "./worker.ts";

/** What `--until` accepts, in order. */
export const stageNames = ["plan", "read", "hold_out", "judge", "dedup", "mix", "shards", "train"] as const;
export type StageName = (typeof stageNames)[number];

export interface RunOptions {
  readonly recipe: Recipe;
  readonly recipeFile: string;
  readonly version: string;
  /** data/runs/<name> */
  readonly folder: string;
  readonly workers: number;
  /** Forget an earlier run of this name. */
  readonly fresh: boolean;
  readonly until: StageName;
  /** Train anew on the shards of this run. */
  readonly freshTraining?: boolean;
  readonly progress: Progress;
  readonly interrupt?: Interrupt;
}

/** Ctrl-C while training: the step at work is finished and saved. */
export interface Interrupt {
  arm(): void;
  disarm(): void;
  asked(): boolean;
}

/** Told while a run goes on; how it is shown is the caller's affair. */
export interface Progress {
  step(stage: string, done: number, total: number): void;
  /** How the stage at work is doing, in one line that the next one replaces. */
  status(text: string): void;
  say(text: string): void;
}

export interface RunOutcome {
  readonly paths: RunPaths;
  readonly plan: Plan;
  /** Undefined where the run stopped before mixing. */
  readonly mixed: Mixed | undefined;
  /** Undefined where the run stopped early. */
  readonly manifest: Manifest | undefined;
  /** Undefined where the recipe names no model, or the run stopped early. */
  readonly training: TrainingRecord | undefined;
  /** The data were curated by an earlier start, and all files of it are whole. */
  readonly alreadyComplete: boolean;
  /** Training had something to do in this start. */
  readonly trainedNow: boolean;
  /** What an earlier training left that is missing or changed, and was not made again. */
  readonly notWhole: readonly string[];
}

/** Answers tasks with their completion records, and plan tasks with planned files. */
type RunPool = Pool<Task | PlanTask, unknown>;

/** What the steps share. */
export interface RunState {
  readonly paths: RunPaths;
  readonly plan: Plan;
  readonly hash: string;
  readonly options: RunOptions;
  readonly pool: RunPool;
  /** What tasks have written: all of it is on the disk before the run record is. */
  readonly durable: DurableFiles;
  /** Seconds per stage. */
  readonly seconds: Record<string, number>;
}

export async function runRecipe(options: RunOptions): Promise<RunOutcome> {
  const paths = runPaths(options.folder);
  if (options.fresh || options.freshTraining || !existsSync(paths.runRecord)) await refuseUntrainable(options);
  if (options.fresh) {
    if (existsSync(paths.work)) lockRun(paths); // not under the hands of another process
    removeFolder(paths.folder);
  }
  mkdirSync(paths.work, { recursive: true });
  const unlock = lockRun(paths);
  try {
    const curated = await lockedRun(options, paths);
    const trained = await trainIfAsked(options, curated);
    return { ...curated, ...(trained ?? { training: undefined, trainedNow: false, notWhole: [] }) };
  } finally {
    unlock();
  }
}

/** What stands behind the plan is loaded while workers start. */
const loadStages = (): Promise<typeof import("./stages.ts")> => import("./stages.ts");

type Curated = Omit<RunOutcome, keyof TrainingOutcome>;

async function lockedRun(options: RunOptions, paths: RunPaths): Promise<Curated> {
  removeTemporaries(paths.folder);
  const seconds: Record<string, number> = {};
  const started = new Date().toISOString();
  const wants = (stage: StageName): boolean => stageNames.indexOf(stage) <= stageNames.indexOf(options.until);
  const start: WorkerStart = { folder: options.folder };
  const pool = createPool<Task | PlanTask, unknown>({
    script: new URL("./worker.js", import.meta.url),
    workers: options.workers,
    workerData: start,
  });
  try {
    // Workers load their modules while the plan is made. Each source has a split at least.
    if (wants("read") && !existsSync(paths.runRecord)) {
      pool.start(Math.min(options.workers, options.recipe.sources.length));
      void loadStages();
    }
    const plan = await timed(seconds, "plan", () => freezePlan(options, paths, pool));
    const hash = planHash(plan);
    const complete = readComplete(paths, hash);
    if (complete?.failure) throw (await loadStages()).stopError(complete.failure);
    if (complete) return { paths, plan, mixed: undefined, manifest: complete, alreadyComplete: true };
    const state: RunState = { paths, plan, hash, options, pool, durable: new DurableFiles(), seconds };
    const stopped = (mixed?: Mixed): Curated => ({ paths, plan, mixed, manifest: undefined, alreadyComplete: false });
    if (!wants("read")) return stopped();
    const stages = await loadStages();
    const [read, tokenizer] = await Promise.all([
      timed(seconds, "read", () =>
        runCounted<ReadCounts>(
          state,
          plan.splits.map((_, split) => ({ stage: "read", split })),
        ),
      ),
      // While workers read, this thread has nothing to do.
      wants("judge") ? prepareTokenizer(state) : undefined,
    ]);
    const table = createRowTable(
      read.map((counts) => counts.rows),
      plan.splits.map(({ source }) => source),
    );
    const unreadable = stages.unreadableError(plan, read, paths);
    if (unreadable) {
      const settled = stages.unsettled(table);
      const mixed = stages.notMixed(paths, table, settled, { stage: "read", error: unreadable });
      await finishCuration({ state, stages, table, read, judged: [], settled, mixed, started });
    }
    if (!wants("hold_out")) return stopped();
    const held = await timed(seconds, "hold_out", () => stages.holdOutStage(state, table));
    if (!wants("judge")) return stopped();
    const judged = await timed(seconds, "judge", () => runCounted<JudgeCounts>(state, judgeTasks(table, held, tokenizer)));
    if (!wants("dedup")) return stopped();
    const settled = await timed(seconds, "dedup", () => stages.dedupStage(state, table, held));
    collectGarbage();
    if (!wants("mix")) return stopped();
    const mixed = await timed(seconds, "mix", () => stages.mixStage(state, table, settled, read));
    if (!wants("shards") && !mixed.stop) return stopped(mixed);
    const manifest = await finishCuration({ state, stages, table, read, judged, settled, mixed, started });
    return { paths, plan, mixed, manifest, alreadyComplete: false };
  } finally {
    await pool.close();
    // What a worker was stopped in the middle of writing.
    removeTemporaries(paths.folder);
  }
}

function trains({ recipe, until }: RunOptions): boolean {
  return until === "train" && recipe.train.model !== undefined;
}

/** What would end training at its start ends the run before it begins, and before --fresh deletes what an earlier one left. */
async function refuseUntrainable(options: RunOptions): Promise<void> {
  if (!trains(options)) return;
  const { train } = options.recipe;
  const { findBaseModel } = await import("./training-setup.ts");
  const { checkTraining } = await import("./check-training.ts");
  await checkTraining(options.recipe, await findBaseModel(train, options.progress.say));
}

/** Shards, ledger and record. Of a run that stopped, all but shards; then throws what stopped it. */
async function finishCuration({
  stages,
  ...known
}: Omit<Finished, "shards" | "ledger" | "described"> & { readonly stages: typeof import("./stages.ts") }): Promise<Manifest> {
  const { state, table, read, settled, mixed } = known;
  const { plan, pool, seconds } = state;
  const [shards, described] = await Promise.all([
    timed(seconds, "shards", () =>
      runTasks<ShardCounts>(
        state,
        mixed.spans.map((span) => ({ stage: "shard", span, table })),
      ),
    ),
    stages.describeRows(state, table, read, settled, mixed),
  ]);
  const ledger = await timed(seconds, "ledger", () =>
    runCounted<LedgerCounts>(
      state,
      plan.splits.map((_, split) => ({ stage: "ledger", split, table, stoppedAt: mixed.stop?.stage })),
    ),
  );
  // Workers take a while to end, and have nothing left to do.
  void pool.close();
  const manifest = await stages.finishRun({ ...known, shards, ledger, described });
  if (mixed.stop) throw mixed.stop.error;
  return manifest;
}

async function trainIfAsked(options: RunOptions, { paths, plan, manifest }: Curated): Promise<TrainingOutcome | undefined> {
  const { recipe, progress, interrupt, freshTraining = false } = options;
  if (!manifest || !trains(options)) return undefined;
  interrupt?.arm();
  try {
    // The trainer is loaded where it is needed: curating does not wait for it.
    const { trainStage } = await import("./stage-train.ts");
    const stopAsked = (): boolean => interrupt?.asked() ?? false;
    return await trainStage({ recipe, plan, paths, manifest, fresh: freshTraining, progress, stopAsked });
  } finally {
    interrupt?.disarm();
  }
}

/** The tokenizer with its tables, made once for all workers; undefined where no split is left to judge, or where it has none to share. */
async function prepareTokenizer({ paths, plan }: RunState): Promise<TokenizerFiles | undefined> {
  const isJudged = plan.splits.every((_, split) => existsSync(paths.done(splitTaskName("judge", split))));
  if (isJudged) return undefined;
  const { readSharedTokenizer } = await loadStages();
  const shared = readSharedTokenizer(paths, plan.recipe);
  // The file.
  collectGarbage();
  return shared;
}

function judgeTasks(table: RowTable, held: Uint8Array, tokenizer: TokenizerFiles | undefined): Task[] {
  return Array.from({ length: table.splits }, (_, split) => ({
    stage: "judge",
    split,
    held: held.slice(table.firstRow[split], table.firstRow[split + 1]),
    tokenizer,
  }));
}

/** Runs those tasks that no earlier start has finished; returns all tasks' records in the order given. */
export async function runTasks<Counts>(state: RunState, tasks: readonly Task[]): Promise<Completion<Counts>[]> {
  const { paths, hash, pool, options, durable } = state;
  const records: Completion<Counts>[] = new Array(tasks.length);
  const open: Task[] = [];
  const places = new Map<Task, number>();
  const take = (record: Completion<Counts>, place: number): void => {
    records[place] = record;
    for (const { file } of record.outputs) durable.add(join(paths.folder, file));
    durable.add(paths.done(record.task));
  };
  tasks.forEach((task, place) => {
    const record = readCompletion<Counts>(paths, taskName(task), hash);
    if (record) take(record, place);
    else {
      open.push(task);
      places.set(task, place);
    }
  });
  let done = tasks.length - open.length;
  const stage = tasks[0]?.stage ?? "";
  if (done > 0 && open.length > 0)
    options.progress.say(`${stage}: ${done} of ${counted(tasks.length, "task")} ${done === 1 ? "was" : "were"} done before; continuing`);
  await pool.run(open, (task, completion) => {
    take(completion as Completion<Counts>, places.get(task as Task)!);
    options.progress.step(stage, ++done, tasks.length);
  });
  return records;
}

/** Runs tasks of which only the counts are wanted. */
async function runCounted<Counts>(state: RunState, tasks: readonly Task[]): Promise<Counts[]> {
  return (await runTasks<Counts>(state, tasks)).map((record) => record.counts);
}

async function freezePlan(options: RunOptions, paths: RunPaths, pool: RunPool): Promise<Plan> {
  // A plan that was damaged is as good as none: tasks' records name the plan they belong to.
  const before = readWholeJson<Plan>(paths.plan);
  if (before === undefined && existsSync(paths.plan)) options.progress.say(`${paths.plan} is not whole: it is written again`);
  const { recipe, recipeFile, version } = options;
  const planFiles: PlanFiles = async (files, planOptions) => {
    // A run that is over needs no workers.
    if (existsSync(paths.runRecord)) return Promise.all(files.map((file) => planFile(file, planOptions)));
    const tasks = files.map((file): PlanTask => ({ stage: "plan", file, options: planOptions }));
    const planned = new Map<Task | PlanTask, PlannedFile>();
    await pool.run(tasks, (task, file) => planned.set(task, file as PlannedFile));
    return tasks.map((task) => planned.get(task)!);
  };
  const now = await makePlan({ recipe, recipeFile, version, paths, planFiles });
  if (before) refuseChange(before, now, paths.folder);
  else writeAtomic(paths.plan, `${canonicalJson(now)}\n`);
  return now;
}

/** The record of a finished curation whose outputs are all whole (a damaged one is made again); what training left is the train stage's affair. */
function readComplete(paths: RunPaths, hash: string): Manifest | undefined {
  if (!existsSync(paths.runRecord)) return undefined;
  const manifest = readWholeJson<Manifest>(paths.runRecord);
  if (manifest?.plan_sha256 !== hash) return undefined;
  const outputs = manifest.outputs.filter(({ file }) => !isTrainingOutput(file));
  return outputs.every((output) => isWhole(paths.folder, output)) ? manifest : undefined;
}

export async function timed<T>(seconds: Record<string, number>, stage: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  seconds[stage] = Math.round(performance.now() - start) / 1000;
  return result;
}
