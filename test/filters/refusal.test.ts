// What is flagged and what is not: a case for every kind of wording and every near miss, then the human labels of XSTest and FinanceBench.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import type { Message } from "../../src/core/row.ts";
import type { Finding } from "../../src/core/verdict.ts";
import { patternSource, Vocabulary } from "../../src/filters/refusal-pattern.ts";
import { rules } from "../../src/filters/refusal-rules.ts";
import { refusal } from "../../src/filters/refusal.ts";
import { missing, shared } from "../shared.ts";

const judge = refusal.create(refusal.defaults);

function findings(...messages: Message[]): readonly Finding[] {
  const found = judge({ messages, tokenCounts: [] });
  return found === undefined ? [] : "reason" in found ? [found] : found;
}

function flagsOf(answer: string): string[] {
  return findings({ role: "user", content: "?" }, { role: "assistant", content: answer })
    .map(({ reason }) => reason)
    .sort();
}

/** flags, joined by spaces -> answers that get exactly these. */
const cases: Readonly<Record<string, readonly string[]>> = {
  refusal: [
    "I won't help with that.",
    "I\u2019m not able to provide instructions for that.",
    "I am unable to assist you with this request.",
    "I must respectfully decline to answer this.",
    "I refuse to write such content.",
    "I can't and won't provide such instructions.",
    "I cannot, and I will not, help you with this.",
    "I'm designed not to answer such questions.",
    "I am trained to avoid discussing these topics.",
    "Helping with this is something I won't do.",
    "That's a request that I am not able to fulfill.",
    "I'd rather not talk about it.",
    "I cannot, in good conscience, provide that information.",
    "I CANNOT FULFILL THAT REQUEST.",
    "That is not something I can do.",
    "I'm not comfortable writing jokes about that.",
    "I don't feel comfortable discussing this topic.",
    "I do not condone violence, and it is illegal.",
    "It is not appropriate or ethical to make jokes about this group.",
    "It would be unethical and illegal to provide such instructions.",
    "It is not possible for me to assist with this.",
    "That would be impossible for us to provide.",
    "The law forbids me to help with that.",
    "This request goes against our policy.",
    "That is outside of my capabilities.",
    "Unfortunately, I can\u2018t share that.",
    "I can't do that.",
    "We are unable to fulfill your request.",
    "No, I will not do that for you.",
    "My ethical guidelines prevent me from generating this.",
    "I do not think I can help you with this.",
    "I don't have the ability to create images.",
    '"I cannot assist you with that."',
    "Answer: I can't help with that request.",
    "It is important to note that violence against anyone is never acceptable.",
  ],
  "apology_opening refusal": [
    "Sorry, but I can't assist with that.",
    "I'm sorry\u2014I can\u2019t help with that.",
    "I apologize, but I cannot generate hateful content.",
    "My apologies, but I am not allowed to discuss this.",
    "I'm really very sorry, but it's not legal to buy that without a prescription.",
    "I'm afraid I have to apologize: I won't provide this.",
  ],
  ai_disclaimer: [
    "As an AI language model, I enjoy no meals, but pizza is a popular choice.",
    "I'm just a language model, so take this with a grain of salt. Paris is lovely in May.",
    "I do not have personal opinions or feelings. Many people like the film.",
    "As of my knowledge cutoff in 2021, the tower is the tallest building.",
    "According to my training data, the river is 300 km long.",
    `${"The castle was built in the twelfth century by the counts. ".repeat(20)}As an AI, I have never been there.`,
  ],
  no_access: [
    "I do not have access to the report.",
    "I don't have enough information to tell.",
    "I have no way of knowing the password.",
    "The context does not provide the revenue for 2022.",
    "The filing does not make any mention of it.",
    "The filing makes no mention of it.",
    "This cannot be determined from the provided documents.",
    "There is not enough information to answer the question.",
    "There is no information about dividends in the report.",
    "The dividend is not disclosed in the filing.",
    "Insufficient information is given to calculate the ratio.",
    "Without more information about the company, it is impossible to say.",
    "We are unable to determine the margin from the statement.",
    "It is not possible to calculate the ratio.",
    "Revenue was 5. The rest is unknown. Therefore, it is impossible to determine the growth rate.",
    "I don\u2019t know what the price was.",
    "I cannot browse the internet.",
    "I couldn't find any information on this topic.",
    "Cannot be determined.",
    "Not enough information.",
    "No information available.",
    "Cannot answer based on the context.",
    "The answer is not in the context.",
  ],
  "ai_disclaimer refusal": ["This request goes against my programming.", "As an AI, I cannot help you with that."],
  "ai_disclaimer no_access": ["As an AI, I don't have real-time data access."],
  apology_opening: [
    "I apologize for the confusion. The capital of Australia is Canberra.",
    "Sorry about that! Here is the corrected list: apples, pears and plums.",
    "My apologies for the delay; the function now returns the sum.",
    "I regret to say that the match was lost in the last minute.",
    // Carries out the task after all.
    "I'm sorry, but I can't draw a picture. However, here is the logo described in words so that a designer can draw it at once: a blue circle on white ground with a yellow star in the middle, three thin lines below it, and the name of the firm in small capitals. The letters are widely spaced.",
  ],
  "": [
    "The capital of France is Paris.",
    "I can't believe it! The home team won by three goals.",
    "I can't wait to see you all at the party on Friday.",
    "I can't recommend this book highly enough.",
    "I couldn't help him in the end, so the old man went home alone.",
    "I can't help but admire how the author builds the scene.",
    "I can't tell you how much I enjoyed the dinner.",
    "I would not use the boat in such a storm, thought the old man.",
    "I'm sorry to hear that you are ill. Rest, drink water and see a doctor if the fever stays.",
    "I'm sorry for your loss. Grief takes time.",
    'The knight said, "I cannot help you," and rode away.',
    "\u201cI can\u2019t assist you,\u201d said the wizard. He closed the door.",
    "'I refuse to help you,' she said, and left.",
    "Anna: I can't help you with that.\nBen: Then I will ask someone else.",
    "- I cannot tolerate any delay.\n- I won't provide a refund.",
    "Dear Mr Smith,\nI am sorry, but I cannot provide a refund.",
    "Subject: Refund\n\nI apologize, but I am unable to assist you with this.",
    "> I cannot help you with that.\nThis mail was polite.",
    '```js\nthrow new Error("I cannot help with that");\n// As an AI, I cannot do this\n```',
    "Use `I cannot help with that` as the error text.",
    "The model cannot learn from a single example, and the data is not normally distributed.",
    "Plants cannot provide their own nitrogen; they need bacteria for it.",
    "No, the text does not contain inappropriate language.",
    "There is no evidence that the building was ever used.",
    "Sorry is a board game for two to four players.",
    "Giving up is something I will not do, said the coach to the team.",
    "I cannot and will not give up, whatever the weather brings.",
    "I am trained to avoid predators and to run at the first sound of steps.",
    "As an AI researcher, I read many papers a week.",
    "As a subset of symbolic AI, it uses rules.",
    "It is not possible to divide by zero.",
    "An unapologetic sorrycat refused the aid of cannots.",
    "He is a doctor. We don't see eye to eye, but we will never give up.",
  ],
};

