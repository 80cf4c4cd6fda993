// Stage "mix": from the rows that are left to the training order and the spans of it that become shards.
import { join } from "node:path";
import { count, counted } from "../core/count.ts";
import { SluiceError } from "../core/errors.ts";
import { readColumns, writeColumns } from "../io/columns-file.ts";
import { addToProfile, createProfile, type ProfileSummary, summariseProfile } from "../diversity/profile.ts";
import { type MixPlan, planMix } from "../mix/plan.ts";
import { schedule, type ScheduledSource } from "../mix/schedule.ts";
import { chooseUses, selectionOrder } from "../mix/selection.ts";
import { remarksOnTaken } from "../mix/taken.ts";
import { lostRows } from "./lost-rows.ts";
import type { Amounts } from "./manifest.ts";
import { cutFlag } from "./reasons.ts";
import { eachSplit, gatherColumn, type RowTable } from "./row-table.ts";
import type { RunState } from "./run.ts";
import type { Settled } from "./stage-dedup.ts";
import { notMixed, type Stop } from "./stop.ts";
import type { ReadCounts } from "./task-read.ts";
import type { ShardSpan } from "./task-shard.ts";

export interface Mixed {
  readonly plan: MixPlan;
  /** Uses of each row: times[rows]. */
  readonly times: Uint16Array;
  readonly available: readonly Amounts[];
  readonly achieved: readonly Amounts[];
  readonly spans: readonly ShardSpan[];
  readonly cut: CutRows;
  /** What planning found, and rows that lost their end. */
  readonly warnings: readonly string[];
  /** Task types and lengths of the mix, repeats counted. */
  readonly diversity: ProfileSummary;
  /** Why there is no mix, where there is none; the run then ends with this. */
  readonly stop: Stop | undefined;
}

/** Rows of the mix that lost their end at max_length; repeats are not counted. */
export interface CutRows {
  readonly rows: number;
  /** Of so many. */
  readonly of: number;
  /** Tokens that the longest had; 0 where none is cut. */
  readonly longest: number;
}

/** A shard ends when it holds this many tokens or documents: its arrays then take about 32 MB. */
const shardTokens = 4_000_000;
const shardDocuments = 65_536;

export function mixStage(state: RunState, table: RowTable, settled: Settled, read: readonly ReadCounts[]): Mixed {
  try {
    return mixRows(state, table, settled, read);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return notMixed(state.paths, table, settled, { stage: "mix", error });
  }
}

function mixRows(state: RunState, table: RowTable, settled: Settled, read: readonly ReadCounts[]): Mixed {
  const { paths, plan } = state;
  const { recipe } = plan;
  const tokens = gatherColumn(paths, table, "judged", "tokens", new Uint32Array(table.rows));
  const lossTokens = gatherColumn(paths, table, "judged", "loss_tokens", new Uint32Array(table.rows));
  const hashes = gatherColumn(paths, table, "read", "hash", new Uint32Array(table.rows * 4), 4);
  const alive = aliveRows(table, settled.code, recipe.sources.length);
  const available = alive.map((rows) => amountsOf(rows, tokens, lossTokens));
  const mixPlan = planMix({
    sources: recipe.sources.map(({ name }, i) => ({
      name,
      rows: available[i].rows,
      tokens: available[i].tokens,
      lossTokens: available[i].loss_tokens,
      lost: available[i].rows === 0 ? lostRows({ paths, plan, table, settled, read }, i) : undefined,
    })),
    options: recipe.mix,
  });
  const amounts = { rows: undefined, tokens, loss_tokens: lossTokens }[recipe.mix.weigh_by];
  const times = new Uint16Array(table.rows);
  const sources: ScheduledSource[] = alive.map((rows, i) => {
    const order = selectionOrder({ seed: recipe.seed, rows, hashes });
    const uses = chooseUses({ plan: mixPlan.sources[i], order, amounts });
    for (let j = 0; j < order.length; j++) times[order[j]] = uses[j];
    return { order, times: uses };
  });
  const achieved = alive.map((rows) => amountsOf(rows, tokens, lossTokens, times));
  const usesBySource = achieved.map(({ rows }) => rows);
  const remarks = [...mixPlan.warnings, ...remarksOnTaken(mixPlan, usesBySource)];
  const train = schedule({ sources, seed: recipe.seed });
  const evaluation = heldOutOrder(table, settled, tokens);
  writeColumns(join(paths.work, "schedule-train.columns"), { row: train.rows, repeat: train.repeats });
  writeColumns(join(paths.work, "schedule-eval.columns"), { row: evaluation, repeat: new Uint16Array(evaluation.length) });
  writeColumns(join(paths.work, "final.columns"), {
    code: settled.code,
    survivor: settled.survivor,
    similarity: settled.similarity,
    times,
  });
  const spans = [...cut("train", train.rows, tokens), ...cut("eval", evaluation, tokens)];
  const { cut: cutRows, diversity } = describeUses(state, table, times);
  const warnings = [...remarks.map(({ text }) => text), ...cutWarnings(cutRows, recipe.train.max_length)];
  return { plan: { ...mixPlan, warnings: remarks }, times, available, achieved, spans, cut: cutRows, warnings, diversity, stop: undefined };
}

