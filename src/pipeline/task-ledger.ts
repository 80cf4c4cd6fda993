// Task "ledger": the final word on every record of one split, quarantined ones too, in record order.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { FileRecord } from "../io/atomic.ts";
import { type Column, readColumns } from "../io/columns-file.ts";
import { readJsonLines } from "../io/json-file.ts";
import { writeLedgerPart } from "../io/ledger-file.ts";
import { TextList } from "../io/text-list.ts";
import { type Evidence, type RowState, rowStates } from "../core/verdict.ts";
import { fileRecord, taskFiles } from "./completion.ts";
import type { WorkerContext } from "./context.ts";
import { createReasonTable, reviewEdited, type StageReason, stopReason } from "./reasons.ts";
import { readJudged, type RowTable, splitOf } from "./row-table.ts";
import type { VerdictLine } from "./task-judge.ts";
import type { QuarantineLine } from "./task-read.ts";
import type { LedgerTask } from "./tasks.ts";

export interface LedgerCounts {
  /** Records by state. */
  readonly states: Readonly<Partial<Record<RowState, number>>>;
  /** Rows by reason or flag and by the rule that found them, of filters that name their rules. */
  readonly rules: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

type RuleCounts = Record<string, Record<string, number>>;

const [used, unused, dropped, quarantined, heldOut] = rowStates.map((_, number) => number);

export function ledgerTask(
  context: WorkerContext,
  { table, split, stoppedAt }: LedgerTask,
): { outputs: FileRecord[]; counts: LedgerCounts } {
  const { paths, plan } = context;
  const { source, file } = plan.splits[split];
  const { entries, flags: flagNames } = createReasonTable(plan.recipe);
  const range = { from: table.firstRow[split], to: table.firstRow[split + 1] };
  const { hash, record } = readColumns(paths.part("read", split), ["hash", "record"]);
  const rows: Rows = {
    context,
    table,
    ...readColumns(join(paths.work, "final.columns"), ["code", "times", "survivor", "similarity"], range),
    ...readJudged(paths, split, ["flags"], record.length),
    record,
    verdicts: existsSync(paths.part("verdicts", split)) ? readJsonLines<VerdictLine>(paths.part("verdicts", split)) : [],
    malformed: readJsonLines<QuarantineLine>(paths.part("quarantine", split)),
  };
  const lines = createLines(rows, entries, stoppedAt);
  fillLines(rows, lines);
  const part = {
    ...lines,
    source: plan.recipe.sources[source].name,
    file,
    contentHash: { lengths: lines.hashLengths, bytes: hexOf(hash) },
    evidence: lines.evidence.texts(),
    flagNames,
  };
  const path = paths.part("ledger", split);
  const outputs = [fileRecord(paths, path, writeLedgerPart(path, part, taskFiles))];
  return { outputs, counts: { states: countStates(lines.state), rules: lines.rules } };
}

/** What became of a split's rows: a value a row, but for verdicts and malformed records, which have their row and their record. */
interface Rows {
  readonly context: WorkerContext;
  readonly table: RowTable;
  readonly record: Column;
  readonly code: Column;
  readonly times: Column;
  readonly survivor: Column;
  readonly similarity: Column;
  readonly flags: Column;
  readonly verdicts: readonly VerdictLine[];
  readonly malformed: readonly QuarantineLine[];
}

/** Columns of the ledger's part; one value a line. */
interface Lines {
  readonly record: Int32Array;
  readonly hashLengths: Int32Array;
  readonly state: Int32Array;
  readonly fate: Int32Array;
  /** What fate counts: the reasons of the recipe, reviewEdited, where the run stopped, those of malformed records. */
  readonly fates: StageReason[];
  /** In fates: what is told of a row that nothing ended, and of one whose text was edited besides. */
  readonly alive: number;
  readonly edited: number;
  readonly evidence: TextList;
  readonly flags: Uint32Array;
  readonly timesUsed: Int32Array;
  readonly rules: RuleCounts;
}

function createLines({ record, malformed }: Rows, entries: readonly StageReason[], stoppedAt: string | undefined): Lines {
  const count = record.length + malformed.length;
  const fates = [...entries, reviewEdited];
  const stopped = stoppedAt === undefined ? undefined : fates.push({ stage: stoppedAt, reason: stopReason }) - 1;
  return {
    record: new Int32Array(count),
    hashLengths: new Int32Array(count),
    state: new Int32Array(count),
    fate: new Int32Array(count),
    fates,
    alive: stopped ?? 0,
    edited: stopped ?? entries.length,
    evidence: new TextList(count),
    flags: new Uint32Array(count),
    timesUsed: new Int32Array(count),
    rules: {},
  };
}

/** Nothing comes after the loop, or code compiled while it runs would be given up at its end, in every task anew. */
function fillLines(rows: Rows, lines: Lines): void {
  const { verdicts, malformed } = rows;
  const count = lines.record.length;
  let nextMalformed = 0;
  let nextVerdict = 0;
  for (let line = 0, row = 0; line < count; line++) {
    if (row === rows.record.length || (nextMalformed < malformed.length && malformed[nextMalformed].record < rows.record[row])) {
      fillMalformed(lines, line, malformed[nextMalformed++]);
    } else {
      const verdict = nextVerdict < verdicts.length && verdicts[nextVerdict].row === row ? verdicts[nextVerdict++] : undefined;
      fillLine(lines, line, rows, row++, verdict);
    }
  }
}

function fillMalformed({ record, state, fate, fates, evidence }: Lines, line: number, malformed: QuarantineLine): void {
  const { reason, detail, raw_bytes } = malformed;
  record[line] = malformed.record;
  state[line] = quarantined;
  fate[line] = fates.push({ stage: "read", reason }) - 1;
  evidence.append(JSON.stringify({ detail, raw_bytes }));
}

function fillLine(lines: Lines, line: number, rows: Rows, row: number, verdict: VerdictLine | undefined): void {
  const code = rows.code[row];
  const ended = lines.fates[code];
  const fate = ended.stage !== "" ? code : verdict?.review?.original_hash !== undefined ? lines.edited : lines.alive;
  lines.record[line] = rows.record[row];
  lines.hashLengths[line] = hashDigits;
  lines.state[line] = ended.stage === "hold_out" ? heldOut : ended.stage !== "" ? dropped : rows.times[row] > 0 ? used : unused;
  lines.fate[line] = fate;
  lines.flags[line] = rows.flags[row];
  lines.timesUsed[line] = rows.times[row];
  const survivor =
    ended.stage === "dedup"
      ? { survivor: idOf(rows.context, rows.table, rows.survivor[row]), similarity: rounded(rows.similarity[row]) }
      : undefined;
  if (verdict) {
    const { stage, reason } = lines.fates[fate];
    countRules(lines.rules, reason, verdict);
    lines.evidence.append(JSON.stringify(fullEvidence(stage, verdict, survivor)));
  } else if (survivor) lines.evidence.append(JSON.stringify(survivor));
  else lines.evidence.skip();
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
  const counts = new Uint32Array(rowStates.length);
  addCounts(state, counts);
  return Object.fromEntries(rowStates.map((name, number) => [name, counts[number]] as const).filter(([, count]) => count > 0));
}

/** Nothing comes after the loop, as in fillLines. */
function addCounts(values: Int32Array, counts: Uint32Array): void {
  for (let i = 0; i < values.length; i++) counts[values[i]]++;
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
