import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mix32 } from "../../src/core/random.ts";
import { hashWord } from "../../src/diversity/lexicon.ts";
import { type TaskName, taskNames } from "../../src/diversity/task-names.ts";
import { classifyTask } from "../../src/diversity/task-types.ts";
import { labelledSets, missingData } from "./labelled.ts";

function nameOf(instruction: string): TaskName {
  return taskNames[classifyTask(instruction)];
}

const cases: Readonly<Record<TaskName, readonly string[]>> = {
  "question answering": [
    "What is the capital of France?",
    "Explain how photosynthesis works.",
    "how to make pancakes",
    "Give me three tips for staying healthy.",
    "Say something about the lake behind our house",
    "Say why leaves turn red in autumn.",
    "Which planet is the closest to the sun?\nA. Mars\nB. Mercury\nC. Venus\nD. Earth",
    "Question: Snow, rain, hail, and fog are all forms of",
    "Describe an exercise program for beginners",
  ],
  code: [
    "Write a Python function that reverses a string.",
    "Why does this throw?\n```java\nint x = foo.bar();\n```",
    "Rewrite this code to make it faster.\nfor (i = 0; i < n; i++) { sum += a[i]; }",
    "Sort the given list using insertion sort.\nmy_list = [3, 1, 7]",
    "I get a segmentation fault in my C++ program",
    "Construct a Ruby method to calculate the area of a triangle.",
  ],
  summarisation: [
    "Summarize the following article in three sentences.\nThe fox ran. It was fast.",
    "Rain fell on monday, officials said .\n\nTL;DR:\n",
    "Make a title for this article: rain fell on monday, officials said",
    "Read the report and write a short summary of it.",
  ],
  classification: [
    "Classify the sentiment of this tweet: I love it!",
    "Is this product review positive?\nReview: I loved it.",
    "Determine whether the statement is true or false: The sun is a planet.",
    "Which is a species of fish? Tope or Rope",
    "Identify which instrument is string or percussion: Dayereh, kumuz",
  ],
  "creative writing": ["Write a short story about a dragon.", "Tell me a joke about penguins", "I need a wedding toast for my sister"],
  mathematics: [
    "Solve for x: 2x + 3 = 11",
    "Tom has 5 apples and buys 7 more. He gives 3 to Anna. How many apples does he have left?",
    "If 3 pens cost $4.50, what is the price of 7 pens?",
    "Let $f(x) = x^3$. Find $f'(2)$.",
    "What is 17 * 24?",
  ],
  extraction: [
    "Extract all dates from the text below.\nOn 3 May 2020 we met.",
    "Identify the named entities in the sentence.\nBarack Obama was born in Hawaii.",
    "Find all email addresses in this text: a@b.com",
  ],
  rewriting: ["Paraphrase this: I like dogs.", "Fix the grammar in this sentence: he go home", "Make this email more formal.\nhey bob"],
  translation: [
    "Translate this sentence into French: The cat is black.",
    'Say "thank you" in Korean.',
    "Render this verse in Polish: the night is still",
    "English: I am hungry.\nFrench:",
    "What is the German word for butterfly?",
  ],
  conversation: [
    "Hi there!",
    "Hello, how are you?",
    "Pretend you are my grandmother.",
    "As a pirate captain, what would you say to your crew?",
  ],
  other: ["", "Say hello to the team", "Put the lid back on", "lorem ipsum dolor", "东西南北"],
};

for (const [name, texts] of Object.entries(cases)) {
  for (const text of texts) {
    test(`${JSON.stringify(text)} is ${name}`, () => assert.equal(nameOf(text), name));
  }
}

test("words count whole: no 'how' in show, no 'code' in encoded, no 'sum' in resumed, no 'rap' in trap", () => {
  assert.equal(nameOf("The showers resumed"), "other");
  assert.equal(nameOf("trapeze encoded decoder episodes"), "other");
  assert.equal(nameOf("histories prescripted retranslated misclassified"), "other");
  assert.equal(nameOf("Showing classy summaryless translators"), "other");
});

