// Damaged files of every format: no crash, no hang, every record counted, and the same records however the file is split.
// SLUICE_MUTATIONS sets how many are tried (1,000 here).
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { planFile, readSplit } from "../../src/io/index.ts";
import { createConverter } from "../../src/io/schemas/index.ts";
import { root } from "../shared.ts";

const mutations = Number(process.env.SLUICE_MUTATIONS ?? 1000);

const instructions = Array.from({ length: 40 }, (_, i) => `Question ${i}: what is "${i}" plus é?\nAnd why, ${"x".repeat(i)}?`);
const responses = instructions.map((_, i) => `Answer ${i}, with a comma and 日本語.`);
const records = instructions.map((instruction, i) => ({ instruction, response: responses[i] }));
const csv = ["instruction,response", ...records.map(({ instruction, response }) => [instruction, response].map(quoted).join(","))].join(
  "\r\n",
);
const jsonl = records.map((record) => JSON.stringify(record)).join("\n");

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const seeds: readonly (readonly [string, Uint8Array])[] = [
  ["seed.jsonl", Buffer.from(jsonl)],
  ["seed.json", Buffer.from(JSON.stringify(records))],
  ["wrapped.json", Buffer.from(JSON.stringify({ version: 1, data: records }))],
  ["members.json", Buffer.from(JSON.stringify(Object.fromEntries(records.map((record, i) => [`r${i}`, record]))))],
  ["printed.json", Buffer.from(JSON.stringify({ version: [1], data: records }, undefined, 1))],
  ["lines.json", Buffer.from(`[\n${jsonl.replaceAll("\n", ",\n")}\n]`)],
  ["several.json", Buffer.from(records.map((record) => JSON.stringify(record, undefined, 1)).join("\n"))],
  ["seed.csv", Buffer.from(csv)],
  ["seed.tsv", Buffer.from(csv.replaceAll('","', '"\t"').replace("instruction,", "instruction\t"))],
  ["seed.jsonl.gz", gzipSync(jsonl)],
  [
    "seed.parquet",
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: "instruction", data: instructions, type: "STRING" },
          { name: "response", data: responses, type: "STRING" },
        ],
        rowGroupSize: [10],
      }),
    ),
  ],
  ["seed.arrow", tableToIPC(tableFromArrays({ instruction: instructions, response: responses }), "file")],
  ["stream.arrow", tableToIPC(tableFromArrays({ instruction: instructions, response: responses }), "stream")],
];

/** Files of pyarrow: nested columns, dictionaries, codecs. */
const foreign = ["lz4.feather", "zstd.feather", "stream.arrow", "snappy.parquet", "v2.parquet", "lz4.parquet", "rows.jsonl.zst"].map(
  (name) => [name, readFileSync(join(root, "test", "vectors", "io", name))] as const,
);

type Change =
  | { readonly kind: "flip"; readonly at: number; readonly to: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "splice"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly at: number; readonly length: number };

const place = fc.double({ min: 0, max: 1, noNaN: true });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: place, to: fc.nat(255) }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
  fc.record({ kind: fc.constant("splice" as const), at: place, bytes: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({
    kind: fc.constant("splice" as const),
    at: place,
    bytes: fc.constantFrom(...['"', "\n", "{", "]", "\\", '"\r\n', "\u2028", "\0", "}{"].map((text) => Buffer.from(text))),
  }),
  fc.record({ kind: fc.constant("remove" as const), at: place, length: fc.nat(60) }),
);

function changed(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  let all = Buffer.from(bytes);
  for (const each of changes) {
    const at = Math.floor(each.at * all.length);
    if (each.kind === "flip") all[Math.min(at, all.length - 1)] = each.to;
    else if (each.kind === "cut") all = all.subarray(0, at);
    else if (each.kind === "splice") all = Buffer.concat([all.subarray(0, at), each.bytes, all.subarray(at)]);
    else all = Buffer.concat([all.subarray(0, at), all.subarray(at + each.length)]);
  }
  return all;
}

interface Read {
  readonly record: number;
  readonly fate: string;
}

async function read(name: string, path: string, splitBytes: number, cacheDir: string): Promise<Read[]> {
  const convert = createConverter({ format: "auto" });
  const found: Read[] = [];
  const { splits } = await planFile({ name, path }, { splitBytes, cacheDir });
  for (const split of splits) {
    await readSplit(split, { maxRecordBytes: 4096 }, (item) => {
      const { record } = item;
      if ("malformed" in item) found.push({ record, fate: item.malformed.reason });
      else {
        const row = convert(item.value);
        found.push({ record, fate: "reason" in row ? row.reason : JSON.stringify(row.messages) });
      }
    });
  }
  return found;
}

test(`${mutations} damaged files: no crash, nothing lost, split sizes change nothing`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-mutations-"));
  let number = 0;
  let rows = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds, ...foreign),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async ([name, bytes], changes) => {
        const cacheDir = join(folder, String(number++));
        const path = join(folder, `${number}-${name}`);
        writeFileSync(path, changed(bytes, changes));
        const whole = await read(name, path, 1 << 24, cacheDir);
        whole.forEach(({ record }, i) => assert.ok(i === 0 ? record >= 1 : record > whole[i - 1].record, `record ${record} at ${i}`));
        for (const splitBytes of [1 << 10, 1 << 12])
          assert.deepEqual(await read(name, path, splitBytes, cacheDir), whole, `splits of ${splitBytes}`);
        rows += whole.filter(({ fate }) => fate.startsWith("[")).length;
        rmSync(path);
        rmSync(cacheDir, { recursive: true, force: true });
      },
    ),
    { numRuns: mutations, seed: 11 },
  );
  rmSync(folder, { recursive: true });
  assert.ok(rows > mutations, `${rows} rows were read from damaged files`);
  t.diagnostic(`${rows} whole rows read from ${mutations} damaged files`);
});

test("each undamaged seed gives all its rows", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-seeds-"));
  for (const [name, bytes] of seeds) {
    writeFileSync(join(folder, name), bytes);
    const found = await read(name, join(folder, name), 1 << 10, folder);
    assert.equal(found.length, 40, name);
    assert.ok(
      found.every(({ fate }, i) => fate.includes(`Answer ${i},`)),
      `${name}: ${found[0].fate}`,
    );
  }
  rmSync(folder, { recursive: true });
});
