// Looks at an input file once: size, SHA-256, format, and the splits that tasks read. Packed files are unpacked into the cache first.
// A file without records has no splits. Memory does not grow with the file.
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { dataError, type SluiceError } from "../core/errors.ts";
import { bomLength, compressionOf, encodingOf, endsLinesInCr, formatOf } from "./format.ts";
import { columnNames, guessSeparator, isHeader, parseFields, withoutLineEnds } from "./readers/csv.ts";
import { CsvDelimiter, firstRecordEnd } from "./readers/csv-delimiter.ts";
import { eachChunk, readRange } from "./readers/file-bytes.ts";
import { JsonPlanner } from "./readers/json-plan.ts";
import { Cutter, type Delimiter, isBlank, lineDelimiter, type ReadAt } from "./readers/record-bytes.ts";
import { type Compression, type Format, type InputFile, keptBytes, type PlannedFile, type Split } from "./readers/types.ts";
import { readSplit } from "./read.ts";
import { unpack } from "./unpack.ts";

export interface PlanOptions {
  /** Bytes of input a split holds at least, where it is not the last; a record is never cut. */
  readonly splitBytes: number;
  /** Where unpacked copies are kept. */
  readonly cacheDir: string;
}

/** Bytes looked at to tell the format. */
const headBytes = 1 << 20;

export async function planFile(file: InputFile, { splitBytes, cacheDir }: PlanOptions): Promise<PlannedFile> {
  const bytes = statSync(file.path).size;
  const compression = compressionOf(readRange(file.path, 0, 4));
  if (compression === "none") {
    const hash = createHash("sha256");
    const { format, splits } = await planBytes(file, file.path, splitBytes, (chunk) => hash.update(chunk));
    return { name: file.name, bytes, sha256: hash.digest("hex"), format, compression, splits };
  }
  const sha256 = hashFile(file.path);
  const { path, damage } = await unpack({ path: file.path, compression, cacheDir, key: sha256 });
  const { format, splits } = await planBytes(file, path, splitBytes);
  const told = damage === undefined ? splits : await withDamage(path, splits, compression, damage);
  return { name: file.name, bytes, sha256, format, compression, splits: told };
}

function hashFile(path: string): string {
  const hash = createHash("sha256");
  eachChunk(path, (chunk) => hash.update(chunk));
  return hash.digest("hex");
}

interface PlannedBytes {
  readonly format: Format;
  readonly splits: readonly Split[];
}

/** `path`: the file's own, or its unpacked copy's. */
async function planBytes(
  file: InputFile,
  path: string,
  splitBytes: number,
  see: (chunk: Buffer) => void = () => {},
): Promise<PlannedBytes> {
  const fileBytes = statSync(path).size;
  const head = readRange(path, 0, Math.min(headBytes, fileBytes));
  const format = formatOf(file.name, head, head.length === fileBytes) ?? "jsonl";
  const encoding = encodingOf(head);
  if (encoding !== undefined && format !== "parquet" && format !== "arrow") throw otherEncoding(file.url ?? file.path, encoding);
  if ((format === "csv" || format === "tsv") && endsLinesInCr(head)) throw otherLineEnds(file.url ?? file.path);
  const base = { path, fileBytes };
  const start = bomLength(head);
  if (format === "parquet" || format === "arrow") {
    eachChunk(path, see);
    if (fileBytes === 0) return { format, splits: [] };
    if (format === "parquet") {
      const { planParquet } = await import("./readers/parquet.ts");
      return { format, splits: await planParquet(path, fileBytes, splitBytes) };
    }
    const { planArrow } = await import("./readers/arrow-plan.ts");
    return { format, splits: planArrow(path, fileBytes, splitBytes) };
  }
  const planner = plannerFor(format, { path, fileBytes, splitBytes, head, start });
  let blank = true;
  const size = eachChunk(path, (chunk, offset) => {
    see(chunk);
    const from = Math.max(0, start - offset);
    blank &&= isBlank(chunk.subarray(from));
    planner.push(chunk, from, chunk.length, offset);
  });
  return { format, splits: blank ? [] : planner.finish(size, base) };
}

/** Every line would be quarantined: the file is refused instead. */
function otherEncoding(where: string, encoding: string): SluiceError {
  return dataError({
    where,
    expected: "text in UTF-8",
    found: `${encoding} (by the byte order mark it begins with)`,
    fix: `convert it: iconv -f ${encoding} -t UTF-8 FILE > NEW_FILE`,
  });
}

