// Rows of all splits under one number: row = firstRow[split] + its place in the split. Everything per row is a typed array of that length.
import { existsSync } from "node:fs";
import { type Column, readColumns } from "../io/columns-file.ts";
import type { PartKind, RunPaths } from "./paths.ts";

export interface RowTable {
  readonly rows: number;
  readonly splits: number;
  /** firstRow[splits + 1]; the last entry is the number of rows. */
  readonly firstRow: Uint32Array;
  /** The recipe's source number of each split: splitSource[splits]. */
  readonly splitSource: Uint16Array;
}

export function createRowTable(rowsPerSplit: readonly number[], splitSource: readonly number[]): RowTable {
  const firstRow = new Uint32Array(rowsPerSplit.length + 1);
  rowsPerSplit.forEach((rows, i) => void (firstRow[i + 1] = firstRow[i] + rows));
  return { rows: firstRow[rowsPerSplit.length], splits: rowsPerSplit.length, firstRow, splitSource: Uint16Array.from(splitSource) };
}

export function splitOf(table: RowTable, row: number): number {
  let low = 0;
  let high = table.splits - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (table.firstRow[middle] <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Calls visit once per split, in order, with its row range. */
export function eachSplit(table: RowTable, visit: (split: number, from: number, to: number, source: number) => void): void {
  for (let split = 0; split < table.splits; split++) {
    visit(split, table.firstRow[split], table.firstRow[split + 1], table.splitSource[split]);
  }
}

/** Columns of a split's judged part; zeros where the run ended before its rows were judged. */
export function readJudged<Name extends string>(
  paths: RunPaths,
  split: number,
  names: readonly Name[],
  rows: number,
): Record<Name, Column> {
  const path = paths.part("judged", split);
  if (existsSync(path)) return readColumns(path, names);
  return Object.fromEntries(names.map((name) => [name, new Uint32Array(rows)])) as Record<Name, Column>;
}

/** Joins one column of every split's part into `into`, which holds `width` values a row. */
export function gatherColumn<A extends Column>(paths: RunPaths, table: RowTable, kind: PartKind, name: string, into: A, width = 1): A {
  eachSplit(table, (split, from) => {
    const path = paths.part(kind, split);
    if (existsSync(path)) into.set(readColumns(path, [name])[name] as Uint32Array, from * width);
  });
  return into;
}
