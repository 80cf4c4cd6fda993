// Counts that are kept up to date are the counts of a fresh look, whatever is decided and undone in whatever order.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { type Decision, DecisionBook, decisionKinds } from "../../src/pipeline/decisions.ts";
import { WordCounts } from "../../src/review/word-counts.ts";

const line = fc.record({
  hash: fc.constantFrom("a", "b", "c").map((letter) => letter.repeat(32)),
  decision: fc.constantFrom(...decisionKinds),
  reviewer: fc.constantFrom("ana", "ben"),
  rules: fc.subarray(["flag:refusal/r1", "flag:refusal/r2", "flag:no_access", "drop:length/response_short"]),
});

const plain = (counts: WordCounts): unknown => ({
  judged: [...counts.judged].filter(([, rows]) => rows > 0).sort(),
  confirmed: [...counts.confirmed].filter(([, rows]) => rows > 0).sort(),
  reviewers: counts.reviewers(),
});

test("updated counts are fresh counts", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      const book = new DecisionBook();
      const kept = new WordCounts();
      for (const parts of lines) {
        book.add({ ...parts, time: "2026-01-31T12:00:00Z" } as Decision);
        kept.update(book, [parts.hash]);
      }
      const fresh = new WordCounts();
      fresh.update(book, "all");
      assert.deepEqual(plain(kept), plain(fresh));
      kept.update(book, "all");
      assert.deepEqual(plain(kept), plain(fresh));
    }),
    { numRuns: 300 },
  );
});

test("a rule is confirmed by drops and edits, and counts for its flag", () => {
  const book = new DecisionBook();
  const add = (hash: string, decision: string): void =>
    book.add({ hash, decision, reviewer: "ana", time: "2026-01-31T12:00:00Z", rules: ["flag:refusal/r3"] } as Decision);
  for (let i = 0; i < 44; i++) add(String(i).padStart(32, "0"), i < 3 ? "keep" : i < 10 ? "edit" : "drop");
  const counts = new WordCounts();
  counts.update(book, "all");
  for (const key of ["flag:refusal/r3", "flag:refusal"]) assert.deepEqual([counts.confirmed.get(key), counts.judged.get(key)], [41, 44]);
});
