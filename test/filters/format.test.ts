import assert from "node:assert/strict";
import { test } from "node:test";
import { format } from "../../src/filters/format.ts";
import { missing } from "../shared.ts";
import { ask, first, judgeOf, row, shareFound, sharedRows } from "../cases/filter-rows.ts";

const judge = judgeOf(format);
const judged = (instruction: string, answer: string) => judge(ask(instruction, answer));
const words = (count: number): string => Array.from({ length: count }, (_, i) => `word${i}`).join(" ");

test("valid JSON, wherever it stands", () => {
  const instruction = "List the planets' names and masses. Answer in JSON format.";
  assert.equal(judged(instruction, "The planets are Mercury and Venus."), "not_json");
  assert.equal(judged(instruction, '{"name": "Mercury", mass: 3}'), "not_json");
  assert.equal(judged(instruction, '{"name": "Mercury"}'), undefined);
  assert.equal(judged(instruction, 'Here it is:\n```json\n[{"name": "Venus"}]\n```\nEnjoy!'), undefined);
  assert.equal(judged(instruction, 'Here: {"name": "Venus"}'), undefined);
  assert.equal(judged(instruction, '{"name": "Venus"}\n{"name": "Mars"}'), undefined, "one a line");
  assert.equal(judged("Explain what JSON is and how it is used.", "A text format for data."), undefined);
  assert.equal(judged("Write a function that converts a dictionary into JSON.", "def f(d): return json.dumps(d)"), undefined);
});

test("JSON demanded in plain words", () => {
  for (const instruction of [
    "Return a valid JSON object with the keys name and mass.",
    "Output valid JSON only.",
    "Return JSON.",
    "Respond with JSON only. What is the largest planet?",
    "Reply only with valid JSON, nothing else.",
    "Answer with a JSON object.",
    "List three planets. Your output must be valid JSON.",
    "The response should be a JSON object with the fields name and mass.",
    "Name the largest planet and wrap your entire answer in JSON format.",
  ]) {
    assert.equal(judged(instruction, "The largest planet is Jupiter."), "not_json", instruction);
    assert.equal(judged(instruction, 'Sure: {"name": "Jupiter", "mass": 318}'), undefined, instruction);
  }
  for (const instruction of [
    "Explain what JSON is.",
    "Write a function that returns JSON.",
    "Convert this JSON to CSV: [1, 2]",
    "What does it mean to return JSON?",
    "Do not answer in JSON. Name the largest planet.",
    "Return the JSON below as one sentence.",
    "Describe a server which can return JSON.",
    "Output JSON schema basics.",
  ])
    assert.notEqual(judged(instruction, "The largest planet is Jupiter."), "not_json", instruction);
});

test("other forms that are plainly not there", () => {
  const prose = "Anna is thirty years old and Ben is twenty five";
  for (const [instruction, there] of [
    ["Return the names and ages as XML.", "<p><name>Anna</name><age>30</age></p>"],
    ["Give me the names and ages in YAML.", "Anna: 30\nBen: 25"],
    ["Output the names and ages as CSV.", "name,age\nAnna,30"],
    ["Make a markdown table of the names and ages.", "| name | age |\n|---|---|\n| Anna | 30 |"],
    ["Present the ages in a table.", "| name | age |\n|---|---|\n| Anna | 30 |"],
    ["Answer in all caps: how old are they?", "ANNA IS THIRTY."],
    ['Respond only with "yes" or "no". Is Anna older than Ben?', "Yes."],
    ["Is Anna older? Answer with only yes or no.", "**No**"],
  ]) {
    assert.equal(judged(instruction, prose), "wrong_form", instruction);
    assert.equal(judged(instruction, there), undefined, instruction);
  }
  for (const instruction of [
    "Write a Python script that prints the ages as XML.",
    "Explain why the ages are given in a table.",
    "Show how to set the guests at a table.",
    "Respond with yes or no, and explain.",
    "Convert the list into a table of contents.",
    "Write about the people in the table.",
    "List three tags in XML.",
  ])
    assert.notEqual(judged(instruction, prose), "wrong_form", instruction);
});

test("code", () => {
  assert.equal(
    judged("Write a Python function that adds two numbers.", "You add the first number to the second one and give back the sum."),
    "no_code",
  );
  assert.equal(judged("Write a Python function that adds two numbers.", "def add(a, b): return a + b"), undefined);
  assert.equal(judged("Write a SQL query that finds all users.", "SELECT * FROM users"), undefined);
  assert.equal(judged("Write a SQL query that finds all users.", "Look into the table of users and take all of them"), "no_code");
  assert.equal(judged("Write a script for a short film about a dog.", "A dog runs home."), undefined, "not a program");
  assert.equal(judged("Design a training program for beginners.", "Run every day."), undefined);
  assert.equal(judged("Show how the function of the heart changes with age.", "It beats more slowly."), undefined);
  assert.equal(judged("Describe a Python function that adds numbers.", "It adds numbers."), undefined);
});

