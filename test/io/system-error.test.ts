// System errors about files become errors that a person can act on, others stay what they are.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { SluiceError } from "../../src/core/errors.ts";
import { systemError } from "../../src/io/system-error.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return systemError(error);
  }
}

test("a file that may not be used is told with its path", () => {
  const error = systemError(Object.assign(new Error("EACCES: permission denied"), { code: "EACCES", syscall: "open", path: "in/a.jsonl" }));
  assert.ok(error instanceof SluiceError);
  assert.equal(error.exitCode, 3);
  assert.deepEqual([error.parts.where, error.parts.found], ["in/a.jsonl", "no permission"]);
});

test("a failing disk is told although an open file has no path", () => {
  const error = systemError(Object.assign(new Error("EIO: i/o error, read"), { code: "EIO", syscall: "read" }));
  assert.match((error as Error).message, /the disk reported an I\/O error/);
});

test("a file where a folder is named is told", () => {
  const file = join(mkdtempSync(join(tmpdir(), "sluice-")), "file");
  writeFileSync(file, "");
  assert.match((thrownBy(() => readFileSync(join(file, "x"))) as Error).message, /expected: a folder/);
});

test("errors that are not about files, and missing files, stay as they are", () => {
  const socket = Object.assign(new Error("listen EACCES"), { code: "EACCES", syscall: "listen" });
  for (const error of [socket, new TypeError("x"), "text", undefined]) assert.equal(systemError(error), error);
  assert.equal((thrownBy(() => readFileSync("/no/such/file")) as NodeJS.ErrnoException).code, "ENOENT");
});
