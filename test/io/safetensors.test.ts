// Safetensors both ways: known answers of the reference library, round trips, and everything that can be wrong with a file.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import fc from "fast-check";
import { mountSmallDisk, noSmallDisk } from "../cases/small-disk.ts";
import { SluiceError } from "../../src/core/errors.ts";
import { createRandom } from "../../src/core/random.ts";
import { openSafetensors, type StoredDtype, type TensorFiles, type TensorToWrite, writeSafetensors } from "../../src/io/safetensors.ts";
import { root } from "../shared.ts";

const vectors = join(root, "test", "vectors", "safetensors");
const folder = mkdtempSync(join(tmpdir(), "sluice-safetensors-"));
after(() => rmSync(folder, { recursive: true }));

interface Expected {
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly f32_bits: readonly number[] | null }[];
  readonly shards: {
    readonly sizes: readonly number[];
    readonly max_bytes: number;
    readonly files: Readonly<Record<string, readonly string[]>>;
    readonly weight_map: Readonly<Record<string, string>>;
  };
}
const expected = JSON.parse(readFileSync(join(vectors, "expected.json"), "utf8")) as Expected;

let paths = 0;
function newPath(): string {
  return join(folder, `${paths++}`, "model.safetensors");
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

async function reading<T>(path: string, use: (files: TensorFiles) => Promise<T>): Promise<T> {
  const files = await openSafetensors(path);
  try {
    return await use(files);
  } finally {
    await files.close();
  }
}

/** Reads a tensor as something that can be written again. */
async function toWrite(files: TensorFiles, name: string): Promise<TensorToWrite> {
  const { shape, dtype } = files.entry(name);
  const bytes = await files.readBytes(name);
  const values =
    dtype === "U8" ? bytes : dtype === "U32" ? new Uint32Array(bytes.buffer, 0, bytes.length / 4) : await files.readFloats(name);
  return { name, shape, dtype: dtype as StoredDtype, values: async () => values };
}

function floats(name: string, values: readonly number[], dtype: StoredDtype = "F32"): TensorToWrite {
  return { name, shape: [values.length], dtype, values: async () => Float32Array.from(values) };
}

test("values equal those of Python's safetensors, bit for bit", async () => {
  await reading(join(vectors, "mixed.safetensors"), async (files) => {
    assert.deepEqual([...files.names].sort(), expected.tensors.map(({ name }) => name).sort());
    assert.deepEqual(files.metadata, { format: "pt" });
    for (const { name, shape, f32_bits: bits } of expected.tensors) {
      assert.deepEqual(files.entry(name).shape, shape, name);
      if (bits) assert.deepEqual([...bitsOf(await files.readFloats(name))], bits, name);
      else
        await assert.rejects(
          files.readFloats(name),
          new RegExp(`tensor ${name}\\n.*floats: F32, F16, BF16, F64\\n.*${files.entry(name).dtype}`),
        );
    }
    assert.deepEqual([...(await files.readBytes("codes", 2, 5))], [2, 3, 4]);
  });
});

test("what is read and written again has the bytes of Python's safetensors", async () => {
  const original = join(vectors, "written.safetensors");
  const path = newPath();
  await reading(original, async (files) => {
    const tensors = await Promise.all(files.names.map((name) => toWrite(files, name)));
    const [written] = await writeSafetensors(path, tensors);
    assert.deepEqual(readFileSync(path), readFileSync(original));
    assert.equal(written.sha256, createHash("sha256").update(readFileSync(original)).digest("hex"));
    assert.equal(written.bytes, readFileSync(original).length);
  });
});

test("rounding to F16 and BF16 is that of numpy and ml_dtypes, to nearest even", async () => {
  const path = newPath();
  await reading(join(vectors, "rounding.safetensors"), async (files) => {
    const values = await files.readFloats("values");
    assert.ok(values.length > 3000);
    const tensor = (name: string, dtype: StoredDtype): TensorToWrite => ({
      name,
      shape: [values.length],
      dtype,
      values: async () => values,
    });
    await writeSafetensors(path, [tensor("bf16", "BF16"), tensor("f16", "F16")]);
    for (const name of ["f16", "bf16"]) {
      assert.deepEqual(await reading(path, (own) => own.readBytes(name)), await files.readBytes(name), name);
    }
  });
});

test("each of the 65,536 codes of F16 and BF16 survives reading and writing; NaNs stay NaNs", async () => {
  const path = newPath();
  const codes = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  for (const dtype of ["F16", "BF16"] as const) {
    const source = join(folder, `codes-${dtype}.safetensors`);
    const header = JSON.stringify({ codes: { dtype, shape: [1 << 16], data_offsets: [0, 1 << 17] } });
    writeFileSync(source, fileOf(header, new Uint8Array(codes.buffer)));
    const values = await reading(source, (files) => files.readFloats("codes"));
    await writeSafetensors(path, [{ name: "codes", shape: [1 << 16], dtype, values: async () => values }]);
    const bytes = await reading(path, (files) => files.readBytes("codes"));
    const again = new Uint16Array(bytes.buffer);
    const [exponent, quiet] = dtype === "F16" ? [0x7c00, 0x200] : [0x7f80, 0x40];
    codes.forEach((code, i) => {
      const isNaNCode = (code & 0x7fff) > exponent;
      assert.equal(again[i], isNaNCode ? code | quiet : code);
      assert.equal(Number.isNaN(values[i]), isNaNCode);
    });
  }
});

/** A file of a header and data, as they are. */
function fileOf(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes, data]);
}

