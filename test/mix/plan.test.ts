import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { SluiceError } from "../../src/core/errors.ts";
import { apportion, largestFittingTotal } from "../../src/mix/apportion.ts";
import { planMix, type MixOptions, type SourceAmounts } from "../../src/mix/plan.ts";
import { root } from "../shared.ts";

interface ApportionVectors {
  readonly cases: readonly { readonly total: number; readonly weights: readonly number[]; readonly counts: readonly number[] }[];
}

const vectors = JSON.parse(readFileSync(join(root, "test", "vectors", "mix", "apportion.json"), "utf8")) as ApportionVectors;
const seeded = { seed: 20240501, numRuns: 300 };

function source(name: string, rows: number, tokens = rows * 100, lossTokens = rows * 40): SourceAmounts {
  return { name, rows, tokens, lossTokens };
}

function plan(sources: readonly SourceAmounts[], options: Partial<MixOptions> = {}): ReturnType<typeof planMix> {
  return planMix({ sources, options: { max_repeats: 4, shortfall: "upsample", ...options } });
}

function failure(run: () => unknown): SluiceError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof SluiceError, String(error));
    return error;
  }
  return assert.fail("no error was thrown");
}

test("mosaic's case: 100 and 200 rows at .25/.75 of 300 give 75 and 225, the second once and 25 of it twice", () => {
  const { sources, totals, warnings } = plan([source("a", 100), source("b", 200)], {
    target_total: 300,
    proportions: { a: 0.25, b: 0.75 },
  });
  assert.deepEqual(
    sources.map(({ wanted, rows, repeatFloor, repeatCeil, rowsAtCeil }) => ({ wanted, rows, repeatFloor, repeatCeil, rowsAtCeil })),
    [
      { wanted: 75, rows: 75, repeatFloor: 0, repeatCeil: 1, rowsAtCeil: 75 },
      { wanted: 225, rows: 225, repeatFloor: 1, repeatCeil: 2, rowsAtCeil: 25 },
    ],
  );
  assert.equal(totals.rows, 300);
  assert.deepEqual(
    warnings.map(({ text }) => text),
    ["source b: 200 rows for 225 wanted: every row 1 or 2 times (1.13x)"],
  );
});

test("largest-remainder counts equal exact rational arithmetic", () => {
  for (const { total, weights, counts } of vectors.cases) assert.deepEqual(apportion(total, weights), counts, JSON.stringify(weights));
});

test("counts sum to the total and lie within one of the exact share", () => {
  const weight = fc.oneof(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 12 }), fc.nat(10_000_000), (weights, total) => {
      fc.pre(weights.some((value) => value > 0));
      const counts = apportion(total, weights);
      assert.equal(
        counts.reduce((a, b) => a + b, 0),
        total,
      );
      const sum = weights.reduce((a, b) => a + b, 0);
      counts.forEach((amount, i) => assert.ok(Math.abs(amount - (total * weights[i]) / sum) < 1 + 1e-6));
    }),
    seeded,
  );
});

test("the largest fitting total fits, and one more would not leave every exact share within its source", () => {
  const pair = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 1000 }));
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 8 }), (pairs) => {
      const capacities = pairs.map(([capacity]) => capacity);
      const weights = pairs.map(([, weight]) => weight);
      const sum = weights.reduce((a, b) => a + b, 0);
      const total = largestFittingTotal(capacities, weights);
      apportion(total, weights).forEach((amount, i) => assert.ok(amount <= capacities[i]));
      assert.ok(weights.some((weight, i) => (total + 1) * weight > capacities[i] * sum));
    }),
    seeded,
  );
});

test("the warning names source, rows, wanted and factor", () => {
  const { warnings } = plan([source("general", 90_000), source("safety", 1200)], {
    target_total: 50_000,
    proportions: { general: 0.85, safety: 0.15 },
    max_repeats: 7,
  });
  assert.deepEqual(warnings, [
    {
      kind: "upsampled",
      source: "safety",
      rows: 1200,
      wanted: 7500,
      factor: 6.25,
      text: "source safety: 1,200 rows for 7,500 wanted: every row 6 or 7 times (6.25x)",
    },
  ]);
});

