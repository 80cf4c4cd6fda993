// The WebAssembly kernel reads and judges instructions as its TypeScript twins do.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTaskKernel } from "../../src/diversity/task-kernel.ts";
import { taskLexicon } from "../../src/diversity/task-lexicon.ts";
import { judgeTask, scores } from "../../src/diversity/task-scores.ts";
import { taskNames } from "../../src/diversity/task-names.ts";
import { type Scan, scanInstruction } from "../../src/diversity/task-scan.ts";

const kernel = createTaskKernel(taskLexicon);
assert.ok(kernel, "this machine's WebAssembly has SIMD");

function plain({ numbers, gaps, colons, sentenceStarts, ...rest }: Scan): object {
  const { count, sentences } = rest;
  return {
    ...rest,
    numbers: [...numbers.subarray(0, count)],
    gaps: [...gaps.subarray(0, count + 1)],
    colons: [...colons.subarray(0, count)],
    sentenceStarts: [...sentenceStarts.subarray(0, sentences)],
  };
}

function assertSame(text: string): void {
  const found = kernel?.scan(text);
  assert.ok(found, "the kernel read the text");
  const read = plain(found);
  assert.deepEqual(read, plain(scanInstruction(text, taskLexicon)), JSON.stringify(text));
  assertSameScores(text);
}

/** The task that both find, for the same reasons. */
function assertSameScores(text: string): number {
  const task = judgeTask(text);
  assert.equal(kernel?.classify(text), task, JSON.stringify(text));
  assert.deepEqual(kernel?.scores, scores, JSON.stringify(text));
  return task;
}

const marks = fc.string({
  unit: fc.constantFrom(..."aAzcC019 \t\n.,!?;:'\"`-+*/#=<>$%&^@_|~(){}[]\\\u00d7\u00f7\u00e9\u201c\u3002\uff1f"),
  maxLength: 50,
});
const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units));
const words = fc
  .array(
    fc.constantFrom(
      ..."translate the following text to French write a story in C++ C# how many 1984 $1999 12 15% of 240 print(x) foo() f(x) \\frac \\n $x$ x = [1] a == b >>> <p> ``` snake_case ; { ) { naïve".split(
        " ",
      ),
      "\n- a",
      "\n(A) b",
      "\nB: c",
      "\n2. d",
      "\nx = 3",
      "...",
    ),
    { maxLength: 80 },
  )
  .map((list) => list.join(" "));
const framed = words.map((text) => `Below is an instruction.\n\n### Instruction:\n${text}`);

test("any instruction: words, gaps, sentences and marks are the same", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        marks,
        anyUnits,
        words,
        framed,
        fc.tuple(marks, words, anyUnits).map((parts) => parts.join("")),
      ),
      assertSame,
    ),
    {
      seed: 7,
      numRuns: 5000,
    },
  );
});

test("of long instructions the same two ends are read, whatever stands at their edges", () => {
  for (let shift = 0; shift < 70; shift++) {
    const text = "Sort these: one-word, two (b) x = 3\n".repeat(40);
    assertSame("a".repeat(shift) + text);
    assertSame(`${"b ".repeat(shift)}${"x".repeat(700)}${text}`);
    assertSame(`${text}${"9".repeat(400 + shift)}`);
  }
  assertSame("a ".repeat(16_384));
  assert.equal(kernel.scan("a".repeat(32_769)), undefined);
  assert.equal(kernel.classify("a".repeat(32_769)), undefined);
});

const pieces = taskLexicon.list.map(({ words: numbers }) => numbers.map((number) => [...taskLexicon.words.keys()][number - 1]).join(" "));
const gaps = [" ", " ", " ", " ", ", ", ": ", ". ", "? ", "\n", "! ", " or ", " to ", " and ", "? 3 "];
const phrases = fc
  .array(fc.tuple(fc.constantFrom(...pieces, "please", "sunflower", "which", "or", "5", "how many"), fc.constantFrom(...gaps)), {
    maxLength: 40,
  })
  .map((parts) => parts.flat().join(""));

test("any instruction made of the lexicon's phrases: the same speaks for each task", () => {
  const found = new Uint32Array(taskNames.length);
  fc.assert(
    fc.property(phrases, (text) => void found[assertSameScores(text)]++),
    { seed: 7, numRuns: 5000 },
  );
  for (const [task, count] of found.entries()) assert.ok(count >= 20, `${taskNames[task]}: ${count}`);
});
