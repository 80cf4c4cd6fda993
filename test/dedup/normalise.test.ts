// The normal form and the words of a text, against the plain second writing of them in plain.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { foldText } from "../../src/dedup/normalise.ts";
import { createSketcher } from "../../src/dedup/sketch.ts";
import { shingles } from "../../src/dedup/shingles.ts";
import { plainKey, plainNormal, plainShingles, plainWords } from "./plain.ts";

const seeded = { seed: 20240611, numRuns: 500 };

/** Any units, lone surrogates too, with what the normal form is about in plenty. */
const anyText = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          ..."aA5 \t\n.,!?;:'\"`-+*/#=<>$%_|~\u00b4\u2019\u201c\u2026\u00a0\u200b\ufe0f\u00e9e\u0301\u03a3\u0130\ufb03\uff01\u4e2d\u3042\u0e01\u3002",
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom("\u{1f600}", "\u{1f1eb}\u{1f1f7}", "\u2764\ufe0f", "\u{1d400}", "\u{20000}", "C#", "5!", "!=", "don't"),
      },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

function folded(text: string): string {
  const { units, length } = foldText(text);
  return String.fromCharCode(...units.subarray(0, length));
}

test("a text's normal form is what the plain writing says", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(folded(text), plainNormal(text));
    }),
    seeded,
  );
});

test("every unit of the first plane folds as NFKC and lower case say, between letters and after a mark", () => {
  for (let code = 0; code < 0x10000; code++) {
    const text = `A${String.fromCharCode(code)}b`;
    if (folded(text) !== plainNormal(text)) assert.fail(`U+${code.toString(16)}: ${folded(text)} instead of ${plainNormal(text)}`);
  }
});

test("every pair of surrogates folds as NFKC and lower case say", () => {
  for (let code = 0x10000; code < 0x20000; code++) {
    const text = String.fromCodePoint(code);
    if (folded(text) !== plainNormal(text)) assert.fail(`U+${code.toString(16)}: ${folded(text)} instead of ${plainNormal(text)}`);
  }
});

test("a text has as many different word n-grams as the plain writing finds", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const words = plainWords(text);
      assert.equal(shingles(text).short.length, plainShingles(words, 2).size, JSON.stringify(words));
    }),
    seeded,
  );
});

test("two texts have the same words exactly where the plain writing says so", () => {
  fc.assert(
    fc.property(anyText, anyText, fc.boolean(), (a, b, related) => {
      const other = related ? a.replace(/[.,!-]/g, " ").toUpperCase() : b;
      const same = plainWords(a).join(" ") === plainWords(other).join(" ");
      const options = { shortWords: 1024, longWords: 1024, shortBelow: 1024 };
      assert.deepEqual(shingles(a, options).short.join() === shingles(other, options).short.join(), same);
    }),
    seeded,
  );
});

const sketcher = createSketcher({ threshold: 0.9 });

function exactKey(text: string): string {
  const key = new Uint32Array(4);
  sketcher.exactKey(text, key);
  return key.join();
}

test("texts that differ in case, white space, quotes, width or closing punctuation are exact duplicates", () => {
  const same: readonly (readonly string[])[] = [
    [
      "What is the capital of France?",
      "what is the capital of france",
      "  What  is the\tcapital\r\nof France ?! ",
      "WHAT IS THE CAPITAL OF FRANCE...",
    ],
    ["Don't say \u201cyes\u201d.", 'Don\u2019t say "yes"', "don`t say \u00abyes\u00bb", "Don\u00b4t say \u201eyes\u201f"],
    ["a well-known fact", "a well\u2010known fact", "A well\u2011known fact.", "a well\u2013known fact"],
    ["\uff21\uff22\uff23 \uff11\uff12", "ABC 12", "abc\u00a012"],
    ["caf\u00e9", "cafe\u0301", "CAF\u00c9!"],
    ["\u4f60\u597d\u3002", "\u4f60\u597d"],
    ["zero\u200bwidth", "zerowidth", "\ufeffzerowidth", "zero\u00adwidth"],
    ["I love it \u2764\ufe0f", "I love it \u2764"],
  ];
  for (const texts of same) for (const text of texts) assert.equal(exactKey(text), exactKey(texts[0]), text);
  const keys = same.map(([text]) => exactKey(text));
  assert.equal(new Set(keys).size, same.length);
});

test("texts that ask for something else are no exact duplicates, and no near-duplicates of similarity 1", () => {
  const different: readonly (readonly [string, string])[] = [
    ["What is 2+2", "What is 2-2"],
    ["What is 2 + 2?", "What is 2 * 2?"],
    ["What is 6*2?", "What is 6/2?"],
    ["Write a loop in C", "Write a loop in C#"],
    ["Write a loop in C", "Write a loop in C++"],
    ["Solve x < 3", "Solve x > 3"],
    ["Solve x < 3", "Solve x <= 3"],
    ["Is x != 3 true", "Is x = 3 true"],
    ["Compute 5!", "Compute 5"],
    ["Is it 5%", "Is it 5"],
    ["Pay $5", "Pay 5"],
    ["Is -5 odd", "Is 5 odd"],
    ["What does \u{1f44d} mean?", "What does \u{1f44e} mean?"],
    ["Which flag is \u{1f1eb}\u{1f1f7}?", "Which flag is \u{1f1e9}\u{1f1ea}?"],
    ["\u4ed6\u662f\u8c01", "\u5979\u662f\u8c01"],
  ];
  const options = { shortWords: 1, longWords: 1, shortBelow: 1024 };
  for (const [a, b] of different) {
    assert.notEqual(exactKey(a), exactKey(b), `${a} / ${b}`);
    assert.notDeepEqual(shingles(a, options).short, shingles(b, options).short, `${a} / ${b}`);
  }
});

test("exact keys are equal exactly where normal forms without closing punctuation are", () => {
  const enders = fc.stringMatching(/^[ .?!,;:\u3002]{0,3}$/);
  fc.assert(
    fc.property(anyText, anyText, enders, fc.boolean(), (a, b, end, related) => {
      const other = related ? a.toUpperCase() + end : b;
      const expected = plainKey(a) === plainKey(other);
      assert.equal(exactKey(a) === exactKey(other), expected, `${JSON.stringify(a)} / ${JSON.stringify(other)}`);
    }),
    seeded,
  );
});

test("a text of nothing has no key and no band", () => {
  const keys = new Uint32Array(sketcher.slots).fill(7);
  for (const text of ["", " \n\t", "\u200b\ufeff"]) {
    assert.equal(exactKey(text), "0,0,0,0");
    sketcher.sketch(text, keys);
    assert.ok(keys.every((key) => key === 0));
  }
  assert.notEqual(exactKey("?!"), "0,0,0,0");
});
