import assert from "node:assert/strict";
import test from "node:test";
import { tableFromIPC } from "apache-arrow";
import { CuratedShard, TrainingShard } from "../../src/arrow/shards.ts";
import { encodeRow, openRow, rowBytesBound } from "../../src/core/row-codec.ts";
import type { Message } from "../../src/core/row.ts";

function blobOf(messages: readonly Message[]) {
  const bytes = new Uint8Array(rowBytesBound(messages, ""));
  return openRow(bytes.subarray(0, encodeRow(1, messages, "", bytes)));
}

test("a curated shard holds the contract's columns and the text byte for byte", () => {
  const shard = new CuratedShard();
  shard.begin(0);
  const first = [
    { role: "user", content: "Wie geht's?" },
    { role: "assistant", content: "gut 🙂" },
  ] as const;
  shard.add({
    id: "a/f#1",
    source: "a",
    blob: blobOf(first),
    flags: ["refusal", "no_access"],
    promptTokens: 5,
    responseTokens: 3,
    repeat: 0,
  });
  shard.add({
    id: "b/f#2",
    source: "b",
    blob: blobOf([{ role: "assistant", content: "" }]),
    flags: [],
    promptTokens: 0,
    responseTokens: 1,
    repeat: 2,
  });
  const table = tableFromIPC(Buffer.concat(shard.pieces()));
  assert.equal(
    table.schema.fields.map(String).join("; "),
    "id: Utf8; source: Utf8; messages: List<Struct<{role:Utf8, content:Utf8}>>; flags: List<Utf8>; prompt_tokens: Int32; response_tokens: Int32; repeat: Int32",
  );
  const rows = JSON.parse(JSON.stringify(table.toArray()));
  assert.deepEqual(rows, [
    { id: "a/f#1", source: "a", messages: first, flags: ["refusal", "no_access"], prompt_tokens: 5, response_tokens: 3, repeat: 0 },
    {
      id: "b/f#2",
      source: "b",
      messages: [{ role: "assistant", content: "" }],
      flags: [],
      prompt_tokens: 0,
      response_tokens: 1,
      repeat: 2,
    },
  ]);
});

test("a training shard holds ids, labels with -100 where no loss, document lengths and row ids", () => {
  const shard = new TrainingShard();
  shard.begin(0);
  shard.addDocument("a/f#1", Int32Array.of(5, 6, 7), [1, 2]);
  shard.addDocument("a/f#2", Int32Array.of(1, 128255), [1, 1]);
  shard.closeRow();
  shard.addDocument("a/f#3", Int32Array.of(9), [1]);
  shard.closeRow();
  const table = tableFromIPC(Buffer.concat(shard.pieces()));
  assert.equal(
    table.schema.fields.map(String).join("; "),
    "input_ids: List<Int32>; labels: List<Int32>; seq_lengths: List<Int32>; ids: List<Utf8>",
  );
  assert.deepEqual(JSON.parse(JSON.stringify(table.toArray())), [
    { input_ids: [5, 6, 7, 1, 128255], labels: [-100, 6, 7, -100, 128255], seq_lengths: [3, 2], ids: ["a/f#1", "a/f#2"] },
    { input_ids: [9], labels: [-100], seq_lengths: [1], ids: ["a/f#3"] },
  ]);
});

test("shards grow past their first buffers", () => {
  const shard = new TrainingShard();
  shard.begin(0);
  const tokens = Int32Array.from({ length: 3000 }, (_, i) => i);
  for (let i = 0; i < 50; i++) {
    shard.addDocument(`a/f#${i}`, tokens, [0, 3000]);
    shard.closeRow();
  }
  const table = tableFromIPC(Buffer.concat(shard.pieces()));
  assert.equal(table.numRows, 50);
  assert.deepEqual([...(table.getChild("input_ids")?.get(49) ?? [])], [...tokens]);
});
