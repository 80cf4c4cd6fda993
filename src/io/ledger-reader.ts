// Reads the ledger's lines. Apart from what writes it, so that a run does not load what only reading needs.
import { gunzipSync } from "node:zlib";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors as inJavaScript } from "hyparquet-compressors";

/** Node's own inflating takes half the time. */
const compressors = { ...inJavaScript, GZIP: (bytes: Uint8Array): Uint8Array => gunzipSync(bytes) };

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