const storedDtypes = ["F32", "BF16", "F16", "U8", "U32"] as const;
const arbitraryTensor = fc
  .record({
    name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
    dtype: fc.constantFrom(...storedDtypes),
    seed: fc.integer(),
  })
  .map(({ name, shape, dtype, seed }) => {
    const random = createRandom(seed);
    const length = shape.reduce((a, b) => a * b, 1);
    const integers = Uint32Array.from({ length }, () => random.uint32());
    // Values that the dtype holds exactly: 8 bits of mantissa.
    const exact = Float32Array.from(integers, (n) => ((n % 511) - 255) * 2 ** ((n >>> 9) % 8));
    const values =
      dtype === "U8" ? Uint8Array.from(integers) : dtype === "U32" ? integers : dtype === "F32" ? new Float32Array(integers.buffer) : exact;
    return { name, shape, dtype, array: values };
  });

test("any list of tensors comes back as it was, whole, in ranges and in shards", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(arbitraryTensor, { selector: ({ name }) => name, maxLength: 6 }),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      fc.constantFrom(5e9, 300, 40, 0),
      async (tensors, metadata, maxShardBytes) => {
        const path = newPath();
        const list = tensors.map(({ array, ...tensor }) => ({ ...tensor, values: async () => array }));
        const written = await writeSafetensors(path, list, { metadata, maxShardBytes });
        const again = newPath();
        const second = await writeSafetensors(again, list, { metadata, maxShardBytes });
        assert.deepEqual(
          second.map(({ sha256 }) => sha256),
          written.map(({ sha256 }) => sha256),
        );
        for (const { path: file, bytes, sha256 } of written) {
          const content = readFileSync(file);
          assert.deepEqual([content.length, createHash("sha256").update(content).digest("hex")], [bytes, sha256]);
          if (file.endsWith(".safetensors")) assert.equal(content.readBigUInt64LE() % 8n, 0n);
        }
        await reading(join(path, ".."), async (files) => {
          assert.deepEqual([...files.names].sort(), tensors.map(({ name }) => name).sort());
          assert.deepEqual({ ...files.metadata }, { format: "pt", ...metadata });
          for (const { name, shape, dtype, array } of tensors) {
            const entry = files.entry(name);
            assert.deepEqual([entry.shape, entry.dtype], [shape, dtype]);
            const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
            if (!(array instanceof Float32Array)) assert.deepEqual(await files.readBytes(name), bytes);
            else {
              const middle = array.length >> 1;
              const halves = [await files.readFloats(name, 0, middle), await files.readFloats(name, middle)].flatMap((half) => [
                ...bitsOf(half),
              ]);
              assert.deepEqual(halves, [...bitsOf(array)]);
              assert.deepEqual(bitsOf(await files.readFloats(name)), bitsOf(array));
            }
          }
        });
      },
    ),
    { numRuns: 150, seed: 5 },
  );
});