test("lists and their items", () => {
  assert.equal(judged("Summarise the text in bullet points.", "The text is about dogs. They bark at night."), "no_list");
  assert.equal(judged("Summarise the text in bullet points.", "- It is about dogs\n- They bark"), undefined);
  assert.equal(judged("Write a paragraph using the following bullet points.", "Dogs bark."), undefined);
  assert.equal(judged("Give three examples of fruit.", "1. Apple\n2. Pear"), "wrong_item_count");
  assert.equal(judged("Give three examples of fruit.", "1. Apple\n2. Pear\n3. Plum\n4. Fig"), "wrong_item_count");
  assert.equal(judged("Give three examples of fruit.", "1. Apple\n2. Pear\n3. Plum"), undefined);
  assert.equal(judged("List 5 colors.", "red, green, blue"), "wrong_item_count");
  assert.equal(judged("List 5 colors.", "red, green, blue, black and white"), undefined);
  assert.equal(judged("Give at least three examples of fruit.", "- Apple\n- Pear\n- Plum\n- Fig"), undefined);
  assert.equal(judged("Give up to three examples of fruit.", "- Apple\n- Pear"), undefined);
  assert.equal(
    judged("Give three examples of fruit and explain each.", "1. Apple\n2. Pear"),
    undefined,
    "two demands in one are left alone",
  );
  assert.equal(judged("Give two reasons for each of the three points.", "1. A\n2. B\n3. C\n4. D\n5. E\n6. F"), undefined);
  for (const instruction of [
    "List exactly 3 fruits.",
    "Generate a list of 3 fruits.",
    "Create a list of three fruits.",
    "Provide a numbered list of 3 fruits.",
    "List the top 3 fruits.",
    "Describe fruit. Your answer must contain exactly 3 bullet points.",
    "Describe fruit in 3 short bullet points.",
  ]) {
    assert.equal(judged(instruction, "- Apple\n- Pear"), "wrong_item_count", instruction);
    assert.equal(judged(instruction, "- Apple\n- Pear\n- Plum"), undefined, instruction);
  }
  for (const instruction of [
    "List the 50 states and 3 facts.",
    "Describe fruit in 3-5 bullet points.",
    "Describe fruit in 3 to 5 bullet points.",
    "Write two lines and then 3 bullet points.",
    "Make a list of three friends and what they eat each.",
  ])
    assert.equal(judged(instruction, "- Apple\n- Pear\n- Plum\n- Fig"), undefined, instruction);
  assert.equal(
    judged("Write an SQL query to list the top 3 fruits.", "SELECT name FROM fruits LIMIT 3;\n- name\n- limit"),
    undefined,
    "the list is made by the query",
  );
  assert.equal(judged("Use bullet points to describe a dog.", "It barks. It runs."), "no_list");
  assert.equal(judged("Give three examples of fruit.", "Apples are a fine example. So are pears."), undefined, "prose is not counted");
});

test("numbers of words, with room for counting otherwise", () => {
  assert.equal(judged("Explain it in 50 words or less.", words(90)), "wrong_word_count");
  assert.equal(judged("Explain it in 50 words or less.", words(58)), undefined);
  assert.equal(judged("Write a story of at least 100 words.", words(60)), "wrong_word_count");
  assert.equal(judged("Write a story of at least 100 words.", words(95)), undefined);
  assert.equal(judged("Write a text between 50 and 100 words.", words(30)), "wrong_word_count");
  assert.equal(judged("Write a text between 50 and 100 words.", words(104)), undefined);
  assert.equal(judged("Write a 500-word essay about dogs.", words(120)), "wrong_word_count");
  assert.equal(judged("Write a 500-word essay about dogs.", words(430)), undefined);
  assert.equal(judged("Write a poem with the following 5 words.", words(40)), undefined);
  assert.equal(judged("Use fewer swords in the game.", words(40)), undefined, "whole words only");
});

test("numbers of sentences and paragraphs", () => {
  assert.equal(judged("Describe it in one sentence.", "It is red. It is round. It is sweet. It is good."), "wrong_sentence_count");
  assert.equal(judged("Describe it in one sentence.", "It is red, round, e.g. like a ball, and Dr. Smith likes it."), undefined);
  assert.equal(judged("Describe it in three sentences.", "It is red. It is round. It is sweet."), undefined);
  const paragraph = `${words(30)}.`;
  assert.equal(judged("Write an essay in five paragraphs.", paragraph), "wrong_paragraph_count");
  assert.equal(judged("Write an essay in three paragraphs.", [paragraph, paragraph, paragraph].join("\n\n")), undefined);
  assert.equal(judged("Write a five sentence paragraph about dogs.", paragraph), undefined, "sentences, not paragraphs");
});

