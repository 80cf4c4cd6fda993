import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { truncation } from "../../src/filters/truncation.ts";
import { missing } from "../shared.ts";
import { ask, first, judgeOf, row, shareFound, sharedRows } from "../cases/filter-rows.ts";

const judge = judgeOf(truncation);
const answer = (text: string) => judge(ask("q", text));
const lead = "The mitochondrion is an organelle. It makes most of the cell's energy.";

test("a sentence that stops in its middle", () => {
  for (const text of [
    `${lead} It is found in the`,
    `${lead} It is found in most eukaryotic cells, where it`,
    `${lead} It has two membranes, namely,`,
    `${lead} Its main parts are the following:`,
    `${lead} It has its own genome (mitochondrial DNA`,
    `1. Preheat the oven to 180 degrees.\n2. Mix the flour and the sugar.\n3. Add the eggs and stir until the`,
    "细胞理论是生物科学的一个理论，它认为所有生命体都是由细胞所构成。细胞是所有生物的基本结构和功能单位，这一理论最早由德国的两位学者在十九世纪提出，后来又",
    `Mitochondrien sind Organellen. Sie liefern die Energie der Zelle und liegen in der`,
    `${lead} Its inner membrane is folded, which increases the`,
    `${lead} It is essential for the production of`,
    `${lead} Plants`.concat(" have it, too. The"),
    `${lead} Biologists call it the "powerhouse of the`,
    `${lead}\n\n2. **Inner`,
    "1. Preheat the oven to 180 degrees.\n2. Mix the flour and the sugar.\n3.",
    "细胞是所有生物的基本结构和功能单位。这一理论最早由德国学者在十九世纪提出，后来得到了证实和发展。它是现代生物学的基础，",
    "细胞是所有生物的基本结构和功能单位。这一理论最早由德国学者在十九世纪提出，后来得到了证实和发展。细胞里有细胞核、线粒体、",
    "هل الميتوكوندريا عضية موجودة في معظم الخلايا؟ نعم، وهي تنتج الطاقة اللازمة للخلية،",
    "माइटोकॉन्ड्रिया कोशिका का एक अंग है। यह कोशिका को ऊर्जा प्रदान करता है और",
  ])
    assert.equal(answer(text), "mid_sentence", text.slice(-30));
});

test("code, JSON and brackets that stay open", () => {
  assert.equal(answer("Here is a function that adds two numbers:\n\n```python\ndef add(a, b):\n    return a"), "open_code_fence");
  assert.equal(answer("Here is a function that adds two numbers:\n\n~~~python\ndef add(a, b):\n    return a"), "open_code_fence");
  assert.equal(answer('{"name": "Ada Lovelace", "born": 1815, "works": ["Notes on the Analytical Eng'), "open_json");
  assert.equal(answer('[{"name": "Ada Lovelace", "born": 1815}, {"name": "Charles Babbage", "born": 1791}'), "open_json");
  assert.equal(
    answer("function add(a, b) {\n  const sum = a + b;\n  console.log(sum);\n  if (sum > 3) {\n    return sum;\n"),
    "open_bracket",
  );
  assert.equal(answer("def fibonacci(n):\n    if n < 2:\n        return n\n    return fibonacci(n - 1) + fibonacci("), "open_bracket");
  assert.equal(answer("<html>\n<head><title>A page about cells</title></head>\n<body>\n<p>The cell</p>\n<ul>"), "open_bracket");
});

