import assert from "node:assert/strict";
import { readdirSync, truncateSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { BlobReader, BlobWriter } from "../../src/io/blob-file.ts";
import { scratchFolder } from "../cases/scratch.ts";

const folder = scratchFolder("blob");

function write(path: string, blobs: readonly Uint8Array[]): void {
  const writer = new BlobWriter(path);
  for (const blob of blobs) {
    writer.append(blob.length + 5, (into) => {
      into.set(blob);
      return blob.length;
    });
  }
  writer.commit();
}

test("blobs come back by number and in order, padded to four bytes", () => {
  const path = join(folder, "a.blobs");
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 40 }), (blobs) => {
      write(path, blobs);
      const reader = new BlobReader(path);
      assert.equal(reader.count, blobs.length);
      const inOrder = [...reader.all()].map((blob) => Buffer.from(blob));
      blobs.forEach((blob, i) => {
        const padded = Buffer.concat([blob, new Uint8Array((4 - (blob.length % 4)) % 4)]);
        assert.deepEqual(Buffer.from(reader.read(i)), padded);
        assert.deepEqual(inOrder[i], padded);
      });
      reader.close();
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("blobs larger than the write buffer survive between small ones", () => {
  const path = join(folder, "large.blobs");
  const sizes = [3, 5_000_000, 0, 7, 1_200_000, 1];
  const blobs = sizes.map((size, i) => new Uint8Array(size).fill(i + 1));
  write(path, blobs);
  const reader = new BlobReader(path);
  const whole = [...reader.all()].map((blob) => blob.length);
  sizes.forEach((size, i) => {
    assert.equal(reader.size(i), Math.ceil(size / 4) * 4);
    assert.equal(whole[i], reader.size(i));
    const blob = reader.read(i);
    assert.ok(size === 0 || (blob[0] === i + 1 && blob[size - 1] === i + 1));
  });
  reader.close();
});

test("nothing appears under the name before commit, and a torn file is refused", () => {
  const path = join(folder, "torn.blobs");
  const writer = new BlobWriter(path);
  writer.append(4, (into) => into.fill(7).length);
  assert.ok(!readdirSync(folder).includes("torn.blobs"));
  writer.commit();
  truncateSync(path, statSync(path).size - 1);
  assert.throws(() => new BlobReader(path), /torn\.blobs[\s\S]*--fresh/);
});
