import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom } from "../../src/core/random.ts";
import {
  addToProfile,
  createProfile,
  mergeProfiles,
  type Profile,
  type ProfiledRow,
  summariseProfile,
} from "../../src/diversity/profile.ts";
import { taskCount, taskNames } from "../../src/diversity/task-names.ts";

function profileOf(rows: readonly ProfiledRow[]): Profile {
  const profile = createProfile();
  for (const row of rows) addToProfile(profile, row);
  return profile;
}

function row(task: number, instructionTokens = 10, responseTokens = 20): ProfiledRow {
  return { task, instructionTokens, responseTokens };
}

/** Nearest rank on a plain sort. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1];
}

const anyRow = fc.record({
  task: fc.nat(taskCount - 1),
  instructionTokens: fc.oneof(fc.nat(40), fc.nat(5000), fc.nat(2 ** 32 - 1)),
  responseTokens: fc.nat(300),
});

test("eleven types in equal parts have log2 11 bits, all of the maximum; one type has none", () => {
  const uniform = summariseProfile(profileOf(taskNames.map((_, task) => row(task))));
  assert.ok(Math.abs(uniform.entropy_bits - Math.log2(11)) < 1e-12);
  assert.ok(Math.abs(uniform.entropy_share - 1) < 1e-12);
  const single = summariseProfile(profileOf([row(3), row(3), row(3)]));
  assert.equal(single.entropy_bits, 0);
  assert.equal(single.entropy_share, 0);
  assert.equal(single.tasks.classification, 3);
});

test("a half and two quarters have 1.5 bits", () => {
  const { entropy_bits, tasks } = summariseProfile(profileOf([row(0), row(0), row(1), row(2)]));
  assert.equal(entropy_bits, 1.5);
  assert.deepEqual(Object.keys(tasks), [...taskNames]);
  assert.equal(tasks["question answering"], 2);
});

test("percentiles are a plain sort's, exactly below 256 tokens and within 0.4 % above; mean and max are exact", () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 300 }), (rows) => {
      const { instruction_tokens, response_tokens } = summariseProfile(profileOf(rows));
      for (const [summary, lengths] of [
        [instruction_tokens, rows.map((r) => r.instructionTokens)],
        [response_tokens, rows.map((r) => r.responseTokens)],
      ] as const) {
        for (const [got, share] of [
          [summary.p5, 0.05],
          [summary.p50, 0.5],
          [summary.p95, 0.95],
        ] as const) {
          const want = percentile(lengths, share);
          assert.ok(want < 256 ? got === want : Math.abs(got - want) <= want / 250, `${got} for ${want}`);
        }
        assert.equal(summary.max, Math.max(...lengths));
        assert.ok(Math.abs(summary.mean - lengths.reduce((a, b) => a + b, 0) / lengths.length) <= 1e-9 * summary.max);
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});

test("merging profiles of parts is the profile of the whole, and leaves the parts as they are", () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 60 }), fc.array(anyRow, { maxLength: 60 }), (a, b) => {
      const parts = [profileOf(a), profileOf(b)];
      const before = summariseProfile(parts[0]);
      assert.deepEqual(summariseProfile(mergeProfiles(parts)), summariseProfile(profileOf([...a, ...b])));
      assert.deepEqual(summariseProfile(parts[0]), before);
    }),
    { seed: 11, numRuns: 100 },
  );
});

test("the histogram holds every row once, in bars that meet and keep the counts of a plain count", () => {
  const random = createRandom(5);
  const lengths = Array.from({ length: 2000 }, () => Math.floor(Math.exp(random.float() * 9)));
  const { histogram } = summariseProfile(profileOf(lengths.map((length) => row(0, length)))).instruction_tokens;
  assert.equal(
    histogram.reduce((sum, { count }) => sum + count, 0),
    lengths.length,
  );
  for (const [i, { from, to, count }] of histogram.entries()) {
    if (i > 0) assert.equal(from, histogram[i - 1].to);
    assert.equal(count, lengths.filter((length) => length >= from && length < to).length, `[${from}, ${to})`);
  }
  assert.deepEqual(
    histogram.slice(0, 6).map(({ from }) => from),
    [1, 2, 3, 4, 6, 8],
  );
});

test("a profile without rows is all zeros, without NaN", () => {
  const { rows, entropy_bits, entropy_share, instruction_tokens } = summariseProfile(mergeProfiles([]));
  assert.deepEqual([rows, entropy_bits, entropy_share], [0, 0, 0]);
  assert.deepEqual(instruction_tokens, { mean: 0, p5: 0, p50: 0, p95: 0, max: 0, histogram: [] });
});

test("a task that is no task type is refused", () => {
  assert.throws(() => addToProfile(createProfile(), row(taskCount)), /a number under 11, got 11/);
});
