// Rows to show: a few for every reason and flag, spread over sources, and a sample of texts for distinct-n and verb-noun pairs.
// Chosen by content hash, so the same rows are shown however many workers ran.
import { BlobReader } from "../io/blob-file.ts";
import { readColumns } from "../io/columns-file.ts";
import { readJsonLines } from "../io/json-lines.ts";
import { mix32 } from "../core/random.ts";
import { type Message, instructionOf } from "../core/row.ts";
import { messagesOf, openRow } from "../core/row-codec.ts";
import { distinctN } from "../diversity/distinct.ts";
import { overlapOf } from "../diversity/overlap.ts";
import { countVerbNouns } from "../diversity/verb-noun.ts";
import type { ExampleRow, Examples, Samples } from "./manifest.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import type { ReasonTable } from "./reasons.ts";
import { eachSplit, type RowTable, splitOf } from "./row-table.ts";
import { noSurvivor, type Settled } from "./stage-dedup.ts";
import type { Mixed } from "./stage-mix.ts";
import type { VerdictLine } from "./task-judge.ts";
import type { QuarantineLine } from "./task-read.ts";

const rowsPerReason = 3;
const sampleRows = 2000;
/** Characters of a turn that a page shows. */
const turnLimit = 1200;

interface Inputs {
  readonly paths: RunPaths;
  readonly plan: Plan;
  readonly table: RowTable;
  readonly settled: Settled;
  readonly mixed: Mixed;
  readonly reasons: ReasonTable;
}

/** The rows with the lowest keys seen so far. */
class Lowest {
  private readonly size: number;
  private readonly entries: { readonly key: number; readonly row: number }[] = [];

  constructor(size: number) {
    this.size = size;
  }

  offer(key: number, row: number): void {
    const { entries, size } = this;
    if (entries.length === size && key >= entries[size - 1].key) return;
    let at = entries.length;
    while (at > 0 && entries[at - 1].key > key) at--;
    entries.splice(at, 0, { key, row });
    if (entries.length > size) entries.pop();
  }

  rows(): number[] {
    return this.entries.map(({ row }) => row);
  }
}

export function collectExamples(inputs: Inputs): { examples: Examples; samples: Samples } {
  const { paths, plan, table, settled, mixed, reasons } = inputs;
  const byCode = reasons.entries.map(() => new Lowest(rowsPerReason));
  const byFlag = reasons.flags.map(() => new Lowest(rowsPerReason));
  const used = plan.recipe.sources.map(() => new Lowest(sampleRows));
  eachSplit(table, (split, from, to, source) => {
    const { hash } = readColumns(paths.part("read", split), ["hash"]);
    const { flags } = readColumns(paths.part("judged", split), ["flags"]);
    for (let row = from; row < to; row++) {
      const key = mix32(hash[(row - from) * 4]);
      byCode[settled.code[row]].offer(key, row);
      if (mixed.times[row] > 0) used[source].offer(key, row);
      for (let word = flags[row - from]; word !== 0; word &= word - 1) byFlag[31 - Math.clz32(word & -word)].offer(key, row);
    }
  });
  const reader = createRowReader(inputs);
  const shown = (row: number): ExampleRow => {
    const survivor = settled.survivor[row];
    const other = survivor === noSurvivor ? undefined : { id: reader.id(survivor), messages: shortened(reader.messages(survivor)) };
    const similarity = other ? { similarity: Number(settled.similarity[row].toFixed(4)) } : {};
    return {
      id: reader.id(row),
      messages: shortened(reader.messages(row)),
      evidence: { ...reader.evidence(row), ...similarity },
      survivor: other,
    };
  };
  const examples: Examples = {
    reasons: reasons.entries
      .map(({ stage, reason }, code) => ({ stage, reason, rows: code === 0 ? [] : byCode[code].rows().map(shown) }))
      .filter(({ rows }) => rows.length > 0),
    flags: reasons.flags
      .map((flag, i) => ({ flag, rows: byFlag[i].rows().map((row) => flagged(shown(row), flag)) }))
      .filter(({ rows }) => rows.length > 0),
    quarantine: quarantineExamples(inputs),
  };
  const texts = used.map((lowest) => lowest.rows().map((row) => instructionOf(reader.messages(row))));
  reader.close();
  return {
    examples,
    samples: sampleFigures(
      plan.recipe.sources.map(({ name }) => name),
      texts,
    ),
  };
}

