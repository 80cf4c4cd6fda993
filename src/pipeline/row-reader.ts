// Single rows of a finished run by number, from its work files; keeps the last splits' files open.
import { readFileSync } from "node:fs";
import { BlobReader } from "../io/blob-file.ts";
import type { Message } from "../core/row.ts";
import { messagesOf, openRow } from "../core/row-codec.ts";
import type { RunPaths } from "./paths.ts";
import type { Plan } from "./plan.ts";
import { type RowTable, splitOf } from "./row-table.ts";
import type { VerdictLine } from "./task-judge.ts";

export interface RowReader {
  id(row: number): string;
  source(row: number): string;
  messages(row: number): Message[];
  /** What the judging stages noted, flags under "flags". */
  evidence(row: number): Record<string, unknown>;
  close(): void;
}

export function createRowReader({
  paths,
  plan,
  table,
}: {
  readonly paths: RunPaths;
  readonly plan: Plan;
  readonly table: RowTable;
}): RowReader {
  const open = new Map<number, BlobReader>();
  /** Verdict lines of splits. */
  const verdicts = new Map<number, Buffer>();
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
  const sourceOf = (row: number): string => plan.recipe.sources[plan.splits[splitOf(table, row)].source].name;
  return {
    source: sourceOf,
    id(row) {
      return `${sourceOf(row)}/${plan.splits[splitOf(table, row)].file}#${blobOf(row).record}`;
    },
    messages: (row) => messagesOf(blobOf(row)),
    evidence(row) {
      const split = splitOf(table, row);
      let lines = verdicts.get(split);
      if (lines === undefined) {
        if (verdicts.size >= 16) verdicts.clear();
        verdicts.set(split, (lines = readFileSync(paths.part("verdicts", split))));
      }
      const line = verdictOf(lines, row - table.firstRow[split]);
      return { ...line?.evidence, ...(line?.flags ? { flags: line.flags } : {}) };
    },
    close: closeAll,
  };
}

/** Lines begin with their row, so few of them need to be parsed, or to become text. */
function verdictOf(lines: Buffer, row: number): VerdictLine | undefined {
  const start = Buffer.from(`{"row":${row},`);
  const isFirst = lines.subarray(0, start.length).equals(start);
  const feed = isFirst ? -1 : lines.indexOf(`\n${start}`);
  if (feed < 0 && !isFirst) return undefined;
  return JSON.parse(lines.toString("utf8", feed + 1, lines.indexOf("\n", feed + 1))) as VerdictLine;
}
