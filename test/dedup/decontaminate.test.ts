import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { createRandom } from "../../src/core/random.ts";
import type { Message } from "../../src/core/row.ts";
import { createDecontaminator, type Decontaminator, type EvaluationItem, tooShortItems } from "../../src/dedup/decontaminate.ts";
import { missing, shared } from "../shared.ts";

const chat = (user: string, assistant = "Sure."): Message[] => [
  { role: "user", content: user },
  { role: "assistant", content: assistant },
];
const item = (id: string, prompt: string, answer = "", file = "bench.jsonl"): EvaluationItem => ({ id, file, prompt, answer });
const detect = (items: readonly EvaluationItem[]): Decontaminator => createDecontaminator({ items, options: {} });
const verdict = (found: ReturnType<Decontaminator["judge"]>): string =>
  found ? `${found.reason} ${String(found.evidence["item"])}` : "keep";

const orchard = item(
  "orchard",
  "Marisol picks 48 apples in her grandfather's orchard on Friday and half as many on Saturday. She bakes 6 pies that each need 7 apples. " +
    "How many apples are left for cider on Sunday morning?",
  "Marisol has 48 + 24 = 72 apples.\nThe pies need 6 * 7 = 42 apples.\nSo 72 - 42 = 30 apples are left for the cider.",
);
const others = [
  item("ferry", "A ferry carries 120 passengers and 35 cars across the strait in 45 minutes. How long do 600 passengers and 90 cars take?"),
  item("glacier", "Which process forms a moraine at the lower end of a retreating valley glacier, and what sediment is it made of?"),
  item(
    "tokens",
    "Explain how a recursive descent parser handles operator precedence when reading arithmetic expressions with parentheses.",
  ),
];
const bench = detect([orchard, ...others]);

test("an item is found as it is, whatever stands around it and however it is written", () => {
  const { prompt, answer } = orchard;
  const rows = {
    plain: chat(prompt, answer),
    case: chat(prompt.toUpperCase()),
    punctuation: chat(prompt.replace(/[.,?]/g, " ;- ").replace("'", "\u2019")),
    whitespace: chat(prompt.replace(/ /g, " \n\t")),
    embedded: chat(
      `Here is a riddle my teacher gave me yesterday, please solve it slowly: ${prompt} I would like to see every step of it.`,
    ),
    answer: chat("Give me a worked example of arithmetic.", `Of course. ${answer} I hope that this helps you.`),
    system: [{ role: "system", content: `Example: ${prompt}` }, ...chat("Now write me one of your own about the sea.")] as Message[],
    turns: [...chat(prompt.slice(0, 94)), ...chat(prompt.slice(94))],
    partial: chat(prompt.split(" ").slice(0, 30).join(" ")),
    list: chat([...others, orchard].map((one, i) => `Q${i}: ${one.prompt}\nA: ...`).join("\n\n")),
  };
  for (const [name, row] of Object.entries(rows)) assert.match(verdict(bench.judge(row)), /^eval_overlap/, name);
});

test("a reworded item, one with other numbers and one with other names are found", () => {
  const rows = {
    reworded:
      "On Friday Marisol gathers 48 apples from the orchard of her grandfather, and on Saturday she collects half of that. Six pies are baked, " +
      "every one of them taking 7 apples. What number of apples remains to make cider on Sunday?",
    numbers: orchard.prompt
      .replace("48", "90")
      .replace("6 pies", "5 pies")
      .replace("each need 7", "each need 11")
      .replace("half", "a third"),
    names: orchard.prompt
      .replace("Marisol", "Ingrid")
      .replace("apples", "plums")
      .replace("grandfather", "uncle")
      .replace("Friday", "Monday"),
  };
  for (const [name, text] of Object.entries(rows)) {
    assert.match(verdict(bench.judge(chat(text))), /^eval_(reworded|overlap) orchard$/, name);
  }
  assert.equal(verdict(bench.judge(chat(rows.reworded))), "eval_reworded orchard");
});