/** A flagged row shows what its flag matched. */
function flagged(row: ExampleRow, flag: string): ExampleRow {
  const flags = row.evidence.flags as Record<string, Record<string, unknown>> | undefined;
  return { ...row, evidence: flags?.[flag] ?? {} };
}

function sampleFigures(sources: readonly string[], texts: readonly (readonly string[])[]): Samples {
  const overlap: { sources: [string, string]; share: number }[] = [];
  for (let a = 0; a < sources.length; a++) {
    for (let b = a + 1; b < sources.length; b++) overlap.push({ sources: [sources[a], sources[b]], share: overlapOf(texts[a], texts[b]) });
  }
  const figures = (sample: readonly string[]): Samples["by_source"][string] => ({
    rows: sample.length,
    distinct: [1, 2, 3].map((n) => distinctN(sample, n)),
    verb_nouns: countVerbNouns(sample).slice(0, 20),
  });
  return { by_source: Object.fromEntries(sources.map((name, i) => [name, figures(texts[i])])), overlap };
}

function quarantineExamples({ paths, plan }: Inputs): Examples["quarantine"] {
  const perReason = new Map<string, number>();
  const found: { id: string; reason: string; detail: string; raw: string }[] = [];
  plan.splits.forEach((_, split) => {
    for (const line of readJsonLines<QuarantineLine>(paths.part("quarantine", split))) {
      const seen = perReason.get(line.reason) ?? 0;
      perReason.set(line.reason, seen + 1);
      if (seen < rowsPerReason)
        found.push({
          id: line.id,
          reason: line.reason,
          detail: line.detail,
          raw: cut(Buffer.from(line.raw, "base64").toString("utf8"), 200),
        });
    }
  });
  return found;
}

/** Reads single rows from the work files; keeps the last split's files open. */
function createRowReader({ paths, plan, table }: Inputs): {
  id(row: number): string;
  messages(row: number): Message[];
  evidence(row: number): Record<string, unknown>;
  close(): void;
} {
  const open = new Map<number, BlobReader>();
  const verdicts = new Map<number, Map<number, VerdictLine>>();
  const blobOf = (row: number): ReturnType<typeof openRow> => {
    const split = splitOf(table, row);
    let reader = open.get(split);
    if (!reader) {
      if (open.size >= 64) closeAll();
      open.set(split, (reader = new BlobReader(paths.part("rows", split))));
    }
    return openRow(reader.read(row - table.firstRow[split]));
  };
  const closeAll = (): void => {
    for (const reader of open.values()) reader.close();
    open.clear();
  };
  return {
    id(row) {
      const { source, file } = plan.splits[splitOf(table, row)];
      return `${plan.recipe.sources[source].name}/${file}#${blobOf(row).record}`;
    },
    messages: (row) => messagesOf(blobOf(row)),
    evidence(row) {
      const split = splitOf(table, row);
      let lines = verdicts.get(split);
      if (!lines) {
        if (verdicts.size >= 16) verdicts.clear();
        verdicts.set(split, (lines = new Map(readJsonLines<VerdictLine>(paths.part("verdicts", split)).map((line) => [line.row, line]))));
      }
      const line = lines.get(row - table.firstRow[split]);
      return { ...line?.evidence, ...(line?.flags ? { flags: line.flags } : {}) };
    },
    close: closeAll,
  };
}

function shortened(messages: readonly Message[]): Message[] {
  return messages.slice(0, 12).map(({ role, content }) => ({ role, content: cut(content, turnLimit) }));
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}
