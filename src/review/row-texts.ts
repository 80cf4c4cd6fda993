// Conversations of a run by row number: one read of one blob each. Knows the work files' layout, nothing of reviews.
import { existsSync } from "node:fs";
import { dataError } from "../core/errors.ts";
import type { Message } from "../core/row.ts";
import { messagesOf, openRow, type RowBlob } from "../core/row-codec.ts";
import { BlobReader } from "../io/blob-file.ts";
import type { RunPaths } from "../pipeline/paths.ts";
import type { Plan } from "../pipeline/plan.ts";

export interface RowTexts {
  readonly rows: number;
  id(row: number): string;
  source(row: number): string;
  messages(row: number): Message[];
  /** The row with an id, or undefined. */
  find(id: string): number | undefined;
  close(): void;
}

/** Files kept open. */
const openLimit = 64;

export function openTexts(paths: RunPaths, plan: Plan): RowTexts {
  const firstRow = new Uint32Array(plan.splits.length + 1);
  const open = new Map<number, BlobReader>();
  const readerOf = (split: number): BlobReader => {
    let reader = open.get(split);
    if (!reader) {
      const path = paths.part("rows", split);
      if (!existsSync(path)) throw noTexts(path);
      if (open.size >= openLimit) {
        const [oldest] = open.keys();
        open.get(oldest)?.close();
        open.delete(oldest);
      }
      open.set(split, (reader = new BlobReader(path)));
    }
    return reader;
  };
  for (let split = 0; split < plan.splits.length; split++) firstRow[split + 1] = firstRow[split] + readerOf(split).count;
  const rows = firstRow[plan.splits.length];
  const splitOf = (row: number): number => {
    let low = 0;
    let high = plan.splits.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (firstRow[middle] <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const blobOf = (row: number): RowBlob => {
    const split = splitOf(row);
    return openRow(readerOf(split).read(row - firstRow[split]));
  };
  const prefixes = plan.splits.map(({ source, file }) => `${plan.recipe.sources[source].name}/${file}#`);
  return {
    rows,
    id: (row) => `${prefixes[splitOf(row)]}${blobOf(row).record}`,
    source: (row) => plan.recipe.sources[plan.splits[splitOf(row)].source].name,
    messages: (row) => messagesOf(blobOf(row)),
    find(id) {
      const record = Number(id.slice(id.lastIndexOf("#") + 1));
      const prefix = id.slice(0, id.lastIndexOf("#") + 1);
      for (const [split, known] of prefixes.entries()) {
        if (known !== prefix) continue;
        // Records of a split ascend.
        let low = firstRow[split];
        let high = firstRow[split + 1] - 1;
        while (low < high) {
          const middle = (low + high) >> 1;
          if (blobOf(middle).record < record) low = middle + 1;
          else high = middle;
        }
        if (low === high && blobOf(low).record === record) return low;
      }
      return undefined;
    },
    close() {
      for (const reader of open.values()) reader.close();
      open.clear();
    },
  };
}

function noTexts(path: string): Error {
  return dataError({
    where: path,
    expected: "the run's work files, which hold the conversations",
    found: "no such file",
    fix: "start the run again: `sluice run RECIPE --fresh`",
  });
}
