// Task "ledger": the final word on every record of one split, quarantined ones too, in record order.
import { join } from "node:path";
import type { FileRecord } from "../io/atomic.ts";
import { type Column, readColumns } from "../io/columns-file.ts";
import { readJsonLines } from "../io/json-lines.ts";
import { type LedgerColumns, writeLedgerPart } from "../io/ledger-file.ts";
import type { Evidence, RowState } from "../core/verdict.ts";
import { fileRecord, taskFiles } from "./completion.ts";
import type { WorkerContext } from "./context.ts";
import { createReasonTable, reviewEdited } from "./reasons.ts";
import { type RowTable, splitOf } from "./row-table.ts";
import type { VerdictLine } from "./task-judge.ts";
import type { QuarantineLine } from "./task-read.ts";

export interface LedgerCounts {
  /** Records by state. */
  readonly states: Readonly<Partial<Record<RowState, number>>>;
  /** Rows by reason or flag and by the rule that found them, of filters that name their rules. */
  readonly rules: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

const none: readonly string[] = [];

export function ledgerTask(context: WorkerContext, table: RowTable, split: number): { outputs: FileRecord[]; counts: LedgerCounts } {
  const { paths, plan } = context;
  const { source, file } = plan.splits[split];
  const name = plan.recipe.sources[source].name;
  const { entries, flags: flagNames } = createReasonTable(plan.recipe);
  const range = { from: table.firstRow[split], to: table.firstRow[split + 1] };
  const final = readColumns(join(paths.work, "final.columns"), ["code", "times", "survivor", "similarity"], range);
  const { hash, record: records } = readColumns(paths.part("read", split), ["hash", "record"]);
  const { flags } = readColumns(paths.part("judged", split), ["flags"]);
  const verdicts = new Map(readJsonLines<VerdictLine>(paths.part("verdicts", split)).map((line) => [line.row, line]));
  const malformed = readJsonLines<QuarantineLine>(paths.part("quarantine", split));
  const columns: Mutable<LedgerColumns> = {
    id: [],
    source: [],
    file: [],
    record: [],
    content_hash: [],
    state: [],
    stage: [],
    reason: [],
    evidence: [],
    flags: [],
    times_used: [],
  };
  const states: Partial<Record<RowState, number>> = {};
  const rules: Record<string, Record<string, number>> = {};
  const countRule = (reason: string, evidence: Evidence | undefined): void => {
    if (typeof evidence?.rule !== "string") return;
    const known = (rules[reason] ??= {});
    known[evidence.rule] = (known[evidence.rule] ?? 0) + 1;
  };
  const idOf = (row: number): string => {
    const other = splitOf(table, row);
    const { source: otherSource, file: otherFile } = plan.splits[other];
    return `${plan.recipe.sources[otherSource].name}/${otherFile}#${context.recordsOf(other)[row - table.firstRow[other]]}`;
  };
  const add = (line: {
    record: number;
    hash: string;
    state: RowState;
    stage: string;
    reason: string;
    evidence: object | undefined;
    flags: readonly string[];
    times: number;
  }): void => {
    columns.id.push(`${name}/${file}#${line.record}`);
    columns.source.push(name);
    columns.file.push(file);
    columns.record.push(line.record);
    columns.content_hash.push(line.hash);
    columns.state.push(line.state);
    columns.stage.push(line.stage);
    columns.reason.push(line.reason);
    columns.evidence.push(line.evidence ? JSON.stringify(line.evidence) : "");
    columns.flags.push(line.flags);
    columns.times_used.push(line.times);
    states[line.state] = (states[line.state] ?? 0) + 1;
  };
  const addMalformed = (line: QuarantineLine): void =>
    add({
      record: line.record,
      hash: "",
      state: "quarantined",
      stage: "read",
      reason: line.reason,
      evidence: { detail: line.detail, raw_bytes: line.raw_bytes },
      flags: none,
      times: 0,
    });

  const hashes = hexOf(hash);
  let next = 0;
  for (let place = 0; place < records.length; place++) {
    while (next < malformed.length && malformed[next].record < records[place]) addMalformed(malformed[next++]);
    const ended = entries[final.code[place]];
    const times = final.times[place];
    const verdict = verdicts.get(place);
    const { stage, reason } = ended.stage === "" && verdict?.review?.original_hash !== undefined ? reviewEdited : ended;
    countRule(reason, verdict?.evidence);
    for (const [flag, found] of Object.entries(verdict?.flags ?? {})) countRule(flag, found);
    const survivor =
      stage === "dedup" ? { survivor: idOf(final.survivor[place]), similarity: rounded(final.similarity[place]) } : undefined;
    const evidence =
      survivor || verdict
        ? {
            ...verdict?.evidence,
            ...survivor,
            // A stage's own evidence stands first; what else is known of the row has a name.
            ...(stage === "review" ? verdict?.review : verdict?.review && { review: verdict.review }),
            ...(verdict?.flags ? { flags: verdict.flags } : {}),
          }
        : undefined;
    add({
      record: records[place],
      hash: hashes.slice(place * 32, place * 32 + 32),
      state: ended.stage === "hold_out" ? "held_out" : ended.stage !== "" ? "dropped" : times > 0 ? "used" : "unused",
      stage,
      reason,
      evidence,
      flags: flags[place] === 0 ? none : flagNames.filter((_, i) => (flags[place] >>> i) & 1),
      times,
    });
  }
  while (next < malformed.length) addMalformed(malformed[next++]);
  const path = paths.part("ledger", split);
  return { outputs: [fileRecord(paths, path, writeLedgerPart(path, columns, taskFiles))], counts: { states, rules } };
}

/** Similarities are told to four decimals. */
function rounded(similarity: number): number {
  return Math.round(similarity * 10_000) / 10_000;
}

/** Hexadecimal digits of hash[rows, 4]: 32 a row, one behind the other. */
function hexOf(hash: Column): string {
  return Buffer.from(new Uint8Array(hash.buffer, hash.byteOffset, hash.byteLength))
    .swap32()
    .toString("hex");
}
