import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { encodeTokens, idLimit, openTokens, tokenBytesBound } from "../../src/core/token-codec.ts";

/** The blob of these tokens, `place` bytes into memory that holds other things. */
function blobOf(ids: Uint32Array, runs: Uint32Array, place = 0): Uint8Array {
  const memory = new Uint8Array(place + tokenBytesBound(ids, runs) + 8).fill(0xee);
  const bound = tokenBytesBound(ids, runs);
  const bytes = encodeTokens(ids, runs, memory.subarray(place, place + bound));
  assert.ok(bytes <= bound);
  // A file pads blobs to a multiple of 4 bytes.
  return memory.subarray(place, place + Math.ceil(bytes / 4) * 4);
}

test("a token blob gives its ids and runs back, wherever it lies", () => {
  const id = fc.oneof(
    fc.integer({ min: 0, max: 0x2_0000 }),
    fc.integer({ min: 0xeffe, max: 0xf002 }),
    fc.integer({ min: 0xfffe, max: 0x1_0001 }),
    fc.integer({ min: 0, max: idLimit - 1 }),
  );
  fc.assert(
    fc.property(
      fc.array(id, { maxLength: 6000, size: "max" }),
      fc.nat(3),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (list, words, share) => {
        const prompt = Math.floor(list.length * share);
        const [ids, runs] = [Uint32Array.from(list), Uint32Array.of(prompt, list.length - prompt)];
        const opened = openTokens(blobOf(ids, runs, words * 4));
        assert.deepEqual([[...opened.ids], [...opened.runs]], [list, [...runs]]);
      },
    ),
    { numRuns: 200 },
  );
});

test("an id that fills all of its bits comes back; the next does not fit", () => {
  const largest = blobOf(Uint32Array.of(idLimit - 1, 5), Uint32Array.of(1, 1));
  assert.deepEqual([...openTokens(largest).ids], [idLimit - 1, 5]);
  assert.throws(() => blobOf(Uint32Array.of(idLimit), Uint32Array.of(1)), RangeError);
});

test("ids of a small vocabulary take two bytes", () => {
  const ids = Uint32Array.from({ length: 100 }, (_, i) => i * 500);
  assert.equal(blobOf(ids, Uint32Array.of(60, 40)).length, 4 + 2 * 4 + 100 * 2);
});
