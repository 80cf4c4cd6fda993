// The WebAssembly kernel counts and finds what its TypeScript twins do.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commonWords, countCommonWords, languageBits } from "../../src/filters/common-words.ts";
import { demandWords } from "../../src/filters/demand-words.ts";
import { createFilterKernel } from "../../src/filters/kernel.ts";
import { mayDisclaim } from "../../src/filters/refusal.ts";
import { refusalGrammar } from "../../src/filters/refusal-grammar.ts";
import { beginReading, createReading, nextSentence } from "../../src/filters/refusal-scan.ts";
import { countWords, type WordCounts } from "../../src/filters/repeats-words.ts";
import { characterLoop } from "../../src/filters/character-loops.ts";

const kernel = createFilterKernel();
assert.ok(kernel, "this machine's WebAssembly has SIMD");

/** Longest text that the kernel reads, UTF-16 units. */
const longest = 32_768;
const seed = 11;

const marks = fc.string({
  unit: fc.constantFrom(..."aAzZ09_ \t\n\r.,!?;:'\"`-*#>()[]{}\u2019\u2018\u201c\u201d\u00e9\u00b4\u2026"),
  maxLength: 40,
});
const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map((units) => String.fromCharCode(...units));
const emoji = fc.string({ unit: fc.constantFrom("\u{1f600}", "\ud83d", "\ude00", "\ud835\udc00", "a", "'", " "), maxLength: 20 });
const words = fc
  .array(
    fc.constantFrom(
      ..."the cat can't I'm sorry not as an AI language model i cannot Dr. e.g. 12. 3) Note: json bullet fifteen words approximatelyfifteen".split(
        " ",
      ),
      "na\u00efve",
      "caf\u00e9",
      "\u0434\u043e\u043c",
      "don\u2019t",
      "my training",
      "knowledge cut",
      "extraordinarily-long-words",
      "internationalisation1",
      "```",
      '"yes"',
    ),
    { maxLength: 60 },
  )
  .chain((list) =>
    fc
      .array(fc.constantFrom(" ", " ", " ", "\n", ". ", "\n\n", ": ", "  "), { minLength: list.length, maxLength: list.length })
      .map((gaps) => list.map((word, i) => word + gaps[i]).join("")),
  );
const texts = fc.oneof(
  marks,
  anyUnits,
  emoji,
  words,
  fc.tuple(marks, words, emoji, marks).map((parts) => parts.join("")),
);

function plainCounts({ starts, ends, ids, ...counts }: WordCounts): object {
  const first = new Map<number, number>();
  // Hashes differ; which words are equal must not.
  const same = Array.from(ids.subarray(0, counts.words), (id, i) => first.get(id) ?? (first.set(id, i), i));
  return { ...counts, mayLoop: undefined, starts: [...starts.subarray(0, counts.words)], ends: [...ends.subarray(0, counts.words)], same };
}

/** True where the kernel read the text. */
function assertSameCounts(text: string): boolean {
  const found = kernel?.countWords(text);
  if (found === undefined) return false;
  const { mayLoop } = found;
  assert.deepEqual(plainCounts(found), plainCounts(countWords(text)));
  if (!mayLoop) assert.equal(characterLoop(text), undefined);
  return true;
}

test("any text: words, distinct words, repeated sequences and windows are counted the same", () => {
  let read = 0;
  fc.assert(
    fc.property(texts, (text) => void (read += assertSameCounts(text) ? 1 : 0)),
    { seed, numRuns: 3000 },
  );
  assert.ok(read > 1500, `the kernel read ${read} of 3000`);
});

test("long texts are counted the same up to the limit, and left alone beyond it", () => {
  const varied = (count: number): string =>
    Array.from({ length: count }, (_, i) => `w${(i * 7919) % 997}${i % 7 === 0 ? "\u00e9" : ""}`).join(" ");
  for (const text of [varied(201), varied(650), varied(5000), "ab ".repeat(10_000), "x".repeat(longest), "a ".repeat(longest / 2)])
    assert.ok(assertSameCounts(text), `${text.length} units`);
  assert.ok(!assertSameCounts("x".repeat(longest + 1)));
});

test("scripts without spaces are left to the twin, a stretch without spaces may be a loop", () => {
  assert.ok(!assertSameCounts("words and \u4e2d\u6587"));
  assert.equal(kernel.countWords(`${"a".repeat(19)} ${"b".repeat(19)}`)?.mayLoop, false);
  for (const before of [0, 40, 50, 63]) assert.equal(kernel.countWords(`${". ".repeat(before / 2)}${"a".repeat(20)}`)?.mayLoop, true);
});

