// The WebAssembly reader of rows gives bit for bit what the TypeScript one gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Message } from "../../src/core/row.ts";
import { gramsOf, mayHold } from "../../src/dedup/decontaminate-grams.ts";
import { createEvaluationIndex } from "../../src/dedup/decontaminate-index.ts";
import { type EvaluationItem, heldOut } from "../../src/dedup/decontaminate-texts.ts";
import { createTypeScriptRowReader, type RowReader } from "../../src/dedup/decontaminate-row.ts";
import { createWasmRowReader } from "../../src/dedup/decontaminate-row-wasm.ts";
import { createTypeScriptTextScanner, isNumber } from "../../src/dedup/decontaminate-terms.ts";
import { createWasmTextScanner } from "../../src/dedup/decontaminate-terms-wasm.ts";

const user = (...contents: string[]): Message[] => contents.map((content) => ({ role: "user", content }));

/** Texts that share words and runs of words with one another, and one in another script. */
const vocabulary =
  "weather station measures wind speed children painted fences garden rivers quickly stopped running boxes studies planes naïve straße résumé Ωmega 3 1,200 2.50 getUserName max_value don't l'été 漢字 かな".split(
    " ",
  );
const sentence = (from: number, words: number): string =>
  Array.from({ length: words }, (_, i) => vocabulary[(from * 7 + i * i * 3 + i * from) % vocabulary.length]).join(" ");
/** Short prompts with choices, found by two of their terms. */
const asked = Array.from({ length: 8 }, (_, i): EvaluationItem => {
  const [question, ...choices] = [`which of word${i}?`, `boxes ${i}`, `rivers ${i + 1}`, `planes ${i + 2}`];
  const parts = { passage: i % 4 === 3 ? sentence(i, 12) : "", question, choices };
  const prompt = [parts.passage, question, ...choices].filter((text) => text !== "").join("\n");
  return { id: `asked ${i}`, file: "benchmark", prompt, answer: choices[0], parts };
});
const items: EvaluationItem[] = Array.from({ length: 30 }, (_, i) => ({
  id: `item ${i}`,
  file: i % 2 === 0 ? heldOut : "benchmark",
  prompt: `${sentence(i, 20 + i)} number ${i * 37} of word${i} things`,
  answer: sentence(i + 50, 15 + 2 * i),
}));
items.push(...asked);
/** Longer than WebAssembly reads. */
const longItem: EvaluationItem = { id: "long", file: heldOut, prompt: `${sentence(3, 9000)}\n${sentence(4, 9000)}`, answer: "" };
const minCoverage = 0.5;
const index = createEvaluationIndex(items, { minCoverage });
const plain = createTypeScriptRowReader(index);
const wasm = createWasmRowReader(index);

function answers(reader: RowReader, messages: readonly Message[]): Record<string, unknown> {
  const { words, terms, word, term, id, start, end, starts, termStarts, grams, gram, candidates } = reader.load(messages);
  const texts = [...reader.candidates()].sort((a, b) => a.text - b.text);
  assert.equal(candidates, texts.length);
  const ofTerms = [id, start, end].map((values) => Array.from(values.subarray(0, terms)));
  return {
    word: Array.from(word.subarray(0, words)),
    ofTerms,
    numbers: Array.from(term.subarray(0, terms), (hash) => (isNumber(hash) ? hash : 0)),
    starts: Array.from(starts.subarray(0, messages.length + 1)),
    termStarts: Array.from(termStarts.subarray(0, messages.length)),
    grams: Array.from(gram.subarray(0, grams)),
    texts,
  };
}

function assertSame(messages: readonly Message[]): void {
  assert.ok(wasm, "this machine's WebAssembly has SIMD");
  assert.deepEqual(answers(wasm, messages), answers(plain, messages));
}

