// The end of a run: joins the ledger, proves that the counts add up, and writes the run record with what the report shows.
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { AtomicFile, type FileRecord, writeAtomic, type Written } from "../io/atomic.ts";
import type { Sha256 } from "../io/checksum.ts";
import { joinLedgerParts } from "../io/ledger-file.ts";
import { counted } from "../core/count.ts";
import { rowStates } from "../core/verdict.ts";
import { type Completion, fileRecord } from "./completion.ts";
import type { Described } from "./describe.ts";
import type { Amounts, InputFigures, Manifest, RunWarning, StateCounts } from "./manifest.ts";
import type { Plan } from "./plan.ts";
import { reviewFigures } from "./reviewed.ts";
import { eachSplit, type RowTable } from "./row-table.ts";
import type { RunState } from "./run.ts";
import type { Settled } from "./stage-dedup.ts";
import type { Mixed } from "./stage-mix.ts";
import { recordedStop } from "./stop.ts";
import type { JudgeCounts } from "./task-judge.ts";
import type { LedgerCounts } from "./task-ledger.ts";
import type { ReadCounts } from "./task-read.ts";
import type { ShardCounts } from "./task-shard.ts";

export interface Finished {
  readonly state: RunState;
  readonly table: RowTable;
  readonly read: readonly ReadCounts[];
  readonly judged: readonly JudgeCounts[];
  readonly settled: Settled;
  readonly mixed: Mixed;
  readonly shards: readonly Completion<ShardCounts>[];
  readonly ledger: readonly LedgerCounts[];
  readonly described: Described;
  readonly started: string;
}

export async function finishRun(finished: Finished): Promise<Manifest> {
  const { state, settled, mixed, ledger, described, started } = finished;
  const { paths, plan, hash, options, seconds } = state;
  const inputs = inputFigures(finished);
  const states = stateCounts(finished);
  checkSums(states);
  const outputs = finished.shards.flatMap((shard) => shard.outputs as readonly FileRecord<Sha256>[]);
  const parts = ledger.map((_, split) => paths.part("ledger", split));
  outputs.push(fileRecord(paths, paths.ledger, joinLedgerParts(parts, paths.ledger)));
  outputs.push(
    fileRecord(
      paths,
      paths.quarantine,
      joinLines(
        plan.splits.map((_, split) => paths.part("quarantine", split)),
        paths.quarantine,
      ),
    ),
  );
  const { figures, examples, samples } = described;
  outputs.push(fileRecord(paths, paths.examples, writeAtomic(paths.examples, `${JSON.stringify(examples)}\n`)));
  const broughtBack = finished.judged.reduce((sum, counts) => sum + counts.brought_back, settled.broughtBack);
  const reviewed = reviewFigures({ paths, plan, broughtBack });
  const { user, system } = process.cpuUsage();
  const manifest: Manifest = {
    name: plan.recipe.name,
    sluice: plan.sluice,
    recipe_file: basename(options.recipeFile),
    recipe: options.recipe,
    plan_sha256: hash,
    inputs,
    skipped_files: plan.skipped_files,
    failure: mixed.stop ? recordedStop(mixed.stop) : null,
    states,
    stages: figures.stages,
    flags: figures.flags,
    rules: ruleCounts(finished),
    hold_out: plan.recipe.hold_out === null ? null : { rows: states[""].held_out, eval_documents: documentsOf(finished, "eval") },
    review: reviewed,
    decontamination: described.decontamination,
    dedup: plan.recipe.dedup === null ? null : { threshold: plan.recipe.dedup.threshold, clusters: figures.clusters },
    mix: mixed.stop ? null : mixFigures(finished),
    packing: mixed.stop ? null : packingFigures(finished),
    shards: shardFigures(finished),
    diversity: figures.diversity,
    samples,
    warnings: [
      ...reviewWarnings(reviewed),
      ...emptyWarnings(inputs, plan),
      ...described.unprotected.map((file) => ({ stage: "decontaminate", text: unprotectedText(file) })),
      ...warningsOf(finished, states[""].held_out, figures.warnings),
    ],
    outputs,
    measured: {
      workers: options.workers,
      node: process.version,
      started,
      seconds,
      cpu_seconds: { user: user / 1e6, system: system / 1e6 },
      peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
    },
  };
  await state.durable.settled();
  writeAtomic(paths.runRecord, `${JSON.stringify(manifest, null, 1)}\n`);
  return manifest;
}