test("evidence puts the item and the row's text side by side, with figures", () => {
  const found = bench.judge(chat(`Hello there. ${orchard.prompt}`));
  assert.ok(found);
  const { evidence } = found;
  assert.equal(evidence["item"], "orchard");
  assert.equal(evidence["file"], "bench.jsonl");
  assert.equal(evidence["part"], "prompt");
  assert.equal(evidence["coverage"], 1);
  assert.match(String(evidence["matched"]), /^Marisol picks 48 apples in her grandfather's orchard/);
  assert.match(String(evidence["item_text"]), /^Marisol picks 48 apples/);
});

test("texts about the same things are no contamination", () => {
  const rows = [
    "How many apples does an orchard of 40 trees give if each tree bears 90 apples a year?",
    "Write a recipe for apple pie and cider for Sunday brunch with your grandfather.",
    "Marisol walks her dog on Friday and Saturday. What could she do on Sunday morning?",
    "What is a glacier? Describe valley glaciers and how they retreat.",
    "Explain what a parser is.",
    "A ferry ticket costs 35 dollars for a car. How much do 3 cars cost?",
  ];
  for (const text of rows) assert.equal(verdict(bench.judge(chat(text))), "keep", text);
});

test("a short item is known where it is all that a user says; a held-out turn is not", () => {
  const items = [
    item("capital", "What is the capital of France?"),
    item("hello", "Go on, please.", "", "held out"),
    item("word", "Dresser"),
  ];
  const short = detect(items);
  assert.equal(verdict(short.judge(chat("what is the  Capital of FRANCE"))), "eval_overlap capital");
  assert.equal(verdict(short.judge([...chat("Hi."), ...chat("What is the capital of France?")])), "eval_overlap capital");
  assert.equal(verdict(short.judge(chat("What is the capital of France and of Spain?"))), "keep");
  assert.equal(verdict(short.judge(chat("Go on, please."))), "eval_overlap hello");
  assert.equal(verdict(short.judge([...chat("Tell me a story."), ...chat("Go on, please.")])), "keep");
  assert.equal(verdict(short.judge(chat("dresser"))), "keep");
  assert.deepEqual(tooShortItems(items), ["capital", "hello", "word"]);
  assert.deepEqual(tooShortItems([orchard, ...others]), []);
});

test("an item of 8 to 12 words is found inside a longer text only where it is whole", () => {
  const coffee = detect([item("coffee", "Which Ethiopian province gave its name to roasted coffee beans?")]);
  assert.equal(
    verdict(coffee.judge(chat("Trivia. Which ethiopian province gave its name to roasted coffee beans? Be brief."))),
    "eval_overlap coffee",
  );
  assert.equal(verdict(coffee.judge(chat("Trivia. Which Ethiopian province gave its name to a kind of dance? Be brief."))), "keep");
});

test("rows that share a long template with one held-out row stay", () => {
  const template = (input: string): string =>
    "In this task, you are given a review of a film. Your job is to classify the review as positive or negative, based on the feelings that " +
    "the writer expresses towards the film as a whole. Answer with one word only, and do not explain how you came to your decision.\n" +
    `Input: ${input}\nOutput:`;
  const held = detect([
    item("source/file#7", template("a charming and often affecting journey through small lives"), "positive", "held out"),
  ]);
  const inputs = [
    "a dull mess",
    "unflinchingly bleak and desperate",
    "the acting, costumes, music and sound are all astounding",
    "charming",
  ];
  for (const input of inputs) assert.equal(verdict(held.judge(chat(template(input)))), "keep", input);
  const same = template("A charming, and often affecting, journey through small lives!");
  assert.equal(verdict(held.judge(chat(same))), "eval_overlap source/file#7");
  assert.equal(verdict(held.judge(chat(`Try this one.\n${same}`))), "eval_overlap source/file#7");
});

test("another question about the passage of a held-out row stays", () => {
  const passage =
    "The lighthouse on Skerryvore was built between 1838 and 1844 by Alan Stevenson on a reef twelve miles off the island of Tiree. Its " +
    "tower of granite is 156 feet high, and the base is 42 feet across. The light was lit for the first time on the first of February.";
  const held = detect([item("p", `${passage}\nQuestion: Who built the tower and how high is it?`, "Alan Stevenson; 156 feet", "held out")]);
  assert.equal(verdict(held.judge(chat(`${passage}\nQuestion: From which island is the reef twelve miles away?`))), "keep");
  assert.equal(verdict(held.judge(chat(`${passage}\nQuestion: Who built the tower, and how high is it?`))), "eval_overlap p");
});

test("a preamble that many items share says little of any one of them", () => {
  const preamble =
    "You are a careful examiner. Read the statement below, decide whether it follows from established facts, and reply with a single letter: " +
    "A if it certainly holds, B if it certainly fails, or C where nobody could tell. Statement:";
  const subjects = ["volcanoes", "treaties", "enzymes", "sonnets", "comets", "tariffs", "glaciers", "viruses", "bridges", "operas"];
  const claims = [
    "were first described in",
    "are mainly studied by scholars from",
    "have been forbidden by law in",
    "became fashionable during",
  ];
  const many = detect(
    subjects.flatMap((subject, i) =>
      claims.map((claim, j) => item(`q${i}.${j}`, `${preamble} ${subject} ${claim} the ${i + 3}th decade of the ${j + 12}th dynasty.`)),
    ),
  );
  assert.equal(verdict(many.judge(chat(`${preamble} bicycles outsell motor cars across most of the Netherlands.`))), "keep");
  assert.match(
    verdict(many.judge(chat(`${preamble} enzymes were first described in the 5th decade of the 12th dynasty.`))),
    /^eval_overlap q2\.0$/,
  );
});

test("code is found with its names changed", () => {
  const code = detect([
    item(
      "he",
      'def rotate_matrix_rings(matrix, steps):\n    """ Rotate every concentric ring of a square matrix clockwise by the given number of\n' +
        "    steps and return the rotated matrix. The centre of an odd matrix stays in place.\n    >>> rotate_matrix_rings([[1, 2], [3, 4]], 1)\n" +
        '    [[3, 1], [4, 2]]\n    """\n',
      "    layers = len(matrix) // 2\n    for layer in range(layers):\n        ring = collect_ring(matrix, layer)\n        place_ring(matrix, layer, ring[-steps:] + ring[:-steps])\n    return matrix\n",
    ),
    ...others,
  ]);
  const js =
    "```javascript\n// Rotates each concentric ring of the square grid clockwise by a number of steps; the centre of an odd grid stays in its place.\n" +
    "function rotateMatrixRings(grid, steps) {\n  const layers = Math.floor(grid.length / 2);\n  for (let layer = 0; layer < layers; layer++) {\n" +
    "    const ring = collectRing(grid, layer);\n    placeRing(grid, layer, ring.slice(-steps).concat(ring.slice(0, -steps)));\n  }\n  return grid;\n}\n```";
  assert.equal(verdict(code.judge(chat("Translate this to JavaScript.", js))), "eval_reworded he");
  assert.equal(
    verdict(code.judge(chat("Transpose a matrix.", "def transpose(matrix):\n    return [list(row) for row in zip(*matrix)]"))),
    "keep",
  );
});

test("texts in other scripts are matched", () => {
  const chinese = detect([item("zh", "小明有三十六个苹果，他把其中的一半分给了隔壁班的同学，又吃掉了四个，请问他还剩下多少个苹果？")]);
  assert.equal(
    verdict(chinese.judge(chat("数学题：小明有三十六个苹果,他把其中的一半分给了隔壁班的同学,又吃掉了四个,请问他还剩下多少个苹果?谢谢"))),
    "eval_overlap zh",
  );
  assert.equal(verdict(chinese.judge(chat("请介绍一下苹果的营养价值，以及每天吃多少个苹果比较合适。"))), "keep");
});

test("the order of items does not matter, nor what was judged before", () => {
  const items = [orchard, ...others, item("again", orchard.prompt, "30"), item("twin", orchard.prompt.replace("48", "50"))];
  const rows = [orchard, ...others].flatMap(({ prompt, answer }) => [
    chat(prompt),
    chat(prompt.replace(/\d+/g, "17"), answer),
    chat("Hello."),
  ]);
  const forward = detect(items);
  const first = rows.map((row) => forward.judge(row));
  const backward = detect([...items].reverse());
  for (let i = rows.length - 1; i >= 0; i--) assert.deepEqual(backward.judge(rows[i]), first[i]);
});

test("odd input does no harm", () => {
  assert.equal(detect([]).judge(chat("Anything at all, of any length.")), undefined);
  const odd = detect([item("empty", "", ""), item("marks", "?!... --- ***"), item("stop", "it is what it is and that is that")]);
  for (const text of ["", "?!", "\ud800", "\u0000", "it is", "9".repeat(10_000), "a".repeat(100_000), "1,2,3,4", "don't'", "x_y_Z9'"]) {
    assert.equal(verdict(odd.judge(chat(text, text))), "keep");
  }
  assert.equal(odd.judge([]), undefined);
  assert.throws(
    () => createDecontaminator({ items: [], options: { min_coverage: 0 } }),
    /min_coverage must be over 0 and at most 1, got 0/,
  );
});

// Public data. The weights of the score were fitted on GSM8K and HumanEval items with even numbers; here are the odd ones. The ordinary
// rows are the same in both, and limits were chosen with their false alarms in sight.

const lines = (...path: string[]): Record<string, string>[] => {
  const bytes = readFileSync(shared("data", ...path));
  const text = (path.at(-1)?.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, string>);
};
const json = (...path: string[]): Record<string, string>[] =>
  JSON.parse(readFileSync(shared("data", ...path), "utf8")) as Record<string, string>[];

interface Public {
  readonly gsm: readonly EvaluationItem[];
  readonly humanEval: readonly EvaluationItem[];
  readonly paraphrased: readonly string[];
  readonly python: readonly string[];
  readonly javascript: readonly string[];
}

let loaded: Public | undefined;
function data(): Public {
  loaded ??= {
    gsm: lines("eval", "gsm8k", "test.jsonl").map(({ question, answer }, i) => item(`gsm${i}`, question, answer, "gsm8k.jsonl")),
    humanEval: lines("eval", "humaneval", "HumanEval.jsonl.gz").map((one, i) =>
      item(`he${i}`, one["prompt"], one["canonical_solution"], "humaneval.jsonl"),
    ),
    paraphrased: lines("eval", "contamination", "rephrase_gsm8k.jsonl").map(({ text }) => text),
    python: lines("eval", "contamination", "humaneval_python.jsonl").map(({ text }) => text),
    javascript: lines("eval", "contamination", "humaneval_js.jsonl").map(({ text }) => text),
  };
  return loaded;
}

/** Every number and every name inside a sentence exchanged. */
function altered(text: string, seed: number): string {
  const random = createRandom(seed);
  const names = ["Amara", "Bjorn", "Chidi", "Dagny", "Farid", "Ines", "Kofi", "Priya", "Tariq", "Zofia"];
  const name = names[random.below(names.length)];
  const found = /(?<=[a-z,;] )[A-Z][a-z]+/.exec(text)?.[0];
  const renamed = found === undefined ? text : text.replaceAll(found, name);
  return renamed.replace(/\d[\d,]*(?:\.\d+)?/g, (digits) => String(Number(digits.replaceAll(",", "")) + 1 + random.below(20)));
}

function share(found: readonly (string | undefined)[], wanted: (i: number) => boolean): number {
  return found.filter((_, i) => wanted(i)).length / found.length;
}

const odd = <T>(list: readonly T[]): T[] => list.filter((_, i) => i % 2 === 1);
const even = <T>(list: readonly T[]): T[] => list.filter((_, i) => i % 2 === 0);

test("GSM8K and HumanEval: recall of items not fitted on", { skip: missing("data", "eval") }, (context) => {
  const { gsm, humanEval, paraphrased, python, javascript } = data();
  const detector = detect([...odd(gsm), ...odd(humanEval)]);
  const recall = (originals: readonly EvaluationItem[], texts: readonly string[]): number => {
    const ids = texts.map((text) => detector.judge(chat(text))?.evidence["item"] as string | undefined);
    return share(ids, (i) => ids[i] === originals[i].id);
  };
  const figures = {
    verbatim: recall(
      odd(gsm),
      odd(gsm).map(({ prompt }) => `Solve this.\n${prompt.toLowerCase()}\nThink step by step.`),
    ),
    code: recall(
      odd(humanEval),
      odd(humanEval).map(({ prompt, answer }) => `${prompt}${answer}`),
    ),
    altered: recall(
      odd(gsm),
      odd(gsm).map(({ prompt }, i) => altered(prompt, i)),
    ),
    reworded: recall(odd(gsm), odd(paraphrased)),
    rewordedAndAltered: recall(
      odd(gsm),
      odd(paraphrased).map((text, i) => altered(text, i)),
    ),
    rewordedPython: recall(odd(humanEval), odd(python)),
    rewordedJavaScript: recall(odd(humanEval), odd(javascript)),
  };
  for (const [name, value] of Object.entries(figures)) context.diagnostic(`${name}: ${(value * 100).toFixed(1)} %`);
  assert.equal(figures.verbatim, 1);
  assert.equal(figures.code, 1);
  assert.ok(figures.altered >= 0.9, `altered ${figures.altered}`);
  assert.ok(figures.reworded >= 0.9, `reworded ${figures.reworded}`);
  // These were made to escape: names, examples, loops and every sentence changed.
  assert.ok(figures.rewordedPython >= 0.5, `Python ${figures.rewordedPython}`);
  assert.ok(figures.rewordedJavaScript >= 0.6, `JavaScript ${figures.rewordedJavaScript}`);
});

test("GSM8K and HumanEval: false alarms", { skip: missing("data", "eval") }, (context) => {
  const { gsm, humanEval, paraphrased } = data();
  const detector = detect([...odd(gsm), ...odd(humanEval)]);
  const rate = (name: string, rows: readonly Message[][]): number => {
    const dropped = rows.filter((row) => detector.judge(row) !== undefined).length;
    context.diagnostic(`${name}: ${dropped} of ${rows.length}`);
    return dropped / rows.length;
  };
  const alpaca = (...path: string[]): Message[][] =>
    json(...path).map((row) => chat(row["input"] ? `${row["instruction"]}\n${row["input"]}` : row["instruction"], row["output"]));
  const ordinary = [
    ...alpaca("general", "cherry_alpaca", "cherry_alpaca_5_percent.json"),
    ...alpaca("code", "codealpaca", "code_alpaca_2k.json"),
    ...alpaca("safety", "safety_tuned_llamas", "safety_only_data_Instructions.json"),
    ...lines("general", "dolly_hhrlhf", "dolly_hhrlhf_train_small.jsonl").map((row) => chat(row["prompt"], row["response"])),
    ...lines("multiturn", "hh_rlhf", "test.jsonl.gz").map((row) => chat(row["chosen"], "")),
    ...lines("code", "octopack", "oasstcommitpackftmanual.jsonl").map((row) => chat(row["prompt"], row["completion"])),
  ];
  assert.ok(rate("ordinary rows", ordinary) <= 0.001);
  // Other problems of the same kind, as GSM8K's training half would be. A few of them are twins of test items.
  assert.ok(
    rate(
      "other GSM8K problems",
      even(gsm).map(({ prompt, answer }) => chat(prompt, answer)),
    ) <= 0.01,
  );
  assert.ok(
    rate(
      "other GSM8K problems, reworded",
      even(paraphrased).map((text) => chat(text)),
    ) <= 0.01,
  );
  assert.ok(
    rate(
      "MBPP",
      lines("eval", "mbpp", "mbpp.jsonl").map((row) => chat(row["text"], row["code"])),
    ) <= 0.005,
  );
});

test(
  "one held-out row a template drops almost none of the template's other rows",
  { skip: missing("data", "general", "t0_p3") },
  (context) => {
    let dropped = 0;
    let judged = 0;
    const files = [
      "trec_what_category_best_describe",
      "qasc_qa_with_separated_facts_5",
      "ag_news_classify",
      "yelp_review_full_format_rating",
    ];
    const sets = files.map((name) =>
      lines("general", "t0_p3", `${name}.jsonl`).map((row): [string, string] => [row["prompt"], row["completion"]]),
    );
    sets.push(
      json("neardup", "toolformer_nested", "toolformer-similarity-0.6-dataset.json").map((row) => [row["instruction"], row["response"]]),
    );
    for (const rows of sets) {
      const at = Math.floor(rows.length / 3);
      const detector = detect([item("held", rows[at][0], rows[at][1], "held out")]);
      rows.forEach(([prompt, answer], i) => {
        if (i === at) return;
        judged++;
        if (detector.judge(chat(prompt, answer))) dropped++;
      });
      assert.equal(verdict(detector.judge(chat(rows[at][0].toUpperCase(), "Something else."))), "eval_overlap held");
    }
    context.diagnostic(`${dropped} of ${judged} dropped`);
    assert.ok(dropped <= judged * 0.002);
  },
);
