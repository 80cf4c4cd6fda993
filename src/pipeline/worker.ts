// A worker thread: runs tasks and writes their completion records.
import { workerData } from "node:worker_threads";
import type { FileRecord } from "../io/atomic.ts";
import { planFile } from "../io/plan-file.ts";
import type { PlannedFile } from "../io/readers/types.ts";
import { boundGarbage, collectGarbage } from "./collect-garbage.ts";
import { type Completion, writeCompletion } from "./completion.ts";
import { createContext, type WorkerContext } from "./context.ts";
import { runPaths } from "./paths.ts";
import { serveTasks } from "./pool-worker.ts";
import { judgeTask } from "./task-judge.ts";
import { readTask } from "./task-read.ts";
import { settleTask } from "./task-settle.ts";
import { type PlanTask, taskName, type Task } from "./tasks.ts";

/** Given to each worker when it starts. */
export interface WorkerStart {
  readonly folder: string;
}

const { folder } = workerData as WorkerStart;
const paths = runPaths(folder);
/** Made with the first task: the plan is written by then. */
let context: WorkerContext | undefined;

async function runTask(task: Task | PlanTask): Promise<Completion | PlannedFile> {
  if (task.stage === "plan") return planFile(task.file, task.options);
  context ??= createContext(paths);
  const { outputs, counts } = await execute(context, task);
  const completion: Completion = { task: taskName(task), plan: context.hash, outputs, counts };
  writeCompletion(paths, completion);
  boundGarbage();
  return completion;
}

/** What writes Arrow and Parquet is loaded when it is wanted: the first tasks do not wait for it. */
async function execute(context: WorkerContext, task: Task): Promise<{ outputs: FileRecord[]; counts: unknown }> {
  switch (task.stage) {
    case "read":
      return readTask(context, task.split);
    case "judge":
      context.tokenizer ??= task.tokenizer;
      return judgeTask(context, task.split, task.held);
    case "settle":
      return settleTask(context, task);
    case "shard":
      return (await import("./task-shard.ts")).shardTask(context, task.table, task.span);
    case "ledger":
      return (await import("./task-ledger.ts")).ledgerTask(context, task);
  }
}

serveTasks(runTask, ([task]) => {
  if (task.stage === "judge") {
    // While the main thread clusters the rows:
    context?.releaseTools();
    collectGarbage();
    void import("./task-shard.ts");
  } else if (task.stage === "settle") {
    // While it mixes them:
    void import("./task-ledger.ts");
  } else if (task.stage === "shard") void import("./task-shard.ts").then(({ releaseShardMemory }) => releaseShardMemory());
});
