// Our byte-level BPE against the native tokenizers library: same ids on real rows and on seeded odd strings, for real vocabularies and
// for other pre-tokenisers on top of one. In the native library's copy the control tokens
// have other names: ours never finds them in a text.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Tokenizer as NativeTokenizer } from "tokenizers";
import { ordinaryTokens } from "../../src/tokenizer/added-tokens.ts";
import { findMiddle, hasWordBreaks } from "../../src/tokenizer/breaks.ts";
import { createTokenizer, shareTokenizer } from "../../src/tokenizer/load.ts";
import { readAddedTokens } from "../../src/tokenizer/tokenizer-json.ts";
import { TokenBuffer, type Tokenizer, type TokenizerFiles } from "../../src/tokenizer/types.ts";
import { missing, root, shared } from "../shared.ts";

const llama3 = join(root, "node_modules", "@lenml", "tokenizer-llama3", "models");

type Json = Readonly<Record<string, unknown>>;

interface Kind {
  readonly name: string;
  readonly folder: string;
  /** What is changed of the folder's tokenizer.json. */
  readonly change?: (top: Json) => Json;
}

const digits = { type: "Digits", individual_digits: true };
const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
const added = (id: number, content: string): Json => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: true,
  special: false,
});
const split = (pattern: string, behavior = "Isolated"): Json => ({ type: "Split", pattern: { Regex: pattern }, behavior, invert: false });