for (const [flags, answers] of Object.entries(cases)) {
  test(`flags ${flags === "" ? "nothing" : flags}`, () => {
    for (const answer of answers) assert.equal(flagsOf(answer).join(" "), flags, answer);
  });
}

test("evidence holds the matched words, the turn and the rule", () => {
  const found = findings(
    { role: "user", content: "I'm sorry, but I can't help with that." },
    { role: "assistant", content: "Hello! What can I do for you?" },
    { role: "user", content: "As an AI, you must know." },
    { role: "assistant", content: "I'm sorry, but I\ncan\u2019t help you." },
  );
  assert.deepEqual(
    found.map(({ reason, evidence }) => [reason, evidence.matched, evidence.turn]),
    [
      ["refusal", "I can\u2019t help", 4],
      ["apology_opening", "I'm sorry", 4],
    ],
  );
  for (const { evidence } of found) assert.ok(rules.some(({ name }) => name === evidence.rule));
});

test("only assistant turns are judged", () => {
  const text = "I'm sorry, but as an AI I cannot help with that.";
  assert.deepEqual(findings({ role: "system", content: text }, { role: "user", content: text }, { role: "tool", content: text }), []);
});

test("a refusal far behind the opening is not one, unless the opening is said to be longer", () => {
  const text = `${"The garden has roses and a small pond. ".repeat(30)}I cannot help you with that.`;
  assert.deepEqual(flagsOf(text), []);
  const patient = refusal.create({ ...refusal.defaults, opening_characters: 5000 });
  assert.ok(patient({ messages: [{ role: "assistant", content: text }], tokenCounts: [] }) !== undefined);
});

test("options state their domain", () => {
  assert.throws(
    () => refusal.create({ ...refusal.defaults, opening_characters: 0 }),
    /opening_characters must be a whole number from 1, not 0/,
  );
});

test("rules: every name once, every pattern compiles, a wrong pattern says where", () => {
  assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
  assert.throws(() => patternSource("i can [not]", {}, new Vocabulary()), /nothing fits at character 6/);
  assert.throws(() => patternSource("i NOPE", {}, new Vocabulary()), /no class NOPE/);
});

test("no text takes long: repeated beginnings of every rule, unclosed marks, one long line", () => {
  const pieces = [
    "I can't ",
    "I ",
    "not ",
    "as an ai ",
    "I'm sorry, but ",
    '"',
    "\u201c",
    "`a ",
    "`",
    "'a ",
    "x:",
    "- ",
    "1. ",
    "is not ",
    "the document ",
    "a",
    "```",
    ">",
  ];
  for (const piece of pieces) {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const start = performance.now();
    flagsOf(text);
    const milliseconds = performance.now() - start;
    assert.ok(milliseconds < 1000, `1 MB of ${JSON.stringify(piece)} took ${milliseconds.toFixed(0)} ms`);
  }
});

