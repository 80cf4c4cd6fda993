import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { crc32, sha256, sumOfFile } from "../../src/io/checksum.ts";
import { scratchFolder } from "../cases/scratch.ts";

const digits = new TextEncoder().encode("123456789");

test("known checksums, whatever pieces the bytes come in", () => {
  for (const cut of [0, 1, 4, 9]) {
    const [sum, hash] = [crc32(), sha256()];
    for (const piece of [digits.subarray(0, cut), digits.subarray(cut)]) {
      sum.update(piece);
      hash.update(piece);
    }
    // The check value of CRC-32/ISO-HDLC.
    assert.equal(sum.result().crc32, "cbf43926");
    assert.equal(hash.result().sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
  }
  assert.equal(crc32().result().crc32, "00000000");
});

test("a file on disk sums up to what its bytes do, and a flipped bit shows", () => {
  const path = join(scratchFolder("checksum"), "file");
  const bytes = Uint8Array.from({ length: 3_000_001 }, (_, i) => (i * 31) >> 3);
  writeFileSync(path, bytes);
  const [sum, hash] = [crc32(), sha256()];
  sum.update(bytes);
  hash.update(bytes);
  assert.deepEqual([sumOfFile(path, crc32()), sumOfFile(path, sha256())], [sum.result(), hash.result()]);
  const whole = sumOfFile(path, crc32());
  bytes[2_000_000] ^= 1;
  writeFileSync(path, bytes);
  assert.notDeepEqual(sumOfFile(path, crc32()), whole);
});
