// Records of every format, the odd ones too: what is read, under which number, and why something is not.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { parse as parseCsv } from "csv-parse/sync";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { planFile, type PlannedFile, readSplit } from "../../src/io/index.ts";
import { parseJson } from "../../src/io/readers/parse-json.ts";
import { root } from "../shared.ts";

/** [record, value] or [record, reason, raw bytes as text]. */
type Seen = readonly [number, unknown] | readonly [number, string, string];

interface Options {
  readonly splitBytes?: number;
  readonly maxRecordBytes?: number;
}

async function withFile<T>(name: string, content: string | Uint8Array, use: (path: string, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-readers-"));
  try {
    writeFileSync(join(folder, name), content);
    return await use(join(folder, name), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function seenOf(plan: PlannedFile, maxRecordBytes: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const split of plan.splits) {
    await readSplit(split, { maxRecordBytes }, (item) => {
      if ("malformed" in item) seen.push([item.record, item.malformed.reason, Buffer.from(item.malformed.raw).toString("latin1")]);
      else seen.push([item.record, item.value]);
    });
  }
  return seen;
}

/** What a file gives; checked to be the same in splits of a byte. */
async function read(
  name: string,
  content: string | Uint8Array,
  { splitBytes = 1, maxRecordBytes = 1 << 20 }: Options = {},
): Promise<Seen[]> {
  return withFile(name, content, async (path, folder) => {
    const whole = await seenOf(await planFile({ name, path }, { splitBytes: 1 << 30, cacheDir: folder }), maxRecordBytes);
    const pieces = await seenOf(await planFile({ name, path }, { splitBytes, cacheDir: folder }), maxRecordBytes);
    assert.deepEqual(pieces, whole, `${name} in splits of ${splitBytes}`);
    return whole;
  });
}

async function values(name: string, content: string | Uint8Array): Promise<unknown[]> {
  return (await read(name, content)).map((seen) => seen[1]);
}

test("lines are numbered as an editor does; blank ones are no records; BOM and carriage returns are not text", async () => {
  assert.deepEqual(await read("x.jsonl", '\ufeff{"a":1}\r\n\r\n  \n{"a":"\u2028\\u0000"}\r\n{"a":3}'), [
    [1, { a: 1 }],
    [4, { a: "\u2028\0" }],
    [5, { a: 3 }],
  ]);
});

test("a broken line, invalid UTF-8 and a cut-off end cost one record each", async () => {
  const content = Buffer.concat([
    Buffer.from('{"a":1}\n{"a":\n{"a":"'),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('"}\n{"a":"é"}\n[1]\n"x"\n{"a": "cut o'),
  ]);
  assert.deepEqual(await read("x.jsonl", content), [
    [1, { a: 1 }],
    [2, "invalid_json", '{"a":'],
    [3, "invalid_utf8", '{"a":"\xc3("}'],
    [4, { a: "é" }],
    [5, [1]],
    [6, "x"],
    [7, "cut_off", '{"a": "cut o'],
  ]);
});

test("what is wrong with a record that is no JSON is told: the place, the character, or that it ends too early", () => {
  const told = (text: string): unknown => (parseJson(text) as { readonly detail: string }).detail;
  assert.equal(told('{"a":1,}'), "not valid JSON at character 8");
  assert.equal(told('{"a":x}'), "not valid JSON: unexpected x");
  assert.equal(told("{\"a\":'b'}"), "not valid JSON: unexpected '");
  assert.equal(told('\ufeff{"a":1}'), "not valid JSON: unexpected U+FEFF");
  assert.equal(told(`{"a":x, "b":"${"long ".repeat(40)}"}`), "not valid JSON: unexpected x");
  assert.equal(told('{"a":'), "the JSON ends too early");
});

test("Python's NaN and Infinity are null, but not inside texts", async () => {
  assert.deepEqual(await values("x.jsonl", '{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \\" Infinity"}\n'), [
    { a: null, b: [null, null], c: 'NaN " Infinity' },
  ]);
});

test("a record longer than the limit is passed over with its first bytes kept", async () => {
  const long = `{"a":"${"x".repeat(3_000_000)}"}`;
  const seen = await read("x.jsonl", `{"a":1}\n${long}\n{"a":2}\n`);
  assert.deepEqual(
    seen.map(([record, what]) => [record, what]),
    [
      [1, { a: 1 }],
      [2, "record_too_long"],
      [3, { a: 2 }],
    ],
  );
  assert.equal(seen[1][2], long.slice(0, 65536));
  const array = await read("x.json", `[{"a":1},${long},{"a":2}]`);
  assert.deepEqual(
    array.map(([record, what]) => [record, what]),
    [
      [1, { a: 1 }],
      [2, "record_too_long"],
      [3, { a: 2 }],
    ],
  );
});

test("a line of 100 MB is read where the limit allows it", async () => {
  const line = Buffer.alloc(100_000_000, 0x78);
  line.write('{"a":"', 0);
  line.write('"}\n{"a":2}\n', line.length - 11);
  await withFile("x.jsonl", line, async (path, folder) => {
    const plan = await planFile({ name: "x.jsonl", path }, { splitBytes: 1 << 24, cacheDir: folder });
    const lengths: [number, number][] = [];
    for (const maxRecordBytes of [1 << 26, 1 << 28]) {
      for (const split of plan.splits) {
        await readSplit(split, { maxRecordBytes }, (item) => {
          lengths.push([item.record, "value" in item ? String((item.value as { a: unknown }).a).length : -1]);
        });
      }
    }
    assert.deepEqual(lengths, [
      [1, -1],
      [2, 1],
      [1, 99_999_983],
      [2, 1],
    ]);
  });
});

test("JSON documents: an array, an array in an object, an object of objects, one object, several", async () => {
  const records = [{ a: 1 }, { a: "]},{" }, { a: { b: [1] } }];
  const array = JSON.stringify(records);
  assert.deepEqual(await values("x.json", array), records);
  assert.deepEqual(await values("x.json", JSON.stringify(records, undefined, 2)), records);
  assert.deepEqual(await values("x.json", `{"version":1,"data":${array}}`), records);
  assert.deepEqual(await values("x.json", `{"few":[{"z":1}],"many":${array},"none":[]}`), records);
  assert.deepEqual(await values("x.json", `{"p":${JSON.stringify(records[0])},"q":{"a":2,"id":"own"}}`), [
    { id: "p", a: 1 },
    { a: 2, id: "own" },
  ]);
  assert.deepEqual(await values("x.json", '{"prompt":"Q","completion":"A"}'), [{ prompt: "Q", completion: "A" }]);
  assert.deepEqual(await values("x.json", '{"messages":[{"role":"user"}],"id":3}'), [{ messages: [{ role: "user" }], id: 3 }]);
  assert.deepEqual(await values("x.json", '{\n"a":1\n}\n{\n"a":2\n}'), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(await values("x.json", "[]"), []);
});

test("a task's definition is given to each of its instances", async () => {
  assert.deepEqual(await values("x.json", '{"Definition":["Add."],"Instances":[{"input":"1 1","output":["2"]}]}'), [
    { definition: "Add.", input: "1 1", output: ["2"] },
  ]);
});

test("the ending is not believed where the first bytes say otherwise", async () => {
  assert.deepEqual(await values("x.json", '{"a":1}\n{"a":2}\n'), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(await values("x.jsonl", '[\n{"a":1},\n{"a":2}\n]'), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(await values("x.jsonl.gz", '{"a":1}\n'), [{ a: 1 }]);
  assert.deepEqual(await values("x.jsonl", gzipSync('{"a":1}\n')), [{ a: 1 }]);
  assert.deepEqual(await values("x.csv", '{"a":1}\n{"a":2}\n'), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(await values("x.json", parquetBytes()), [{ a: "p" }, { a: "q" }]);
});

function parquetBytes(): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "a", data: ["p", "q"], type: "STRING" }] }));
}

test("a broken element costs itself; a cut-off document keeps what came before", async () => {
  assert.deepEqual(await read("x.json", '[{"a":1},{"a":},{"a":3}]'), [
    [1, { a: 1 }],
    [2, "invalid_json", '{"a":}'],
    [3, { a: 3 }],
  ]);
  assert.deepEqual(await read("x.json", '[\n{"a":"lost quote},\n{"a":2},\n{"a":3}\n]'), [
    [1, "invalid_json", '{"a":"lost quote},'],
    [2, { a: 2 }],
    [3, { a: 3 }],
  ]);
  const printed = JSON.stringify({ data: [{ a: "x", b: [{ c: 1 }] }, { a: 2 }, { a: 3 }] }, undefined, 2).replace('"x"', '"x');
  assert.deepEqual(
    (await read("x.json", printed)).map(([record, what]) => [record, what]),
    [
      [1, "invalid_json"],
      [2, { a: 2 }],
      [3, { a: 3 }],
    ],
  );
  assert.deepEqual(await read("x.json", '[{"a":1},{"a":2'), [
    [1, { a: 1 }],
    [2, "cut_off", '{"a":2'],
  ]);
  assert.deepEqual(await read("x.json", '[{"a":1},{"a":2}'), [
    [1, { a: 1 }],
    [2, { a: 2 }],
    [3, "cut_off", ""],
  ]);
  assert.deepEqual(await read("x.json", '[{"a":1}] trailing'), [
    [1, { a: 1 }],
    [2, "invalid_json", "trailing"],
  ]);
});

test("a record in more than 200 levels is malformed, in every format", async () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  const objects = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  const most = `{"a":${nested(199)}}`;
  const fates = async (name: string, content: string | Uint8Array): Promise<unknown[]> =>
    (await read(name, content)).map((seen) => (seen.length === 3 ? seen[1] : "read"));
  const records = [most, `{"a":${nested(200)}}`, `{"a":${nested(20_000)}}`, objects, '{"a":1}'];
  const wanted = ["read", "too_deep", "too_deep", "too_deep", "read"];
  assert.deepEqual(await fates("x.jsonl", records.join("\n")), wanted);
  assert.deepEqual(await fates("x.json", `[${records.join(",")}]`), wanted);
  assert.deepEqual(await fates("x.json", `{"data":[${records.join(",")}]}`), wanted);
  const data = [JSON.parse(nested(199)), JSON.parse(nested(200))];
  assert.deepEqual(await fates("x.parquet", new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "a", data, type: "JSON" }] }))), [
    "read",
    "too_deep",
  ]);
});