test("languages, only where it is certain", () => {
  assert.equal(judged("Translate the sentence into Russian: I am at home today.", "I am at home today and it is nice."), "wrong_language");
  assert.equal(judged("Translate the sentence into Russian: I am at home today.", "Сегодня я дома."), undefined);
  assert.equal(judged("Translate the sentence into Japanese, in romaji.", "Kyou wa ie ni imasu."), undefined);
  const english = "The house of my family was by the sea and we had been there for many years when I was a child.";
  assert.equal(judged("Translate the text into French.", english), "wrong_language");
  assert.equal(
    judged("Translate the text into French.", "La maison de ma famille était au bord de la mer et nous y avons été pendant des années."),
    undefined,
  );
  const chinese = "房子在山上，旁边有一条河，风景非常美丽。";
  const japanese = "家は山の上にあります。となりに川が流れていて、とてもきれいです。";
  assert.equal(judged("Answer in Japanese: where is the house?", chinese), "wrong_language");
  assert.equal(judged("Answer in Japanese: where is the house?", japanese), undefined);
  assert.equal(judged("Answer in Chinese: where is the house?", japanese), "wrong_language");
  assert.equal(judged("Answer in Chinese: where is the house?", `${chinese}那里的人叫它"みどり"。`), undefined, "a name within Chinese");
  const spanish = "La casa de mi familia estaba en la costa y en el verano no había más que el mar y los pinos.";
  const portuguese = "A casa da minha família ficava na costa e no verão não havia nada mais do que o mar e os pinheiros.";
  const german = "Das Haus meiner Familie war an der See und im Sommer gab es nicht viel mehr als das Meer und die Wälder.";
  for (const [language, text, others] of [
    ["Spanish", spanish, [portuguese, german, english]],
    ["Portuguese", portuguese, [spanish, german, english]],
    ["German", german, [spanish, portuguese, english]],
    ["English", english, [spanish, portuguese, german]],
  ] as const) {
    assert.equal(judged(`Rewrite the text in ${language}.`, text), undefined, language);
    for (const other of others) assert.equal(judged(`Rewrite the text in ${language}.`, other), "wrong_language", `${language}: ${other}`);
  }
  assert.equal(judged("Write a poem in Italian about the sea.", english), "wrong_language");
  assert.equal(judged("What is it? Your entire response should be in the Hindi language.", english), "wrong_language");
  for (const instruction of [
    "Explain the use of articles in German.",
    "Describe a book that was written in Spanish.",
    "Explain how verbs are put at the end in German.",
    "Write a story about a cook in Italian kitchens.",
  ])
    assert.equal(judged(instruction, english), undefined, instruction);
  assert.equal(judged("Write a story about a girl who grew up in French Guiana.", english), undefined);
  assert.equal(
    judged("How do you say good morning in French?", "You say bonjour, which is what most of the people will say to you."),
    undefined,
  );
});

test("a demand counts for the answer right after it, and material is no instruction", () => {
  assert.equal(judge(row("u: Answer in JSON.", 'a: {"a": 1}', "u: Thanks! What is it?", "a: It is one.")), undefined);
  assert.equal(judge(row("u: Hello", "a: Hi!", "u: Respond in JSON please.", "a: No.")), "not_json");
  assert.equal(judged('Rewrite this: "Give three examples in JSON."', "Please name three examples."), undefined);
  assert.equal(
    judged(
      "Fix the grammar of the text.\n\nGive three example of fruit in bullet points.",
      "Give three examples of fruit in bullet points.",
    ),
    undefined,
  );
});

test("evidence says what was demanded and what is there", () => {
  const found = first(format.create({}), ask("Give three examples of fruit.", "1. Apple\n2. Pear"));
  assert.deepEqual(found, { reason: "wrong_item_count", evidence: { demanded: "Give three examples", found: 2, turn: 2 } });
});

test("long texts of one kind take moderate time", () => {
  const instruction =
    "Give three ideas in bullet points in JSON in one sentence in three paragraphs, at most 10 words. Write a Python function in French.";
  const started = process.cpuUsage();
  for (const unit of ["a", " ", "\n", "!", "```\n", "{", ", ", " and", "1. a\n", '"', "\t- "])
    judged(instruction, `x${unit.repeat(50_000)}x`);
  for (const unit of ["a", " ", "list ", "write 3 ", "in 3 ", '"', "\n"]) judged(unit.repeat(50_000), "x");
  assert.ok(process.cpuUsage(started).user < 10_000_000);
});

test("good data is kept", { skip: missing("data", "general") }, () => {
  for (const [path, limit] of [
    // Written by a model that often misses a number of words or items: each of these was read and does break its demand.
    [["data", "general", "cherry_alpaca", "cherry_alpaca_5_percent.json"], 0.012],
    [["data", "general", "dolly_hhrlhf", "dolly_hhrlhf_train_small.jsonl"], 0.002],
    [["data", "general", "gpt4_llm_and_formats", "alpaca_en_demo.json"], 0.002],
    [["data", "code", "codealpaca", "code_alpaca_2k.json"], 0.003],
    [["data", "safety", "safety_tuned_llamas", "safety_only_data_Instructions.json"], 0.001],
  ] as const) {
    const share = shareFound(judge, sharedRows(...path));
    assert.ok(share <= limit, `${path.at(-1)}: ${share}`);
  }
});