/** All rows would be one line, the header. */
function otherLineEnds(where: string): SluiceError {
  return dataError({
    where,
    expected: "lines that end in a line feed, or in a carriage return and a line feed",
    found: "carriage returns alone",
    fix: "convert it: tr '\\r' '\\n' < FILE > NEW_FILE",
  });
}

interface Planner {
  push(chunk: Buffer, from: number, to: number, offset: number): void;
  finish(size: number, base: { readonly path: string; readonly fileBytes: number }): readonly Split[];
}

interface PlannerOptions {
  readonly path: string;
  readonly fileBytes: number;
  readonly splitBytes: number;
  readonly head: Buffer;
  /** Offset behind the byte order mark. */
  readonly start: number;
}

function plannerFor(format: "jsonl" | "json" | "csv" | "tsv", options: PlannerOptions): Planner {
  const { path, splitBytes, start } = options;
  if (format === "json") {
    const planner = new JsonPlanner(splitBytes, start);
    return {
      push: (chunk, from, to, offset) => planner.push(chunk, from, to, offset),
      finish: (size, base) => planner.finish(size, base, (at, length) => readRange(path, at, length)),
    };
  }
  if (format === "jsonl") {
    return cutting(lineDelimiter, splitBytes, start, (range, base) => ({ ...base, ...range, format }));
  }
  const { columns, separator, bytes, spaced } = csvHeader(options, format);
  const delimiter = new CsvDelimiter({ separator, columns: columns.length, spaced });
  const more = spaced ? { spaced } : {};
  return cutting(
    delimiter,
    splitBytes,
    start + bytes,
    (range, base) => ({ ...base, ...range, format: "csv", delimiter: separator, columns, ...more }),
    (at, length) => readRange(path, at, length),
  );
}

type Range = { readonly start: number; readonly end: number; readonly first: number };

function cutting(
  delimiter: Delimiter,
  splitBytes: number,
  start: number,
  make: (range: Range, base: { readonly path: string; readonly fileBytes: number }) => Split,
  readAt?: ReadAt,
): Planner {
  const cutter = new Cutter(delimiter, splitBytes, start, readAt);
  return {
    push: (chunk, from, to, offset) => cutter.push(chunk, Math.max(from, start - offset), to, offset),
    finish: (size, base) => cutter.ranges(size).map((range) => make(range, base)),
  };
}

interface CsvHeader {
  readonly columns: readonly string[];
  readonly separator: string;
  /** Length of the header; 0 where the first line holds data. */
  readonly bytes: number;
  /** Fields of the first two lines begin with a blank. */
  readonly spaced: true | undefined;
}

/** The header of a CSV file, within the first mebibyte. */
function csvHeader({ head, start }: PlannerOptions, format: "csv" | "tsv"): CsvHeader {
  const text = head.subarray(start);
  const lineOf = (bytes: Buffer): string => withoutLineEnds(bytes).toString("utf8");
  const separator = format === "tsv" ? "\t" : guessSeparator(lineOf(text.subarray(0, firstRecordEnd(text, ","))));
  const bytes = firstRecordEnd(text, separator);
  const fields = parseFields(lineOf(text.subarray(0, bytes)), separator);
  const rest = text.subarray(bytes);
  const second = parseFields(lineOf(rest.subarray(0, firstRecordEnd(rest, separator))), separator);
  const spaced = [...fields, ...second].some((field) => /^[ \t]/.test(field)) || undefined;
  if (!isHeader(fields)) return { columns: columnNames(fields.map(() => "")), separator, bytes: 0, spaced };
  return { columns: columnNames(fields), separator, bytes, spaced };
}

/** The splits, and one malformed record behind them where the last one does not tell already that the file is cut off. */
async function withDamage(path: string, splits: readonly Split[], compression: Compression, damage: string): Promise<readonly Split[]> {
  const fileBytes = statSync(path).size;
  const base = { format: "broken", path, fileBytes, start: fileBytes, end: fileBytes, reason: "damaged" } as const;
  const detail = `the ${compression} data is cut off or damaged after ${fileBytes} unpacked bytes: ${damage}`;
  if (splits.length === 0 || splits[0].format === "broken") return [{ ...base, first: 1, detail }];
  let last = 0;
  let told = false;
  await readSplit(splits[splits.length - 1], { maxRecordBytes: keptBytes }, (item) => {
    last = item.record;
    told = "malformed" in item && item.malformed.reason === "cut_off";
  });
  return told ? splits : [...splits, { ...base, first: last + 1, detail }];
}
