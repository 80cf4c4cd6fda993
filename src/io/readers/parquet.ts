// Parquet: a split is a run of row groups. Rows are numbered from 1 through the whole file. A row group that cannot be decoded is one malformed
// record with the number of its first row; a file without a whole footer is one malformed record.
import { closeSync, openSync, readSync } from "node:fs";
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors as common } from "hyparquet-compressors";
import { unpackLz4Block } from "./lz4.ts";
import { textOfBytes } from "./plain.ts";
import type { ParquetSplit, ReadOptions, Split, Visit } from "./types.ts";
import { messageOf, visitRow } from "./visit-row.ts";

/** A row cannot take less than this: more rows in a row group than that are a damaged footer, not data. */
const rowsAByte = 1024;

/** The package's LZ4 (1.1.2) refuses blocks whose last sequence has no literals, such as that of an empty page. */
const compressors: Compressors = { ...common, LZ4_RAW: unpackLz4Block, LZ4: unpackLz4 };

/** The older codec: Hadoop's frames, or a bare block. */
function unpackLz4(input: Uint8Array, outputLength: number): Uint8Array {
  try {
    return unpackLz4Block(input);
  } catch {
    const unpacked = common.LZ4?.(input, outputLength);
    if (!unpacked) throw new Error("no LZ4 data");
    return unpacked;
  }
}

export async function planParquet(path: string, fileBytes: number, splitBytes: number): Promise<Split[]> {
  const file = openParquet(path, fileBytes);
  try {
    const metadata = await parquetMetadataAsync(file);
    checkGroups(metadata, fileBytes);
    return groupSplits(path, fileBytes, splitBytes, metadata);
  } catch (error) {
    const detail = `no whole Parquet footer: ${messageOf(error)}`;
    return [{ format: "broken", path, fileBytes, first: 1, start: 0, end: fileBytes, reason: "damaged", detail }];
  } finally {
    file.close();
  }
}

function groupSplits(path: string, fileBytes: number, splitBytes: number, metadata: FileMetaData): Split[] {
  const splits: Split[] = [];
  let from = 0;
  let first = 1;
  let rows = 0;
  let bytes = 0;
  metadata.row_groups.forEach((group, i) => {
    rows += Number(group.num_rows);
    bytes += groupBytes(group);
    if (bytes < splitBytes && i + 1 < metadata.row_groups.length) return;
    splits.push({ format: "parquet", path, fileBytes, first, from, to: i + 1 });
    from = i + 1;
    first += rows;
    rows = bytes = 0;
  });
  return splits;
}

type RowGroup = FileMetaData["row_groups"][number];

function groupBytes(group: RowGroup): number {
  let bytes = 0;
  for (const { meta_data } of group.columns) bytes += Number(meta_data?.total_compressed_size ?? 0);
  return bytes;
}

/** Throws where the footer tells what cannot be. */
function checkGroups(metadata: FileMetaData, fileBytes: number): void {
  for (const [i, group] of metadata.row_groups.entries()) {
    const rows = Number(group.num_rows);
    if (!(rows >= 0 && rows <= fileBytes * rowsAByte)) throw new Error(`row group ${i + 1} claims ${rows} rows in ${fileBytes} bytes`);
  }
}

interface ParquetFile extends AsyncBuffer {
  close(): void;
}

function openParquet(path: string, fileBytes: number): ParquetFile {
  const descriptor = openSync(path, "r");
  return {
    byteLength: fileBytes,
    close: () => closeSync(descriptor),
    slice(start, end = fileBytes) {
      if (!(start >= 0 && start <= end && end <= fileBytes)) throw new Error(`bytes ${start} to ${end} of a file of ${fileBytes}`);
      const bytes = new Uint8Array(end - start);
      for (let done = 0; done < bytes.length;) {
        const read = readSync(descriptor, bytes, done, bytes.length - done, start + done);
        if (read === 0) throw new Error(`the file ends at byte ${start + done}`);
        done += read;
      }
      return bytes.buffer;
    },
  };
}

export async function readParquet(split: ParquetSplit, { maxRecordBytes }: ReadOptions, visit: Visit): Promise<void> {
  const file = openParquet(split.path, split.fileBytes);
  try {
    const metadata = await parquetMetadataAsync(file);
    let first = split.first;
    for (let i = split.from; i < split.to; i++) {
      await readGroup({ file, metadata, index: i, first, maxRecordBytes }, visit);
      first += Number(metadata.row_groups[i].num_rows);
    }
  } finally {
    file.close();
  }
}

interface GroupToRead {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly index: number;
  /** Number of its first row. */
  readonly first: number;
  readonly maxRecordBytes: number;
}

async function readGroup({ file, metadata, index, first, maxRecordBytes }: GroupToRead, visit: Visit): Promise<void> {
  const group = metadata.row_groups[index];
  const rows = Number(group.num_rows);
  if (rows === 0) return;
  // The group alone: its rows are then numbered from 0, whatever the groups before it are like.
  const alone = { ...metadata, num_rows: group.num_rows, row_groups: [group] };
  let values: Record<string, unknown>[];
  try {
    checkColumns(group, rows, file.byteLength);
    values = await parquetReadObjects({
      file,
      metadata: alone,
      compressors,
      utf8: false,
      parsers: { stringFromBytes: textOfBytes },
      rowEnd: rows,
    });
    if (values.length !== rows) throw new Error(`${values.length} rows where the footer says ${rows}`);
  } catch (error) {
    const detail = `row group ${index + 1}, rows ${first} to ${first + rows - 1}, cannot be decoded: ${messageOf(error)}`;
    visit({ record: first, malformed: { reason: "damaged", detail, raw: Buffer.alloc(0), rawBytes: groupBytes(group) } });
    return;
  }
  for (let row = 0; row < rows; row++) visitRow(first + row, values[row], maxRecordBytes, visit);
}

/** Throws where a column's chunk lies outside the file or has another number of values than it can. */
function checkColumns(group: RowGroup, rows: number, fileBytes: number): void {
  for (const { meta_data: meta } of group.columns) {
    if (!meta) throw new Error("a column without metadata");
    const bytes = Number(meta.total_compressed_size);
    const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset);
    if (!(start >= 0 && bytes >= 0 && start + bytes <= fileBytes)) throw new Error(`a column outside the file: ${bytes} bytes at ${start}`);
    const values = Number(meta.num_values);
    if (!(values >= rows && values <= Math.max(rows, bytes) * rowsAByte)) throw new Error(`${values} values in a column of ${bytes} bytes`);
  }
}
