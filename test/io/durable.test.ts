import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeAtomic } from "../../src/io/atomic.ts";
import { DurableFiles } from "../../src/io/durable.ts";

test("files are brought to the disk as they are, in any number of rounds", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  const durable = new DurableFiles();
  await durable.settled();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 10; i++) {
      const path = join(folder, `${round}-${i}`);
      writeAtomic(path, `content ${i}`, { durable: false });
      durable.add(path);
    }
    await durable.settled();
  }
  assert.equal(readFileSync(join(folder, "2-9"), "utf8"), "content 9");
  rmSync(folder, { recursive: true });
});

test("a file that cannot be brought there fails the whole, the others are still tried", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  const durable = new DurableFiles();
  writeFileSync(join(folder, "there"), "x");
  durable.add(join(folder, "not-there"));
  durable.add(join(folder, "there"));
  await assert.rejects(durable.settled(), /not-there/);
  await assert.rejects(durable.settled(), /not-there/);
  rmSync(folder, { recursive: true });
});
