// Task "settle": a batch of clusters of similar rows: which row of each survives, by exact similarity of the rows' texts.
import { join } from "node:path";
import type { FileRecord } from "../io/atomic.ts";
import { BlobReader } from "../io/blob-file.ts";
import { readColumns, writeColumns } from "../io/columns-file.ts";
import { messagesOf, openRow } from "../core/row-codec.ts";
import { settleComponent } from "../dedup/survivors.ts";
import { fileRecord, taskFiles } from "./completion.ts";
import type { WorkerContext } from "./context.ts";
import { Uint32List } from "./lists.ts";
import { type RowTable, splitOf } from "./row-table.ts";
import { scopeText } from "./task-judge.ts";
import type { Task } from "./tasks.ts";

export interface SettleCounts {
  readonly dropped: number;
}

/** Clusters are in work/clusters.columns: rows in keep order, offsets[clusters + 1], protected[rows]. */
export function settleTask(
  context: WorkerContext,
  task: Extract<Task, { stage: "settle" }>,
): { outputs: FileRecord[]; counts: SettleCounts } {
  const { paths, plan, sketcher } = context;
  const { dedup } = plan.recipe;
  if (!dedup || !sketcher) throw new Error("a settle task in a run without dedup");
  const clusters = join(paths.work, "clusters.columns");
  const { offsets } = readColumns(clusters, ["offsets"], { from: task.from, to: task.to + 1 });
  const base = offsets[0];
  const { rows, undroppable } = readColumns(clusters, ["rows", "undroppable"], { from: base, to: offsets[offsets.length - 1] });
  const texts = new RowTexts(context, task.table, dedup.scope);
  const dropped = new Uint32List();
  const survivor = new Uint32List();
  const similarity: number[] = [];
  for (let cluster = 0; cluster + 1 < offsets.length; cluster++) {
    const from = offsets[cluster] - base;
    const to = offsets[cluster + 1] - base;
    const drops = settleComponent({
      rows: rows.subarray(from, to) as Uint32Array,
      undroppable: undroppable.subarray(from, to) as Uint8Array,
      texts,
      sketcher,
      threshold: dedup.threshold,
    });
    for (const drop of drops) {
      dropped.push(drop.row);
      survivor.push(drop.survivor);
      similarity.push(drop.similarity);
    }
  }
  texts.close();
  const path = paths.part("settled", task.number);
  const written = writeColumns(
    path,
    { dropped: dropped.taken(), survivor: survivor.taken(), similarity: Float32Array.from(similarity) },
    taskFiles,
  );
  return { outputs: [fileRecord(paths, path, written)], counts: { dropped: dropped.length } };
}

/** Reads rows' texts for comparison; files stay open for the task. */
class RowTexts {
  private readonly readers = new Map<number, BlobReader>();
  private readonly paths: WorkerContext["paths"];
  private readonly table: RowTable;
  private readonly scope: Parameters<typeof scopeText>[0];

  constructor({ paths }: WorkerContext, table: RowTable, scope: Parameters<typeof scopeText>[0]) {
    this.paths = paths;
    this.table = table;
    this.scope = scope;
  }

  textOf(row: number): string {
    const split = splitOf(this.table, row);
    let reader = this.readers.get(split);
    if (!reader) this.readers.set(split, (reader = new BlobReader(this.paths.part("rows", split))));
    return scopeText(this.scope, messagesOf(openRow(reader.read(row - this.table.firstRow[split]))));
  }

  close(): void {
    for (const reader of this.readers.values()) reader.close();
  }
}
