import assert from "node:assert/strict";
import test from "node:test";
import { createConverter } from "../../src/io/schemas/index.ts";

const convert = createConverter({ format: "auto" });

/** [role, content] pairs, or the reason why there are none. */
function turns(value: unknown, convertWith = convert): string | [string, string][] {
  const row = convertWith(value);
  return "reason" in row ? row.reason : row.messages.map(({ role, content }) => [role, content]);
}

function schemaOf(value: unknown): string {
  const row = convert(value);
  return "reason" in row ? row.reason : row.schema;
}

const pair: [string, string][] = [
  ["user", "Q"],
  ["assistant", "A"],
];

test("layouts are recognised by their keys", () => {
  const cases: [string, unknown][] = [
    [
      "messages",
      {
        messages: [
          { role: "user", content: "Q" },
          { role: "assistant", content: "A" },
        ],
      },
    ],
    [
      "sharegpt",
      {
        conversations: [
          { from: "human", value: "Q" },
          { from: "gpt", value: "A" },
        ],
      },
    ],
    ["alpaca", { instruction: "Q", input: "", output: "A" }],
    ["dolly", { instruction: "Q", context: "", response: "A", category: "open_qa" }],
    ["prompt-completion", { prompt: "Q", completion: "A" }],
    ["prompt-completion", { question: "Q", answer: "A" }],
    ["transcript", { chosen: "\n\nHuman: Q\n\nAssistant: A", rejected: "\n\nHuman: Q\n\nAssistant: B" }],
    [
      "nested instances",
      {
        instruction: "Q",
        instances: [
          { input: "", output: "A" },
          { input: "x", output: "B" },
        ],
      },
    ],
    ["dialog log", { log: [{ "user utterance": "Q", "system response": "A" }] }],
    [
      "message tree",
      {
        prompt: {
          role: "prompter",
          text: "Q",
          replies: [
            { role: "assistant", text: "B", rank: 1 },
            { role: "assistant", text: "A", rank: 0 },
          ],
        },
      },
    ],
    [
      "messages",
      [
        { role: "user", content: "Q" },
        { role: "assistant", content: "A" },
      ],
    ],
    ["messages", { prompt: [{ role: "user", content: "Q" }], completion: [{ role: "assistant", content: "A" }] }],
  ];
  for (const [name, value] of cases) {
    assert.equal(schemaOf(value), name, JSON.stringify(value));
    assert.deepEqual(turns(value), pair, name);
  }
  assert.equal(schemaOf({ text: "some prose" }), "text");
});

test("instruction and input are joined by a blank line; the rest becomes meta", () => {
  const row = convert({ instruction: "Add these.", input: "1 2", output: "3", source: "book", n: 4 });
  assert.ok(!("reason" in row));
  assert.equal(row.messages[0].content, "Add these.\n\n1 2");
  assert.deepEqual(row.meta, { source: "book", n: 4 });
});

test("tool descriptions stored as JSON text become the list that chat templates look for", () => {
  const row = convert({
    conversations: [
      { from: "human", value: "Q" },
      { from: "gpt", value: "A" },
    ],
    tools: '[{"name": "f"}]',
  });
  assert.ok(!("reason" in row));
  assert.deepEqual(row.meta.tools, [{ name: "f" }]);
});

test("other tools' roles become ours; an unknown one is refused by name", () => {
  const talk = [
    { from: "system", value: "S" },
    { from: "human", value: "Q" },
    { from: "function_call", value: "{}" },
    { from: "observation", value: "42" },
    { from: "gpt", value: "A" },
  ];
  assert.deepEqual(
    (turns({ conversations: talk }) as [string, string][]).map(([role]) => role),
    ["system", "user", "assistant", "tool", "assistant"],
  );
  const row = convert({ messages: [{ role: "narrator", content: "Q" }] });
  assert.ok("reason" in row && row.reason === "unknown_role" && row.detail.includes("narrator"));
});