/** Rows by reason, rule and source. */
function ruleCounts({ state, ledger }: Finished): Manifest["rules"] {
  const { plan } = state;
  const sums: Record<string, Record<string, Record<string, number>>> = {};
  ledger.forEach(({ rules }, split) => {
    const source = plan.recipe.sources[plan.splits[split].source].name;
    for (const [reason, counts] of Object.entries(rules)) {
      for (const [rule, rows] of Object.entries(counts)) {
        const into = ((sums[reason] ??= {})[rule] ??= {});
        into[source] = (into[source] ?? 0) + rows;
      }
    }
  });
  return sums;
}

/** Records by state, per source and for all (""). */
function stateCounts({ state, read, ledger }: Finished): Record<string, StateCounts> {
  const { plan } = state;
  const empty = (): Record<keyof StateCounts, number> => ({ read: 0, used: 0, unused: 0, dropped: 0, quarantined: 0, held_out: 0 });
  const counts: Record<string, Record<keyof StateCounts, number>> = { "": empty() };
  for (const { name } of plan.recipe.sources) counts[name] = empty();
  ledger.forEach(({ states }, split) => {
    for (const into of [counts[""], counts[plan.recipe.sources[plan.splits[split].source].name]]) {
      for (const name of rowStates) into[name] += states[name] ?? 0;
    }
  });
  read.forEach(({ records }, split) => {
    counts[""].read += records;
    counts[plan.recipe.sources[plan.splits[split].source].name].read += records;
  });
  return counts;
}

/** Every record read has exactly one state; a run where that does not hold fails. */
function checkSums(states: Readonly<Record<string, StateCounts>>): void {
  for (const [source, counts] of Object.entries(states)) {
    const told = counts.used + counts.unused + counts.dropped + counts.quarantined + counts.held_out;
    if (told !== counts.read)
      throw new Error(`the ledger does not add up for ${source || "all sources"}: ${counts.read} records read, ${told} accounted for`);
  }
}

function joinLines(parts: readonly string[], path: string): Written {
  const file = new AtomicFile(path);
  for (const part of parts) if (existsSync(part)) file.append(readFileSync(part));
  return file.commit();
}

function inputFigures({ state, read }: Finished): InputFigures[] {
  const { plan } = state;
  return plan.inputs.map((input) => {
    const schemas: Record<string, number> = {};
    let records = 0;
    plan.splits.forEach((split, i) => {
      if (split.file !== input.file || plan.recipe.sources[split.source].name !== input.source) return;
      records += read[i].records;
      for (const [schema, rows] of Object.entries(read[i].schemas)) schemas[schema] = (schemas[schema] ?? 0) + rows;
    });
    return { ...input, records, schemas };
  });
}

function mixFigures({ state, mixed, table, settled }: Finished): Manifest["mix"] {
  const { recipe } = state.plan;
  const uses: Record<string, number>[] = recipe.sources.map(() => ({}));
  eachSplit(table, (_, from, to, source) => {
    for (let row = from; row < to; row++) {
      if (settled.code[row] === 0) uses[source][mixed.times[row]] = (uses[source][mixed.times[row]] ?? 0) + 1;
    }
  });
  const unit = recipe.mix.weigh_by;
  const achieved = mixed.achieved.reduce<Amounts>(
    (sum, part) => ({ rows: sum.rows + part.rows, tokens: sum.tokens + part.tokens, loss_tokens: sum.loss_tokens + part.loss_tokens }),
    { rows: 0, tokens: 0, loss_tokens: 0 },
  );
  return {
    weigh_by: unit,
    wanted_total: mixed.plan.sources.reduce((sum, source) => sum + source.wanted, 0),
    achieved,
    sources: mixed.plan.sources.map((source, i) => ({
      name: source.name,
      proportion: source.proportion,
      available: mixed.available[i],
      wanted: source.wanted,
      achieved: mixed.achieved[i],
      achieved_share: achieved[unit] === 0 ? 0 : mixed.achieved[i][unit] / achieved[unit],
      repeats: { least: source.repeatFloor, most: source.repeatCeil },
      uses: uses[i],
    })),
  };
}