test("case and curly quotes do not matter", () => {
  assert.equal(nameOf("TRANSLATE THIS INTO GERMAN"), "translation");
  assert.equal(nameOf("What’s your name?"), nameOf("What's your name?"));
  assert.equal(nameOf("“Summarise” this text"), "summarisation");
});

test("a prompt in the frame of the Alpaca template is judged by its instruction", () => {
  const frame =
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\n";
  for (const text of ["Write a haiku on autumn", "Translate to French: cat", "What is kangen water?"]) {
    assert.equal(nameOf(`${frame}${text}\n\n### Response:\n`), nameOf(text));
  }
});

test("a question in another language is a question, other text in it is not known", () => {
  assert.equal(nameOf("Wo liegt Köln?"), "question answering");
  assert.equal(nameOf("法国的首都是哪里？"), "question answering");
  assert.equal(nameOf("ما هي عاصمة فرنسا؟"), "question answering");
  assert.equal(nameOf("Où est la gare"), "other");
});

test("of a long text the ends are read: the task may stand first or last", () => {
  const filler = "The river was wide and the hills beyond it were green in spring. ".repeat(400);
  assert.equal(nameOf(`Summarize this text.\n${filler}`), "summarisation");
  assert.equal(nameOf(`${filler}\nTranslate the text above into Spanish.`), "translation");
  const long = filler.repeat(20);
  const started = performance.now();
  for (let i = 0; i < 200; i++) classifyTask(long);
  assert.ok(performance.now() - started < 1000, "the middle of half a million characters is not read");
});

test("a text leaves nothing behind for the next", () => {
  const texts = Object.values(cases).flat();
  const alone = texts.map(nameOf);
  assert.deepEqual([...texts].reverse().map(nameOf).reverse(), alone);
  // One sentence has no second, whatever the second sentence of the text before was.
  for (let words = 1; words < 20; words++) {
    nameOf(`${"a ".repeat(words)}. x y z. b`);
    assert.equal(nameOf("Which animal lives in the sea, tell us now."), "question answering", `${words}`);
  }
});

test("any text has a type: lone surrogates, control characters, marks without words", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff), { maxLength: 1500 }), (units) => {
      const type = classifyTask(String.fromCharCode(...units));
      assert.ok(type >= 0 && type < taskNames.length);
    }),
    { seed: 3, numRuns: 200 },
  );
  for (const text of ["find, ".repeat(500), "a b ".repeat(500), "?".repeat(2000), "{".repeat(2000)]) assert.ok(classifyTask(text) >= 0);
});

/**
 * Rules were developed on the texts whose hash is even; the others are asked here. Least accuracy per set: what was measured, less a margin
 * for changes of the rules. "hard" sets have labels that the text alone does not tell.
 */
const least: Readonly<Record<string, number>> = {
  gsm8k: 0.95,
  "gsm8k reworded": 0.9,
  "code alpaca": 0.85,
  mbpp: 0.97,
  humaneval: 0.95,
  "humaneval in javascript": 0.75,
  wizardlm: 0.65,
  "mt bench": 0.75,
  "vicuna bench": 0.85,
  mmlu: 0.45,
  "mmlu mathematics": 0.8,
};

test("task types of labelled public sets, on the half that the rules were not developed on", { skip: missingData }, (context) => {
  let clear = 0;
  let clearRight = 0;
  for (const { name, kind, rows } of labelledSets()) {
    const asked = rows.filter(({ text }) => (mix32(hashWord(text)) & 1) === 1);
    const right = asked.filter(({ text, tasks }) => tasks.includes(nameOf(text))).length;
    const share = right / asked.length;
    context.diagnostic(`${(share * 100).toFixed(1)} % of ${asked.length} ${kind} ${name}`);
    assert.ok(share >= (least[name] ?? 0.88), `${name}: ${share.toFixed(3)}`);
    if (kind === "clear") [clear, clearRight] = [clear + asked.length, clearRight + right];
  }
  context.diagnostic(`${((clearRight / clear) * 100).toFixed(1)} % of ${clear} rows of clear sets`);
});
