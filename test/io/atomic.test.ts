import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { AtomicFile, removeTemporaries, writeAtomic } from "../../src/io/atomic.ts";
import { diskError } from "../../src/io/system-error.ts";
import { removeFolder, writeFolder } from "../../src/io/atomic-folder.ts";
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

test("a folder that was not whole when the process ended is removed, links are not followed", () => {
  const run = join(folder, "run");
  mkdirSync(join(run, "checkpoints", "step-000002.tmp-25116", "deep"), { recursive: true });
  writeFileSync(join(run, "checkpoints", "step-000002.tmp-25116", "deep", "model.safetensors.tmp-1-0"), "half");
  mkdirSync(join(run, "merged.tmp-1"));
  mkdirSync(join(folder, "elsewhere"));
  writeFileSync(join(folder, "elsewhere", "mine.tmp-1"), "not of this run");
  symlinkSync(join(folder, "elsewhere"), join(run, "best"));
  symlinkSync(join(folder, "elsewhere"), join(run, "best.tmp-1"));
  removeTemporaries(run);
  assert.deepEqual(readdirSync(run).sort(), ["best", "checkpoints"]);
  assert.deepEqual(readdirSync(join(run, "checkpoints")), []);
  assert.deepEqual(readdirSync(join(folder, "elsewhere")), ["mine.tmp-1"]);
});

test("a folder gets its name when it is whole, and what was there stays until then", async () => {
  const path = join(folder, "model");
  const names = (): string[] => readdirSync(folder).filter((name) => name.startsWith("model"));
  await writeFolder(path, (unfinished) => writeFileSync(join(unfinished, "old"), "1"));
  const failed = writeFolder(path, (unfinished) => {
    writeFileSync(join(unfinished, "new"), "2");
    throw new TypeError("no");
  });
  await assert.rejects(failed, TypeError);
  assert.deepEqual([names(), readdirSync(path)], [["model"], ["old"]]);
  await writeFolder(path, (unfinished) => writeFileSync(join(unfinished, "new"), "2"));
  assert.deepEqual([names(), readdirSync(path)], [["model"], ["new"]]);
  mkdirSync(join(folder, "model.tmp-9-of-a-killed-removal"));
  removeFolder(path);
  assert.deepEqual(names(), []);
  removeFolder(path);
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