test("an empty file holds no records; nothing but white space is the same", async () => {
  for (const name of ["x.jsonl", "x.json", "x.csv", "x.parquet", "x.arrow"]) assert.deepEqual(await read(name, ""), [], name);
  assert.deepEqual(await read("x.jsonl", "\ufeff \r\n\n"), []);
  assert.deepEqual(
    (await read("x.jsonl.gz", gzipSync("").subarray(0, 12))).map(([record, what]) => [record, what]),
    [[1, "damaged"]],
  );
});

test("a file of UTF-16 or UTF-32 is refused with its encoding and how to convert it", async () => {
  const text = '{"a":1}\n'.repeat(3);
  const utf16 = Buffer.from(`\ufeff${text}`, "utf16le");
  const utf32 = Buffer.from(Uint32Array.from(`\ufeff${text}`, (character) => character.codePointAt(0)!).buffer);
  for (const [bytes, name] of [
    [utf16, "UTF-16"],
    [Buffer.from(utf16).swap16(), "UTF-16"],
    [utf32, "UTF-32"],
    [Buffer.from(utf32).swap32(), "UTF-32"],
    [gzipSync(utf16), "UTF-16"],
  ] as const) {
    for (const file of ["x.jsonl", "x.json", "x.csv"])
      await assert.rejects(
        read(file, bytes),
        new RegExp(`x\\.[\\s\\S]*UTF-8[\\s\\S]*${name}[\\s\\S]*iconv -f ${name} -t UTF-8`),
        `${file} ${name}`,
      );
  }
});

