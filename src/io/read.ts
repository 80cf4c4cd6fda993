// Reads one split of a planned file: every record as a value, or as malformed with its bytes. Numbers are the same however the file was split.
import { statSync } from "node:fs";
import { readCsv } from "./readers/csv.ts";
import { readRange } from "./readers/file-bytes.ts";
import { readJson } from "./readers/json.ts";
import { readLines } from "./readers/jsonl.ts";
import { shortened } from "./readers/record-bytes.ts";
import { type BrokenSplit, keptBytes, type ReadOptions, type Split, type Visit } from "./readers/types.ts";

export async function readSplit(split: Split, options: ReadOptions, visit: Visit): Promise<void> {
  const { size } = statSync(split.path);
  if (size !== split.fileBytes) throw shortened(split.path, size, split.fileBytes);
  switch (split.format) {
    case "jsonl":
      return readLines(split, options, visit);
    case "json":
      return readJson(split, options, visit);
    case "csv":
      return readCsv(split, options, visit);
    // Loaded where they are needed: each takes a tenth of a second.
    case "parquet":
      return (await import("./readers/parquet.ts")).readParquet(split, options, visit);
    case "arrow":
      return (await import("./readers/arrow.ts")).readArrow(split, options, visit);
    case "broken":
      return readBroken(split, visit);
  }
}

function readBroken({ path, start, end, first, reason, detail }: BrokenSplit, visit: Visit): void {
  const raw = readRange(path, start, Math.min(end - start, keptBytes));
  visit({ record: first, malformed: { reason, detail, raw, rawBytes: end - start } });
}
