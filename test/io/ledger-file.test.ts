// The ledger as it is read back, and held to a file that other readers have read: test/vectors/ledger/make.py writes down what they found.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { gunzipSync } from "node:zlib";
import { parquetMetadata } from "hyparquet";
import { joinLedgerParts, writeLedgerPart } from "../../src/io/ledger-file.ts";
import { ledgerColumnNames, type LedgerLine, readLedger } from "../../src/io/ledger-reader.ts";
import { scratchFolder } from "../cases/scratch.ts";
import { root } from "../shared.ts";
import { ledgerPartOf, linesOfEveryKind } from "./ledger-lines.ts";
import { vectorParts } from "./ledger-vector.ts";

const folder = scratchFolder("ledger");
const vectors = join(root, "test", "vectors", "ledger");

/** Writes parts and joins them. */
function write(name: string, parts: readonly (readonly LedgerLine[])[]): string {
  const paths = parts.map((lines, number) => {
    const path = join(folder, `${name}-${number}.parquet`);
    writeLedgerPart(path, ledgerPartOf(lines));
    return path;
  });
  const path = join(folder, `${name}.parquet`);
  joinLedgerParts(paths, path);
  return path;
}

async function all(path: string, range?: { from: number; to: number }): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = [];
  for await (const group of readLedger(path, ledgerColumnNames, range)) lines.push(...group);
  return lines;
}

test("parts joined by copying pages read back as one ledger, empty parts too", async () => {
  const parts = [700, 0, 1, 40].map((size, number) => linesOfEveryKind(`s${number}`, "größer/漢字.jsonl", size));
  const path = write("joined", parts);
  assert.deepEqual(await all(path), parts.flat());
  assert.deepEqual(await all(path, { from: 695, to: 703 }), parts.flat().slice(695, 703));
});

test("a ledger of no rows is a readable file", async () => {
  assert.deepEqual(await all(write("empty", [])), []);
  assert.deepEqual(await all(write("empty-part", [[]])), []);
});

test("lines of each kind alone, and without any flag or evidence", async () => {
  const lines = linesOfEveryKind("s", "f", 100).slice(40);
  for (const [i, line] of lines.entries()) assert.deepEqual(await all(write(`kind-${i % 8}`, [[line]])), [line]);
  const plain = lines.map((line) => ({ ...line, flags: [], evidence: "", content_hash: "" }));
  assert.deepEqual(await all(write("plain", [plain])), plain);
});

test("a long run of the same line, and the largest record", async () => {
  const [line] = linesOfEveryKind("s", "f", 1);
  const lines = Array.from({ length: 70_000 }, (_, i) => ({ ...line, id: `s/f#${i}`, record: i }));
  lines.push({ ...line, id: `s/f#${2 ** 31 - 1}`, record: 2 ** 31 - 1 });
  assert.deepEqual(await all(write("long", [lines])), lines);
});

test("what is written is what pyarrow and DuckDB have read", async () => {
  const known = JSON.parse(readFileSync(join(vectors, "lines.json"), "utf8")) as { lines: LedgerLine[] };
  assert.deepEqual(known.lines, vectorParts.flat());
  const vector = join(vectors, "ledger.parquet");
  assert.deepEqual(await all(vector), known.lines);
  assert.deepEqual(chunks(write("vector", vectorParts)), chunks(vector));
});

/** Every column chunk as it stands in the file; deflated pages inflated, since another zlib may deflate them otherwise. */
function chunks(path: string): unknown[] {
  const bytes = readFileSync(path);
  const { row_groups } = parquetMetadata(new Uint8Array(bytes).buffer);
  return row_groups.flatMap(({ columns }) =>
    columns.map(({ meta_data }) => {
      const { dictionary_page_offset, data_page_offset, total_compressed_size, path_in_schema, codec, encodings, statistics } = meta_data!;
      const start = Number(dictionary_page_offset ?? data_page_offset);
      const chunk = bytes.subarray(start, start + Number(total_compressed_size));
      const page = codec === "GZIP" ? gunzipSync(chunk.subarray(chunk.indexOf("1f8b08", "hex"))) : chunk;
      return { path_in_schema, codec, encodings, statistics, page: page.toString("hex") };
    }),
  );
}