test("a turn order that cannot be trained on is refused", () => {
  const say = (...roles: string[]): unknown => ({ messages: roles.map((role) => ({ role, content: role })) });
  assert.equal(turns(say("assistant", "user", "assistant")), "bad_turn_order");
  assert.equal(turns(say("user", "assistant", "user")), "bad_turn_order");
  assert.equal(turns(say("user", "system", "assistant")), "bad_turn_order");
  assert.equal(turns(say("user", "tool", "assistant")), "bad_turn_order");
  assert.equal(turns(say("user")), "no_assistant");
  assert.equal(turns({ messages: [] }), "empty_conversation");
  assert.equal((turns(say("system", "user", "user", "assistant", "assistant")) as []).length, 5);
  assert.equal((turns(say("user", "assistant", "tool", "tool", "assistant")) as []).length, 5);
});

test("contents: parts of text, tool calls, numbers; other kinds are refused with their place", () => {
  const content = (value: unknown, more = {}): unknown =>
    turns({
      messages: [
        { role: "user", content: "Q" },
        { role: "assistant", content: value, ...more },
      ],
    });
  assert.deepEqual(
    content([
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ]),
    [pair[0], ["assistant", "ab"]],
  );
  assert.deepEqual(content(null, { tool_calls: [{ name: "f" }] }), [pair[0], ["assistant", '[{"name":"f"}]']]);
  assert.deepEqual(content("Let me look.", { tool_calls: [{ name: "f" }] }), [pair[0], ["assistant", 'Let me look.\n[{"name":"f"}]']]);
  assert.deepEqual(content(7), [pair[0], ["assistant", "7"]]);
  assert.equal(content({ a: 1 }), "wrong_type");
  assert.equal(content([{ type: "image", url: "x" }]), "wrong_type");
  const row = convert({
    messages: [
      { role: "user", content: "Q" },
      { role: "assistant", content: {} },
    ],
  });
  assert.ok("reason" in row && /messages\[1\][\s\S]*object/.test(row.detail));
});

test("an assistant's message with weight 0 or train false carries no loss; other roles and weights are as they were", () => {
  const trains = (fields: readonly object[]): unknown => {
    const row = convert({ messages: fields.map((each, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content: "x", ...each })) });
    return "reason" in row ? row.reason : row.messages.map(({ train }) => train);
  };
  assert.deepEqual(trains([{ weight: 0 }, { weight: 0 }, { train: false }, { train: false }]), [undefined, false, undefined, false]);
  assert.deepEqual(trains([{}, { weight: 1, train: true }, {}, { weight: null }]), [undefined, undefined, undefined, undefined]);
  const shareGpt = convert({
    conversations: [
      { from: "human", value: "x" },
      { from: "gpt", value: "y", weight: 0 },
    ],
  });
  assert.ok(!("reason" in shareGpt) && shareGpt.messages[1].train === false);
});

test("a list of plain texts is nobody's text: refused with what to write, but for a single one", () => {
  const said = (value: unknown): string => {
    const row = convert({
      messages: [
        { role: "user", content: "Q" },
        { role: "assistant", content: value },
      ],
    });
    return "reason" in row ? `${row.reason}: ${row.detail}` : row.messages[1].content;
  };
  assert.match(said(["Hello", "World"]), /^wrong_type: messages\[1\]: the content is a list of 2 texts[\s\S]*"type": "text"/);
  assert.match(said(["Hello", { type: "text", text: "World" }]), /^wrong_type/);
  assert.equal(said(["Hello"]), "Hello");
  assert.equal(turns({ instruction: "Q", output: ["A", "B"] }), "wrong_type");
  assert.equal(turns({ instruction: "Q", input: "", output: ["A", "B"] }), "wrong_type");
  assert.deepEqual(turns({ instruction: "Q", input: "", output: ["A"] }), pair);
  assert.equal(turns({ prompt: "Q", completion: ["A", "B"] }), "wrong_type");
});

test("a list of messages as JSON text is refused where it is too deep; a list of tools stays text", () => {
  const deep = "[".repeat(20_000) + "]".repeat(20_000);
  assert.equal(turns({ messages: deep }), "too_deep");
  const row = convert({ prompt: "Q", completion: "A", tools: deep });
  assert.ok(!("reason" in row) && row.meta.tools === deep);
});

test("odd characters are text: NUL and line separators stay, half a surrogate pair becomes U+FFFD", () => {
  assert.deepEqual(turns({ prompt: "a\0b\u2028c", completion: "\ud83d!" }), [
    ["user", "a\0b\u2028c"],
    ["assistant", "\ufffd!"],
  ]);
  assert.deepEqual(turns({ prompt: "Q", completion: "\ud83d\ude00" }), [pair[0], ["assistant", "\ud83d\ude00"]]);
});

