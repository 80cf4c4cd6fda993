import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { encodeRow, messagesOf, metaOf, openRow, rowBytesBound } from "../../src/core/row-codec.ts";
import { roles } from "../../src/core/row.ts";

test("rows come back as they were", () => {
  const message = fc.record(
    { role: fc.constantFrom(...roles), content: fc.string({ unit: "grapheme" }), train: fc.constant(false as const) },
    { requiredKeys: ["role", "content"] },
  );
  fc.assert(
    fc.property(fc.nat(), fc.array(message, { maxLength: 6 }), fc.dictionary(fc.string(), fc.jsonValue()), (record, messages, meta) => {
      const text = JSON.stringify(meta);
      const bytes = new Uint8Array(rowBytesBound(messages, text));
      const used = encodeRow(record, messages, text, bytes);
      const blob = openRow(bytes.subarray(0, used));
      assert.equal(blob.record, record);
      assert.deepEqual(
        messagesOf(blob),
        messages.map((each) => ({ ...each })),
      );
      assert.deepEqual(metaOf(blob), JSON.parse(text));
      assert.equal(blob.starts.at(-1), used);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("a byte order mark inside content stays", () => {
  const messages = [{ role: "user", content: "\ufeffhello" }] as const;
  const bytes = new Uint8Array(rowBytesBound(messages, ""));
  encodeRow(1, messages, "", bytes);
  assert.deepEqual(messagesOf(openRow(bytes)), messages);
  assert.deepEqual(metaOf(openRow(bytes)), {});
});
