// How far a run is that still goes on, from its plan and the completion records and columns of finished tasks.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readColumns } from "../io/columns-file.ts";
import type { Completion } from "../pipeline/completion.ts";
import { stageOrder } from "../pipeline/figures.ts";
import type { StageFigures } from "../pipeline/manifest.ts";
import { runPaths, type RunPaths } from "../pipeline/paths.ts";
import { planHash, readPlan } from "../pipeline/frozen-plan.ts";
import type { Plan } from "../pipeline/plan.ts";
import { createReasonTable, type ReasonTable } from "../pipeline/reasons.ts";
import type { ReadCounts } from "../pipeline/task-read.ts";

export interface LiveTask {
  readonly task: string;
  readonly done: number;
  /** Undefined where only the run itself knows. */
  readonly total: number | undefined;
}

export interface LiveRun {
  readonly name: string;
  readonly sources: readonly string[];
  readonly tasks: readonly LiveTask[];
  /** Records read so far. */
  readonly records: number;
  /** Stages up to the chat template, of the parts that are judged. */
  readonly stages: readonly StageFigures[];
  readonly judgedRows: number;
}

/** A part's rows by stage and reason: it never changes once its task is done, so it is counted once. */
type PartCounts = ReadonlyMap<string, number>;

export class LiveRunReader {
  private readonly paths: RunPaths;
  private readonly judged = new Map<number, PartCounts>();
  private readonly read = new Map<number, ReadCounts>();
  private hash = "";

  constructor(folder: string) {
    this.paths = runPaths(folder);
  }

  /** Undefined where there is no plan yet. */
  progress(): LiveRun | undefined {
    const plan = readPlan(this.paths);
    if (!plan) return undefined;
    const hash = planHash(plan);
    if (hash !== this.hash) {
      // Started over with another plan: nothing known holds.
      this.judged.clear();
      this.read.clear();
    }
    this.hash = hash;
    const folder = dirname(this.paths.done("any"));
    const names = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
    const counts: Record<string, number> = {};
    const reasons = createReasonTable(plan.recipe);
    for (const file of names) {
      const [, task, number] = /^([a-z]+)-.*?(\d+)\.json$/.exec(file) ?? [];
      if (task === undefined) continue;
      counts[task] = (counts[task] ?? 0) + 1;
      if (task === "read") this.noteRead(file, Number(number));
      if (task === "judge") this.noteJudged(Number(number), reasons);
    }
    const splits = plan.splits.length;
    const sources = plan.recipe.sources.map(({ name }) => name);
    return {
      name: plan.recipe.name,
      sources,
      tasks: [
        { task: "read", done: counts.read ?? 0, total: splits },
        { task: "judge", done: counts.judge ?? 0, total: splits },
        { task: "find duplicates", done: counts.settle ?? 0, total: undefined },
        { task: "write shards", done: counts.shard ?? 0, total: undefined },
        { task: "write the ledger", done: counts.ledger ?? 0, total: splits },
      ],
      records: [...this.read.values()].reduce((sum, { records }) => sum + records, 0),
      ...this.funnel(plan, sources, reasons),
    };
  }

  private noteRead(file: string, split: number): void {
    if (this.read.has(split)) return;
    const record = parsed<Completion<ReadCounts>>(join(dirname(this.paths.done("any")), file));
    if (record?.plan === this.hash) this.read.set(split, record.counts);
  }

  private noteJudged(split: number, reasons: ReasonTable): void {
    if (this.judged.has(split) || !existsSync(this.paths.part("judged", split))) return;
    const { code } = readColumns(this.paths.part("judged", split), ["code"]);
    const byCode = new Uint32Array(reasons.entries.length);
    for (const value of code) byCode[value]++;
    this.judged.set(
      split,
      new Map(reasons.entries.flatMap(({ stage, reason }, i) => (byCode[i] > 0 ? [[`${stage}/${reason}`, byCode[i]] as const] : []))),
    );
  }

  /** Only parts that are read and judged count, so that every step's rows come from the step before. */
  private funnel(plan: Plan, sources: readonly string[], reasons: ReasonTable): Pick<LiveRun, "stages" | "judgedRows"> {
    const order = stageOrder(reasons).filter((stage) => stage !== "dedup" && stage !== "mix");
    const ended = order.map(() => sources.map((): Record<string, number> => ({})));
    const entering = sources.map(() => 0);
    let judgedRows = 0;
    for (const [split, counts] of this.judged) {
      const read = this.read.get(split);
      if (!read) continue;
      const { source } = plan.splits[split];
      entering[source] += read.records;
      judgedRows += read.rows;
      for (const [reason, rows] of Object.entries(read.quarantined)) add(ended[0][source], reason, rows);
      for (const [key, rows] of counts) {
        const [stage, reason] = key.split("/");
        const place = order.indexOf(stage);
        if (place > 0) add(ended[place][source], reason, rows);
      }
    }
    const stages = order.map((stage, i): StageFigures => {
      const all: Record<string, number> = {};
      const bySource: Record<string, StageFigures["by_source"][string]> = {};
      const rowsIn = sum(entering);
      sources.forEach((source, j) => {
        const before = entering[j];
        for (const [reason, rows] of Object.entries(ended[i][j])) {
          entering[j] -= rows;
          add(all, reason, rows);
        }
        bySource[source] = { rows_in: before, rows_out: entering[j], reasons: ended[i][j] };
      });
      return { stage, rows_in: rowsIn, rows_out: sum(entering), reasons: all, by_source: bySource };
    });
    return { stages, judgedRows };
  }
}

function add(into: Record<string, number>, key: string, rows: number): void {
  into[key] = (into[key] ?? 0) + rows;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function parsed<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined; // gone since the folder was listed: the run was started over
  }
}