test("what is no row says why", () => {
  assert.equal(turns("text"), "not_an_object");
  assert.equal(turns(null), "not_an_object");
  assert.equal(turns([1, 2]), "not_an_object");
  assert.equal(turns({}), "unknown_layout");
  const row = convert({ headline: "x", body: "y" });
  assert.ok("reason" in row && /headline, body[\s\S]*columns:/.test(row.detail));
});

test("a field named like a part of JavaScript is only a field", () => {
  const row = convert(JSON.parse('{"prompt":"Q","completion":"A","__proto__":{"polluted":1},"constructor":"x"}'));
  assert.ok(!("reason" in row));
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.deepEqual(Object.keys(row.meta).sort(), ["__proto__", "constructor"]);
});

test("columns: say what holds what; a record without one is refused by its name", () => {
  const mapped = createConverter({ format: "auto", columns: { instruction: "ask", response: "say", system: "rule" } });
  assert.deepEqual(turns({ ask: "Q", say: "A", rule: "S" }, mapped), [["system", "S"], ...pair]);
  assert.deepEqual(turns({ ask: "Q", say: "A" }, mapped), pair);
  const row = mapped({ ask: "Q", sya: "A" });
  assert.ok("reason" in row && row.reason === "missing_column" && /say is missing[\s\S]*ask, sya/.test(row.detail));
  assert.deepEqual(
    turns(
      {
        talk: [
          { from: "human", value: "Q" },
          { from: "gpt", value: "A" },
        ],
      },
      createConverter({ format: "auto", columns: { messages: "talk" } }),
    ),
    pair,
  );
  assert.throws(() => createConverter({ format: "auto", columns: { instrution: "ask" } }), /one of instruction, prompt[\s\S]*instrution/);
  assert.throws(() => createConverter({ format: "auto", columns: { instruction: "ask" } }), /instruction and response/);
});

test("a format that is given is the only one tried", () => {
  const forced = createConverter({ format: "prompt-completion" });
  assert.equal(turns({ text: "prose" }, forced), "unknown_layout");
  assert.deepEqual(turns({ prompt: "Q", completion: "A", messages: [] }, forced), pair);
  assert.deepEqual(turns({ text: "prose", instruction: "Q", output: "A" }, createConverter({ format: "text" })), [["assistant", "prose"]]);
});

test("what files wrap records in is taken off", () => {
  const talk = [
    { role: "user", content: "Q" },
    { role: "assistant", content: "A" },
  ];
  assert.deepEqual(turns({ row_idx: 3, row: { prompt: "Q", completion: "A" }, truncated_cells: [] }), pair, "the Hub's viewer");
  assert.deepEqual(turns({ messages: JSON.stringify(talk) }), pair, "a list as JSON text, as CSV files have it");
  const nested = convert({ state: { history: talk, success: true }, task: { id: 1 } });
  assert.ok(!("reason" in nested));
  assert.deepEqual(nested.meta, { task: { id: 1 }, state: { success: true } });
  assert.deepEqual(turns({ Question: "Q", "Best Answer": "A" }), pair, "names in other spelling");
  const template = (input: string): string =>
    `Below is an instruction that describes a task. Write a response.\n\n### Instruction:\nQ\n${input}\n### Response:\n`;
  assert.deepEqual(turns({ prompt: template(""), response: "A" }), pair, "Alpaca's template around the prompt");
  assert.deepEqual(turns({ prompt: template("\n### Input:\nI\n"), response: "A" }), [["user", "Q\n\nI"], pair[1]]);
  assert.deepEqual(turns({ definition: "Add.", input: "1 1", output: ["2", "two"] }), [
    ["user", "Add.\n\n1 1"],
    ["assistant", "2"],
  ]);
});

test("a name that means a conversation with something else in it is of the wrong type", () => {
  assert.equal(turns({ messages: "hello" }), "wrong_type");
  assert.equal(turns({ messages: ["hello"] }), "wrong_type");
  assert.equal(turns({ conversations: { a: 1 } }), "wrong_type");
  assert.equal(turns({ prompt: "Q", completion: null }), "wrong_type");
  assert.equal(turns({ instruction: null, output: "A" }), "wrong_type");
  assert.equal(turns({ instruction: "Q", output: { a: 1 } }), "wrong_type");
});