function documentsOf({ mixed, shards }: Finished, part: "train" | "eval"): number {
  return mixed.spans.reduce((sum, span, i) => sum + (span.part === part ? shards[i].counts.documents : 0), 0);
}

function packingFigures({ state, mixed, shards }: Finished): Manifest["packing"] {
  const { max_length, packing } = state.plan.recipe.train;
  const sum = { documents: 0, rows: 0, tokens: 0, loss_tokens: 0 };
  mixed.spans.forEach((span, i) => {
    if (span.part !== "train") return;
    for (const key of ["documents", "rows", "tokens", "loss_tokens"] as const) sum[key] += shards[i].counts[key];
  });
  const { rows: cut, longest: longest_cut } = mixed.cut;
  return { max_length, packing, ...sum, cut, longest_cut, efficiency: sum.rows === 0 ? 0 : sum.tokens / (sum.rows * max_length) };
}

function shardFigures({ mixed, shards }: Finished): Manifest["shards"] {
  return mixed.spans.map(({ part }, i) => {
    const [curated, tokenized] = shards[i].outputs;
    return { part, curated: curated.file, tokenized: tokenized.file, ...shards[i].counts };
  });
}

function reviewWarnings(review: Manifest["review"]): RunWarning[] {
  if (review === null || review.unmatched === 0) return [];
  const { unmatched, decisions, unmatched_rows: rows, file } = review;
  const text = `${unmatched} of ${counted(decisions, "decision")} in ${file} ${unmatched === 1 ? "matches" : "match"} no row any more: ${rows.slice(0, 3).join(", ")}${unmatched > 3 ? " ..." : ""}`;
  return [{ stage: "review", text }];
}

function unprotectedText(file: string): string {
  return `${file} protects nothing: no record of it has a text that is known as a question, such as "question", "prompt", "query", "problem", "input", "goal" or "text"`;
}

/** Files that hold no records: of sources, and of what is decontaminated against. */
function emptyWarnings(inputs: readonly InputFigures[], plan: Plan): RunWarning[] {
  const read = new Set(plan.evaluation_splits.map(({ file }) => file));
  const empty = [...inputs.filter(({ records }) => records === 0), ...plan.evaluation.filter(({ file }) => !read.has(file))];
  return empty.map(({ source, file }) => ({ stage: "read", text: `${source}: ${file} holds no records` }));
}

function nothingHeldOut(mostRows: number, heldOut: number): string {
  const key = heldOut >= mostRows ? "max_rows" : "fraction";
  const found = heldOut === 0 ? "no row was held out" : `of ${counted(heldOut, "held-out row")} none is good enough to evaluate on`;
  return `${found}: raise hold_out.${key}, or there is nothing to evaluate on`;
}

function warningsOf({ state, mixed, read, table }: Finished, heldOut: number, narrow: readonly RunWarning[]): RunWarning[] {
  const warnings: RunWarning[] = mixed.warnings.map((text) => ({ stage: "mix", text }));
  const quarantined = read.reduce((sum, counts) => sum + Object.values(counts.quarantined).reduce((a, b) => a + b, 0), 0);
  if (quarantined > 0)
    warnings.push({ stage: "read", text: `${counted(quarantined, "record")} could not be read as rows: see quarantine.jsonl` });
  for (const file of state.plan.skipped_files)
    warnings.push({ stage: "read", text: `${file} was skipped: its ending is not one of a known format` });
  const { hold_out } = state.plan.recipe;
  if (!mixed.stop && hold_out && !mixed.spans.some((span) => span.part === "eval") && table.rows > 0)
    warnings.push({ stage: "hold_out", text: nothingHeldOut(hold_out.max_rows, heldOut) });
  return [...warnings, ...narrow];
}
