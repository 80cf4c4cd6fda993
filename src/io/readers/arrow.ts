// Reads record batches of an Arrow split. Rows are numbered from 1 through the whole file. A batch that cannot be decoded is one malformed record
// with the number of its first row.
import { compressionRegistry, CompressionType, RecordBatchReader } from "apache-arrow";
import { schemaMessage } from "./arrow-plan.ts";
import { decompress } from "fzstd";
import { type Getter, getterOf } from "./arrow-values.ts";
import { readRange } from "./file-bytes.ts";
import { unpackLz4Frame } from "./lz4.ts";
import type { ArrowMessage, ArrowSplit, ReadOptions, Visit } from "./types.ts";
import { messageOf, visitRow } from "./visit-row.ts";

const endOfStream = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

export function readArrow(split: ArrowSplit, { maxRecordBytes }: ReadOptions, visit: Visit): void {
  // A copy: typed arrays over the buffer need its start at a multiple of 8.
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => decompress(bytes).slice() });
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: unpackLz4Frame });
  const bytesOf = ({ start, bytes }: ArrowMessage): Buffer => readRange(split.path, start, bytes);
  const schema = bytesOf(split.schema);
  const before = [split.schema.footer ? schemaMessage(schema) : schema, ...split.dictionaries.map(bytesOf)];
  let first = split.first;
  for (const batch of split.batches) {
    if (batch.rows > 0) readBatch(Buffer.concat([...before, bytesOf(batch), endOfStream]), { ...batch, first, maxRecordBytes }, visit);
    first += batch.rows;
  }
}

interface BatchToRead extends ArrowMessage {
  readonly rows: number;
  /** Number of its first row. */
  readonly first: number;
  readonly maxRecordBytes: number;
}

function readBatch(stream: Buffer, { bytes, rows, first, maxRecordBytes }: BatchToRead, visit: Visit): void {
  let get: Getter;
  try {
    const reader = RecordBatchReader.from(stream).open();
    const next = reader.next();
    if (next.done || next.value.numRows !== rows) throw new Error(`no batch of ${rows} rows`);
    get = getterOf(next.value.data);
  } catch (error) {
    const detail = `the record batch with rows ${first} to ${first + rows - 1} cannot be decoded: ${messageOf(error)}`;
    visit({ record: first, malformed: { reason: "damaged", detail, raw: Buffer.alloc(0), rawBytes: bytes } });
    return;
  }
  for (let row = 0; row < rows; row++) {
    let value: unknown;
    try {
      value = get(row);
    } catch (error) {
      visit({ record: first + row, malformed: { reason: "damaged", detail: messageOf(error), raw: Buffer.alloc(0) } });
      continue;
    }
    visitRow(first + row, value, maxRecordBytes, visit);
  }
}
