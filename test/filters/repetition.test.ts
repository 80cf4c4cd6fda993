import assert from "node:assert/strict";
import { test } from "node:test";
import { repetition } from "../../src/filters/repetition.ts";
import { createRandom } from "../../src/core/random.ts";
import { missing } from "../shared.ts";
import { ask, first, judgeOf, row, shareFound, sharedRows } from "../cases/filter-rows.ts";

const judge = judgeOf(repetition);
const answer = (text: string) => judge(ask("q", text));

/** Prose of distinct-looking words by a seeded choice with a long tail, as natural text has. */
function prose(words: number, seed = 7): string {
  const random = createRandom(seed);
  return Array.from({ length: words }, () => `w${Math.floor(3 / (random.float() + 0.0005))}`).join(" ");
}

test("loops of words, sentences and paragraphs", () => {
  assert.ok(answer("very ".repeat(40)));
  assert.ok(answer("I like apples. ".repeat(20)));
  assert.equal(
    answer(`Here is what I know about the matter so far.\n${"The cat sat on the mat and looked at the dog.\n".repeat(12)}`),
    "looping_words",
  );
  const paragraph = `${prose(60, 3)}.\n\n`;
  assert.ok(answer(paragraph.repeat(5)));
});

test("a loop at the end of a good beginning", () => {
  assert.equal(answer(`${prose(120)}. ${"And then they went to the market again. ".repeat(12)}`), "looping_words");
});

test("a numbered loop: numbers do not make lines different", () => {
  assert.ok(answer(Array.from({ length: 15 }, (_, i) => `${i + 1}. American Pharoah belonged to Zayat Stables`).join("\n")));
});

test("loops of characters", () => {
  for (const text of [
    "hahahahahahahahahahahahahahaha",
    "!".repeat(60),
    "0".repeat(40),
    "Noooo! " + "o".repeat(100),
    "copypastecopypaste".repeat(10),
    "😂".repeat(30),
  ])
    assert.equal(answer(text), "looping_characters", text.slice(0, 20));
});

test("scripts without spaces are judged by their words", () => {
  assert.ok(answer("我喜欢苹果和香蕉。".repeat(20)));
  assert.ok(answer("ฉันชอบกินข้าวทุกวัน ".repeat(20)));
  assert.equal(
    answer(
      "细胞理论是生物科学的一个理论，它认为所有生命体都是由微小的基本单元构成。植物学家和动物学家在十九世纪先后提出了这一观点，后来人们又发现新的细胞只能由已有的细胞分裂产生。",
    ),
    undefined,
  );
});

test("good texts that repeat for a reason are kept", () => {
  const chorus = "Oh, the night sky is a sight to behold,\nWe'll look up and never grow old.\n";
  assert.equal(answer(`${prose(40, 1)}\n${chorus}${prose(40, 2)}\n${chorus}${prose(30, 3)}\n${chorus}`), undefined, "a song");
  assert.equal(answer("Roses are red, violets are blue. ".repeat(2)), undefined, "said twice");
  assert.equal(answer(`| a | b |\n|---|---|\n${"| 0 | 1 |\n".repeat(12)}`), undefined, "a table");
  assert.equal(
    answer("matrix = [[0, 0, 0, 0],\n          [0, 0, 0, 0],\n          [0, 0, 0, 0],\n          [0, 0, 0, 0]]"),
    undefined,
    "a matrix",
  );
  assert.equal(answer(`Title\n${"-".repeat(60)}\n${prose(50)}`), undefined, "a rule of dashes");
  const towns = ["Rabat", "Meknes", "Fez", "Chefchaouen", "Tangier", "Asilah", "Larache"];
  assert.equal(answer(towns.map((town, i) => `Day ${i + 1}: Travel to ${town} and explore the sights.`).join("\n")), undefined, "a plan");
});

test("the share of distinct words is taken over windows, so length alone drops nothing", () => {
  const text = prose(3000);
  const words = text.split(" ");
  assert.ok(new Set(words).size / words.length < 0.3, "the whole text's share is under the limit");
  assert.equal(answer(text), undefined);
});

test("min_words and min_unique_word_ratio are the recipe's", () => {
  assert.equal(answer("no no no no no no no no no no"), undefined, "ten words are not more than ten");
  assert.equal(answer("no no no no no no no no no no no"), "few_distinct_words");
  const strict = judgeOf(repetition, { min_unique_word_ratio: 0.9 });
  assert.equal(strict(ask("q", "one two three four five six one two three four five six")), "few_distinct_words");
  assert.throws(() => repetition.create({ min_unique_word_ratio: 1.5, min_words: 10 }), /from 0 to 1, not 1.5/);
  assert.throws(() => repetition.create({ min_unique_word_ratio: 0.3, min_words: -2 }), RangeError);
});

test("any assistant turn is judged, the user's never; evidence names the turn and what repeats", () => {
  const loop = "The cat sat on the mat. ".repeat(20);
  assert.equal(judge(row(`u: ${loop}`, "a: That is a strange poem, but I like it.")), undefined);
  const found = first(repetition.create(repetition.defaults), row("u: q", `a: ${loop}`, "u: q", "a: A good answer."));
  assert.equal(found?.reason, "looping_words");
  assert.equal(found?.evidence.turn, 2);
  assert.match(String(found?.evidence.matched), /cat sat on the mat/i);
});

test("an unbroken text of a million characters is judged in moderate time", () => {
  const started = process.cpuUsage();
  answer("ab".repeat(500_000));
  answer("x y ".repeat(250_000));
  assert.ok(process.cpuUsage(started).user < 10_000_000);
});

const predictions = ["data", "general", "quality", "self_instruct_preds"] as const;

test("base model loops are caught, a tuned model's answers kept", { skip: missing(...predictions) }, () => {
  const davinci = sharedRows(...predictions, "davinci_predictions.jsonl");
  const tuned = sharedRows(...predictions, "text-davinci-001_predictions.jsonl");
  // Shares of all 252 rows of each file, looping or not.
  const caught = shareFound(judge, davinci);
  const flagged = shareFound(judge, tuned);
  assert.ok(caught >= 0.95, `${caught} of davinci`);
  assert.ok(flagged <= 0.01, `${flagged} of text-davinci-001`);
});

test("next to nothing of good instruction data is dropped", { skip: missing("data", "general") }, () => {
  for (const [path, limit] of [
    [["data", "general", "cherry_alpaca", "cherry_alpaca_5_percent.json"], 0.002],
    [["data", "general", "dolly_hhrlhf", "dolly_hhrlhf_train_small.jsonl"], 0.002],
    [["data", "general", "gpt4_llm_and_formats", "alpaca_zh_demo.json"], 0.001],
    [["data", "code", "codealpaca", "code_alpaca_2k.json"], 0.001],
    [["data", "safety", "safety_tuned_llamas", "safety_only_data_Instructions.json"], 0.001],
  ] as const) {
    const share = shareFound(judge, sharedRows(...path));
    assert.ok(share <= limit, `${path.at(-1)}: ${share}`);
  }
});
