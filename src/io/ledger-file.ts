// The ledger's Parquet: parts are whole Parquet files of one row group, written by tasks in parallel, and joined by copying their pages behind one another.
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import {
  asyncBufferFromFile,
  type ColumnChunk,
  parquetMetadata,
  parquetMetadataAsync,
  parquetReadObjects,
  type RowGroup,
  type SchemaElement,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { AtomicFile, type AtomicOptions, writeAtomic } from "./atomic.ts";

/** Columns of the ledger, one value a row. */
export interface LedgerColumns {
  readonly id: readonly string[];
  readonly source: readonly string[];
  readonly file: readonly string[];
  readonly record: readonly number[];
  /** 32 hexadecimal digits; empty where the record could not be read as a row. */
  readonly content_hash: readonly string[];
  readonly state: readonly string[];
  readonly stage: readonly string[];
  readonly reason: readonly string[];
  /** JSON. */
  readonly evidence: readonly string[];
  readonly flags: readonly (readonly string[])[];
  readonly times_used: readonly number[];
}

const text = { type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" } as const;
const number = { type: "INT32", repetition_type: "REQUIRED" } as const;

const schema: SchemaElement[] = [
  { name: "root", num_children: 11 },
  { name: "id", ...text },
  { name: "source", ...text },
  { name: "file", ...text },
  { name: "record", ...number },
  { name: "content_hash", ...text },
  { name: "state", ...text },
  { name: "stage", ...text },
  { name: "reason", ...text },
  { name: "evidence", ...text },
  { name: "flags", converted_type: "LIST", repetition_type: "REQUIRED", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", ...text },
  { name: "times_used", ...number },
];

export const ledgerColumnNames = [
  "id",
  "source",
  "file",
  "record",
  "content_hash",
  "state",
  "stage",
  "reason",
  "evidence",
  "flags",
  "times_used",
] as const;

/** Writes one part: a Parquet file with at most one row group. */
export function writeLedgerPart(
  path: string,
  columns: LedgerColumns,
  options?: AtomicOptions,
): { readonly bytes: number; readonly sha256: string } {
  const writer = new ByteWriter(1 << 20);
  const parquet = new ParquetWriter({ writer, schema, createdBy: "sluice" });
  const columnData = ledgerColumnNames.map((name) => ({ name, data: columns[name] as unknown[], offsetIndex: false }));
  if (columns.id.length > 0) void parquet.write({ columnData, rowGroupSize: columns.id.length });
  void parquet.finish();
  return writeAtomic(path, writer.getBytes(), options);
}

/** Joins parts, in order, into one Parquet file; pages are copied, not decoded. */
export function joinLedgerParts(parts: readonly string[], path: string): { readonly bytes: number; readonly sha256: string } {
  const footer = new ByteWriter();
  const parquet = new ParquetWriter({ writer: footer, schema, createdBy: "sluice" });
  const magicBytes = footer.offset;
  const file = new AtomicFile(path);
  file.append(footer.getBytes().slice(0, magicBytes));
  for (const part of parts) {
    const { metadata, bodyEnd } = readFooter(part);
    const shift = BigInt(file.offset - magicBytes);
    copyRange(part, magicBytes, bodyEnd, file);
    for (const group of metadata.row_groups) {
      parquet.row_groups.push(shifted(group, shift));
      parquet.num_rows += group.num_rows;
    }
  }
  void parquet.finish();
  file.append(footer.getBytes().slice(magicBytes));
  return file.commit();
}

function readFooter(path: string): { metadata: ReturnType<typeof parquetMetadata>; bodyEnd: number } {
  const bytes = readFileSync(path);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = parquetMetadata(buffer);
  return { metadata, bodyEnd: statSync(path).size - 8 - metadata.metadata_length };
}

function shifted(group: RowGroup, shift: bigint): RowGroup {
  return { ...group, columns: group.columns.map((column) => shiftedColumn(column, shift)) };
}

function shiftedColumn(column: ColumnChunk, shift: bigint): ColumnChunk {
  const { meta_data: meta } = column;
  if (!meta) return column;
  const dictionary = meta.dictionary_page_offset;
  return {
    ...column,
    file_offset: column.file_offset + shift,
    meta_data: {
      ...meta,
      data_page_offset: meta.data_page_offset + shift,
      ...(dictionary === undefined ? {} : { dictionary_page_offset: dictionary + shift }),
    },
  };
}

function copyRange(path: string, from: number, to: number, into: AtomicFile): void {
  const descriptor = openSync(path, "r");
  const buffer = new Uint8Array(1 << 20);
  try {
    for (let position = from; position < to;) {
      const read = readSync(descriptor, buffer, 0, Math.min(buffer.length, to - position), position);
      if (read === 0) throw new Error(`${path} ends at byte ${position}, expected ${to}`);
      into.append(buffer.subarray(0, read));
      position += read;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** One line of the ledger. */
export interface LedgerLine {
  readonly id: string;
  readonly source: string;
  readonly file: string;
  readonly record: number;
  readonly content_hash: string;
  readonly state: string;
  readonly stage: string;
  readonly reason: string;
  readonly evidence: string;
  readonly flags: readonly string[];
  readonly times_used: number;
}

/** Reads the ledger, or rows [from, to) of it, in order, a row group at a time, with only the named columns. */
export async function* readLedger<Name extends keyof LedgerLine>(
  path: string,
  columns: readonly Name[],
  range = { from: 0, to: Infinity },
): AsyncGenerator<Pick<LedgerLine, Name>[], void, undefined> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const wanted = { rowStart: Math.max(rowStart, range.from), rowEnd: Math.min(rowEnd, range.to) };
    rowStart = rowEnd;
    if (wanted.rowStart >= wanted.rowEnd) continue;
    yield (await parquetReadObjects({ file, metadata, columns: [...columns], ...wanted, compressors })) as Pick<LedgerLine, Name>[];
  }
}