test("whole answers without a full stop are kept", () => {
  for (const text of [
    "Here is a function that adds two numbers:\n\n```python\ndef add(a, b):\n    return a + b\n```",
    "Here is a function that adds two numbers:\n\n~~~python\ndef add(a, b):\n    return a + b\n~~~",
    "~~~~~~~~~~~~\nThe old house by the sea\n~~~~~~~~~~~~\nIt stood there for a hundred years.\n~~~~~~~~~~~~",
    "````markdown\n```js\nlet a = 1;\n```\n````",
    '{"name": "Ada Lovelace", "born": 1815, "note": "a { in a string"}',
    "function add(a, b) {\n  const sum = a + b;\n  console.log('{');\n  return sum;\n}",
    "SELECT name, salary FROM employees WHERE salary > 50000 ORDER BY salary DESC;",
    "- Eat more vegetables and fruit\n- Sleep eight hours every night\n- Walk for half an hour a day",
    "1. Red apples from the garden\n2. Green pears from the market\n3. Blue plums from the neighbour",
    "Ten Simple Ways to Improve Your Writing Before the End of the Year",
    "apples, pears, plums, cherries, peaches, apricots, figs and dates",
    `${lead}\n\nKind regards,\nDr. Jane Smith`,
    "Dear Sir,\n\nThank you for your letter. I will come on Monday.\n\nSincerely,\n[Your Name]",
    "| Name | Born |\n|------|------|\n| Ada Lovelace | 1815 |\n| Charles Babbage | 1791 |",
    "You can read more about this topic at https://example.org/articles/cells",
    `${lead} Isn't that great 🎉`,
    "细胞是所有生物的基本结构和功能单位。这一理论最早由德国学者在十九世纪提出，后来得到了证实和发展。它是现代生物学的基础之一。",
    "ไมโทคอนเดรียเป็นออร์แกเนลล์ที่พบในเซลล์ส่วนใหญ่ และทำหน้าที่ผลิตพลังงานให้แก่เซลล์",
    "माइटोकॉन्ड्रिया कोशिका का एक अंग है। यह कोशिका को ऊर्जा प्रदान करता है और अधिकांश कोशिकाओं में होता है।",
    "هل الميتوكوندريا عضية موجودة في معظم الخلايا، وهل تنتج الطاقة اللازمة للخلية؟",
    '"Nothing in life is to be feared, it is only to be understood." - Marie Curie',
    "The area of the circle is A = πr², so with r = 3 it is A = 9π ≈ 28.27",
    'She said: "I will never forget the day when we met for the first time."',
    "Enjoy the summer with our new ice cream! #summer #icecream #happiness",
    `${lead} The answer is B`,
    `${lead} So the answer is 42`,
    `${lead} So the final answer is no`,
    `${lead} The organelle that makes energy is the mitochondrion`,
    `${lead} Therefore, y = 12`,
    `${lead} What they lack is vitamin A`,
    `${lead} It is a fine thing to look at`,
    `${lead} The nurse asked the two of them to come in`,
    `${lead} I would love to know what it is made of`,
    `${lead} Yes, I think that it is`,
    `${lead} I did not like that lesson :(`,
    `${lead}\n\nThis is still debated`,
    "Anna: How is the cell today?\nBen: It is well, I think. And you?\nAnna: Quite well, thanks",
    "an old quiet pond\na frog leaps into the pond\nrings spread out and and",
    "Der Bus kommt um acht. Wenn du am Bahnhof bist, rufe ich dich gleich an",
    "Cats and dogs live with people. Wolves and foxes live in the wild",
    "Lyon has many rivers and bridges. Take a walk along them in the evening.\n\nParis is a good place to begin such a trip",
    "The rain falls soft upon the hill\nThe wind goes through the trees\nThe night is long, the night is still\nThe moon looks on the seas\nAnd I am waiting for you still",
  ])
    assert.equal(answer(text), undefined, text.slice(-40));
});

test("short answers are not judged, whatever they end with", () => {
  assert.equal(answer("It depends on the"), undefined);
  assert.equal(judgeOf(truncation, { min_characters: 10 })(ask("q", "It depends on the")), "mid_sentence");
  assert.throws(() => truncation.create({ min_characters: 0.5 }), /whole number from 0, not 0.5/);
});

test("any assistant turn is judged; evidence holds the last characters", () => {
  const found = first(truncation.create(truncation.defaults), row("u: q", `a: ${lead} It is found in the`, "u: q", `a: ${lead}`));
  assert.equal(found?.evidence.turn, 2);
  assert.ok(String(found?.evidence.matched).endsWith("It is found in the"));
  assert.equal(judge(row(`u: ${lead} It is found in the`, `a: ${lead}`)), undefined);
});

test("long texts of one kind take moderate time", () => {
  const started = process.cpuUsage();
  for (const unit of ["a", " ", "\n", "(", "{", "`", "```\n", "a@", "* ", '"', '{"a":', ". "]) answer(`x = ${unit.repeat(200_000)}a`);
  assert.ok(process.cpuUsage(started).user < 10_000_000);
});

/** Good answers cut after a word at a random place, about 50 characters or more from the beginning and 5 from the end. */
function cutAnswers(rows: ReturnType<typeof sharedRows>): ReturnType<typeof sharedRows> {
  const random = createRandom(11);
  return rows.flatMap(({ messages }) => {
    const text = messages[1].content.trim();
    if (text.length < 100 || answer(text) !== undefined) return [];
    const part = text.slice(0, 50 + random.below(text.length - 55));
    return [ask("q", part.replace(/(?<=\s)[\w'-]+$/, "").trimEnd())];
  });
}

// Cuts where a sentence might end are among them and cannot be told.
const sets = [
  { path: ["general", "cherry_alpaca", "cherry_alpaca_5_percent.json"], intact: 0.001, cut: 0.31 },
  { path: ["general", "gpt4_llm_and_formats", "alpaca_en_demo.json"], intact: 0.01, cut: 0.37 },
  { path: ["general", "gpt4_llm_and_formats", "alpaca_zh_demo.json"], intact: 0.003, cut: 0.39 },
  // One in fifty of these answers, written by hand, lacks no more than its last full stop.
  { path: ["general", "dolly_hhrlhf", "dolly_hhrlhf_train_small.jsonl"], intact: 0.002, cut: 0.28 },
  { path: ["code", "codealpaca", "code_alpaca_2k.json"], intact: 0.001, cut: 0.46 },
  { path: ["safety", "safety_tuned_llamas", "safety_only_data_Instructions.json"], intact: 0.001, cut: 0.31 },
] as const;

for (const { path, intact, cut } of sets) {
  test(`${path.at(-1)}: whole answers are kept, cut ones found where their end tells`, { skip: missing("data", ...path) }, () => {
    const rows = sharedRows("data", ...path);
    const alarms = shareFound(judge, rows);
    assert.ok(alarms <= intact, `${alarms} of whole answers`);
    const caught = shareFound(judge, cutAnswers(rows));
    assert.ok(caught >= cut, `${caught} of cut answers`);
  });
}
