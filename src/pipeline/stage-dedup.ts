// Stage "dedup": exact duplicates by key, then clusters of rows that share a MinHash band, settled by workers on exact similarity.
import { join } from "node:path";
import { readColumns, writeColumns } from "../io/columns-file.ts";
import { clusterBands } from "../dedup/cluster.ts";
import { groupExact } from "../dedup/exact.ts";
import { createPriority } from "../dedup/priority.ts";
import { createSketcher } from "../dedup/sketch.ts";
import { createReasonTable } from "./reasons.ts";
import { readReviewed } from "./reviewed.ts";
import { eachSplit, gatherColumn, type RowTable } from "./row-table.ts";
import { type RunState, runTasks } from "./run.ts";
import type { SettleCounts } from "./task-settle.ts";
import type { Task } from "./tasks.ts";

/** What became of each row so far: arrays of length rows. */
export interface Settled {
  /** The reason table's code; 0 is alive. */
  readonly code: Uint16Array;
  /** The row this one was dropped for, or noSurvivor. */
  readonly survivor: Uint32Array;
  /** Exact Jaccard similarity with it; 1 for exact duplicates. */
  readonly similarity: Float32Array;
  /** 1 where the row is held out. */
  readonly held: Uint8Array;
  /** Duplicates that a reviewer brought back. */
  broughtBack: number;
}

/** In Settled.survivor: the row was not dropped as a duplicate. */
export const noSurvivor = 0xffff_ffff;

/** Rows a settle task looks at, about. */
const settleRows = 4096;

export async function dedupStage(state: RunState, table: RowTable, held: Uint8Array): Promise<Settled> {
  const { paths, plan } = state;
  const settled: Settled = {
    code: gatherColumn(paths, table, "judged", "code", new Uint16Array(table.rows)),
    survivor: new Uint32Array(table.rows).fill(noSurvivor),
    similarity: new Float32Array(table.rows),
    held,
    broughtBack: 0,
  };
  const { dedup } = plan.recipe;
  if (dedup === null) return settled;
  const reasons = createReasonTable(plan.recipe);
  const heldOutCode = reasons.code("hold_out", "held_out");
  /** Rows that take part: alive ones, and held-out ones as survivors that cannot be dropped. */
  const takesPart = (row: number): boolean => settled.code[row] === 0 || settled.code[row] === heldOutCode;
  const drop = (row: number, survivor: number, similarity: number, reason: string): void => {
    settled.code[row] = reasons.code("dedup", held[survivor] === 1 ? "near_held_out" : reason);
    settled.survivor[row] = survivor;
    settled.similarity[row] = similarity;
  };
  const compare = createPriority({ keep: dedup.keep, ...priorityColumns(state, table) });

  for (const group of exactGroups(state, table, takesPart)) {
    group.sort((a, b) => held[b] - held[a] || compare(a, b));
    for (const row of group.subarray(1)) if (held[row] === 0) drop(row, group[0], 1, "exact_duplicate");
  }
  const { slots } = createSketcher({ ...dedup, seed: plan.recipe.seed });
  const clusters = clusterBands({
    rowCount: table.rows,
    slots,
    memoryLimit: plan.recipe.memory_limit,
    takesPart,
    readBand: (slot, visit) =>
      eachSplit(table, (split, from) => {
        const name = `slot${slot}`;
        visit(readColumns(paths.part("judged", split), [name])[name] as Uint32Array, from);
      }),
  });
  for (let cluster = 0; cluster + 1 < clusters.offsets.length; cluster++) {
    clusters.rows.subarray(clusters.offsets[cluster], clusters.offsets[cluster + 1]).sort((a, b) => held[b] - held[a] || compare(a, b));
  }
  writeColumns(join(paths.work, "clusters.columns"), { ...clusters, undroppable: Uint8Array.from(clusters.rows, (row) => held[row]) });
  const tasks = settleTasks(clusters.offsets, table);
  const records = await runTasks<SettleCounts>(state, tasks);
  records.forEach((_, number) => {
    const { dropped, survivor, similarity } = readColumns(paths.part("settled", number), ["dropped", "survivor", "similarity"]);
    for (let i = 0; i < dropped.length; i++) drop(dropped[i], survivor[i], similarity[i], "near_duplicate");
  });
  followSurvivors(settled, drop);
  settled.broughtBack = bringBack(state, table, settled, compare);
  return settled;
}

/** Groups of rows with the same text. The keys, 16 bytes a row, are let go before clustering needs its own memory. */
function exactGroups({ paths }: RunState, table: RowTable, takesPart: (row: number) => boolean): Uint32Array[] {
  return groupExact(gatherColumn(paths, table, "judged", "exact", new Uint32Array(table.rows * 4), 4), takesPart);
}

/** An exact duplicate whose survivor went for a third row was equal to it after normalisation: it goes for that row too. */
function followSurvivors(settled: Settled, drop: (row: number, survivor: number, similarity: number, reason: string) => void): void {
  const { survivor, similarity } = settled;
  for (let row = 0; row < survivor.length; row++) {
    const first = survivor[row];
    if (first !== noSurvivor && survivor[first] !== noSurvivor) drop(row, survivor[first], similarity[first], "near_duplicate");
  }
}

/**
 * A reviewer's keep stands against duplicates too: of the dropped rows with that content one comes back, unless one is alive already.
 * Copies of held-out rows stay where they are.
 */
function bringBack({ paths, plan }: RunState, table: RowTable, settled: Settled, compare: (a: number, b: number) => number): number {
  if (plan.decisions.lines === 0) return 0;
  const reasons = createReasonTable(plan.recipe);
  const duplicates = [reasons.code("dedup", "exact_duplicate"), reasons.code("dedup", "near_duplicate")];
  const copies = new Map<string, number[]>();
  eachSplit(table, (split, from) => {
    for (const { row, verdict, used } of readReviewed(paths, split).values()) {
      if (verdict !== "keep") continue;
      const content = used[used.length - 1];
      const rows = copies.get(content);
      if (rows) rows.push(from + row);
      else copies.set(content, [from + row]);
    }
  });
  let count = 0;
  for (const rows of copies.values()) {
    if (rows.some((row) => settled.code[row] === 0)) continue;
    const [first] = rows.filter((row) => duplicates.includes(settled.code[row])).sort(compare);
    if (first === undefined) continue;
    settled.code[first] = 0;
    settled.survivor[first] = noSurvivor;
    settled.similarity[first] = 0;
    count++;
  }
  return count;
}

/** What the keep order looks at: arrays of length rows. */
function priorityColumns(
  { paths }: RunState,
  table: RowTable,
): { source: Uint16Array; length: Uint32Array; quality: Float32Array; hash: Uint32Array } {
  const source = new Uint16Array(table.rows);
  eachSplit(table, (_, from, to, number) => source.fill(number, from, to));
  return {
    source,
    length: gatherColumn(paths, table, "read", "length", new Uint32Array(table.rows)),
    quality: gatherColumn(paths, table, "read", "quality", new Float32Array(table.rows)),
    hash: gatherColumn(paths, table, "read", "hash", new Uint32Array(table.rows * 4), 4),
  };
}

/** Whole clusters, about settleRows rows a task. */
function settleTasks(offsets: Uint32Array, table: RowTable): Task[] {
  const tasks: Task[] = [];
  for (let from = 0; from + 1 < offsets.length;) {
    let to = from + 1;
    while (to + 1 < offsets.length && offsets[to + 1] - offsets[from] <= settleRows) to++;
    tasks.push({ stage: "settle", number: tasks.length, from, to, table });
    from = to;
  }
  return tasks;
}