test("CSV: quotes, line ends within them, BOM, blank lines, repeated and empty names", async () => {
  const content = '\ufeffname,"te""xt",name,\r\na,"x, ""y""\r\nz",1,\r\n\r\n"b""",,2,9\r\n';
  assert.deepEqual(await read("x.csv", content), [
    [1, { name: "a", 'te"xt': 'x, "y"\r\nz', name_2: "1", column_4: "" }],
    [2, { name: 'b"', 'te"xt': "", name_2: "2", column_4: "9" }],
  ]);
  assert.deepEqual(await values("x.csv", "a;b\n1,5;2\n"), [{ a: "1,5", b: "2" }]);
  assert.deepEqual(await values("x.tsv", "a\tb\n1,5\t2\n"), [{ a: "1,5", b: "2" }]);
});

test("CSV: a row of other length, an open quote and invalid UTF-8 are malformed rows with their numbers", async () => {
  const content = Buffer.concat([Buffer.from("a,b\n1\n1,2,3\n1,2,\n"), Buffer.from([0xff]), Buffer.from(',2\n3,4\n5,"open\n6,7\n')]);
  assert.deepEqual(await read("x.csv", content), [
    [1, "column_count", "1"],
    [2, "column_count", "1,2,3"],
    [3, { a: "1", b: "2" }],
    [4, "invalid_utf8", "\xff,2"],
    [5, { a: "3", b: "4" }],
    [6, "broken_quote", '5,"open'],
    [7, { a: "6", b: "7" }],
  ]);
});

test("CSV without a header is seen by its first line", async () => {
  assert.deepEqual(await values("x.csv", "What is it?,a,b,c,d,B\n"), [
    { column_1: "What is it?", column_2: "a", column_3: "b", column_4: "c", column_5: "d", column_6: "B" },
  ]);
});

