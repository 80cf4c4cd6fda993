import assert from "node:assert/strict";
import test from "node:test";
import { evaluationItems } from "../../src/io/index.ts";

test("benchmarks' records become prompts and answers", () => {
  const cases: readonly (readonly [string, unknown, readonly (readonly [string, string])[]])[] = [
    ["GSM8K", { question: "Q", answer: "A" }, [["Q", "A"]]],
    ["HumanEval", { task_id: "0", prompt: "def f():", canonical_solution: "  pass", test: "assert" }, [["def f():", "  pass"]]],
    ["MBPP", { text: "Write f.", code: "def f(): 1", task_id: 1 }, [["Write f.", "def f(): 1"]]],
    ["BBH", { input: "I", target: "T" }, [["I", "T"]]],
    [
      "BBH file",
      {
        canary: "c",
        examples: [
          { input: "I", target: "T" },
          { input: "J", target: "U" },
        ],
      },
      [
        ["I", "T"],
        ["J", "U"],
      ],
    ],
    ["MMLU", { question: "Q", choices: ["a", "b"], answer: 1 }, [["Q\na\nb", "b"]]],
    ["MMLU as CSV", { question: "Q", choice0: "a", choice1: "b", choice2: "c", choice3: "d", answer: "2" }, [["Q\na\nb\nc\nd", "c"]]],
    [
      "MMLU without a header",
      { column_1: "Q", column_2: "a", column_3: "b", column_4: "c", column_5: "d", column_6: "D" },
      [["Q\na\nb\nc\nd", "d"]],
    ],
    ["ARC", { question: "Q", choices: { text: ["a", "b"], label: ["1", "2"] }, answerKey: "2" }, [["Q\na\nb", "b"]]],
    [
      "MT-bench",
      { question_id: 1, turns: ["Q", "R"] },
      [
        ["Q", ""],
        ["R", ""],
      ],
    ],
    [
      "MT-bench with references",
      { turns: ["Q", "R"], reference: ["A", "B"] },
      [
        ["Q", "A"],
        ["R", "B"],
      ],
    ],
    ["TruthfulQA", { Question: "Q", "Best Answer": "A", "Correct Answers": "A; B" }, [["Q", "A"]]],
    ["IFEval", { key: 1, prompt: "P", kwargs: [] }, [["P", ""]]],
    ["COPA", { premise: "P", choice1: "a", choice2: "b", question: "cause", label: 1 }, [["P\na\nb", "b"]]],
    [
      "ARC as it was",
      {
        id: "1",
        question: {
          stem: "Q",
          choices: [
            { text: "a", label: "A" },
            { text: "b", label: "B" },
          ],
        },
        answerKey: "B",
      },
      [["Q\na\nb", "b"]],
    ],
    ["inference", { premise: "P", hypothesis: "H", label: 0 }, [["P\nH", ""]]],
    ["BoolQ", { question: "Q", passage: "C", answer: true }, [["C\nQ", "true"]]],
    ["HellaSwag", { ctx: "C", endings: ["a", "b"], label: "1" }, [["C\na\nb", "b"]]],
    ["columns that say nothing", { a: "1", b: "2" }, []],
    ["SQuAD", { context: "C", question: "Q", answers: { text: ["A"], answer_start: [0] } }, [["C\nQ", "A"]]],
    [
      "a harness",
      { doc: { query: "Q", choices: ["a", "b"], gold: 0 }, request: { context: "5 shots Q", continuation: " a" } },
      [["Q\na\nb", "a"]],
    ],
    [
      "Winograd",
      { context_options: ["X because a", "X because b"], continuation: "c", gold: 0 },
      [
        ["X because a", "c"],
        ["X because b", "c"],
      ],
    ],
    ["Alpaca", { instruction: "Q", input: "I", output: "A" }, [["Q\n\nI", "A"]]],
    [
      "messages",
      {
        messages: [
          { role: "user", content: "Q" },
          { role: "assistant", content: "A" },
        ],
      },
      [["Q", "A"]],
    ],
    ["a text", "Q", [["Q", ""]]],
    ["nothing", { id: 3 }, []],
    ["an unknown layout", { id: "x", headline: "h".repeat(40) }, [["h".repeat(40), ""]]],
  ];
  for (const [name, value, items] of cases) {
    assert.deepEqual(
      evaluationItems(value).map(({ prompt, answer }) => [prompt, answer]),
      items,
      name,
    );
  }
});

test("a question is told apart from what its prompt holds beside it", () => {
  const cases: readonly (readonly [string, unknown, readonly [string, string, readonly string[]] | undefined])[] = [
    ["choices", { question: "Q", choices: ["ant", "bee"] }, ["", "Q", ["ant", "bee"]]],
    ["a passage", { context: "C", question: "Q" }, ["C", "Q", []]],
    ["a passage and choices", { article: "C", question: "Q", options: ["ant", "bee"], answer: "A" }, ["C", "Q", ["ant", "bee"]]],
    ["PIQA", { goal: "G", sol1: "ant", sol2: "bee", label: 0 }, ["", "G", ["ant", "bee"]]],
    ["HellaSwag", { ctx: "C", endings: ["ant", "bee"] }, ["", "C", ["ant", "bee"]]],
    ["inference", { premise: "P", hypothesis: "H" }, ["P", "H", []]],
    ["a label", { query: "Question: Q\nAnswer:" }, ["", "Q", []]],
    ["labelled choices", { input: "Q\nOptions:\n(A) ant\n(B) bee", target: "(B)" }, ["", "Q", ["ant", "bee"]]],
    ["lettered choices", { query: "Q\nA. ant\nB. bee\nAnswer:", choices: ["A", "B"], gold: 1 }, ["", "Q", ["ant", "bee"]]],
    ["bare choices", { input: "Q\nOptions:\n- Yes\n- No" }, ["", "Q", ["Yes", "No"]]],
    ["letters", { question: "Q", choices: ["A", "B"] }, ["", "Q", []]],
    ["steps", { prompt: "Do this:\n1. one\n2. two" }, undefined],
    ["a question", { question: "Q", answer: "A" }, undefined],
    ["spaces", { prompt: "\n  Q\n" }, undefined],
  ];
  for (const [name, value, expected] of cases) {
    const [{ parts }] = evaluationItems(value);
    assert.deepEqual(parts, expected && { passage: expected[0], question: expected[1], choices: expected[2] }, name);
  }
});

test("no text takes long to be told apart", () => {
  const start = performance.now();
  for (const unit of ["\n", " \n", "\nA. ", "\nchoose ", "\noptions ", "question: "])
    evaluationItems({ question: unit.repeat(50_000), choices: ["ant", "bee"] });
  assert.ok(performance.now() - start < 2000);
});
