// Where the records of a source went that has no rows left, in a line for errors: stage, reason and rows, the most frequent first.
import { count } from "../core/count.ts";
import { readJsonLines } from "../io/json-file.ts";
import { beginning } from "./excerpt.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import { createReasonTable } from "./reasons.ts";
import { eachSplit, type RowTable } from "./row-table.ts";
import type { Settled } from "./stage-dedup.ts";
import type { VerdictLine } from "./task-judge.ts";
import type { QuarantineLine, ReadCounts } from "./task-read.ts";

interface Known {
  readonly paths: RunPaths;
  readonly plan: Plan;
  readonly table: RowTable;
  readonly settled: Settled;
  readonly read: readonly ReadCounts[];
}

/** UTF-16 units of what one record's evidence says. */
const detailLimit = 160;

/** E.g. "chat_template template_error 20 (Cannot call something that is not a function), hold_out held_out 3". */
export function lostRows({ paths, plan, table, settled, read }: Known, source: number): string {
  const { entries } = createReasonTable(plan.recipe);
  const byCode = new Uint32Array(entries.length);
  const lost = new Map<string, Lost>();
  eachSplit(table, (split, from, to, splitSource) => {
    if (splitSource !== source) return;
    for (const [reason, rows] of Object.entries(read[split].quarantined))
      note(lost, `read ${reason}`, rows, () => unreadableDetail(paths, split, reason));
    byCode.fill(0);
    for (let row = from; row < to; row++) byCode[settled.code[row]]++;
    entries.forEach(({ stage, reason }, code) => {
      if (code > 0) note(lost, `${stage} ${reason}`, byCode[code], () => (reason === "template_error" ? refusal(paths, split) : undefined));
    });
  });
  if (lost.size === 0) return "its files hold no records";
  return [...lost]
    .sort(([, a], [, b]) => b.rows - a.rows)
    .map(([name, { rows, detail }]) => `${name} ${count(rows)}${detail === undefined ? "" : ` (${beginning(detail, detailLimit)})`}`)
    .join(", ");
}

interface Lost {
  rows: number;
  /** What the first of them says. */
  readonly detail: string | undefined;
}

function note(lost: Map<string, Lost>, name: string, rows: number, detail: () => string | undefined): void {
  if (rows === 0) return;
  const known = lost.get(name);
  if (known) known.rows += rows;
  else lost.set(name, { rows, detail: detail() });
}

/** Why a record could not be read, in the words of the first of its split with this reason. */
export function unreadableDetail(paths: RunPaths, split: number, reason: string): string | undefined {
  return readJsonLines<QuarantineLine>(paths.part("quarantine", split)).find((line) => line.reason === reason)?.detail;
}

function refusal(paths: RunPaths, split: number): string | undefined {
  const lines = readJsonLines<VerdictLine>(paths.part("verdicts", split));
  const message = lines.find(({ evidence }) => typeof evidence?.message === "string")?.evidence?.message;
  return message as string | undefined;
}