test("CSV fields are those of csv-parse for any table that is written properly", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r\n", "é", " ", "\t", ";"), maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 }), async (table) => {
      const content = ["p,q,r", ...table.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(","))].join("\n");
      assert.deepEqual(await values("x.csv", content), parseCsv(content, { columns: true, record_delimiter: "\n" }));
    }),
    { numRuns: 100, seed: 3 },
  );
});

const vectors = join(root, "test", "vectors", "io");
const { rows } = JSON.parse(readFileSync(join(vectors, "rows.json"), "utf8")) as { rows: unknown[] };

test("Parquet and Arrow of every codec, and packed lines of two frames, give pyarrow's rows", async () => {
  const files = ["lz4", "zstd", "uncompressed"].map((codec) => `${codec}.feather`);
  files.push("stream.arrow", "v2.parquet", "rows.jsonl.zst", "rows.jsonl.gz");
  for (const codec of ["snappy", "zstd", "gzip", "brotli", "lz4"]) files.push(`${codec}.parquet`);
  for (const name of files) {
    const seen = await read(name, readFileSync(join(vectors, name)), { splitBytes: 64 });
    assert.deepEqual(
      seen,
      rows.map((row, i) => [i + 1, row]),
      name,
    );
  }
});

test("Parquet is split by row groups, Arrow by batches", async () => {
  for (const name of ["snappy.parquet", "uncompressed.feather"]) {
    const plan = await planFile({ name, path: join(vectors, name) }, { splitBytes: 1, cacheDir: vectors });
    assert.deepEqual(
      plan.splits.map(({ first }) => first),
      [1, 3, 5],
      name,
    );
  }
});

test("torn files keep what is whole and tell the rest", async () => {
  const told = async (name: string, bytes: Uint8Array): Promise<[number, string]> => {
    const seen = await read(name, bytes, { splitBytes: 64 });
    const last = seen[seen.length - 1];
    assert.equal(seen.filter((each) => each.length === 3).length, 1, `${name}: one malformed record`);
    return [seen.length - 1, String(last[1])];
  };
  const half = (name: string, share: number): Uint8Array => {
    const bytes = readFileSync(join(vectors, name));
    return bytes.subarray(0, Math.floor(bytes.length * share));
  };
  assert.deepEqual(await told("x.parquet", half("snappy.parquet", 0.6)), [0, "damaged"]);
  assert.deepEqual(await told("x.arrow", half("stream.arrow", 0.8)), [4, "damaged"]);
  assert.deepEqual(await told("x.feather", half("uncompressed.feather", 0.6)), [2, "damaged"]);
  const lines = Buffer.from('{"a":1}\n'.repeat(20_000) + '{"a":2}\n');
  const packed = gzipSync(lines);
  const [whole, reason] = await told("x.jsonl.gz", packed.subarray(0, packed.length - 20));
  assert.ok(whole > 10_000 && (reason === "cut_off" || reason === "damaged"), `${whole} ${reason}`);
});

test("a damaged row group costs one record; its neighbours are read", async () => {
  const bytes = Buffer.from(readFileSync(join(vectors, "gzip.parquet")));
  bytes.fill(0x55, 40, 60);
  const seen = await read("x.parquet", bytes, { splitBytes: 64 });
  assert.deepEqual(
    seen.map((each) => [each[0], each.length === 3 ? each[1] : "row"]),
    [
      [1, "damaged"],
      [3, "row"],
      [4, "row"],
      [5, "row"],
      [6, "row"],
    ],
  );
});

test("a file that is no longer what was planned is refused", async () => {
  await withFile("x.jsonl", '{"a":1}\n', async (path, folder) => {
    const { splits } = await planFile({ name: "x.jsonl", path }, { splitBytes: 10, cacheDir: folder });
    writeFileSync(path, '{"a":1}\n{"a":2}\n');
    await assert.rejects(
      readSplit(splits[0], { maxRecordBytes: 100 }, () => {}),
      /8 bytes[\s\S]*16 bytes[\s\S]*--fresh/,
    );
  });
});

test("the plan tells size and hash of the file as it is stored", async () => {
  const packed = gzipSync('{"a":1}\n');
  await withFile("x.jsonl.gz", packed, async (path, folder) => {
    const plan = await planFile({ name: "x.jsonl.gz", path }, { splitBytes: 10, cacheDir: folder });
    assert.deepEqual([plan.bytes, plan.format, plan.compression], [packed.length, "jsonl", "gzip"]);
    assert.match(plan.sha256, /^[\da-f]{64}$/);
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan, "a plan is plain JSON");
  });
});
