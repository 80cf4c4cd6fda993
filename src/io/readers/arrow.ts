// Arrow record batches to records. Each batch is decoded with its schema and dictionaries alone; one that cannot be decoded is one malformed
// record with the number of its first row.
import { RecordBatchReader } from "apache-arrow";
import { readRange } from "./file-bytes.ts";
import { InvalidText, toPlain } from "./plain.ts";
import { type ArrowMessage, type ArrowSplit, keptBytes, type ReadOptions, type Visit } from "./types.ts";

/** Ends a stream: the continuation mark and a length of 0. */
const endOfStream = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

export function readArrow(split: ArrowSplit, _options: ReadOptions, visit: Visit): void {
  const bytesOf = ({ start, bytes }: ArrowMessage): Buffer => readRange(split.path, start, bytes);
  const before = [split.schema, ...split.dictionaries].map(bytesOf);
  let first = split.first;
  for (const batch of split.batches) {
    const body = bytesOf(batch);
    readBatch(Buffer.concat([...before, body, endOfStream]), { first, rows: batch.rows, body }, visit);
    first += batch.rows;
  }
}

function readBatch(
  stream: Buffer,
  { first, rows, body }: { readonly first: number; readonly rows: number; readonly body: Buffer },
  visit: Visit,
): void {
  let values: readonly unknown[];
  try {
    const [batch] = RecordBatchReader.from(stream);
    if (!batch || batch.numRows !== rows) throw new Error(`${batch?.numRows ?? 0} rows where the header says ${rows}`);
    values = batch.toArray();
  } catch (error) {
    const detail = `rows ${first} to ${first + rows - 1} cannot be decoded: ${error instanceof Error ? error.message : String(error)}`;
    visit({ record: first, malformed: { reason: "damaged", detail, raw: body.subarray(0, keptBytes), rawBytes: body.length } });
    return;
  }
  values.forEach((row, i) => visitRow(first + i, row, visit));
}

function visitRow(record: number, row: unknown, visit: Visit): void {
  let value: unknown;
  try {
    value = toPlain(row);
  } catch (error) {
    const raw = error instanceof InvalidText ? error.bytes : Buffer.alloc(0);
    const detail = error instanceof Error ? error.message : "a text in the row is not valid UTF-8";
    visit({ record, malformed: { reason: error instanceof InvalidText ? "invalid_utf8" : "damaged", detail, raw } });
    return;
  }
  visit({ record, value });
}
