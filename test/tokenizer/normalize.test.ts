// Normal forms against the native tokenizers library, character by character: its tables are older than JavaScript's.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Tokenizer as NativeTokenizer } from "tokenizers";
import { normalizeText, originalOffsets, readForms } from "../../src/tokenizer/normalize.ts";
import { Unsupported } from "../../src/tokenizer/unsupported.ts";

/** A tokenizer of the library's that has this normaliser. */
function native(form: string): NativeTokenizer {
  const model = { type: "WordLevel", vocab: { "[UNK]": 0 }, unk_token: "[UNK]" };
  const parts = { truncation: null, padding: null, added_tokens: [], pre_tokenizer: null, post_processor: null, decoder: null };
  return NativeTokenizer.fromString(JSON.stringify({ version: "1.0", ...parts, normalizer: { type: form }, model }));
}

const marks = fc.constantFrom(
  ..."\u0301\u0323\u0307\u0327\u0345\u093c\u094d\u1161\u11ab\u0bbe\u3099\u0897\u07fd\u1acf".split(""),
  "\u{11f41}",
  "\u{16d63}",
  "\u{10d69}",
);
const bases = fc.constantFrom(
  ..."aeoAKs\u00e9\u1112\uac00\u0928\u0b92\u304b\u212b\ufb01\u0958\u1e9b\u0344".split(""),
  "\u{16d67}",
  "\u{105d2}",
  "\u{1d15e}",
  " ",
);
const text = fc
  .array(fc.oneof(bases, marks, fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 10 })
  .map((parts) => parts.join(""));

for (const form of ["NFC", "NFD", "NFKC", "NFKD"] as const) {
  test(`${form} is the native library's for every character, behind a letter or a mark and before a mark`, () => {
    const normalizer = native(form).getNormalizer();
    assert.ok(normalizer !== null);
    for (const context of form === "NFD" ? ["a#\u0301", "\u0301#\u0327"] : ["a#\u0301"]) {
      let differing = "";
      for (let code = 0; code < 0x110000; code++) {
        if (code === 0xd800) code = 0xe000;
        const given = context.replace("#", String.fromCodePoint(code));
        // Both do nothing to text that is far from any table: asked in blocks first.
        if ((code & 0xff) === 0 && code < 0x10ff00) {
          const block = Array.from({ length: 256 }, (_, i) => context.replace("#", codePoint(code + i))).join("");
          if (normalizer.normalizeString(block) === normalizeText(block, [form])) {
            code += 255;
            continue;
          }
        }
        if (normalizer.normalizeString(given) !== normalizeText(given, [form])) differing += ` ${code.toString(16)}`;
      }
      assert.equal(differing, "", `in ${JSON.stringify(context)}`);
    }
  });

  test(`${form} is the native library's for odd texts, and offsets rise from 0 to the text's end`, () => {
    const normalizer = native(form).getNormalizer();
    fc.assert(
      fc.property(text, (given) => {
        const made = normalizeText(given, [form]);
        assert.equal(made, normalizer?.normalizeString(given));
        const offsets = originalOffsets(given, made, [form]);
        assert.equal(offsets.length, made.length + 1);
        assert.equal(offsets[made.length], given.length);
        for (let i = 0; i < made.length; i++) assert.ok(offsets[i] <= offsets[i + 1] && offsets[i] < given.length);
      }),
      { seed: 20261124, numRuns: 500 },
    );
  });
}

function codePoint(code: number): string {
  return code >= 0xd800 && code < 0xe000 ? "" : String.fromCodePoint(code);
}

test("normalisers are read alone and in sequences; others are not ours", () => {
  assert.deepEqual(readForms({ type: "Sequence", normalizers: [{ type: "NFD" }, { type: "NFC" }] }), ["NFD", "NFC"]);
  assert.deepEqual(readForms(null), []);
  assert.throws(() => readForms({ type: "Lowercase" }), Unsupported);
});
