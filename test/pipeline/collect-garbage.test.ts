import assert from "node:assert/strict";
import { test } from "node:test";
import { boundGarbage, collectGarbage } from "../../src/pipeline/collect-garbage.ts";

const mebibyte = 1 << 20;

test("an array that nobody holds is given back at once", () => {
  const before = process.memoryUsage().arrayBuffers;
  let held: Uint8Array | undefined = new Uint8Array(256 * mebibyte);
  assert.ok(process.memoryUsage().arrayBuffers - before >= held.length);
  held = undefined;
  collectGarbage();
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 * mebibyte);
});

test("a heap that has grown by much is collected, one that has not is left alone", () => {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  let held: number[][] | undefined = Array.from({ length: 160 }, (_, i) => new Array<number>(mebibyte / 8).fill(i + 0.5));
  assert.ok(process.memoryUsage().heapUsed - before > 128 * mebibyte);
  held = undefined;
  boundGarbage();
  assert.ok(process.memoryUsage().heapUsed - before < 64 * mebibyte);
  assert.equal(held, undefined);
  held = Array.from({ length: 40 }, (_, i) => new Array<number>(mebibyte / 8).fill(i + 0.5));
  const grown = process.memoryUsage().heapUsed;
  held = undefined;
  boundGarbage();
  assert.ok(process.memoryUsage().heapUsed > grown - 16 * mebibyte);
});