test("a large tensor is read and written in pieces without a seam", async () => {
  const path = newPath();
  const values = Float32Array.from({ length: 5_000_003 }, (_, i) => i % 2048);
  const tensors = (["F32", "F16", "BF16"] as const).map((dtype) => ({
    name: dtype,
    shape: [values.length],
    dtype,
    values: async () => values,
  }));
  await writeSafetensors(path, tensors);
  await reading(path, async (files) => {
    assert.ok(Buffer.from(bitsOf(await files.readFloats("F32")).buffer).equals(Buffer.from(values.buffer)));
    assert.ok(Buffer.from((await files.readFloats("F16")).buffer).equals(Buffer.from(values.buffer)));
    const odd = await files.readFloats("BF16", 3, 4_999_999);
    for (let i = 0; i < odd.length; i++) assert.ok(Math.abs(odd[i] - values[i + 3]) <= values[i + 3] / 256);
  });
});

test("larger elements come first in a file, so that PyTorch can map it; the given order is kept otherwise", async () => {
  const path = newPath();
  const byte = (name: string): TensorToWrite => ({ name, shape: [3], dtype: "U8", values: async () => new Uint8Array(3) });
  await writeSafetensors(path, [byte("a"), floats("z", [1], "BF16"), floats("y", [1]), byte("10"), floats("2", [1])]);
  assert.deepEqual(await reading(path, async ({ names }) => names), ["y", "2", "z", "a", "10"]);
});

test("shards are cut and named as huggingface_hub does", async () => {
  const path = newPath();
  const { sizes, max_bytes: maxShardBytes, files, weight_map: weightMap } = expected.shards;
  const tensors = sizes.map((size, i): TensorToWrite => ({
    name: `layer.${i}`,
    shape: [size],
    dtype: "U8",
    values: async () => new Uint8Array(size).fill(i),
  }));
  const written = await writeSafetensors(path, tensors, { maxShardBytes });
  const index = JSON.parse(readFileSync(`${path}.index.json`, "utf8")) as { metadata: { total_size: number }; weight_map: object };
  assert.deepEqual(index.weight_map, weightMap);
  assert.equal(
    index.metadata.total_size,
    sizes.reduce((a, b) => a + b),
  );
  assert.deepEqual(
    written.map(({ path: file }) => file.slice(join(path, "..").length + 1)),
    [...Object.keys(files), "model.safetensors.index.json"],
  );
  assert.equal((await reading(`${path}.index.json`, (all) => all.readBytes("layer.5")))[899], 5);
});

test("a save of another number of files takes the place of the one before", async () => {
  const path = newPath();
  const tensors = ["a", "b", "c"].map((name, i) => floats(name, [i]));
  const kept = join(path, "..", "model-notes.txt");
  for (const maxShardBytes of [4, 8, 5e9, 4]) {
    const written = await writeSafetensors(path, tensors, { maxShardBytes });
    writeFileSync(kept, "kept");
    assert.deepEqual(
      readdirSync(join(path, "..")).sort(),
      [...written.map(({ path: file }) => file), kept].map((file) => file.slice(join(path, "..").length + 1)).sort(),
    );
    assert.deepEqual([...(await reading(join(path, ".."), (files) => files.readFloats("c")))], [2]);
  }
});

test("values that are not finite, or would not be once rounded, are refused where asked for", async () => {
  const path = newPath();
  const refusals: readonly (readonly [StoredDtype, number])[] = [
    ["F32", NaN],
    ["F32", -Infinity],
    ["F16", 65_520],
    ["BF16", -3.4e38],
  ];
  for (const [dtype, value] of refusals) {
    const tensors = [floats("fine", [1, 2]), floats("layer.weight", [0, 1, value], dtype)];
    await assert.rejects(
      writeSafetensors(path, tensors, { refuseNotFinite: true }),
      (error: SluiceError) => error.exitCode === 4 && /tensor layer\.weight\n[\s\S]*at index 2\n/.test(error.message),
    );
    assert.deepEqual(readdirSync(join(path, "..")), [], "nothing half-written is left");
    await writeSafetensors(newPath(), tensors);
  }
  await writeSafetensors(path, [floats("f", [65_519], "F16"), floats("b", [3.39e38], "BF16")], { refuseNotFinite: true });
  assert.deepEqual([...(await reading(path, (files) => files.readFloats("f")))], [65_504]);
});

