// The WebAssembly kernel reads instructions as its TypeScript twin does.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTaskScanner } from "../../src/diversity/task-kernel.ts";
import { createTaskLexicon } from "../../src/diversity/task-lexicon.ts";
import { type Scan, scanInstruction } from "../../src/diversity/task-scan.ts";

const lexicon = createTaskLexicon();
const scanner = createTaskScanner(lexicon);
assert.ok(scanner, "this machine's WebAssembly has SIMD");

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
  const found = scanner?.(text);
  assert.ok(found, "the kernel read the text");
  const read = plain(found);
  assert.deepEqual(read, plain(scanInstruction(text, lexicon)), JSON.stringify(text));
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
  assert.equal(scanner("a".repeat(32_769)), undefined);
});
