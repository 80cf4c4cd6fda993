// Columns written from typed arrays read back as the same values.
import assert from "node:assert/strict";
import test from "node:test";
import { type ColumnChunk, parquetReadObjects, type SchemaElement } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { createRandom } from "../../src/core/random.ts";
import { writeIntegers, writeNumbered, writeTexts, writeWords } from "../../src/io/parquet-columns.ts";
import { textsOf } from "./ledger-lines.ts";

const text = { name: "x", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" } as const;
const integer = { name: "x", type: "INT32", repetition_type: "REQUIRED" } as const;
const sizes = [1, 2, 7, 8, 9, 31, 32, 33, 127, 128, 129, 130, 1000];

/** The values of a file with this one column. */
async function readBack(element: SchemaElement, rows: number, write: (writer: ByteWriter) => ColumnChunk): Promise<unknown[]> {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema: [{ name: "root", num_children: 1 }, element] });
  const chunk = write(writer);
  parquet.row_groups.push({ columns: [chunk], total_byte_size: chunk.meta_data!.total_uncompressed_size, num_rows: BigInt(rows) });
  parquet.num_rows = BigInt(rows);
  void parquet.finish();
  const lines = await parquetReadObjects({ file: writer.getBuffer(), compressors });
  return lines.map(({ x }) => x);
}

test("integers: any size, any distance", async () => {
  const random = createRandom(1);
  for (const size of sizes) {
    for (const below of [1, 2, 1000, 2 ** 31]) {
      const values = Int32Array.from({ length: size }, () => random.below(below) - (below >> 1));
      assert.deepEqual(await readBack(integer, size, (writer) => writeIntegers(writer, ["x"], values)), [...values]);
    }
  }
});

test("words: dictionaries on both sides of every bit width, runs of all lengths", async () => {
  const random = createRandom(2);
  for (const count of [1, 2, 3, 4, 5, 8, 9, 16, 17, 255, 256, 257, 70_000]) {
    const words = Array.from({ length: count }, (_, i) => `wörd ${i}`);
    const indexes: number[] = [];
    while (indexes.length < Math.max(2000, count)) {
      const next = indexes.length < count ? indexes.length : random.below(count);
      const run = random.below(3) === 0 ? random.below(40) : 1;
      for (let i = 0; i < run; i++) indexes.push(next);
    }
    const read = await readBack(text, indexes.length, (writer) => writeWords(writer, ["x"], words, Int32Array.from(indexes)));
    assert.deepEqual(
      read,
      indexes.map((index) => words[index]),
    );
  }
});

test("words that stand there twice or for nothing are not in the dictionary twice or at all", () => {
  const writer = new ByteWriter();
  const { meta_data } = writeWords(writer, ["x"], ["unused", "b", "a", "b"], Int32Array.of(3, 2, 1, 1));
  const bytes = Buffer.from(writer.getBytes());
  assert.equal(bytes.includes("unused"), false);
  assert.equal(bytes.indexOf("b"), bytes.lastIndexOf("b"));
  assert.deepEqual(meta_data!.statistics, { min_value: Buffer.from("a"), max_value: Buffer.from("b"), null_count: 0n });
});

test("texts: empty ones, long ones, any script", async () => {
  const random = createRandom(3);
  for (const size of sizes) {
    const texts = Array.from({ length: size }, () => "é🙂漢\0x ".repeat(random.below(4) * random.below(300)));
    for (const codec of ["SNAPPY", "GZIP"] as const) {
      assert.deepEqual(await readBack(text, size, (writer) => writeTexts(writer, ["x"], textsOf(texts), codec)), texts);
    }
  }
});

test("numbered texts: next ones, far ones, shorter ones", async () => {
  const random = createRandom(4);
  for (const size of sizes) {
    for (const below of [1, 3, 12_000, 2 ** 31]) {
      let number = 0;
      const steps = Array.from({ length: size }, () => (number = (number + random.below(below)) % 2 ** 31));
      for (const beginning of ["", "source/größer.jsonl#"]) {
        const read = await readBack(text, size, (writer) => writeNumbered(writer, ["x"], beginning, Int32Array.from(steps)));
        assert.deepEqual(
          read,
          steps.map((step) => `${beginning}${step}`),
        );
      }
    }
  }
});
