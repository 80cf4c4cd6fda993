// Items with choices or a passage: their question is known by itself, with its answer and with its choices in any arrangement; a passage
// alone, or with another question, is another row.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Message } from "../../src/core/row.ts";
import { createDecontaminator, type Decontaminator, type EvaluationItem } from "../../src/dedup/decontaminate.ts";
import { evaluationItems } from "../../src/io/index.ts";
import { missing, shared } from "../shared.ts";

const chat = (user: string, assistant = "Sure."): Message[] => [
  { role: "user", content: user },
  { role: "assistant", content: assistant },
];
const itemsOf = (file: string, records: readonly unknown[]): EvaluationItem[] =>
  records.flatMap((record, i) => evaluationItems(record).map((texts) => ({ id: `${file}#${i}`, file, ...texts })));
const detect = (records: readonly unknown[]): Decontaminator =>
  createDecontaminator({ items: itemsOf("bench.jsonl", records), options: {} });
const verdict = (found: ReturnType<Decontaminator["judge"]>): string =>
  found ? `${found.reason} ${String(found.evidence["part"])} ${String(found.evidence["item"])}` : "keep";

const filler = "The river rises in the northern hills and flows south past three small towns before it reaches the sea.";
const letters = "ABCDE";

interface Asked {
  readonly question: string;
  readonly choices: readonly string[];
  readonly answer: number;
}

/** How training rows hold an item with choices. */
const arrangements: Readonly<Record<string, (item: Asked) => Message[]>> = {
  "A. lines": ({ question, choices, answer }) =>
    chat([question, ...choices.map((choice, i) => `${letters[i]}. ${choice}`)].join("\n"), letters[answer]),
  "(A) in a line": ({ question, choices, answer }) =>
    chat(`${question} ${choices.map((choice, i) => `(${letters[i]}) ${choice}`).join(" ")}`, letters[answer]),
  numbers: ({ question, choices, answer }) =>
    chat([question, ...choices.map((choice, i) => `${i + 1}) ${choice}`)].join("\n"), `${answer + 1}`),
  "Options:": ({ question, choices, answer }) =>
    chat(`${question}\nOptions:\n${choices.map((choice) => `- ${choice}`).join("\n")}\nAnswer:`, choices[answer]),
  "another order": ({ question, choices, answer }) =>
    chat([question, ...[...choices].reverse().map((choice, i) => `${letters[i]}) ${choice}`)].join("\n"), choices[answer]),
  "an introduction": ({ question, choices, answer }) =>
    chat(
      `The following are multiple choice questions (with answers).\n\n${question}\n${choices.map((choice, i) => `${letters[i]}. ${choice}`).join("\n")}\nAnswer:`,
      letters[answer],
    ),
};

const tide: Asked = {
  question: "Why does the harbour of Brevik silt up faster in years when the spring tides coincide with heavy snowmelt?",
  choices: ["The current slows", "Ice scours the quay", "Salt binds the clay", "Ships turn more often"],
  answer: 2,
};
const metal: Asked = { question: "Which metal melts first?", choices: ["tin", "lead", "zinc", "gallium"], answer: 3 };
const choices = detect([
  { question: tide.question, choices: tide.choices, answer: tide.answer },
  { query: `Question: ${metal.question}\n`, choices: metal.choices, gold: metal.answer },
  {
    goal: "candle wax",
    sol1: "can be taken out of a tablecloth with a warm iron",
    sol2: "can be taken out of a tablecloth with ice",
    label: 0,
  },
]);

test("an item's question is known alone, with its answer, and inside a longer text where it is long", () => {
  assert.equal(verdict(choices.judge(chat(tide.question, filler))), "eval_overlap question bench.jsonl#0");
  assert.equal(verdict(choices.judge(chat(tide.question, tide.choices[2]))), "eval_overlap question bench.jsonl#0");
  assert.equal(verdict(choices.judge(chat(`Tell me this. ${tide.question} Be brief.`))), "eval_overlap question bench.jsonl#0");
  const { evidence } = choices.judge(chat(tide.question))!;
  assert.deepEqual([evidence["file"], evidence["item_text"], evidence["coverage"]], ["bench.jsonl", tide.question, 1]);
});

