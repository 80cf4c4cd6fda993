import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { LossRuns, maskOf } from "../../src/core/loss-runs.ts";

const stretches = fc.array(fc.record({ tokens: fc.integer({ min: 0, max: 9 }), trained: fc.boolean() }), { maxLength: 200 });

test("runs hold the mask that was appended, neighbours of a kind joined, and its first tokens when cut", () => {
  const runs = new LossRuns();
  fc.assert(
    fc.property(stretches, fc.nat(), (list, seed) => {
      runs.clear();
      for (const { tokens, trained } of list) runs.add(tokens, trained);
      const mask = list.flatMap(({ tokens, trained }) => new Array<number>(tokens).fill(trained ? 1 : 0));
      assert.deepEqual([...maskOf(runs.view())], mask);
      assert.equal(runs.lossTokens, mask.filter((bit) => bit === 1).length);
      assert.ok(runs.view().every((tokens, run) => tokens > 0 || run === 0));
      if (mask.length === 0) return;
      const kept = 1 + (seed % mask.length);
      runs.cut(kept);
      assert.deepEqual([...maskOf(runs.view())], mask.slice(0, kept));
    }),
    { seed: 20261128 },
  );
});

test("runs of other tokens go on where the last run ended", () => {
  const runs = new LossRuns();
  runs.add(2, false);
  runs.addRuns(Uint32Array.of(3, 4));
  runs.addRuns(Uint32Array.of(0, 1, 5));
  assert.deepEqual([...runs.view()], [5, 5, 5]);
});