const ascii = fc.string({ unit: fc.constantFrom(..."aAbZz09 \n.,'_-(s"), maxLength: 80 });
const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units));
const latin = fc.string({ unit: fc.constantFrom(..."aéßÿ÷Àzµª 9'\u2019\u0301\ufb01\u4e2d\u3042"), maxLength: 60 });
const letters = fc.string({ unit: fc.constantFrom(..."abcdefghinglyes"), minLength: 1, maxLength: 24 });
const words = fc.array(fc.oneof(fc.constantFrom(...vocabulary), letters), { maxLength: 60 }).map((list) => list.join(" "));
const ofItems = fc
  .record({ item: fc.constantFrom(...items), from: fc.nat(120), length: fc.nat(250) })
  .map(({ item, from, length }) => `${item.prompt} ${item.answer}`.slice(from, from + length));

test("any row: words, terms, held 8-grams and candidates are the same", () => {
  const text = fc.oneof(ascii, anyUnits, latin, words, ofItems, fc.string({ unit: "binary", maxLength: 40 }));
  const message = fc.array(text, { maxLength: 3 }).map((parts) => parts.join(" "));
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), (contents) => assertSame(user(...contents))),
    { seed: 7, numRuns: 3000 },
  );
});

test("items themselves are found, whole and in parts", () => {
  let found = 0;
  let held = 0;
  for (const { prompt, answer } of items) {
    const messages = user(prompt, answer);
    assertSame(messages);
    found += plain.candidates().length;
    held += plain.load(messages).grams;
    assertSame(user(prompt.toUpperCase(), answer.slice(20)));
  }
  for (const { parts } of asked) {
    const messages = user([parts?.passage, parts?.question, ...(parts?.choices ?? [])].reverse().join(" - "));
    assertSame(messages);
    assert.ok(plain.candidates().length > 0);
  }
  assert.ok(found >= items.length, `${found} candidates`);
  assert.ok(held > 600, `${held} 8-grams`);
});

test("the index of evaluation texts is the same whoever scans them", () => {
  const scan = createWasmTextScanner();
  assert.ok(scan);
  const other = createEvaluationIndex([...items, longItem], { minCoverage, scan: createTypeScriptTextScanner() });
  const own = createEvaluationIndex([...items, longItem], { minCoverage, scan });
  assert.deepEqual(own.texts, other.texts);
  assert.deepEqual([own.slots, own.weight, own.grams, own.key], [other.slots, other.weight, other.grams, other.key]);
});

test("any text in parts: words and hashes of terms are the same", () => {
  const plainScan = createTypeScriptTextScanner();
  const scan = createWasmTextScanner();
  const part = fc.oneof(ascii, anyUnits, latin, words, ofItems);
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const [one, two] = [plainScan(parts), scan?.(parts)].map((scanned) => {
        assert.ok(scanned);
        const ofTerms = [scanned.term, scanned.at].map((values) => Array.from(values.subarray(0, scanned.terms)));
        return { word: Array.from(scanned.word.subarray(0, scanned.words)), ofTerms, starts: scanned.starts };
      });
      assert.deepEqual(two, one);
    }),
    { seed: 8, numRuns: 2000 },
  );
});

test("rows longer than WebAssembly reads are the same, and those just short of it", () => {
  for (const length of [65_534, 65_535, 65_536, 200_000]) {
    assertSame(user("ab cd. ".repeat(length).slice(0, length)));
    assertSame(user("x".repeat(length - 10), items[3].prompt));
    assertSame(user("a ".repeat(length / 2)));
  }
  assertSame(user("\ufdfa".repeat(5000), items[4].prompt));
  assertSame(user(items[5].prompt));
});

test("the bitmap and the table hold all 8-grams of every text", () => {
  for (const { word } of index.texts) for (const gram of gramsOf(word)) assert.ok(mayHold(index.gramBits, gram) && index.holds(gram));
});

test("an index of nothing finds nothing", () => {
  const nothing = createEvaluationIndex([], { minCoverage });
  for (const reader of [createTypeScriptRowReader(nothing), createWasmRowReader(nothing)]) {
    assert.ok(reader);
    const row = reader.load(user(items[0].prompt));
    assert.ok(row.words > 20);
    assert.equal(row.grams, 0);
    assert.deepEqual(reader.candidates(), []);
  }
});
