// Classes of characters against the native tokenizers library, for every code point: it has Unicode 16's, whatever this Node has.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Tokenizer as NativeTokenizer } from "tokenizers";
import { classify, Flag } from "../../src/tokenizer/pretokenize-classes.ts";

const classes = {
  letter: { pattern: "\\p{L}", flag: Flag.letter },
  number: { pattern: "\\p{N}", flag: Flag.number },
  space: { pattern: "\\s", flag: Flag.blank | Flag.newline },
  upper: { pattern: "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", flag: Flag.upper },
  lower: { pattern: "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]", flag: Flag.lower },
} as const;

/** Cuts the runs of characters that match out of a text, by the native library. */
function nativeRuns(pattern: string): (text: string) => string[] {
  const model = { type: "WordLevel", vocab: { "[UNK]": 0 }, unk_token: "[UNK]" };
  const parts = { truncation: null, padding: null, added_tokens: [], normalizer: null, post_processor: null, decoder: null };
  const splitter = { type: "Split", pattern: { Regex: `${pattern}+` }, behavior: "Removed", invert: true };
  const tokenizer = NativeTokenizer.fromString(JSON.stringify({ version: "1.0", ...parts, pre_tokenizer: splitter, model }));
  const cutter = tokenizer.getPreTokenizer();
  assert.ok(cutter !== null);
  return (text) => cutter.preTokenizeString(text).map(([piece]) => piece);
}

for (const [name, { pattern, flag }] of Object.entries(classes)) {
  test(`${name}: every code point is of the class that the native library's ${pattern} says`, () => {
    const runs = nativeRuns(pattern);
    const differing: string[] = [];
    for (let block = 0; block < 0x110000; block += 0x800) {
      if (block === 0xd800) continue;
      const text = String.fromCodePoint(...Array.from({ length: 0x800 }, (_, i) => block + i));
      const found = new Uint8Array(0x800);
      for (const run of runs(text)) for (const character of run) found[(character.codePointAt(0) as number) - block] = 1;
      for (let i = 0; i < 0x800; i++) {
        if ((found[i] === 1) !== ((classify(block + i) & flag) !== 0)) differing.push((block + i).toString(16));
      }
    }
    assert.deepEqual(differing, []);
  });
}
