// The ledger's Parquet: parts are whole Parquet files of one row group, written by tasks in parallel, and joined by copying their pages behind one another.
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { type ColumnChunk, parquetMetadata, type RowGroup, type SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { rowStates } from "../core/verdict.ts";
import { AtomicFile, type AtomicOptions, writeAtomic, type Written } from "./atomic.ts";
import { type ListLevels, type Texts, writeIntegers, writeNumbered, writeTexts, writeWords } from "./parquet-columns.ts";

/** The lines of one split, in record order. */
export interface LedgerPart {
  readonly source: string;
  readonly file: string;
  /** record[lines] */
  readonly record: Int32Array;
  /** 32 hexadecimal digits; empty where the record could not be read as a row. */
  readonly contentHash: Texts;
  /** state[lines]: numbers into rowStates. */
  readonly state: Int32Array;
  /** fate[lines]: numbers into fates. */
  readonly fate: Int32Array;
  readonly fates: readonly { readonly stage: string; readonly reason: string }[];
  /** JSON. */
  readonly evidence: Texts;
  /** flags[lines]: bit i is flagNames[i]. */
  readonly flags: Uint32Array;
  readonly flagNames: readonly string[];
  /** timesUsed[lines] */
  readonly timesUsed: Int32Array;
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

/** Writes one part: a Parquet file with at most one row group. */
export function writeLedgerPart(path: string, part: LedgerPart, options?: AtomicOptions): Written {
  const writer = new ByteWriter(1 << 20);
  const parquet = new ParquetWriter({ writer, schema, createdBy: "sluice" });
  const lines = part.record.length;
  if (lines > 0) {
    const start = writer.offset;
    const columns = writePartColumns(writer, part);
    const sum = (sizes: readonly (bigint | undefined)[]): bigint => sizes.reduce<bigint>((total, size) => total + (size ?? 0n), 0n);
    parquet.row_groups.push({
      columns,
      total_byte_size: sum(columns.map(({ meta_data }) => meta_data?.total_uncompressed_size)),
      total_compressed_size: BigInt(writer.offset - start),
      num_rows: BigInt(lines),
    });
    parquet.num_rows = BigInt(lines);
  }
  void parquet.finish();
  return writeAtomic(path, writer.getBytes(), options);
}

/** In the schema's order. */
function writePartColumns(writer: ByteWriter, part: LedgerPart): ColumnChunk[] {
  const { source, file, record, fates, fate } = part;
  const same = new Int32Array(record.length);
  const flags = flagValues(part.flags);
  return [
    writeNumbered(writer, ["id"], `${source}/${file}#`, record),
    writeWords(writer, ["source"], [source], same),
    writeWords(writer, ["file"], [file], same),
    writeIntegers(writer, ["record"], record),
    writeTexts(writer, ["content_hash"], part.contentHash, "GZIP"),
    writeWords(writer, ["state"], rowStates, part.state),
    writeWords(
      writer,
      ["stage"],
      fates.map(({ stage }) => stage),
      fate,
    ),
    writeWords(
      writer,
      ["reason"],
      fates.map(({ reason }) => reason),
      fate,
    ),
    writeTexts(writer, ["evidence"], part.evidence, "SNAPPY"),
    writeWords(writer, ["flags", "list", "element"], part.flagNames, flags.values, flags),
    writeIntegers(writer, ["times_used"], part.timesUsed),
  ];
}

/** The flags of all lines one behind the other, and where each line's begin: a line without flags is one missing value. */
function flagValues(flags: Uint32Array): ListLevels & { readonly values: Int32Array } {
  let places = 0;
  let found = 0;
  for (let line = 0; line < flags.length; line++) {
    const count = countBits(flags[line]);
    places += count || 1;
    found += count;
  }
  const repetition = new Int32Array(places);
  const definition = new Int32Array(places);
  const values = new Int32Array(found);
  let place = 0;
  let value = 0;
  for (let line = 0; line < flags.length; line++) {
    if (flags[line] === 0) place++;
    for (let bits = flags[line], first = place; bits !== 0; bits &= bits - 1) {
      repetition[place] = place > first ? 1 : 0;
      definition[place++] = 1;
      values[value++] = 31 - Math.clz32(bits & -bits);
    }
  }
  return { rows: flags.length, repetition, definition, values };
}

function countBits(word: number): number {
  let count = 0;
  for (let bits = word; bits !== 0; bits &= bits - 1) count++;
  return count;
}

/** Joins parts, in order, into one Parquet file; pages are copied, not decoded. */
export function joinLedgerParts(parts: readonly string[], path: string): Written {
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
