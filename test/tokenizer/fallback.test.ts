// Tokenizers of other kinds than byte-level BPE against the native library: ids, and where in the text each token starts. The small
// tokenizers are made by vectors/tokenizer/make.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Tokenizer as NativeTokenizer } from "tokenizers";
import { createConversationEncoder } from "../../src/tokenizer/conversation.ts";
import { createTokenizer, shareTokenizer } from "../../src/tokenizer/load.ts";
import { describeMask } from "../../src/tokenizer/show.ts";
import { createChatTemplate, isRefusal } from "../../src/tokenizer/template.ts";
import { TokenBuffer, type Tokenizer, type TokenizerFiles } from "../../src/tokenizer/types.ts";
import { root } from "../shared.ts";

const kinds = ["unigram-always", "unigram-first", "word-piece", "llama-legacy", "llama-metaspace"] as const;

function load(name: string): { files: TokenizerFiles; ours: Tokenizer; native: NativeTokenizer } {
  const text = readFileSync(join(root, "test", "vectors", "tokenizer", `${name}.json`), "utf8");
  const config = name === "word-piece" ? { eos_token: "[SEP]" } : { eos_token: "</s>", bos_token: "<s>" };
  const files = { name, tokenizer: JSON.parse(text), config };
  return { files, ours: createTokenizer(files), native: NativeTokenizer.fromString(text) };
}

function idsOf(tokenizer: Tokenizer, text: string): number[] {
  const ids = new TokenBuffer();
  tokenizer.encode(text, ids);
  return [...ids.ids.subarray(0, ids.length)];
}

/** Code points to UTF-16 offsets. */
function units(text: string): number[] {
  const offsets = [0];
  for (const character of text) offsets.push(offsets[offsets.length - 1] + character.length);
  return offsets;
}

/** Which space of several a token begins with is told differently by kind: what counts is the next character that is none. */
function behindSpace(text: string, at: number): number {
  while (at < text.length && /\s/.test(text[at])) at++;
  return at;
}

const word = fc.constantFrom(
  "the",
  " quick",
  "What",
  " is",
  "12345",
  "\n",
  " ",
  "  ",
  "\t",
  ".",
  "...",
  "\u6771\u4eac",
  "\u00e9",
  "e\u0301",
  "\u{1f600}",
  "\uc548",
  "Stra\u00dfe",
  "[INST]",
  "it's",
  "(a, b)",
  "<think>",
  "</think>",
  "q",
  "\u4f60\u597d",
  "K\u00d6LN",
  "\u00b2",
  "x",
  "\ufb01",
);
const words = fc.array(word, { minLength: 1, maxLength: 12 }).map((list) => list.join(""));

for (const name of kinds) {
  test(`${name}: ids and starts equal the native library's`, async () => {
    const { ours, native } = load(name);
    assert.equal(ours.kind, "fallback");
    await fc.assert(
      fc.asyncProperty(words, async (text) => {
        const oracle = await native.encode(text, null, { addSpecialTokens: false });
        const [ids, starts] = [new TokenBuffer(), new TokenBuffer()];
        ours.encodeWithOffsets(text, ids, starts);
        assert.deepEqual([...ids.ids.subarray(0, ids.length)], oracle.getIds());
        assert.equal(starts.length, ids.length);
        const offsets = units(text);
        assert.deepEqual(
          Array.from(starts.ids.subarray(0, starts.length), (start) => behindSpace(text, start)),
          oracle.getOffsets().map(([start]) => behindSpace(text, offsets[start])),
        );
      }),
      { seed: 20261124, numRuns: 400 },
    );
  });
}

for (const name of kinds) {
  test(`${name}: has no tables to share`, () => {
    assert.equal(shareTokenizer(load(name).files), undefined);
  });

  test(`${name}: control tokens in a text are ordinary text`, () => {
    const { ours } = load(name);
    const control = ours.addedTokens.filter(({ special }) => special);
    assert.ok(control.length > 2);
    const unknown = control.find(({ content }) => /unk/i.test(content))?.id;
    for (const { content, id } of control) {
      for (const text of [content, `a ${content} b`, `${content}${content}`, `x${content}`]) {
        // The unknown token is what a vocabulary without "<" has for "<".
        if (id !== unknown) assert.ok(!idsOf(ours, text).includes(id), `${text} gives ${content}`);
      }
      assert.equal(ours.addedToken(content), id);
    }
  });
}

const inst =
  "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]" +
  "{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}";

for (const name of ["llama-legacy", "llama-metaspace"]) {
  test(`${name}: a conversation's ids are the native library's, its mask begins with the answer's first character`, async () => {
    const { files, ours, native } = load(name);
    const template = createChatTemplate({ source: { jinja: inst, name: "inst" }, files });
    const encoder = createConversationEncoder({ tokenizer: ours, files, template, maxLength: 4096 });
    const plain = words.filter((text) => text.trim() !== "");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(plain, plain), { minLength: 1, maxLength: 3 }), async (pairs) => {
        const messages = pairs.flatMap(([user, assistant]) => [
          { role: "user" as const, content: user },
          { role: "assistant" as const, content: assistant },
        ]);
        const found = encoder.encode(messages);
        assert.ok(!isRefusal(found));
        const text = `<s>${pairs.map(([user, assistant]) => `[INST] ${user} [/INST] ${assistant}</s>`).join("")}`;
        const oracle = await native.encode(text, null, { addSpecialTokens: false });
        assert.deepEqual([...found.ids], oracle.getIds());
        const runs = describeMask(found, ours).filter(({ trained }) => trained);
        assert.equal(runs.length, pairs.length);
        for (const [i, [, assistant]] of pairs.entries()) {
          const shown = runs[i].text.replaceAll(/\s+/g, "");
          assert.ok(shown.endsWith(`${assistant.replaceAll(/\s+/g, "")}</s>`), `${runs[i].text} | ${assistant}`);
          // The token before may be shared with "[/INST] ", never more.
          assert.ok(shown.length <= assistant.replaceAll(/\s+/g, "").length + "</s>".length + 7, `${runs[i].text} | ${assistant}`);
        }
      }),
      { seed: 20261124, numRuns: 100 },
    );
  });
}

test("a word of 100,000 letters is encoded, in parts", () => {
  for (const name of kinds) {
    const { ours } = load(name);
    assert.ok(ours.count("q".repeat(100_000)) > 0, name);
  }
});

test("a part that the library lacks is an error that names the file and the part", () => {
  const { files } = load("word-piece");
  const tokenizer = { ...(files.tokenizer as object), normalizer: { type: "Nmt" } };
  assert.throws(() => createTokenizer({ ...files, tokenizer }), /tokenizer word-piece: tokenizer\.json: model[^]*Nmt/);
});