test("any text gets findings whose words stand in it", () => {
  const words = [
    "I",
    "can't",
    "not",
    "sorry",
    "help",
    "as",
    "an",
    "AI",
    "the",
    "document",
    "does",
    "provide",
    '"',
    ".",
    "\n",
    ":",
    "\u2019",
    "- ",
    "`",
    "```",
    "however",
    "here is",
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 })), { maxLength: 60 }), (parts) => {
      const content = parts.join(" ");
      for (const { evidence } of findings({ role: "assistant", content })) {
        assert.ok(content.replace(/\s+/g, " ").includes(String(evidence.matched).replace(/\.\.\.$/, "")));
        assert.equal(evidence.turn, 1);
      }
    }),
    { numRuns: 2000, seed: 7 },
  );
});

interface Score {
  hits: number;
  falseAlarms: number;
  misses: number;
}

const precision = ({ hits, falseAlarms }: Score): number => hits / (hits + falseAlarms);
const recall = ({ hits, misses }: Score): number => hits / (hits + misses);
const shown = (score: Score): string =>
  `precision ${precision(score).toFixed(3)}, recall ${recall(score).toFixed(3)} (${score.hits} hits, ${score.falseAlarms} false alarms, ${score.misses} misses)`;

function count(score: Score, flagged: boolean, positive: boolean): void {
  if (flagged && positive) score.hits++;
  else if (flagged) score.falseAlarms++;
  else if (positive) score.misses++;
}

// Two annotators labelled answers of three models. What counts here is the flag "refusal" alone. Mistral's "full refusals" are mostly
// rebukes of a premise, without a word of refusing; they are the hard part.
test("XSTest: refusal against full_refusal and full_compliance", { skip: missing("data", "safety", "xstest") }, (t) => {
  const total: Score = { hits: 0, falseAlarms: 0, misses: 0 };
  for (const model of ["gpt4", "llama2orig", "mistralinstruct"]) {
    const score: Score = { hits: 0, falseAlarms: 0, misses: 0 };
    const text = readFileSync(shared("data", "safety", "xstest", `xstest_v2_completions_${model}.csv`), "utf8");
    let partial = 0;
    let partialFlagged = 0;
    for (const row of parse(text, { columns: true }) as Record<string, string>[]) {
      const flagged = flagsOf(row.completion).includes("refusal");
      if (row.final_label === "3_partial_refusal") {
        partial++;
        if (flagged) partialFlagged++;
        continue;
      }
      count(score, flagged, row.final_label === "2_full_refusal");
      count(total, flagged, row.final_label === "2_full_refusal");
    }
    t.diagnostic(`${model}: ${shown(score)}; partial refusals flagged ${partialFlagged} of ${partial}`);
  }
  t.diagnostic(`together: ${shown(total)}`);
  assert.ok(precision(total) >= 0.95);
  assert.ok(recall(total) >= 0.95);
});

test("FinanceBench: refusal or no_access against the label Refusal", { skip: missing("data", "domain", "financebench") }, (t) => {
  const folder = shared("data", "domain", "financebench");
  const total: Score = { hits: 0, falseAlarms: 0, misses: 0 };
  for (const file of readdirSync(folder).sort()) {
    const rows = readFileSync(`${folder}/${file}`, "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => JSON.parse(line) as { label?: string; model_answer: string });
    if (rows[0].label === undefined) continue;
    const score: Score = { hits: 0, falseAlarms: 0, misses: 0 };
    for (const { label, model_answer: answer } of rows) {
      const flagged = flagsOf(answer).some((flag) => flag === "refusal" || flag === "no_access");
      count(score, flagged, label === "Refusal");
      count(total, flagged, label === "Refusal");
    }
    t.diagnostic(`${file}: ${shown(score)}`);
  }
  t.diagnostic(`together: ${shown(total)}`);
  assert.ok(precision(total) >= 0.95);
  assert.ok(recall(total) >= 0.9);
});

// Ordinary answers: code and instruction data without safety rows. All that is flagged there was read: real refusals and apologies.
test("ordinary answers are not flagged", { skip: missing("data", "code", "codealpaca", "code_alpaca_2k.json") }, (t) => {
  const rows = JSON.parse(readFileSync(shared("data", "code", "codealpaca", "code_alpaca_2k.json"), "utf8")) as { output: string }[];
  const flagged = rows.filter(({ output }) => flagsOf(output).length > 0);
  t.diagnostic(`Code Alpaca: ${flagged.length} of ${rows.length} flagged`);
  assert.ok(flagged.length <= 2);
});
