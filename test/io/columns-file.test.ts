import assert from "node:assert/strict";
import { truncateSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { readColumns, writeColumns } from "../../src/io/columns-file.ts";
import { scratchFolder } from "../cases/scratch.ts";

const path = join(scratchFolder("columns"), "a.columns");
const columns = {
  code: Uint16Array.of(1, 2, 65535),
  byte: Uint8Array.of(9, 8, 7, 6, 5),
  word: Uint32Array.of(4294967295, 0),
  share: Float32Array.of(0.5, 0.25),
  empty: new Float64Array(0),
};

test("columns come back with type and values, all or some, whole or a range", () => {
  writeColumns(path, columns);
  assert.deepEqual(readColumns(path, ["code", "byte", "word", "share", "empty"]), columns);
  assert.deepEqual(readColumns(path, ["byte"], { from: 1, to: 4 }), { byte: Uint8Array.of(8, 7, 6) });
});

test("a missing column and a torn file are errors that say so", () => {
  writeColumns(path, columns);
  assert.throws(() => readColumns(path, ["nothing"]), /no column nothing; it has code, byte, word, share, empty/);
  truncateSync(path, statSync(path).size - 16);
  assert.throws(() => readColumns(path, ["share"]), /bytes early/);
});