test("a short question is known where a turn is that and nothing else but labels", () => {
  for (const text of [
    metal.question,
    "QUESTION: which metal melts first",
    "Q: Which metal melts first?\nA:",
    "Which metal melts first? Answer:",
  ])
    assert.equal(verdict(choices.judge(chat(text, "Gallium."))), "eval_overlap question bench.jsonl#1", text);
  for (const text of ["Which metal melts first, and why?", "In a kiln, which metal melts first?", "Metal melts."])
    assert.equal(verdict(choices.judge(chat(text, "Gallium."))), "keep", text);
});

test("a question with all of its choices is known in any arrangement", () => {
  for (const [name, make] of Object.entries(arrangements)) {
    assert.match(verdict(choices.judge(make(tide))), /^eval_overlap \w+ bench\.jsonl#0$/, name);
    assert.equal(verdict(choices.judge(make(metal))), "eval_overlap prompt bench.jsonl#1", name);
    assert.equal(verdict(choices.judge(make({ ...metal, choices: ["iron", "cobalt", "nickel", "chromium"] }))), "keep", name);
  }
});

test("one or two words are known with a choice of the item, not alone", () => {
  assert.equal(verdict(choices.judge(chat("Candle wax"))), "keep");
  assert.equal(verdict(choices.judge(chat("Candle wax", "It melts at sixty degrees."))), "keep");
  const continued = chat("candle wax", "...can be taken out of a tablecloth with a warm iron.");
  assert.equal(verdict(choices.judge(continued)), "eval_overlap question bench.jsonl#2");
  assert.equal(
    verdict(choices.judge([{ role: "user", content: "Question: candle wax" }, continued[1]])),
    "eval_overlap question bench.jsonl#2",
  );
});

test("a question that several items ask says nothing inside other rows", () => {
  const question = "Which claim about Norman castles and mills is supported?";
  const items = ["bees", "mules", "wells", "bells"].map((word, i) => ({
    question,
    choices: [
      `Every keep of stone had ${word} behind a ditch`,
      `No lord paid for ${word} before the harvest`,
      `Millers hired out ${word} in winter`,
    ],
    answer: i % 3,
  }));
  const many = detect(items);
  const rows = [`Think of two rivals. ${question} I mean, by letters or by coins?`, `${question}\nA. Walls were thin\nB. Wheels were oak`];
  for (const text of rows) {
    assert.equal(verdict(many.judge(chat(text))), "keep", text);
    assert.equal(verdict(detect([items[0]]).judge(chat(text))), "eval_overlap question bench.jsonl#0", text);
  }
  for (const [i, item] of items.entries())
    assert.equal(verdict(many.judge(arrangements["another order"](item))), `eval_overlap prompt bench.jsonl#${i}`);
  // The same item in two files, with more choices in one, is one item.
  const twice = detect([items[0], { ...items[0], choices: [...items[0].choices, "Priests bred bees"] }]);
  assert.match(verdict(twice.judge(chat(`Well, ${question} I wonder.`))), /^eval_overlap question/);
});

test("what every question of its kind holds is no item", () => {
  const vague = detect([
    { question: "Is this true?", choices: ["Yes", "No"], answer: 0 },
    { question: "Which of the following is true?", choices: ["A", "B", "C", "D"], answer: "A" },
    { question: "Which symbol is meant by the sentence about sheep above?", choices: ["\u2227", "\u2228", "\u00ac"], answer: 0 },
  ]);
  const rows = [
    "Read the note. Is this true? Answer yes or no.",
    "Which of the following is true?\nA) Snow is warm.\nB) Glass is old.\nC) Tin is rare.\nD) Wood sinks.",
    "Which of the following is true? Glass is a liquid, or snow is warm.",
  ];
  for (const text of rows) assert.equal(verdict(vague.judge(chat(text))), "keep", text);
});

const passage =
  "The lighthouse on Skerryvore was built between 1838 and 1844 by Alan Stevenson on a reef twelve miles off the island of Tiree. Its tower " +
  "of granite is 156 feet high, and the base is 42 feet across. The light was lit for the first time on the first of February.";

test("of an item about a passage the question must be there, not the passage alone", () => {
  const read = detect([
    { context: passage, question: "Who built the tower and how high is it?", answers: { text: ["Alan Stevenson"] } },
    {
      passage,
      question: "What was lit on the first of February?",
      answer: "The light was lit for the first time on the first of February",
    },
    { premise: `${passage} Masons lived there.`, hypothesis: "Nobody ever lived out on the reef of Skerryvore.", label: 2 },
  ]);
  const found = {
    whole: `${passage}\nWho built the tower and how high is it?`,
    labelled: `Passage: ${passage}\n\nQuestion: Who built the tower, and how high is it?\nAnswer:`,
    "question first": `What was lit on the first of February?\n\n${passage}`,
    hypothesis: `Premise: ${passage} Masons lived there.\nHypothesis: Nobody ever lived out on the reef of Skerryvore.\nTrue or false?`,
  };
  for (const [name, text] of Object.entries(found)) assert.match(verdict(read.judge(chat(text))), /^eval_overlap prompt/, name);
  const kept = [
    `${passage}\nFrom which island is the reef twelve miles away?`,
    `Summarise this.\n${passage}`,
    `Premise: ${passage} Masons lived there.\nHypothesis: The base is wider than a road.\nTrue or false?`,
    "Thanks. Who built the tower and how high is it? And who paid?",
  ];
  for (const text of kept) assert.equal(verdict(read.judge(chat(text, "It is a lighthouse."))), "keep", text);
  assert.equal(verdict(read.judge(chat("Who built the tower and how high is it?"))), "keep", "three content words tell no passage");
  const telling = detect([{ context: passage, question: "On which reef did Alan Stevenson build a lighthouse?", answer: "Skerryvore" }]);
  assert.equal(verdict(telling.judge(chat("On which reef did Alan Stevenson build a lighthouse?"))), "eval_overlap question bench.jsonl#0");
});

test("a reworded question is found where nothing of it is there word for word", () => {
  const rows = {
    yes: "When heavy snowmelt and the spring tides coincide, the harbour of Brevik silts up faster in such years. Why?",
    no: "Why do harbours in northern Norway need dredging after years of heavy snow?",
  };
  assert.match(verdict(choices.judge(chat(rows.yes))), /^eval_reworded question bench\.jsonl#0$/);
  assert.equal(verdict(choices.judge(chat(rows.no))), "keep");
});

// Public benchmarks. Rules were chosen with items of even numbers in sight; here are the odd ones.

const jsonLines = (...path: string[]): Record<string, unknown>[] =>
  readFileSync(shared("data", ...path), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

interface Benchmark {
  readonly records: readonly unknown[];
  readonly asked: readonly Asked[];
}

function foundry(name: string): Benchmark {
  const records = jsonLines("eval", "llm_foundry", `${name}.jsonl`) as { query: string; choices: string[]; gold: number }[];
  const asked = records.map(({ query, choices, gold }) => ({ question: query.replace(/^Question: /, "").trim(), choices, answer: gold }));
  return { records, asked };
}

/** Questions of MMLU whose CSV lines have no quotes: three quarters of them. */
function mmlu(): Benchmark {
  const lines = readdirSync(shared("data", "eval", "mmlu", "test"))
    .sort()
    .flatMap((name) =>
      readFileSync(shared("data", "eval", "mmlu", "test", name), "utf8")
        .split(/\r?\n/)
        .slice(1),
    )
    .filter((line) => !line.includes('"'))
    .map((line) => line.split(","))
    .filter((fields) => fields.length === 6);
  const asked = lines.map(([question, a, b, c, d, answer]) => ({ question, choices: [a, b, c, d], answer: Number(answer) }));
  return { records: asked, asked };
}

test(
  "ARC, PIQA, MMLU and COPA: questions alone, with the answer and with choices",
  { skip: missing("data", "eval", "mmlu") },
  (context) => {
    const rows = {
      "question alone": ({ question }: Asked) => chat(question, filler),
      "right answer": ({ question, choices, answer }: Asked) => chat(question, choices[answer]),
      ...arrangements,
    };
    for (const [name, { records, asked }] of Object.entries({
      ARC: foundry("arc_challenge"),
      PIQA: foundry("piqa"),
      COPA: foundry("copa"),
      MMLU: mmlu(),
    })) {
      const detector = detect(records);
      // PIQA has some hundred goals like "dresser".
      const odd = asked.filter(({ question }, i) => i % 2 === 1 && question.split(/[^\p{L}\p{N}']+/u).filter(Boolean).length >= 3);
      assert.ok(odd.length >= 50);
      for (const [how, make] of Object.entries(rows)) {
        const missed = odd.filter((one) => detector.judge(make(one)) === undefined);
        context.diagnostic(`${name}, ${how}: ${odd.length - missed.length} of ${odd.length}`);
        if (how === "question alone" || how === "right answer") assert.deepEqual(missed, [], `${name}, ${how}`);
        else assert.ok(missed.length <= odd.length * 0.005, `${name}, ${how}: ${missed.length} missed, ${JSON.stringify(missed[0])}`);
      }
    }
  },
);

test("ARC, PIQA, MMLU and COPA: false alarms on ordinary rows and on other items", { skip: missing("data", "general") }, (context) => {
  const sets = { ARC: foundry("arc_challenge"), PIQA: foundry("piqa"), COPA: foundry("copa"), MMLU: mmlu() };
  const all = detect(Object.values(sets).flatMap(({ records }) => records));
  const alpaca = JSON.parse(readFileSync(shared("data", "general", "cherry_alpaca", "cherry_alpaca_5_percent.json"), "utf8")) as {
    instruction: string;
    input: string;
    output: string;
  }[];
  const ordinary = [
    ...alpaca.map(({ instruction, input, output }) => chat(input ? `${instruction}\n${input}` : instruction, output)),
    ...jsonLines("general", "dolly_hhrlhf", "dolly_hhrlhf_train_small.jsonl").map((row) =>
      chat(String(row["prompt"]), String(row["response"])),
    ),
    // Multiple choice and questions of other sets.
    ...readdirSync(shared("data", "general", "t0_p3"))
      .filter((name) => /^(?:commonsense_qa|sciq|qasc|quartz|social_i_qa|wiki_qa|trec)/.test(name))
      .flatMap((name) => jsonLines("general", "t0_p3", name).map((row) => chat(String(row["prompt"]), String(row["completion"])))),
  ];
  const alarms = ordinary.filter((row) => all.judge(row) !== undefined).length;
  context.diagnostic(`ordinary rows: ${alarms} of ${ordinary.length}`);
  // As many as before questions were texts of their own: recipes and definitions that are like an item's choices.
  assert.ok(alarms <= ordinary.length * 0.0025);
  for (const name of ["ARC", "PIQA", "COPA"] as const) {
    const { records, asked } = sets[name];
    const detector = detect(records.filter((_, i) => i % 2 === 0));
    const others = asked.filter((_, i) => i % 2 === 1);
    const dropped = others.filter((one) => detector.judge(arrangements["A. lines"](one)) !== undefined).length;
    context.diagnostic(`other items of ${name}: ${dropped} of ${others.length}`);
    assert.ok(dropped <= others.length * 0.02);
  }
});

test("questions about shared passages: other questions stay", { skip: missing("data", "general", "t0_p3") }, (context) => {
  const read = jsonLines("general", "t0_p3", "adversarial_qa_dbert_answer_the_following_q.jsonl").flatMap(({ prompt }) => {
    const match = /passage\n\n"([\s\S]*)",\n\nanswer[\s\S]*Question: ([\s\S]*)\n$/.exec(String(prompt));
    return match ? [{ context: match[1], question: match[2] }] : [];
  });
  const held = read.filter((_, i) => i % 3 === 0);
  const detector = detect(held);
  const known = new Set(held.map(({ context, question }) => `${context}\n${question}`));
  const others = read.filter(
    ({ context, question }) => !known.has(`${context}\n${question}`) && held.some((one) => one.context === context),
  );
  const judged = (rows: readonly string[]): number => rows.filter((text) => detector.judge(chat(text)) !== undefined).length;
  const dropped = judged(others.map(({ context, question }) => `${context}\nQuestion: ${question}`));
  context.diagnostic(`other questions: ${dropped} of ${others.length} dropped`);
  assert.ok(others.length > 100 && dropped <= others.length * 0.02);
  assert.equal(judged(held.map(({ context }) => `Summarise: ${context}`)), 0);
  assert.equal(judged(held.map(({ context, question }) => `Read this: ${context}\n\nQuestion: ${question}\nAnswer:`)), held.length);
});
