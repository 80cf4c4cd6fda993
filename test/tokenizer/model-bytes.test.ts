// The reader of tokenizer.json's bytes against JSON.parse: the same tables, or none.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { byteCharacter } from "../../src/tokenizer/byte-level.ts";
import { shareTokenizer, shareTokenizerBytes } from "../../src/tokenizer/load.ts";
import { readModelBytes } from "../../src/tokenizer/model-bytes.ts";
import type { TokenizerFiles } from "../../src/tokenizer/types.ts";
import { root, shared } from "../shared.ts";

type Json = Readonly<Record<string, unknown>>;

interface Small {
  readonly vocab: Record<string, number>;
  readonly merges: unknown[];
  readonly added?: readonly { readonly id: number; readonly content: string; readonly special?: boolean }[];
}

/** A tokenizer of the 256 bytes and what a test adds. */
function small({ vocab, merges, added = [] }: Small): Json {
  const bytes = Object.fromEntries(Array.from({ length: 256 }, (_, byte) => [byteCharacter(byte), byte]));
  return {
    version: "1.0",
    added_tokens: added.map((token) => ({ special: true, lstrip: false, ...token })),
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", dropout: null, vocab: { ...bytes, ...vocab }, merges, ignore_merges: true },
  };
}

const plain: Small = {
  vocab: { ab: 256, "\u0120a": 257, '"b': 258, "\\n": 259, "ab\u0120a": 260, "<|end|>": 261, "\u00e9\u00ac": 262 },
  merges: ["a b", "\u0120 a", '" b', "\\ n", ["ab", "\u0120a"], "\u00e9 \u00ac"],
  added: [
    { id: 261, content: "<|end|>" },
    { id: 264, content: "<think> \u6771", special: false },
  ],
};

function ofBytes(text: string): TokenizerFiles | undefined {
  return shareTokenizerBytes("t", Buffer.from(text), {});
}

function ofJson(text: string): TokenizerFiles | undefined {
  return shareTokenizer({ name: "t", tokenizer: JSON.parse(text), config: {} });
}

const folders = {
  gpt2: shared("tokenizers", "gpt2"),
  qwen2_5: shared("tokenizers", "qwen2_5"),
  llama3: join(root, "node_modules", "@lenml", "tokenizer-llama3", "models"),
};
for (const [name, folder] of Object.entries(folders)) {
  test(
    `${name}: tables as from the parsed file, however it is spaced`,
    { skip: existsSync(folder) ? false : `no tokenizer ${name}` },
    () => {
      const text = readFileSync(join(folder, "tokenizer.json"), "utf8");
      const expected = ofJson(text);
      assert.ok(expected?.tables);
      assert.deepEqual(ofBytes(text), expected);
      assert.deepEqual(ofBytes(JSON.stringify(JSON.parse(text))), expected);
    },
  );
}

test("a small file, with merges as texts and as pairs, and texts with escapes", () => {
  const top = small(plain);
  const expected = ofJson(JSON.stringify(top));
  assert.ok(expected?.tables);
  assert.equal(expected.tables.vocabulary.size, 265);
  for (const indent of [0, 1, "\t"]) assert.deepEqual(ofBytes(JSON.stringify(top, null, indent)), expected);
});

test("what createBpeTables has more to look at is left to it", () => {
  const cases: Record<string, Small> = {
    "two tokens with one id": { vocab: { ab: 256, cd: 256 }, merges: ["a b"] },
    "a token that is not in the alphabet": { vocab: { "\u6771": 256 }, merges: [] },
    "a token with a space": { vocab: { "a b": 256 }, merges: [] },
    "an empty token": { vocab: { "": 256 }, merges: [] },
    "a merge of an added token": { vocab: { ab: 256 }, merges: ["a b"], added: [{ id: 256, content: "ab" }] },
    "a merge that makes no token": { vocab: {}, merges: ["a b"] },
    "an id that is no whole number": { vocab: { ab: 256.5 }, merges: [] },
    "a merge of three": { vocab: { ab: 256 }, merges: ["a b a"] },
  };
  for (const [name, model] of Object.entries(cases)) assert.equal(ofBytes(JSON.stringify(small(model))), undefined, name);
  const noByte = small({ vocab: {}, merges: [] }) as { model: { vocab: Record<string, number> } };
  delete noByte.model.vocab["a"];
  assert.equal(ofBytes(JSON.stringify(noByte)), undefined);
  const text = JSON.stringify(small(plain));
  assert.equal(ofBytes(text.replace('"ab":256', '"ab":256,"ab":263')), undefined, "a token that stands twice");
  assert.equal(ofBytes(text.replace('"model":', '"model":{},"model":')), undefined, "two models");
  assert.equal(ofBytes(text.replace('"merges":', '"merges":[],"merges":')), undefined, "two lists of merges");
  assert.equal(ofBytes(text.replace('"model":', '"mod\\u0065l":{},"model":')), undefined, "a key with an escape");
});

test("a damaged file gives the tables of the parsed one, its error, or nothing", () => {
  const text = JSON.stringify(small(plain));
  const random = createRandom(7);
  const pieces = [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "0",
    "1",
    "a",
    "\u00e9",
    "\u0120",
    "\u6771",
    "null",
    "\n",
    '"vocab":{},',
    "\\u0061",
  ];
  const told = (share: (text: string) => unknown, damaged: string): unknown => {
    try {
      return share(damaged);
    } catch (error) {
      return (error as Error).message;
    }
  };
  let taken = 0;
  for (let i = 0; i < 4000; i++) {
    const at = Math.floor(random.float() * text.length);
    const piece = pieces[Math.floor(random.float() * pieces.length)];
    const damaged = `${text.slice(0, at)}${piece}${text.slice(at + Math.floor(random.float() * 3))}`;
    const found = told(ofBytes, damaged);
    if (found === undefined) continue;
    taken++;
    assert.deepEqual(found, told(ofJson, damaged), damaged.slice(Math.max(0, at - 40), at + 40));
  }
  // Where a space or another letter does no harm.
  assert.ok(taken > 100, `${taken} files were taken`);
});

test("a file that ends early is nobody's", () => {
  const bytes = Buffer.from(JSON.stringify(small(plain)));
  for (let end = 0; end < bytes.length; end++) assert.equal(readModelBytes(bytes.subarray(0, end)), undefined);
});
