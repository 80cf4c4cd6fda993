// Task "ledger": the final word on every record of one split, quarantined ones too, in record order.
import { join } from "node:path";
import type { FileRecord } from "../io/atomic.ts";
import { type Column, readColumns } from "../io/columns-file.ts";
import { readJsonLines } from "../io/json-lines.ts";
import { writeLedgerPart } from "../io/ledger-file.ts";
import { TextList } from "../io/text-list.ts";
import { type Evidence, type RowState, rowStates } from "../core/verdict.ts";
import { fileRecord, taskFiles } from "./completion.ts";
import type { WorkerContext } from "./context.ts";
import { createReasonTable, reviewEdited, type StageReason } from "./reasons.ts";
import { type RowTable, splitOf } from "./row-table.ts";
import type { VerdictLine } from "./task-judge.ts";
import type { QuarantineLine } from "./task-read.ts";

export interface LedgerCounts {
  /** Records by state. */
  readonly states: Readonly<Partial<Record<RowState, number>>>;
  /** Rows by reason or flag and by the rule that found them, of filters that name their rules. */
  readonly rules: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

type RuleCounts = Record<string, Record<string, number>>;

const [used, unused, dropped, quarantined, heldOut] = rowStates.map((_, number) => number);

export function ledgerTask(context: WorkerContext, table: RowTable, split: number): { outputs: FileRecord[]; counts: LedgerCounts } {
  const { paths, plan } = context;
  const { source, file } = plan.splits[split];
  const { entries, flags: flagNames } = createReasonTable(plan.recipe);
  const range = { from: table.firstRow[split], to: table.firstRow[split + 1] };
  const final = readColumns(join(paths.work, "final.columns"), ["code", "times", "survivor", "similarity"], range);
  const { hash, record: records } = readColumns(paths.part("read", split), ["hash", "record"]);
  const { flags: flagsOfRows } = readColumns(paths.part("judged", split), ["flags"]);
  const verdicts = readJsonLines<VerdictLine>(paths.part("verdicts", split));
  const malformed = readJsonLines<QuarantineLine>(paths.part("quarantine", split));
  const rules: RuleCounts = {};

  const lines = records.length + malformed.length;
  const record = new Int32Array(lines);
  const hashLengths = new Int32Array(lines);
  const state = new Int32Array(lines);
  const fate = new Int32Array(lines);
  const flags = new Uint32Array(lines);
  const timesUsed = new Int32Array(lines);
  const evidence = new TextList(lines);
  const fates: StageReason[] = [...entries, reviewEdited];
  const edited = entries.length;
  const dedup = entries.map(({ stage }) => stage === "dedup");
  const endedAs = entries.map(({ stage }) => (stage === "hold_out" ? heldOut : dropped));

  let nextMalformed = 0;
  let nextVerdict = 0;
  for (let line = 0, row = 0; line < lines; line++) {
    if (row === records.length || (nextMalformed < malformed.length && malformed[nextMalformed].record < records[row])) {
      const { record: number, reason, detail, raw_bytes } = malformed[nextMalformed++];
      record[line] = number;
      state[line] = quarantined;
      fate[line] = fates.push({ stage: "read", reason }) - 1;
      evidence.append(JSON.stringify({ detail, raw_bytes }));
      continue;
    }
    const code = final.code[row];
    const verdict = nextVerdict < verdicts.length && verdicts[nextVerdict].row === row ? verdicts[nextVerdict++] : undefined;
    record[line] = records[row];
    hashLengths[line] = hashDigits;
    timesUsed[line] = final.times[row];
    flags[line] = flagsOfRows[row];
    state[line] = code === 0 ? (timesUsed[line] > 0 ? used : unused) : endedAs[code];
    fate[line] = code === 0 && verdict?.review?.original_hash !== undefined ? edited : code;
    const { stage, reason } = fates[fate[line]];
    const survivor = dedup[code]
      ? { survivor: idOf(context, table, final.survivor[row]), similarity: rounded(final.similarity[row]) }
      : undefined;
    if (verdict) {
      countRules(rules, reason, verdict);
      evidence.append(JSON.stringify(fullEvidence(stage, verdict, survivor)));
    } else if (survivor) evidence.append(JSON.stringify(survivor));
    else evidence.skip();
    row++;
  }
  const part = {
    source: plan.recipe.sources[source].name,
    file,
    record,
    contentHash: { lengths: hashLengths, bytes: hexOf(hash) },
    state,
    fate,
    fates,
    evidence: evidence.texts(),
    flags,
    flagNames,
    timesUsed,
  };
  const path = paths.part("ledger", split);
  return { outputs: [fileRecord(paths, path, writeLedgerPart(path, part, taskFiles))], counts: { states: countStates(state), rules } };
}

/** A stage's own evidence stands first; what else is known of the row has a name. */
function fullEvidence(stage: string, { evidence, flags, review }: VerdictLine, survivor: object | undefined): object {
  return {
    ...evidence,
    ...survivor,
    ...(stage === "review" ? review : review && { review }),
    ...(flags ? { flags } : {}),
  };
}

function countRules(rules: RuleCounts, reason: string, { evidence, flags }: VerdictLine): void {
  countRule(rules, reason, evidence);
  for (const flag in flags) countRule(rules, flag, flags[flag]);
}

function countRule(rules: RuleCounts, reason: string, evidence: Evidence | undefined): void {
  if (typeof evidence?.rule !== "string") return;
  const known = (rules[reason] ??= {});
  known[evidence.rule] = (known[evidence.rule] ?? 0) + 1;
}

function countStates(state: Int32Array): Partial<Record<RowState, number>> {
  const counts = rowStates.map(() => 0);
  for (let line = 0; line < state.length; line++) counts[state[line]]++;
  return Object.fromEntries(rowStates.map((name, number) => [name, counts[number]] as const).filter(([, count]) => count > 0));
}

function idOf(context: WorkerContext, table: RowTable, row: number): string {
  const { plan } = context;
  const split = splitOf(table, row);
  const { source, file } = plan.splits[split];
  return `${plan.recipe.sources[source].name}/${file}#${context.recordsOf(split)[row - table.firstRow[split]]}`;
}

/** Similarities are told to four decimals. */
function rounded(similarity: number): number {
  return Math.round(similarity * 10_000) / 10_000;
}

const hashDigits = 32;

/** Hexadecimal digits of hash[rows, 4]: 32 a row, one behind the other. */
function hexOf(hash: Column): Uint8Array {
  return Buffer.from(Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).swap32().toString("hex"), "latin1");
}
