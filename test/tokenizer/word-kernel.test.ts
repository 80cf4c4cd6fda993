// The kernel that cuts, looks up and merges words: with SIMD as without it, and short words merged as long ones are.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { mergeLong } from "../../src/tokenizer/bpe-long.ts";
import { shareTokenizer } from "../../src/tokenizer/load.ts";
import { MergeTable } from "../../src/tokenizer/merge-table.ts";
import { createPretokenizer } from "../../src/tokenizer/pretokenize.ts";
import { TokenTable } from "../../src/tokenizer/token-table.ts";
import { TokenBuffer } from "../../src/tokenizer/types.ts";
import { noId } from "../../src/tokenizer/vocabulary.ts";
import { longestWord, WordKernel } from "../../src/tokenizer/word-kernel.ts";
import { root } from "../shared.ts";

const file = join(root, "node_modules", "@lenml", "tokenizer-llama3", "models", "tokenizer.json");
const files = { name: "llama3", tokenizer: JSON.parse(readFileSync(file, "utf8")) as object, config: {} };
const { tables } = shareTokenizer(files) ?? {};
assert.ok(tables);
const { pre_tokenizer: cl100k } = files.tokenizer as { readonly pre_tokenizer: object };

const byteLevel = { type: "ByteLevel", use_regex: false };
const gpt2 = { type: "ByteLevel", use_regex: true };
const split = (pattern: string): object => ({ type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false });
const sequence = (...pretokenizers: readonly object[]): object => ({ type: "Sequence", pretokenizers });

function o200k(contractions: string, digits: string): object {
  const [prefix, upper, lower] = ["[^\\r\\n\\p{L}\\p{N}]?", "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"];
  const words = `${prefix}${upper}*${lower}+${contractions}|${prefix}${upper}+${lower}*${contractions}`;
  return sequence(split(`${words}|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`), byteLevel);
}

const patterns: Readonly<Record<string, object>> = {
  gpt2,
  cl100k,
  o200k: o200k("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "{1,3}"),
  tekken: o200k("", ""),
  "gpt2 behind single digits": sequence({ type: "Digits", individual_digits: true }, gpt2),
  "gpt2 behind runs of digits": sequence({ type: "Digits", individual_digits: false }, gpt2),
  "all as one": byteLevel,
};

/** Mostly plain text: what is cut 64 characters at a time, with breaks of all kinds in it. */
const plain = fc.constantFrom(...' the| cat| Sat|on|ABC| camelCase| HTMLParser|, |. |-|--| -|(|) |"|?!|/|_| (x)|;x'.split("|"));
const odd = fc.constantFrom(
  ..." '|'s|n't|'LL|'\u017f|'x|7| 12|12345|\n|\n\n| \n|.\n|\r\n|\t|  |   |/\n|\u00e9|caf\u00e9|\u0301|\u2019s|\u6771\u4eac|\u00a0|\u{1f600}|\u00bd|\0|\x7f|\u0416".split(
    "|",
  ),
);
const run = fc
  .tuple(fc.constantFrom("a", "Z", " ", "!", "1", "\n"), fc.integer({ min: 1, max: 300 }))
  .map(([unit, count]) => unit.repeat(count));
const text = fc
  .array(fc.oneof({ weight: 30, arbitrary: plain }, { weight: 4, arbitrary: odd }, { weight: 1, arbitrary: run }), {
    minLength: 1,
    maxLength: 90,
  })
  .map((parts) => parts.join(""));

/** Ids of a text encoded in one go or in two; words too long for the kernel as their negative length. */
function encoded(kernel: WordKernel, given: string, middle: number): number[] {
  const found: number[] = [];
  const ids = new TokenBuffer();
  const take = (): void => {
    for (let i = 0; i < ids.length; i++) found.push(ids.ids[i]);
    ids.clear();
  };
  const length = kernel.set(given);
  for (const [from, to] of [
    [0, Math.min(middle, length)],
    [Math.min(middle, length), length],
  ]) {
    kernel.encode(from, to, ids, (_, long) => {
      take();
      found.push(-long);
    });
    take();
  }
  return found;
}

for (const [name, json] of Object.entries(patterns)) {
  test(`${name}: with SIMD words are the same as without`, () => {
    const pretokenizer = createPretokenizer(json);
    const simd = new WordKernel(pretokenizer, tables, "simd");
    const scalar = new WordKernel(pretokenizer, tables, "scalar");
    for (const given of fc.sample(text, { seed: 20261128, numRuns: 3000 })) {
      // A part's end is a text's end, wherever it is; half of a character never.
      const middle = Buffer.byteLength(given.slice(0, given.length >> 1).replace(/\p{Surrogate}$/u, ""));
      assert.deepEqual(encoded(simd, given, middle), encoded(scalar, given, middle), JSON.stringify(given));
      assert.deepEqual(encoded(simd, given, 0), encoded(scalar, given, 0), JSON.stringify(given));
    }
  });
}

test("a text of more ids than the kernel holds is encoded in parts", () => {
  const kernel = new WordKernel(createPretokenizer(cl100k), tables);
  // Gothic letters, four bytes each, of which there are no merges to speak of.
  const words = Array.from(
    { length: 4000 },
    (_, i) => ` ${Array.from({ length: 62 }, (_, k) => String.fromCodePoint(0x10330 + ((i * k) % 26))).join("")}`,
  );
  const expected = words.flatMap((word) => encoded(kernel, word, 0));
  assert.ok(expected.length > 700_000, `${expected.length} ids`);
  assert.deepEqual(encoded(kernel, words.join(""), 0), expected);
});

test("words of every length are merged as very long ones are", () => {
  const kernel = new WordKernel(createPretokenizer(byteLevel), tables);
  const merges = new MergeTable(tables.merges);
  const words = new TokenTable(tables.vocabulary, tables.words ?? new Int32Array());
  const letters = fc.array(fc.constantFrom(..."etaoinshrdlu  ETA.,\n\u00e9\u6771\u4eac\u3053\u{1f600}"), {
    minLength: 1,
    maxLength: longestWord,
  });
  const ids = new TokenBuffer();
  let whole = 0;
  for (const given of [...fc.sample(letters, { seed: 20261128, numRuns: 2000 })].map((parts) => parts.join(""))) {
    for (const part of [given, given.slice(0, 4), given.slice(0, 12)]) {
      const length = kernel.set(part);
      if (length > longestWord) continue;
      ids.clear();
      kernel.encodeWord(0, length, ids);
      const id = words.find(kernel.bytes, 0, length);
      const symbols: Int32Array = Int32Array.from(
        kernel.bytes.subarray(0, length),
        (byte: number): number => tables.vocabulary.byteIds[byte],
      );
      const expected: number[] = id !== noId ? [id] : [...symbols.subarray(0, mergeLong(merges, symbols))];
      if (id !== noId) whole++;
      assert.deepEqual([...ids.ids.subarray(0, ids.length)], expected, JSON.stringify(part));
    }
  }
  assert.ok(whole > 50, `${whole} words are tokens as they stand`);
});
