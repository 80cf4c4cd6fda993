import assert from "node:assert/strict";
import test from "node:test";
import { SluiceError } from "../../src/core/errors.ts";
import { planMix } from "../../src/mix/plan.ts";
import { chooseUses } from "../../src/mix/selection.ts";
import { remarksOnTaken } from "../../src/mix/taken.ts";

/** Chooses rows of 100 tokens each from sources of so many rows. */
function taken(rows: Readonly<Record<string, number>>, target_total: number, proportions?: Readonly<Record<string, number>>): string[] {
  const sources = Object.entries(rows).map(([name, count]) => ({ name, rows: count, tokens: count * 100, lossTokens: count * 40 }));
  const plan = planMix({
    sources,
    options: { weigh_by: "tokens", max_repeats: 4, shortfall: "upsample", target_total, ...(proportions && { proportions }) },
  });
  const uses = plan.sources.map((source) => {
    const order = Array.from({ length: source.available.rows }, (_, row) => row);
    return chooseUses({ plan: source, order, amounts: order.map(() => 100) }).reduce((a, b) => a + b, 0);
  });
  return remarksOnTaken(plan, uses).map(({ text }) => text);
}

test("a share of fewer tokens than a row has is warned of", () => {
  assert.deepEqual(taken({ a: 50, b: 50 }, 2000, { a: 0.99, b: 0.01 }), [
    "source b: its share of 1% (20 tokens) comes to no rows: its rows have 100 tokens on average",
  ]);
  assert.deepEqual(taken({ a: 50, b: 50 }, 2000, { a: 0.5, b: 0.5 }), []);
  assert.deepEqual(taken({ a: 50, b: 50 }, 2000, { a: 1, b: 0 }), []);
});

test("a mix of no row at all is an error in the recipe", () => {
  assert.throws(
    () => taken({ a: 50, b: 50 }, 10),
    (error) =>
      error instanceof SluiceError && error.exitCode === 2 && /target_total[\s\S]*10 tokens wanted[\s\S]*100 tokens/.test(error.message),
  );
});
