import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { AtomicFile, diskError, removeTemporaries, writeAtomic } from "../../src/io/atomic.ts";
import { SluiceError } from "../../src/core/errors.ts";
import { scratchFolder } from "../cases/scratch.ts";

const folder = scratchFolder("atomic");

test("a file appears whole on commit with its size and hash", () => {
  const path = join(folder, "deep", "a.txt");
  const file = new AtomicFile(path);
  file.append(Buffer.from("one "));
  assert.ok(!existsSync(path));
  file.append(Buffer.from("two"));
  assert.deepEqual(file.commit(), { bytes: 7, sha256: createHash("sha256").update("one two").digest("hex") });
  assert.equal(readFileSync(path, "utf8"), "one two");
});

test("a discarded file leaves nothing, and what a killed run left is removed", () => {
  const file = new AtomicFile(join(folder, "b.txt"));
  file.append(Buffer.from("half"));
  file.discard();
  writeFileSync(join(folder, "deep", "c.txt.tmp-123-0"), "half");
  removeTemporaries(folder);
  assert.deepEqual(readdirSync(folder, { recursive: true }).map(String).sort(), ["deep", join("deep", "a.txt")]);
});

test("an existing file is replaced at once", () => {
  const path = join(folder, "d.txt");
  writeAtomic(path, "old");
  writeAtomic(path, "new");
  assert.equal(readFileSync(path, "utf8"), "new");
});

test("a full disk is a data error that says what to do; other errors pass through", () => {
  const full = diskError("x.arrow", Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }));
  assert.ok(full instanceof SluiceError);
  assert.equal(full.exitCode, 3);
  assert.match(full.message, /x\.arrow[\s\S]*disk is full[\s\S]*continues where it stopped/);
  const other = new TypeError("x");
  assert.equal(diskError("x", other), other);
});
