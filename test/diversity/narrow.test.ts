import assert from "node:assert/strict";
import { test } from "node:test";
import { narrowWarnings } from "../../src/diversity/narrow.ts";
import { addToProfile, createProfile, type ProfileSummary, summariseProfile } from "../../src/diversity/profile.ts";
import { taskCount } from "../../src/diversity/task-names.ts";

function summary(rows: number, of: (row: number) => { task: number; instruction?: number; response?: number }): ProfileSummary {
  const profile = createProfile();
  for (let i = 0; i < rows; i++) {
    const { task, instruction = 5 + (i % 90), response = 10 + (i % 300) } = of(i);
    addToProfile(profile, { task, instructionTokens: instruction, responseTokens: response });
  }
  return summariseProfile(profile);
}

test("many kinds of task and lengths of all kinds give no warning", () => {
  assert.deepEqual(narrowWarnings(summary(1000, (i) => ({ task: i % taskCount }))), []);
});

test("a set of one task is warned about with its share and its entropy", () => {
  const warnings = narrowWarnings(summary(1000, (i) => ({ task: i % 20 === 0 ? 1 : 5 })));
  assert.equal(warnings.length, 2);
  assert.match(warnings[0], /^95 % of 1000 rows are of one task type, mathematics/);
  assert.match(warnings[1], /^task types are narrow: 0\.29 bits of entropy, 8 % of the maximum/);
});

test("two tasks in equal parts are narrow by entropy, not by the largest", () => {
  const warnings = narrowWarnings(summary(1000, (i) => ({ task: i % 2 })));
  assert.deepEqual(
    warnings.map((text) => text.slice(0, 22)),
    ["task types are narrow:"],
  );
});

test("lengths all alike are warned about with the lengths, each side by itself", () => {
  const warnings = narrowWarnings(summary(1000, (i) => ({ task: i % taskCount, response: 40 + (i % 5) })));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /^responses are all of one length: the middle 90 % of rows have 40 to 44 tokens/);
  assert.match(narrowWarnings(summary(1000, (i) => ({ task: i % taskCount, instruction: 0 })))[0], /^instructions are empty/);
});

test("too few rows to tell give no warning, nor do none", () => {
  assert.deepEqual(narrowWarnings(summary(99, () => ({ task: 1, response: 7 }))), []);
  assert.deepEqual(narrowWarnings(summary(0, () => ({ task: 1 }))), []);
});
