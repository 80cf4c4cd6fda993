import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { writeSafetensors } from "../../src/io/safetensors.ts";
import { weightsFingerprint } from "../../src/io/weights-fingerprint.ts";
import { scratchFolder } from "../cases/scratch.ts";

const folder = scratchFolder("fingerprint");
const path = join(folder, "model.safetensors");
const tensors = ["a", "b"].map((name, i) => ({
  name,
  shape: [300, 100],
  dtype: "F32" as const,
  values: async () => Float32Array.from({ length: 30_000 }, (_, k) => k * (i + 1)),
}));
await writeSafetensors(path, tensors);
const bytes = readFileSync(path);

/** The fingerprint with one byte of the file changed. */
async function changedAt(place: number, wholeBytes: number): Promise<string> {
  const other = Uint8Array.from(bytes);
  other[place] ^= 1;
  writeFileSync(path, other);
  const print = (await weightsFingerprint(folder, { wholeBytes }))["model.safetensors"];
  writeFileSync(path, bytes);
  return print;
}

test("any other byte of a small file is told", async () => {
  const before = await weightsFingerprint(folder);
  assert.match(before["model.safetensors"], /^\d+ bytes, sha256 [0-9a-f]{64}$/);
  assert.deepEqual(await weightsFingerprint(folder), before);
  for (const place of [bytes.length >> 1, bytes.length - 1]) {
    assert.notEqual(await changedAt(place, 1 << 20), before["model.safetensors"]);
  }
});

test("of a large file header, first and last page of every tensor are told, and what lies between pages is not", async () => {
  const large = { name: "b", shape: [1000, 1000], dtype: "F32" as const, values: async () => new Float32Array(1_000_000) };
  await writeSafetensors(path, [tensors[0], large]);
  const whole = readFileSync(path);
  const print = async (place: number): Promise<string> => {
    const other = Uint8Array.from(whole);
    if (place >= 0) other[place] ^= 1;
    writeFileSync(path, other);
    return (await weightsFingerprint(folder, { wholeBytes: 1000 }))["model.safetensors"];
  };
  const before = await print(-1);
  assert.match(before, /sha256 of header and pages/);
  const start = whole.length - 4_000_000;
  for (const place of [start - 120_000, start - 1, start, start + 4095, whole.length - 1])
    assert.notEqual(await print(place), before, `${place}`);
  assert.equal(await print(start + 8192), before, "the head comment says what is not covered");
  writeFileSync(path, bytes);
});

test("a model in several files has a fingerprint for each; files beside it that are no weights of it have none", async () => {
  const sharded = scratchFolder("fingerprint-shards");
  await writeSafetensors(join(sharded, "model.safetensors"), tensors, { maxShardBytes: 130_000 });
  await writeSafetensors(join(sharded, "optimizer.safetensors"), tensors);
  const names = Object.keys(await weightsFingerprint(sharded));
  assert.deepEqual(names, ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]);
});
