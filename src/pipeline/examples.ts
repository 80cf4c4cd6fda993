// Rows to show: a few for every reason and flag, spread over sources, and the largest groups of duplicates.
// Chosen by content hash, so the same rows are shown however many workers ran.
import { setImmediate as pause } from "node:timers/promises";
import { readColumns } from "../io/columns-file.ts";
import { readJsonLines } from "../io/json-file.ts";
import { mix32 } from "../core/random.ts";
import type { Cluster } from "./clusters.ts";
import { beginning, excerpt } from "./excerpt.ts";
import { Lowest } from "./lowest.ts";
import type { ExampleRow, Examples, Samples, ShownConversation } from "./manifest.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import type { ReasonTable } from "./reasons.ts";
import { createRowReader } from "./row-reader.ts";
import { eachSplit, readJudged, type RowTable } from "./row-table.ts";
import { SampleChoice } from "./samples.ts";
import { noSurvivor, type Settled } from "./stage-dedup.ts";
import type { Mixed } from "./stage-mix.ts";
import type { QuarantineLine } from "./task-read.ts";

/** Of each reason: rows from one source, and from all. */
const rowsPerSource = 3;
const rowsPerReason = 12;
const clustersShown = 10;
/** UTF-16 units of a record that could not be read. */
const rawLimit = 300;

interface Inputs {
  readonly paths: RunPaths;
  readonly plan: Plan;
  readonly table: RowTable;
  readonly settled: Settled;
  readonly mixed: Mixed;
  readonly reasons: ReasonTable;
  /** The largest first. */
  readonly clusters: readonly Cluster[];
}

/** Pauses between its parts, so that progress is told. */
export async function collectExamples(inputs: Inputs): Promise<{ examples: Omit<Examples, "too_short">; samples: Samples }> {
  const { paths, plan, table, settled, mixed, reasons, clusters } = inputs;
  const sources = plan.recipe.sources.map(({ name }) => name);
  const perSource = (): Lowest[] => sources.map(() => new Lowest(rowsPerSource));
  const byCode = reasons.entries.map(perSource);
  const byFlag = reasons.flags.map(perSource);
  const sample = new SampleChoice(sources);
  eachSplit(table, (split, from, to, source) => {
    const { hash } = readColumns(paths.part("read", split), ["hash"]);
    const { flags } = readJudged(paths, split, ["flags"], to - from);
    for (let row = from; row < to; row++) {
      const key = mix32(hash[(row - from) * 4]);
      byCode[settled.code[row]][source].offer(key, row);
      sample.offer(key, row, source, mixed.times[row]);
      for (let word = flags[row - from]; word !== 0; word &= word - 1) byFlag[31 - Math.clz32(word & -word)][source].offer(key, row);
    }
  });
  await pause();
  const reader = createRowReader(inputs);
  const conversation = (row: number, evidence: Readonly<Record<string, unknown>> = {}): ShownConversation => {
    const messages = reader.messages(row);
    return { id: reader.id(row), messages: excerpt(messages, evidence), turns: messages.length };
  };
  const shown = (row: number, flag?: string): ExampleRow => {
    const survivor = settled.survivor[row];
    const found = reader.evidence(row);
    const evidence = {
      ...(flag === undefined ? found : (found.flags as Record<string, Record<string, unknown>> | undefined)?.[flag]),
      ...(survivor === noSurvivor ? {} : { similarity: Number(settled.similarity[row].toFixed(4)) }),
    };
    return {
      ...conversation(row, evidence),
      source: reader.source(row),
      evidence,
      ...(survivor === noSurvivor ? {} : { survivor: conversation(survivor) }),
    };
  };
  const examples = {
    reasons: reasons.entries
      .map(({ stage, reason }, code) => ({ stage, reason, rows: code === 0 ? [] : spread(byCode[code]).map((row) => shown(row)) }))
      .filter(({ rows }) => rows.length > 0),
    flags: reasons.flags
      .map((flag, i) => ({ flag, rows: spread(byFlag[i]).map((row) => shown(row, flag)) }))
      .filter(({ rows }) => rows.length > 0),
    quarantine: quarantineExamples(inputs),
    clusters: clusters.slice(0, clustersShown).map(({ survivor, rows, leastSimilar }) => ({
      survivor: conversation(survivor),
      rows,
      dropped: shown(leastSimilar),
    })),
  };
  await pause();
  const samples = await sample.figures(reader);
  reader.close();
  return { examples, samples };
}

/** The first of every source, then the second of every source, and so on. */
function spread(bySource: readonly Lowest[]): number[] {
  const rows = bySource.map((lowest) => lowest.rows());
  const taken: number[] = [];
  for (let place = 0; place < rowsPerSource; place++) for (const list of rows) if (place < list.length) taken.push(list[place]);
  return taken.slice(0, rowsPerReason);
}

function quarantineExamples({ paths, plan }: Inputs): Examples["quarantine"] {
  const seen = new Map<string, number>();
  const found: { id: string; source: string; reason: string; detail: string; raw: string }[] = [];
  plan.splits.forEach((_, split) => {
    for (const { id, source, reason, detail, raw } of readJsonLines<QuarantineLine>(paths.part("quarantine", split))) {
      const key = `${source}/${reason}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      if (seen.get(key)! <= rowsPerSource)
        found.push({ id, source, reason, detail, raw: beginning(Buffer.from(raw, "base64").toString("utf8"), rawLimit) });
    }
  });
  return found;
}
