// Classes of characters against the native tokenizers library, for every code point: it has Unicode 16's, whatever this Node has.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Tokenizer as NativeTokenizer } from "tokenizers";
import { Flag, flagsAt, skipRun } from "../../src/tokenizer/pretokenize-classes.ts";

const classes = {
  letter: { pattern: "\\p{L}", flag: Flag.letter },
  number: { pattern: "\\p{N}", flag: Flag.number },
  space: { pattern: "\\s", flag: Flag.blank | Flag.newline },
  upper: { pattern: "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", flag: Flag.upper },
  lower: { pattern: "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]", flag: Flag.lower },
} as const;

/** The characters of a text that match a pattern, by the native library: it cuts there. */
function nativeMatches(pattern: string): (text: string) => Set<number> {
  const model = { type: "WordLevel", vocab: { "[UNK]": 0 }, unk_token: "[UNK]" };
  const parts = { truncation: null, padding: null, added_tokens: [], normalizer: null, post_processor: null, decoder: null };
  const splitter = { type: "Split", pattern: { Regex: pattern }, behavior: "Removed", invert: true };
  const tokenizer = NativeTokenizer.fromString(JSON.stringify({ version: "1.0", ...parts, pre_tokenizer: splitter, model }));
  const cutter = tokenizer.getPreTokenizer();
  assert.ok(cutter !== null);
  return (text) => new Set(cutter.preTokenizeString(text).map(([piece]) => piece.codePointAt(0) as number));
}

const encoder = new TextEncoder();

for (const [name, { pattern, flag }] of Object.entries(classes)) {
  test(`${name}: every code point is of the class that the native library's ${pattern} says`, () => {
    const matches = nativeMatches(pattern);
    const differing: string[] = [];
    for (let block = 0; block < 0x110000; block += 0x1000) {
      const codes = Array.from({ length: 0x1000 }, (_, i) => block + i).filter((code) => code < 0xd800 || code > 0xdfff);
      const found = matches(codes.map((code) => String.fromCodePoint(code)).join(""));
      for (const code of codes) {
        const flags = flagsAt(encoder.encode(String.fromCodePoint(code)), 0);
        if (found.has(code) !== ((flags & flag) !== 0)) differing.push(code.toString(16));
      }
    }
    assert.deepEqual(differing, []);
  });
}

test("a run ends before the first character of another class or at the end given", () => {
  const bytes = encoder.encode("ab\u00e9\u6771\u{1d538}1 ");
  assert.equal(skipRun(bytes, 0, bytes.length, Flag.letter), bytes.length - 2);
  assert.equal(skipRun(bytes, 0, 2, Flag.letter), 2);
  assert.equal(skipRun(bytes, bytes.length - 1, bytes.length, Flag.letter), bytes.length - 1);
});
