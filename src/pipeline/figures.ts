// The run record's figures by stage: the funnel, the flags, diversity after each stage. One pass over the rows' columns, split by split.
import { readColumns } from "../io/columns-file.ts";
import { addToProfile, createProfile, mergeProfiles, type Profile, summariseProfile } from "../diversity/profile.ts";
import { narrowWarnings } from "../diversity/narrow.ts";
import type { Cluster } from "./clusters.ts";
import type { Manifest, RunWarning, StageFigures } from "./manifest.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import { type ReasonTable, stopReason } from "./reasons.ts";
import { eachSplit, readJudged, type RowTable, splitOf } from "./row-table.ts";
import type { Settled } from "./stage-dedup.ts";
import type { Mixed } from "./stage-mix.ts";

export interface FigureInputs {
  readonly paths: RunPaths;
  readonly plan: Plan;
  readonly table: RowTable;
  readonly settled: Settled;
  readonly mixed: Mixed;
  readonly reasons: ReasonTable;
  /** Told in the run record: the survivors that most rows were dropped for. */
  readonly clusters: readonly Cluster[];
  /** Malformed records by reason, per split. */
  readonly quarantined: readonly Readonly<Record<string, number>>[];
}

export interface Figures {
  readonly stages: readonly StageFigures[];
  readonly flags: Manifest["flags"];
  readonly diversity: Manifest["diversity"];
  readonly clusters: readonly { readonly survivor: string; readonly rows: number }[];
  readonly warnings: readonly RunWarning[];
}

/** The stages a recipe has, in the order rows meet them; "mix" ends the rows it does not need. */
export function stageOrder(reasons: ReasonTable): string[] {
  const order = ["read"];
  for (const { stage } of reasons.entries) if (stage !== "" && !order.includes(stage)) order.push(stage);
  return [...order, "mix"];
}

export function profileStages(inputs: FigureInputs): Figures {
  const { paths, plan, table, settled, mixed, reasons } = inputs;
  const sources = plan.recipe.sources.map(({ name }) => name);
  const stages = stageOrder(reasons);
  const survivors = stages.length;
  // exits[stage][source]: the profile of rows that ended there; the last line is of those used in the mix.
  const exits: Profile[][] = Array.from({ length: stages.length + 1 }, () => sources.map(() => createProfile()));
  const ended: Record<string, number>[][] = stages.map(() => sources.map(() => ({})));
  const flags: Record<string, Record<string, number>> = {};
  // Rows that no stage ended and the mix does not use.
  const unused = mixed.stop ? stages.indexOf(mixed.stop.stage) : stages.length - 1;
  const unusedReason = mixed.stop ? stopReason : "not_needed";
  const stageOfCode = reasons.entries.map(({ stage }) => stages.indexOf(stage));

  eachSplit(table, (split, from, to, source) => {
    const columns = readJudged(paths, split, ["task", "flags", "instruction_tokens", "response_tokens"], to - from);
    const { task, flags: words, instruction_tokens, response_tokens } = columns;
    for (let row = from; row < to; row++) {
      const place = row - from;
      const code = settled.code[row];
      const times = mixed.times[row];
      const stage = code === 0 ? (times > 0 ? survivors : unused) : stageOfCode[code];
      const values = { task: task[place], instructionTokens: instruction_tokens[place], responseTokens: response_tokens[place] };
      addToProfile(exits[stage][source], values);
      if (stage < survivors) count(ended[stage][source], code === 0 ? unusedReason : reasons.entries[code].reason);
      for (let word = words[place]; word !== 0; word &= word - 1) {
        count((flags[reasons.flags[31 - Math.clz32(word & -word)]] ??= {}), sources[source]);
      }
    }
  });
  inputs.quarantined.forEach((byReason, split) => {
    for (const [reason, rows] of Object.entries(byReason)) count(ended[0][table.splitSource[split]], reason, rows);
  });
  const after = afterEachStage(exits, sources.length);
  // Rows that were not judged have no task types and no lengths.
  const isJudged = mixed.stop?.stage !== "read";
  const diversity = isJudged ? stages.map((stage, i) => ({ stage, profiles: summaries(after[i], sources) })) : [];
  const used = mergeProfiles(after[stages.length - 1]);
  const warnings = mixed.stop ? [] : narrowWarnings(summariseProfile(used)).map((text) => ({ stage: "diversity", text }));
  return {
    stages: stageFigures(stages, sources, ended, exits),
    flags,
    diversity: mixed.stop ? diversity : [...diversity, { stage: "mix, with repeats", profiles: { "": mixed.diversity } }],
    clusters: clusterFigures(inputs),
    warnings,
  };
}

function count(into: Record<string, number>, name: string, rows = 1): void {
  into[name] = (into[name] ?? 0) + rows;
}

/** after[stage][source]: the rows that are left behind it, from the exits of all later stages. */
function afterEachStage(exits: readonly (readonly Profile[])[], sources: number): Profile[][] {
  const after: Profile[][] = [];
  let left: Profile[] = Array.from({ length: sources }, () => createProfile());
  for (let stage = exits.length - 1; stage > 0; stage--) {
    left = left.map((profile, source) => mergeProfiles([profile, exits[stage][source]]));
    after[stage - 1] = left;
  }
  return after;
}

function summaries(profiles: readonly Profile[], sources: readonly string[]): Record<string, ReturnType<typeof summariseProfile>> {
  const all = { "": summariseProfile(mergeProfiles(profiles)) };
  return { ...all, ...Object.fromEntries(sources.map((name, i) => [name, summariseProfile(profiles[i])])) };
}

function stageFigures(
  stages: readonly string[],
  sources: readonly string[],
  ended: readonly (readonly Readonly<Record<string, number>>[])[],
  exits: readonly (readonly Profile[])[],
): StageFigures[] {
  // Rows that enter "read" are all records: everything that ended anywhere or was used.
  const entering = sources.map((_, source) => sum(ended.map((stage) => total(stage[source]))) + exits[exits.length - 1][source].rows);
  return stages.map((stage, i) => {
    const reasons: Record<string, number> = {};
    const bySource: Record<string, StageFigures["by_source"][string]> = {};
    const rowsIn = sum(entering);
    sources.forEach((name, source) => {
      const gone = ended[i][source];
      for (const [reason, rows] of Object.entries(gone)) count(reasons, reason, rows);
      const before = entering[source];
      entering[source] -= total(gone);
      bySource[name] = { rows_in: before, rows_out: entering[source], reasons: sorted(gone) };
    });
    return { stage, rows_in: rowsIn, rows_out: sum(entering), reasons: sorted(reasons), by_source: bySource };
  });
}

function clusterFigures({ plan, table, clusters, paths }: FigureInputs): { survivor: string; rows: number }[] {
  return clusters.map(({ survivor: row, rows }) => {
    const split = splitOf(table, row);
    const { source, file } = plan.splits[split];
    const place = row - table.firstRow[split];
    const [record] = readColumns(paths.part("read", split), ["record"], { from: place, to: place + 1 }).record;
    return { survivor: `${plan.recipe.sources[source].name}/${file}#${record}`, rows };
  });
}

function total(counts: Readonly<Record<string, number>>): number {
  return sum(Object.values(counts));
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}