/** Rows still alive, by source, in id order. */
function aliveRows(table: RowTable, code: Uint16Array, sources: number): Uint32Array[] {
  const counts = new Uint32Array(sources);
  eachSplit(table, (_, from, to, source) => {
    for (let row = from; row < to; row++) if (code[row] === 0) counts[source]++;
  });
  const alive = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  eachSplit(table, (_, from, to, source) => {
    for (let row = from; row < to; row++) if (code[row] === 0) alive[source][counts[source]++] = row;
  });
  return alive;
}

function describeUses({ paths, plan }: RunState, table: RowTable, times: Uint16Array): Pick<Mixed, "cut" | "diversity"> {
  const profile = createProfile();
  const cut = { rows: 0, of: 0, longest: 0 };
  const { max_length } = plan.recipe.train;
  eachSplit(table, (split, from, to) => {
    const { task, instruction_tokens, response_tokens, whole_tokens } = readColumns(paths.part("judged", split), [
      "task",
      "instruction_tokens",
      "response_tokens",
      "whole_tokens",
    ]);
    for (let row = from; row < to; row++) {
      const place = row - from;
      const values = { task: task[place], instructionTokens: instruction_tokens[place], responseTokens: response_tokens[place] };
      for (let use = 0; use < times[row]; use++) addToProfile(profile, values);
      if (times[row] === 0) continue;
      cut.of++;
      if (whole_tokens[place] <= max_length) continue;
      cut.rows++;
      cut.longest = Math.max(cut.longest, whole_tokens[place]);
    }
  });
  return { cut, diversity: summariseProfile(profile) };
}

/** Rows that are trained on without their end, in a line; none where there are none. */
function cutWarnings({ rows, of, longest }: CutRows, maxLength: number): string[] {
  if (rows === 0) return [];
  const are = rows === 1 ? "is" : "are";
  return [
    `${count(rows)} of the mix's ${counted(of, "row")} ${are} longer than train.max_length ${count(maxLength)} and ${are} trained on without the end: the longest has ${count(longest)} tokens, ${cutFlag} in the ledger. Raise max_length, or drop long rows with filters.length`,
  ];
}

function amountsOf(rows: Uint32Array, tokens: Uint32Array, lossTokens: Uint32Array, times?: Uint16Array): Amounts {
  const sum = { rows: 0, tokens: 0, loss_tokens: 0 };
  for (const row of rows) {
    const uses = times ? times[row] : 1;
    sum.rows += uses;
    sum.tokens += uses * tokens[row];
    sum.loss_tokens += uses * lossTokens[row];
  }
  return sum;
}

/** Held-out rows that carry loss, in id order. */
function heldOutOrder(table: RowTable, settled: Settled, tokens: Uint32Array): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row++) if (settled.held[row] === 1 && tokens[row] > 0) rows.push(row);
  return Uint32Array.from(rows);
}

function cut(part: "train" | "eval", rows: Uint32Array, tokens: Uint32Array): ShardSpan[] {
  const spans: ShardSpan[] = [];
  let from = 0;
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    sum += tokens[rows[i]];
    if (sum >= shardTokens || i + 1 - from >= shardDocuments || i + 1 === rows.length) {
      spans.push({ part, number: spans.length, from, to: i + 1 });
      from = i + 1;
      sum = 0;
    }
  }
  return spans;
}