test("a caller's mistakes are named, and leave nothing", async () => {
  const path = newPath();
  const wrong: readonly (readonly [RegExp, TensorToWrite[]])[] = [
    [/a: a tensor's name must be its own/, [floats("a", [1]), floats("a", [2])]],
    [/__metadata__/, [floats("__metadata__", [1])]],
    [/a: 2 values for the shape \[3\]/, [{ ...floats("a", [1, 2]), shape: [3] }]],
    [/a: values of another kind than U8/, [floats("a", [1], "U8")]],
    [/a: F16 is written from floats/, [{ name: "a", shape: [1], dtype: "F16", values: async () => new Uint8Array(1) }]],
    [/no values today/, [{ ...floats("a", [1]), values: async () => Promise.reject(new Error("no values today")) }]],
  ];
  for (const [message, tensors] of wrong) await assert.rejects(writeSafetensors(path, tensors), message);
  assert.ok(!existsSync(join(path, "..")) || readdirSync(join(path, "..")).length === 0);
});

const entry = (extra: object = {}): object => ({ dtype: "F32", shape: [2], data_offsets: [0, 8], ...extra });
const eight = new Uint8Array(8);

const damaged: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["no bytes", new Uint8Array(0), /cut off: needs 8 bytes, has 0\n.*download it again/],
  ["half a length", new Uint8Array(5), /cut off: needs 8 bytes, has 5/],
  ["a header beyond the file", fileOf(JSON.stringify({ a: entry() })).subarray(0, 30), /cut off: needs \d+ bytes, has 30/],
  ["a header above the limit", fileOf("{}").map((byte, i) => (i === 3 ? 6 : byte)), /header of 100663298 bytes, where at most 100000000/],
  ["a zip archive", Buffer.from("PK\x03\x04 a pickle in a zip archive"), /header of \d+ bytes, where at most/],
  [
    "a Git LFS pointer",
    Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"),
    /Git LFS pointer[\s\S]*git lfs pull/,
  ],
  ["a header that is no object", fileOf("[1, 2]"), /does not begin with \{/],
  ["a header that is not JSON", fileOf('{"a": '), /a header that is not JSON/],
  ["a header that is not UTF-8", fileOf("{}").map((byte, i) => (i === 9 ? 0xff : byte)), /a header that is not JSON/],
  [
    "a name twice",
    fileOf('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
    /tensor a\n.*each name once/,
  ],
  ["a key twice", fileOf('{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}'), /each name once/],
  ["no dtype", fileOf(JSON.stringify({ a: { shape: [], data_offsets: [0, 0] } })), /tensor a\n.*a dtype\n.*nothing/],
  ["an entry of text", fileOf(JSON.stringify({ a: "F32" })), /tensor a\n.*dtype, shape and data_offsets/],
  ["a broken shape", fileOf(JSON.stringify({ a: entry({ shape: [2, -1] }) }), eight), /a shape of whole numbers\n.*\[2,-1\]/],
  ["a shape without end", fileOf(JSON.stringify({ a: entry({ shape: [2 ** 30, 2 ** 30] }) }), eight), /below 2\^53/],
  [
    "offsets the wrong way round",
    fileOf(JSON.stringify({ a: entry({ data_offsets: [8, 0] }) }), eight),
    /the second not smaller\n.*\[8,0\]/,
  ],
  [
    "another size than the shape's",
    fileOf(JSON.stringify({ a: entry({ shape: [3] }) }), eight),
    /tensor a\n.*12 bytes for F32 \[3\]\n.*of 8 bytes/,
  ],
  [
    "tensors that overlap",
    fileOf(JSON.stringify({ a: entry(), b: entry({ data_offsets: [4, 12] }) }), new Uint8Array(12)),
    /tensor b\n.*at byte 8 of the data, where a ends\n.*it overlaps a by 4/,
  ],
  [
    "a gap",
    fileOf(JSON.stringify({ a: entry({ data_offsets: [4, 12] }) }), new Uint8Array(12)),
    /tensor a\n.*byte 0 of the data, where the header ends\n.*4 unused bytes/,
  ],
  ["a torn file", fileOf(JSON.stringify({ a: entry() }), eight.subarray(3)), /cut off: needs 70 bytes, has 67\n.*download it again/],
  ["bytes behind the last tensor", fileOf(JSON.stringify({ a: entry() }), new Uint8Array(9)), /70 bytes, as its header says\n.*71 bytes/],
  ["metadata that is no text", fileOf(JSON.stringify({ __metadata__: { format: 1 } })), /__metadata__\n.*a text for format\n.*1/],
];

for (const [name, bytes, message] of damaged) {
  test(`${name}: a data error that names the file`, async () => {
    const path = join(folder, `${name.replaceAll(" ", "-")}.safetensors`);
    writeFileSync(path, bytes);
    await assert.rejects(openSafetensors(path), (error) => {
      assert.ok(error instanceof SluiceError && error.exitCode === 3);
      assert.ok(error.message.startsWith(path), error.message);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("a dtype of a later version is listed, and refused by name only when its floats are read", async () => {
  const path = join(folder, "later.safetensors");
  writeFileSync(
    path,
    fileOf(
      JSON.stringify({ new: { dtype: "F5", shape: [8], data_offsets: [0, 5] }, a: entry({ data_offsets: [5, 13] }) }),
      new Uint8Array(13),
    ),
  );
  await reading(path, async (files) => {
    assert.deepEqual(files.names, ["new", "a"]);
    assert.deepEqual([...(await files.readFloats("a"))], [0, 0]);
    assert.equal((await files.readBytes("new")).length, 5);
    await assert.rejects(files.readFloats("new"), /tensor new\n[\s\S]*F5/);
  });
});

test("a name that is not there is told with the nearest one; a range that is not there is refused", async () => {
  await reading(join(vectors, "mixed.safetensors"), async (files) => {
    assert.throws(() => files.entry("model.embed.weights"), /no such tensor among 12; the nearest name is model\.embed\.weight/);
    assert.ok(files.has("half") && !files.has("full"));
    await assert.rejects(files.readFloats("half", 5, 13), /half: no range \[5, 13\) in 12 elements/);
  });
});

test("a file that shrinks while it is open is cut off, not zeros", async () => {
  const path = newPath();
  await writeSafetensors(path, [floats("a", [1, 2, 3])]);
  await reading(path, async (files) => {
    truncateSync(path, readFileSync(path).length - 4);
    await assert.rejects(files.readFloats("a"), /cut off/);
  });
});

test("a sharded model whose files do not fit together says which", async () => {
  const path = newPath();
  const at = join(path, "..");
  await writeSafetensors(path, [floats("a", [1]), floats("b", [2]), floats("c", [3])], { maxShardBytes: 4 });
  const index = join(at, "model.safetensors.index.json");
  const whole = readFileSync(index, "utf8");
  const refuses = async (text: string, message: RegExp): Promise<void> => {
    writeFileSync(index, text);
    await assert.rejects(openSafetensors(at), message);
  };
  await refuses("{", /index\.json\n[\s\S]*not JSON/);
  await refuses("{}", /no weight_map/);
  await refuses(
    whole.replace('"model-00002', '"../model-00002'),
    /b in "\.\.\/model-00002-of-00003\.safetensors", which is no safetensors file beside/,
  );
  await refuses(whole.replace("00002-of", "00009-of"), /missing: model-00009-of-00003\.safetensors\n.*download/);
  await refuses(
    whole.replace('"b": "model-00002', '"b": "model-00001'),
    /model-00001-of-00003\.safetensors, tensor b\n.*model\.safetensors\.index\.json says\n.*no such tensor/,
  );
  writeFileSync(index, whole);
  copyFileSync(join(at, "model-00001-of-00003.safetensors"), join(at, "model-00003-of-00003.safetensors"));
  await assert.rejects(openSafetensors(at), /model-00003-of-00003\.safetensors, tensor c/);
});

test("a folder without safetensors says what there is", async () => {
  const at = join(folder, "other");
  mkdirSync(at);
  await assert.rejects(openSafetensors(join(at, "none")), /nothing there/);
  await assert.rejects(openSafetensors(at), /an empty folder/);
  writeFileSync(join(at, "config.json"), "{}");
  await assert.rejects(openSafetensors(at), /other files: config\.json/);
  writeFileSync(join(at, "pytorch_model.bin"), "");
  const pickle = /pytorch_model\.bin\n[\s\S]*pickle only, which is not read[\s\S]*safe_serialization=True/;
  await assert.rejects(openSafetensors(at), pickle);
  await assert.rejects(openSafetensors(join(at, "pytorch_model.bin")), pickle);
  copyFileSync(join(vectors, "mixed.safetensors"), join(at, "only.safetensors"));
  assert.equal((await reading(at, async (files) => files.entry("half"))).file, join(at, "only.safetensors"));
  copyFileSync(join(vectors, "mixed.safetensors"), join(at, "two.safetensors"));
  await assert.rejects(openSafetensors(at), /2 safetensors files and no index: only\.safetensors, two\.safetensors/);
});

test("a full disk leaves what was there before and nothing half-written", async (t) => {
  const at = mkdtempSync(join(tmpdir(), "sluice-full-"));
  const disk = mountSmallDisk(at, "1m");
  if (!disk) {
    t.skip(noSmallDisk);
    return;
  }
  try {
    const path = join(at, "model.safetensors");
    await writeSafetensors(path, [floats("a", [1])]);
    const before = readFileSync(path);
    const large = ["a", "b", "c"].map((name) => ({
      name,
      shape: [100_000],
      dtype: "F32" as const,
      values: async () => new Float32Array(100_000),
    }));
    for (const maxShardBytes of [5e9, 400_000]) {
      await assert.rejects(
        writeSafetensors(path, large, { maxShardBytes }),
        (error: SluiceError) => error.exitCode === 3 && /disk is full/.test(error.message),
      );
      assert.deepEqual(readdirSync(at), ["model.safetensors"]);
      assert.deepEqual(readFileSync(path), before);
    }
    await writeSafetensors(path, large.slice(0, 1), { maxShardBytes: 400_000 });
  } finally {
    disk.unmount();
    rmSync(at, { recursive: true });
  }
});

/** An element by the definition of its dtype. */
const plainly: Readonly<Record<string, (view: DataView, i: number) => number>> = {
  F32: (view, i) => view.getFloat32(i * 4, true),
  F64: (view, i) => Math.fround(view.getFloat64(i * 8, true)),
  BF16: (view, i) => {
    const wide = new DataView(new ArrayBuffer(4));
    wide.setUint16(2, view.getUint16(i * 2, true), true);
    return wide.getFloat32(0, true);
  },
  F16: (view, i) => {
    const code = view.getUint16(i * 2, true);
    const [sign, exponent, mantissa] = [code >>> 15 ? -1 : 1, (code >>> 10) & 31, code & 1023];
    if (exponent === 31) return mantissa ? NaN : sign * Infinity;
    return sign * (exponent ? (1 + mantissa / 1024) * 2 ** (exponent - 15) : mantissa * 2 ** -24);
  },
};

const mutations = Number(process.env.SLUICE_MUTATIONS ?? 2000);

test(`${mutations} damaged files: an error of ours, or the values that the bytes hold`, async (t) => {
  const seeds = ["mixed", "written", "rounding"].map((name) => readFileSync(join(vectors, `${name}.safetensors`)));
  const random = createRandom(3);
  const path = join(folder, "damaged.safetensors");
  let opened = 0;
  for (let round = 0; round < mutations; round++) {
    let bytes = Buffer.from(seeds[round % seeds.length]);
    const headerEnd = 8 + Number(bytes.readBigUInt64LE());
    // Half of them in the header, which is most of what can be wrong.
    const limit = random.below(2) === 0 ? headerEnd : bytes.length;
    const changes = 1 + random.below(3);
    for (let change = 0; change < changes; change++) {
      const kind = random.below(8);
      const at = random.below(Math.min(limit, bytes.length));
      if (kind === 0) bytes = bytes.subarray(0, Math.max(1, at));
      else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256)]), bytes.subarray(at)]);
      else if (kind === 2) bytes[at] = 0x30 + random.below(10);
      else bytes[at] = bytes[at] ^ (1 << random.below(8));
    }
    writeFileSync(path, bytes);
    try {
      await reading(path, async (files) => {
        opened++;
        for (const name of files.names) {
          const { dtype } = files.entry(name);
          const raw = await files.readBytes(name);
          assert.notEqual(bytes.indexOf(raw), -1);
          if (!(dtype in plainly)) continue;
          const values = await files.readFloats(name);
          const view = new DataView(raw.buffer);
          values.forEach((value, i) => assert.ok(Object.is(value, plainly[dtype](view, i)), `${name}[${i}]`));
        }
      });
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
    }
  }
  assert.ok(opened > mutations / 20, `${opened} could be opened`);
  t.diagnostic(`${opened} of ${mutations} damaged files could be opened`);
});

test("a path that was written in several files is opened by its own name", async () => {
  const path = join(folder, "several", "optimizer.safetensors");
  await writeSafetensors(path, [floats("a", [1]), floats("b", [2])], { maxShardBytes: 4 });
  assert.ok(!existsSync(path), "there is only an index of that name");
  const tensors = await openSafetensors(path);
  assert.deepEqual(tensors.names, ["a", "b"]);
  assert.deepEqual([...(await tensors.readFloats("b"))], [2]);
  await tensors.close();
});
