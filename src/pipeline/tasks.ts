// The tasks of a run, as they are sent to workers. A task's name is the name of its completion record.
import type { InputFile, PlanOptions } from "../io/index.ts";
import type { TokenizerFiles } from "../tokenizer/types.ts";
import type { RowTable } from "./row-table.ts";
import type { ShardSpan } from "./task-shard.ts";

export type Task =
  | { readonly stage: "read"; readonly split: number }
  | {
      readonly stage: "judge";
      readonly split: number;
      /** held[rows of the split]: 1 where the row is held out. */
      readonly held: Uint8Array;
      /** With tables that the main thread made; undefined where workers read the files themselves. */
      readonly tokenizer: TokenizerFiles | undefined;
    }
  /** Components [from, to) of work/clusters.columns. */
  | { readonly stage: "settle"; readonly number: number; readonly from: number; readonly to: number; readonly table: RowTable }
  | { readonly stage: "shard"; readonly span: ShardSpan; readonly table: RowTable }
  | LedgerTask;

export interface LedgerTask {
  readonly stage: "ledger";
  readonly split: number;
  readonly table: RowTable;
  /** The stage at which the run ends without a mix; undefined where there is one. */
  readonly stoppedAt: string | undefined;
}

/** What is done before there is a plan: an input file is looked at. Nothing of it is recorded; the answer is a PlannedFile. */
export interface PlanTask {
  readonly stage: "plan";
  readonly file: InputFile;
  readonly options: PlanOptions;
}

export function taskName(task: Task): string {
  switch (task.stage) {
    case "read":
    case "judge":
    case "ledger":
      return splitTaskName(task.stage, task.split);
    case "settle":
      return `settle-${pad(task.number)}`;
    case "shard":
      return `shard-${task.span.part}-${pad(task.span.number)}`;
  }
}

/** The name of a task that works on one split. */
export function splitTaskName(stage: "read" | "judge" | "ledger", split: number): string {
  return `${stage}-${pad(split)}`;
}

function pad(number: number): string {
  return String(number).padStart(5, "0");
}