test("a repeat above max_repeats is refused with the numbers that would fit, and those do fit", () => {
  const sources = [source("general", 90_000), source("safety", 1200)];
  const options = { target_total: 50_000, proportions: { general: 0.85, safety: 0.15 }, max_repeats: 4 };
  const { exitCode, parts } = failure(() => plan(sources, options));
  assert.equal(exitCode, 2);
  assert.equal(parts.where, "mix: source safety");
  assert.deepEqual(parts.key, ["mix", "max_repeats"]);
  assert.match(parts.found, /1,200 rows of safety for 7,500 wanted \(6\.25x\)/);
  assert.match(parts.fix, /target_total to at most 32,000, or mix\.max_repeats to at least 7, or the share of safety to at most 0\.096/);
  assert.match(parts.fix, /shortfall to shrink \(8,000 rows/);
  plan(sources, { ...options, target_total: 32_000 });
  plan(sources, { ...options, max_repeats: 7 });
  plan(sources, { ...options, proportions: { general: 0.904, safety: 0.096 } });
  assert.equal(plan(sources, { ...options, shortfall: "shrink" }).totals.wanted, 8000);
  failure(() => plan(sources, { ...options, target_total: 32_010 }));
  failure(() => plan(sources, { ...options, max_repeats: 6 }));
});

test("what is advised can be written: no share of the only source, no more repeats than there may be", () => {
  const one = failure(() => plan([source("a", 20)], { target_total: 200 })).parts;
  assert.equal(
    one.fix,
    "set mix.target_total to at most 80, or mix.max_repeats to at least 10, or mix.shortfall to shrink (20 rows, nothing repeated), or add rows",
  );
  const huge = failure(() => plan([source("a", 20), source("b", 20)], { target_total: 2_000_000, proportions: { a: 1, b: 1 } })).parts;
  assert.match(huge.found, /20 rows of a for 1,000,000 wanted \(50,000x\)/);
  assert.match(huge.fix, /^set mix\.target_total to at most 160, or mix\.max_repeats to at least 50,000, or mix\.shortfall to shrink/);
  const more = failure(() => plan([source("a", 1), source("b", 20)], { target_total: 2_000_000, proportions: { a: 1, b: 1 } })).parts;
  assert.doesNotMatch(more.fix, /max_repeats|share of/);
});

test("a mix without a target that leaves rows out tells how many and which source bounds it", () => {
  const { totals, warnings } = plan([source("a", 1000), source("b", 1)], { proportions: { a: 0.5, b: 0.5 } });
  assert.equal(totals.wanted, 2);
  assert.deepEqual(
    warnings.map(({ kind, text }) => [kind, text]),
    [["bounded", "without mix.target_total the mix holds 2 of 1,001 rows, so that no row is used twice: source b bounds it"]],
  );
  const whole = plan([source("a", 30), source("b", 10), source("c", 500)], { proportions: { a: 3, b: 1, c: 0 } });
  assert.deepEqual(
    whole.warnings.map(({ kind }) => kind),
    ["normalised"],
  );
});

test("shrink keeps the proportions and repeats nothing; it leaves a mix that fits alone", () => {
  const sources = [source("a", 100), source("b", 1000)];
  const shrunk = plan(sources, { target_total: 900, proportions: { a: 0.5, b: 0.5 }, shortfall: "shrink" });
  assert.deepEqual(
    shrunk.sources.map(({ wanted, repeatCeil }) => [wanted, repeatCeil]),
    [
      [100, 1],
      [100, 1],
    ],
  );
  assert.equal(shrunk.totals.requested, 900);
  assert.equal(shrunk.warnings[0].kind, "shrunk");
  // 66.75 and 200.25 rows round to 67 and 200: nothing repeats, so nothing shrinks.
  const fits = plan([source("a", 100), source("b", 200)], {
    target_total: 267,
    proportions: { a: 0.25, b: 0.75 },
    shortfall: "shrink",
  });
  assert.deepEqual([fits.totals.wanted, fits.warnings.length], [267, 0]);
});

test("fail stops where a source is too small, and only there", () => {
  const options: Partial<MixOptions> = { proportions: { a: 0.5, b: 0.5 }, shortfall: "fail" };
  const sources = [source("a", 100), source("b", 1000)];
  assert.match(failure(() => plan(sources, { ...options, target_total: 201 })).message, /no row used twice/);
  assert.equal(plan(sources, { ...options, target_total: 200 }).totals.rows, 200);
});

test("without a total the mix is the largest that repeats nothing: every row where no proportions are given", () => {
  const sources = [source("a", 100), source("b", 1000)];
  assert.deepEqual(
    plan(sources).sources.map(({ wanted }) => wanted),
    [100, 1000],
  );
  assert.deepEqual(
    plan(sources, { proportions: { a: 0.5, b: 0.5 } }).sources.map(({ wanted }) => wanted),
    [100, 100],
  );
});

test("temperature evens natural shares out: sizes 100 and 10,000 at T = 2 stand 1 to 10", () => {
  const { sources } = plan([source("a", 100), source("b", 10_000)], { target_total: 1100, temperature: 2 });
  assert.deepEqual(
    sources.map(({ wanted }) => wanted),
    [100, 1000],
  );
  const bentShares = plan([source("a", 1000), source("b", 10_000)], {
    target_total: 100,
    temperature: 2,
    proportions: { a: 0.1, b: 0.9 },
  });
  assert.deepEqual(
    bentShares.sources.map(({ wanted }) => wanted),
    [25, 75],
  );
  assert.equal(bentShares.warnings[0].kind, "temperature");
});

test("weights by loss tokens count loss tokens", () => {
  const sources = [source("a", 1000, 100_000, 10_000), source("b", 1000, 300_000, 30_000)];
  const { sources: planned, totals } = plan(sources, { weigh_by: "loss_tokens", target_total: 30_000, proportions: { a: 0.5, b: 0.5 } });
  assert.deepEqual(
    planned.map(({ wanted, rows, repeatFloor, repeatCeil, expected }) => ({ wanted, rows, repeatFloor, repeatCeil, ...expected })),
    [
      { wanted: 15_000, rows: 1500, repeatFloor: 1, repeatCeil: 2, tokens: 150_000, lossTokens: 15_000 },
      { wanted: 15_000, rows: 500, repeatFloor: 0, repeatCeil: 1, tokens: 150_000, lossTokens: 15_000 },
    ],
  );
  assert.deepEqual([totals.wanted, totals.rows, totals.lossTokens], [30_000, 2000, 30_000]);
});

test("shares that do not sum to 1, and sources without a line, are said", () => {
  const { sources, warnings } = plan([source("a", 100), source("b", 100), source("c", 100)], {
    target_total: 100,
    proportions: { a: 1, b: 3 },
  });
  assert.deepEqual(
    sources.map(({ wanted, proportion }) => [wanted, proportion]),
    [
      [25, 0.25],
      [75, 0.75],
      [0, 0],
    ],
  );
  assert.deepEqual(
    warnings.map(({ kind, source: name }) => [kind, name]),
    [
      ["normalised", ""],
      ["left_out", "c"],
    ],
  );
  assert.match(warnings[0].text, /sum to 4, not 1; used in that relation: a 25%, b 75%/);
});

test("ten shares of 0.1 sum to 1 for the reader: no warning", () => {
  const names = Array.from({ length: 10 }, (_, i) => `s${i}`);
  const { warnings } = plan(
    names.map((name) => source(name, 50)),
    { target_total: 100, proportions: Object.fromEntries(names.map((name) => [name, 0.1])) },
  );
  assert.deepEqual(warnings, []);
});

test("wrong recipes are refused with place and remedy", () => {
  const sources = [source("general", 100), source("safety", 100)];
  const cases: readonly [Partial<MixOptions>, RegExp][] = [
    [{ proportions: { general: 0.5, saftey: 0.5 } }, /mix\.proportions\.saftey[^]*did you mean "safety"/],
    [{ proportions: { general: -1, safety: 2 } }, /mix\.proportions\.general[^]*found: +-1/],
    [{ proportions: { general: NaN } }, /mix\.proportions\.general[^]*found: +NaN/],
    [{ proportions: { general: 0, safety: 0 } }, /only zeros/],
    [{ proportions: {} }, /no shares/],
    [{ target_total: 0 }, /mix\.target_total/],
    [{ target_total: 10.5 }, /mix\.target_total/],
    [{ max_repeats: 0 }, /mix\.max_repeats/],
    [{ max_repeats: 70_000 }, /1\.\.65535/],
    [{ temperature: 0 }, /mix\.temperature/],
  ];
  for (const [options, expected] of cases) {
    const error = failure(() => plan(sources, options));
    assert.equal(error.exitCode, 2);
    assert.match(error.message, expected);
  }
});

test("an empty source with a share stops the run; without a share it is only said", () => {
  const sources = [source("a", 100), source("b", 0)];
  const error = failure(() => plan(sources, { proportions: { a: 0.5, b: 0.5 } }));
  assert.equal(error.exitCode, 3);
  assert.match(error.message, /source b[^]*no row left[^]*mix\.proportions\.b to 0/);
  assert.deepEqual(
    plan(sources).warnings.map(({ kind }) => kind),
    ["empty"],
  );
  assert.equal(failure(() => plan([source("a", 0)])).exitCode, 3);
  const mute = source("b", 10, 500, 0);
  assert.match(
    failure(() => plan([source("a", 100), mute], { weigh_by: "loss_tokens", proportions: { a: 1, b: 1 } })).message,
    /10 rows with no loss tokens/,
  );
});

test("a share too small for one row is said", () => {
  const { warnings } = plan([source("a", 1000), source("b", 10)], { target_total: 100, proportions: { a: 0.999, b: 0.001 } });
  assert.deepEqual(
    warnings.map(({ kind, source: name }) => [kind, name]),
    [["nothing_wanted", "b"]],
  );
});

test("a plan sums to its target, whatever the sources", () => {
  const sources = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 100 })), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sources, fc.integer({ min: 1, max: 20_000 }), fc.constantFrom("upsample", "shrink"), (held, target_total, shortfall) => {
      fc.pre(held.some(([, share]) => share > 0));
      const proportions = Object.fromEntries(held.map(([, share], i) => [`s${i}`, share]));
      const result = plan(
        held.map(([rows], i) => source(`s${i}`, rows)),
        { target_total, proportions, max_repeats: 65_535, shortfall },
      );
      const { wanted, rows, requested } = result.totals;
      assert.equal(rows, wanted);
      assert.ok(wanted <= requested && requested === target_total);
      if (shortfall === "upsample") assert.equal(wanted, target_total);
      for (const { available, wanted: amount, repeatFloor, repeatCeil, rowsAtCeil, rows: uses } of result.sources) {
        assert.equal(uses, amount);
        assert.equal(repeatCeil * rowsAtCeil + repeatFloor * (available.rows - rowsAtCeil), amount);
        if (shortfall === "shrink") assert.ok(repeatCeil <= 1);
      }
    }),
    seeded,
  );
});