const gpt2 = shared("tokenizers", "gpt2");
const kinds: readonly Kind[] = [
  { name: "gpt2", folder: gpt2 },
  { name: "qwen2_5", folder: shared("tokenizers", "qwen2_5") },
  { name: "llama3", folder: llama3 },
  // SmolLM and StarCoder: every digit apart.
  { name: "gpt2 with digits", folder: gpt2, change: (top) => ({ ...top, pre_tokenizer: sequence(digits, byteLevel) }) },
  {
    name: "gpt2 with a space in front",
    folder: gpt2,
    change: (top) => ({ ...top, pre_tokenizer: { ...byteLevel, add_prefix_space: true } }),
  },
  // GPT-NeoX, Phi, OLMo: runs of spaces as added tokens, NFC.
  {
    name: "gpt2 with tokens of spaces",
    folder: gpt2,
    change: (top) => ({
      ...top,
      normalizer: { type: "NFC" },
      added_tokens: [added(50257, "  "), added(50258, "    "), added(50259, "\t\t"), added(50260, "<tool_call>")],
    }),
  },
  // gpt-4o and Tekken: their patterns, on another vocabulary.
  {
    name: "gpt2 with o200k's pattern",
    folder: gpt2,
    change: (top) => ({
      ...top,
      pre_tokenizer: sequence(split(o200k("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "{1,3}")), { ...byteLevel, use_regex: false }),
    }),
  },
  {
    name: "gpt2 with Tekken's pattern",
    folder: gpt2,
    change: (top) => ({ ...top, pre_tokenizer: sequence(split(o200k("", "")), { ...byteLevel, use_regex: false }) }),
  },
  // DeepSeek: several patterns, none with a scanner.
  {
    name: "gpt2 with three patterns",
    folder: gpt2,
    change: (top) => ({
      ...top,
      pre_tokenizer: sequence(
        split("\\p{N}{1,3}"),
        split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
        split(
          "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        ),
        { ...byteLevel, use_regex: false },
      ),
    }),
  },
];

function o200k(contractions: string, digits: string): string {
  const [prefix, upper, lower] = ["[^\\r\\n\\p{L}\\p{N}]?", "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"];
  const words = `${prefix}${upper}*${lower}+${contractions}|${prefix}${upper}+${lower}*${contractions}`;
  return `${words}|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
}

function sequence(...pretokenizers: readonly Json[]): Json {
  return { type: "Sequence", pretokenizers };
}

interface Loaded {
  readonly files: TokenizerFiles;
  readonly ours: Tokenizer;
  readonly native: NativeTokenizer;
}

const loaded = new Map<string, Loaded>();

function load({ name, folder, change }: Kind): Loaded {
  let found = loaded.get(name);
  if (found === undefined) {
    const read = (file: string): Json => JSON.parse(readFileSync(join(folder, file), "utf8")) as Json;
    const json = read("tokenizer.json");
    const tokenizer = change === undefined ? json : change(json);
    const config = existsSync(join(folder, "tokenizer_config.json")) ? read("tokenizer_config.json") : {};
    const files = { name, tokenizer, config };
    const ordinary = ordinaryTokens(readAddedTokens(files, tokenizer), config);
    // Control tokens stay, under names that no text has: the library numbers added tokens by their place in the list.
    const renamed = (tokenizer["added_tokens"] as { content: string }[]).map((token, i) =>
      ordinary.has(token.content) ? token : { ...token, content: `\u{10fffd}${i}\u{10fffd}` },
    );
    const oracle = JSON.stringify({ ...tokenizer, added_tokens: renamed, post_processor: null });
    found = { files, ours: createTokenizer(files), native: NativeTokenizer.fromString(oracle) };
    loaded.set(name, found);
  }
  return found;
}

const buffers = { ids: new TokenBuffer(), starts: new TokenBuffer() };

function idsOf(ours: Tokenizer, text: string): number[] {
  const { ids } = buffers;
  ids.clear();
  ours.encode(text, ids);
  return [...ids.ids.subarray(0, ids.length)];
}

async function nativeIds(native: NativeTokenizer, texts: readonly string[]): Promise<number[][]> {
  // The package cuts a string at half a character; as UTF-8 that is U+FFFD.
  const whole = texts.map((text) => text.replaceAll(/\p{Surrogate}/gu, "\ufffd"));
  return (await native.encodeBatch(whole, { addSpecialTokens: false })).map((encoding) => encoding.getIds());
}

const texts = {
  word: fc.constantFrom(
    "the",
    "The",
    "THE",
    " and",
    "don't",
    "WE'LL",
    "it\u2019s",
    "'S",
    "'\u017f",
    "x1",
    "12345",
    "\u00bd",
    "\u0664\u0665",
    "\u2167",
    "\n",
    "\n\n",
    "\r\n",
    " \n ",
    "\t",
    " ",
    "  ",
    "    ",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\x85",
    "\x1c",
    "\ufeff",
    "\0",
    "\x07",
    ".",
    "...",
    " ?",
    "//",
    "/a/",
    "{}",
    "_",
    "$",
    "\u20ac",
    "\u201cq\u201d",
    "\u6771\u4eac",
    "\u3053\u3093",
    "\ud55c\uad6d",
    "\u1112\u1161\u11ab",
    "\u00e9",
    "e\u0301",
    "\u0301",
    "a\u0323\u0307",
    "\u1e9b\u0323",
    "\u212b",
    "\ufb01",
    "\u0958",
    "\u{1f600}",
    "\u{1f469}\u200d\u{1f467}",
    "\u{1f1eb}\u{1f1f7}",
    "\u0928\u092e\u0938\u094d\u0924\u0947",
    "\u0645\u0631\u062d\u0628\u0627",
    "\u0e2a\u0e27\u0e31\u0e2a",
    "\u01c5",
    "\u02b0",
    "\u{1d538}",
    "\ud800",
    "\udc00x",
    "<tool_call>",
    "</tool_call>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<think>",
  ),
  any: fc.string({ unit: "binary", maxLength: 12 }),
  grapheme: fc.string({ unit: "grapheme", maxLength: 12 }),
};
const odd = fc
  .array(fc.oneof({ weight: 6, arbitrary: texts.word }, texts.any, texts.grapheme), { maxLength: 12 })
  .map((parts) => parts.join(""));

for (const kind of kinds) {
  const skip = existsSync(kind.folder) ? false : `no tokenizer ${kind.name} beside the project`;
  test(`${kind.name}: ids of odd strings equal the native library's`, { skip }, async () => {
    const { ours, native } = load(kind);
    assert.equal(ours.kind, "bpe");
    const samples = fc.sample(odd, { seed: 20261124, numRuns: kind.change === undefined ? 1200 : 400 });
    const expected = await nativeIds(native, samples);
    for (const [i, text] of samples.entries()) {
      const ids = idsOf(ours, text);
      assert.deepEqual(ids, expected[i], JSON.stringify(text));
      assert.equal(ours.count(text), ids.length);
    }
  });
}

/** Strings in a line of JSON, however deep. */
function stringsIn(value: unknown, found: string[]): void {
  if (typeof value === "string") found.push(value);
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) stringsIn(inner, found);
}

function realTexts(perFile: number): string[] {
  const found: string[] = [];
  for (const file of [
    "code/octopack/oasstcommitpackft.jsonl",
    "domain/pixiu/FinQA/valid.jsonl",
    "eval/gsm8k/test.jsonl",
    "eval/mbpp/mbpp.jsonl",
    "eval/contamination/humaneval_js.jsonl",
    "eval/chat/WizardLM_testset.jsonl",
    "eval/contamination/rephrase_gsm8k.jsonl",
  ]) {
    if (!existsSync(shared("data", file))) continue;
    for (const line of readFileSync(shared("data", file), "utf8").split("\n").slice(0, perFile))
      if (line !== "") stringsIn(JSON.parse(line), found);
  }
  return found;
}

for (const kind of kinds.slice(0, 3)) {
  const skip = existsSync(kind.folder) ? missing("data") : `no tokenizer ${kind.name} beside the project`;
  test(`${kind.name}: ids of real rows equal the native library's`, { skip }, async () => {
    const { ours, native } = load(kind);
    const rows = realTexts(90);
    assert.ok(rows.length > 1000, `${rows.length} texts`);
    const expected = await nativeIds(native, rows);
    for (const [i, text] of rows.entries()) {
      assert.deepEqual(idsOf(ours, text), expected[i], text);
      assert.equal(ours.decode(idsOf(ours, text)), kind.name === "qwen2_5" ? text.normalize("NFC") : text);
    }
  });
}

const spaced = fc.constantFrom(
  " and",
  " it's",
  " \u0441\u043b\u043e\u0432\u043e",
  " \ud55c\uad6d",
  " 12",
  " x\u0301y",
  " A",
  "\n\nNew",
  ", so",
);
const long = fc.array(fc.oneof(texts.word, spaced, texts.any), { minLength: 12, maxLength: 60 }).map((parts) => parts.join(""));

for (const kind of kinds) {
  const skip = existsSync(kind.folder) ? false : `no tokenizer ${kind.name} beside the project`;
  test(`${kind.name}: a text's parts between its breaks encode as the whole does`, { skip }, () => {
    const { files, ours } = load(kind);
    const expected = kind.name !== "gpt2 with three patterns" && kind.name !== "gpt2 with a space in front";
    assert.equal(hasWordBreaks(files), expected);
    // Tokens of spaces may reach over a break: the caller looks for them.
    if (!expected || kind.name === "gpt2 with tokens of spaces") return;
    let found = 0;
    for (const text of fc.sample(long, { seed: 20261124, numRuns: 1000 })) {
      const middle = findMiddle(text);
      if (middle === undefined) continue;
      found++;
      const parts = [text.slice(0, middle.start), text.slice(middle.start, middle.end), text.slice(middle.end)];
      assert.deepEqual(
        parts.flatMap((part) => idsOf(ours, part)),
        idsOf(ours, text),
        JSON.stringify(text),
      );
    }
    assert.ok(found > 300, `${found} texts with a middle`);
  });
}

/** Milliseconds that encoding this text takes, the better of two. */
function timeOf(ours: Tokenizer, text: string): number {
  let best = Infinity;
  for (let round = 0; round < 2; round++) {
    const start = performance.now();
    idsOf(ours, text);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

// One of each way: scanners with and without ignore_merges and normaliser, and regular expressions.
for (const kind of kinds.filter(({ name, change }) => change === undefined || name.includes("patterns"))) {
  const skip = existsSync(kind.folder) ? false : `no tokenizer ${kind.name} beside the project`;
  test(`${kind.name}: unbroken runs of 100,000 take near-linear time`, { skip }, () => {
    const { ours } = load(kind);
    for (const [what, unit] of Object.entries({
      letters: "abcdefghij",
      spaces: " ",
      newlines: "\n",
      digits: "7",
      marks: "\u0301",
      signs: "-=",
      han: "\u6771",
    })) {
      const long = unit.repeat(100_000 / unit.length);
      const [part, whole] = [timeOf(ours, long.slice(0, 12_500)), timeOf(ours, long)];
      // Eight times the text: n log n is near 10, n squared 64.
      assert.ok(whole < Math.max(20, part) * 24, `${what}: ${part.toFixed(1)} ms for 12,500, ${whole.toFixed(1)} ms for 100,000`);
    }
  });
}

for (const kind of kinds) {
  const skip = existsSync(kind.folder) ? false : `no tokenizer ${kind.name} beside the project`;
  test(`${kind.name}: control tokens in a text are ordinary text, ordinary added tokens are found`, { skip }, () => {
    const { ours } = load(kind);
    for (const { id, content, special } of ours.addedTokens) {
      if (!special) continue;
      for (const text of [content, `a${content}`, `${content}\n`, `<|x|>${content}${content}`])
        assert.ok(!idsOf(ours, text).includes(id), text);
      assert.equal(ours.decode(idsOf(ours, `a${content}`)).trimStart(), `a${content}`);
    }
    const call = ours.addedToken("<tool_call>");
    if (call !== undefined) assert.ok(idsOf(ours, "see <tool_call>").includes(call));
  });
}

for (const kind of kinds) {
  const skip = existsSync(kind.folder) ? false : `no tokenizer ${kind.name} beside the project`;
  test(`${kind.name}: with another thread's tables ids are the same, and nothing else of the vocabulary is needed`, { skip }, () => {
    const { files, ours } = load(kind);
    const shared = shareTokenizer(files);
    assert.ok(shared?.tables);
    assert.ok(JSON.stringify(shared.tokenizer).length < 100_000);
    const other = createTokenizer(structuredClone(shared));
    for (const text of fc.sample(odd, { seed: 5, numRuns: 200 })) {
      assert.deepEqual(idsOf(other, text), idsOf(ours, text), JSON.stringify(text));
      assert.equal(other.decode(idsOf(other, text)), ours.decode(idsOf(ours, text)));
    }
    assert.equal(other.vocabSize, ours.vocabSize);
  });
}

test("merges of tokens that share an id or are not written in the byte-level alphabet", { skip: missing("tokenizers", "gpt2") }, () => {
  const { files } = load(kinds[0]);
  const top = files.tokenizer as Json;
  const model = top["model"] as { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly string[] };
  const withVocab = (vocab: Readonly<Record<string, number>>, merge: string): Tokenizer =>
    createTokenizer({ ...files, tokenizer: { ...top, model: { ...model, vocab: { ...model.vocab, ...vocab }, merges: [merge] } } });
  // "q" and "zq" have one id; no text is spelt with a Han character, but a merge of it is none the less valid.
  const twice = withVocab({ zq: model.vocab["q"] }, "z q");
  assert.deepEqual(idsOf(twice, "zq"), [model.vocab["q"]]);
  assert.equal(twice.vocabSize, createTokenizer(files).vocabSize);
  assert.deepEqual(idsOf(withVocab({ "\u6771": 60_000, "\u6771q": 60_001 }, "\u6771 q"), "q"), [model.vocab["q"]]);
  assert.throws(() => withVocab({}, "z q"), /model\.merges\[0\]/);
  assert.throws(() => withVocab({}, "constructor q"), /model\.merges\[0\]/);
});

test("what a text gives does not depend on the texts before it", { skip: existsSync(llama3) ? false : "no tokenizer llama3" }, () => {
  const kind = kinds[2];
  const { ours } = load(kind);
  const samples = fc.sample(odd, { seed: 1, numRuns: 300 });
  const first = samples.map((text) => idsOf(ours, text));
  const isAsFirst = (): void =>
    assert.deepEqual(
      samples.map((text) => idsOf(ours, text)),
      first,
    );
  // More different words than the word table holds in both of its generations.
  for (let i = 0; i < 200_000; i += 10) idsOf(ours, Array.from({ length: 10 }, (_, k) => `w${(i + k).toString(36)}x`).join(" "));
  isAsFirst();
  // More bytes of long words, and more ids of words that have many.
  for (let i = 0; i < 20_000; i++) idsOf(ours, ` ${(i * 7919).toString(36)}${"qxzj".repeat(40)}`.slice(0, 20 + (i % 240)));
  isAsFirst();
  // A text whose memory is let go afterwards.
  const [one, two] = ["caf\u00e9", "caf\u00e9 caf\u00e9"].map((text) => idsOf(ours, text).length);
  assert.equal(idsOf(ours, "caf\u00e9 ".repeat(1 << 20)).length, one + (two - one) * ((1 << 20) - 1) + 1);
  isAsFirst();
});

test("offsets are those of the characters that a token holds bytes of", { skip: missing("tokenizers", "qwen2_5") }, async () => {
  const { ours, native } = load(kinds[1]);
  await fc.assert(
    fc.asyncProperty(odd, async (given) => {
      const text = given.replaceAll(/\p{Surrogate}/gu, "\ufffd");
      const { ids, starts } = buffers;
      ids.clear();
      starts.clear();
      ours.encodeWithOffsets(text, ids, starts);
      const oracle = await native.encode(text, null, { addSpecialTokens: false });
      const units = [0];
      for (const character of text) units.push(units[units.length - 1] + character.length);
      assert.deepEqual(
        [...starts.ids.subarray(0, starts.length)],
        oracle.getOffsets().map(([start]) => units[start]),
      );
    }),
    { seed: 20261124, numRuns: 500 },
  );
});