test("a sentence is wanted where one of the rules that its words meet may find something there", () => {
  const { wantedFirst, wanted, wantedLater, rulesOf } = refusalGrammar();
  for (let bits = 0; bits < wanted.length; bits += 37) {
    const rules = rulesOf(bits).map(({ rule }) => rule);
    const finding = rules.filter(({ undoes, after }) => undoes === undefined && after === undefined);
    assert.equal(wantedFirst[bits], finding.length > 0 ? 1 : 0);
    assert.equal(wanted[bits], finding.some(({ where }) => where !== "start") ? 1 : 0);
    assert.equal(wantedLater[bits], rules.some(({ where }) => where !== "start") ? 1 : 0);
  }
});

const { triggers, wantedFirst, wanted, wantedLater } = refusalGrammar();
type Found = readonly [start: number, end: number, triggers: number, index: number] | "stopped" | "disclaims" | "silent";

/** All sentences that are wanted, as the refusal filter reads them. */
function sentencesOf(text: string, opening: number, inKernel: boolean): Found[] {
  const reading = createReading();
  const found: Found[] = [];
  let until = Math.min(opening, text.length);
  beginReading(text, reading);
  if (inKernel) assert.ok(kernel?.beginReading(text, reading));
  while (true) {
    const later = found.length > 2;
    const more: boolean | undefined = inKernel
      ? kernel?.nextSentence(later, until, reading)
      : nextSentence(text, triggers, wantedFirst, later ? wantedLater : wanted, reading, until);
    if (more) found.push([reading.start, reading.end, reading.triggers, reading.index]);
    else {
      found.push("stopped", (inKernel ? kernel?.mayDisclaim() : mayDisclaim(text, reading.at)) ? "disclaims" : "silent");
      if (until === text.length) return found;
      until = text.length;
    }
  }
}

test("any text: the same sentences with the same triggers", () => {
  let sentences = 0;
  fc.assert(
    fc.property(texts, fc.nat(80), (text, opening) => {
      const expected = sentencesOf(text, opening, false);
      sentences += expected.filter((found) => Array.isArray(found)).length;
      assert.deepEqual(sentencesOf(text, opening, true), expected);
    }),
    { seed, numRuns: 4000 },
  );
  assert.ok(sentences > 500, `${sentences} sentences were wanted`);
});

test("fences, block quotes, wrapped lines, abbreviations and endless sentences are read the same", () => {
  for (const text of [
    "I can not.\r\nsorry I am\nnot able. ```I can not``` Sorry, I can not. ```",
    "> I am sorry\nI'm sorry, Dr. No. I cannot.",
    "1. I cannot\n- I cannot\nAnna: I cannot\nAnswer: I cannot",
    `\u201cI cannot \u201d he said. 'I cannot', 'twas`,
    `"I am sorry, I cannot. He said so."`,
    "I cannot ".repeat(200),
    `${"word ".repeat(100)}\u00b4\u00e9 I cannot\u2026 sorry`,
  ])
    for (const opening of [0, 20, 400]) assert.deepEqual(sentencesOf(text, opening, true), sentencesOf(text, opening, false), text);
});

test("any instruction: the same kinds of demand words", () => {
  fc.assert(
    fc.property(texts, fc.nat(100), (text, length) => assert.equal(kernel.demandWords(text, length), demandWords(text, length))),
    { seed, numRuns: 3000 },
  );
  for (const text of [
    "approximatelyfifteen",
    "Write 12 bullets",
    "XML or a Table, yes",
    "in Nepali",
    "one afunction in \u201cjson\u201d",
    "",
  ])
    assert.equal(kernel.demandWords(text, 600), demandWords(text, 600), text);
});

const commonTexts = fc
  .array(fc.constantFrom(...commonWords.keys(), "c\u2019est", "maison", "\u4e2d", "\u01c6", "e\u0301t\u00e9", "\u00d7", "12"), {
    maxLength: 60,
  })
  .map((list) => list.join(" "));

test("any text: the same common words of two languages", () => {
  const { english, french, german } = languageBits;
  let read = 0;
  fc.assert(
    fc.property(fc.oneof(texts, commonTexts), (text) => {
      const lower = text.toLowerCase();
      for (const other of [french, german]) {
        const found = kernel.countCommonWords(lower, english, other);
        if (found === undefined) continue;
        read++;
        assert.deepEqual(found, countCommonWords(lower, english, other), lower);
      }
    }),
    { seed, numRuns: 3000 },
  );
  assert.ok(read > 3000, `the kernel read ${read} of 6000`);
  assert.equal(kernel.countCommonWords("\u{1d41a}", english, french), undefined);
  assert.equal(kernel.countCommonWords("a".repeat(longest + 1), english, french), undefined);
});
