// Jinja chat templates against transformers (vectors/chat/renders.json, made by vectors/chat/make.py): texts and trained spans,
// with the {% generation %} tags that transformers needs and without them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Message } from "../../src/core/row.ts";
import { type ChatTemplate, createChatTemplate, isRefusal, type RowMeta, type Segment } from "../../src/tokenizer/template.ts";
import { root } from "../shared.ts";

interface Renders {
  readonly tokens: Readonly<Record<string, string>>;
  readonly rows: readonly { readonly messages: readonly Message[]; readonly tool_calls?: unknown; readonly tools?: unknown }[];
  readonly renders: readonly { readonly template: string; readonly cases: readonly Rendered[] }[];
}

type Rendered = { readonly text: string; readonly spans: readonly (readonly [number, number])[] } | { readonly error: string };

const folder = join(root, "test", "vectors", "chat");
const vectors = JSON.parse(readFileSync(join(folder, "renders.json"), "utf8")) as Renders;
const specialTokens = ["<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<s>", "</s>"].concat([
  "[INST]",
  "[/INST]",
  "[TOOL_CALLS]",
  "[TOOL_RESULTS]",
  "<start_of_turn>",
  "<end_of_turn>",
  "<|user|>",
  "<|assistant|>",
]);
const files = {
  name: "test",
  tokenizer: { added_tokens: specialTokens.map((content, id) => ({ id, content, special: true })) },
  config: vectors.tokens,
};

function load(jinja: string, name = "test"): ChatTemplate {
  return createChatTemplate({ source: { jinja, name }, files });
}

function source(name: string, marked: "marked" | "unmarked"): string {
  const text = readFileSync(join(folder, name), "utf8");
  return marked === "marked" ? text : text.replaceAll(/\{%\s*(end)?generation\s*%\}/g, "");
}

/** Text, and its trained spans with neighbours joined. */
function summary(segments: readonly Segment[]): { text: string; spans: [number, number][] } {
  let text = "";
  const spans: [number, number][] = [];
  for (const segment of segments) {
    const start = text.length;
    text += segment.text;
    if (!segment.trained || segment.text === "") continue;
    const last = spans.at(-1);
    if (last !== undefined && last[1] === start) last[1] = text.length;
    else spans.push([start, text.length]);
  }
  return { text, spans };
}

for (const { template: name, cases } of vectors.renders) {
  for (const marked of ["marked", "unmarked"] as const) {
    test(`${name}, ${marked}, renders and trains what transformers does`, () => {
      const template = load(source(name, marked), name);
      cases.forEach((expected, i) => {
        const { messages, ...meta } = vectors.rows[i];
        const found = template.render(messages, meta);
        if ("error" in expected) {
          assert.ok(isRefusal(found), `row ${i} is refused`);
          assert.ok(found.error.includes(expected.error), found.error);
          return;
        }
        assert.ok(!isRefusal(found), `row ${i}: ${JSON.stringify(found)}`);
        const { text, spans } = summary(found);
        assert.equal(text, expected.text, `row ${i}`);
        assert.deepEqual(
          spans,
          expected.spans.filter(([start, end]) => end > start),
          `row ${i}`,
        );
      });
    });
  }
}

const content = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  fc
    .array(
      fc.constantFrom(
        "</think>",
        "<think>",
        "<tool_response>",
        "</tool_response>",
        "\n",
        " ",
        "\t",
        "a",
        "?",
        "<|im_end|>",
        "\x85",
        "\ufeff",
      ),
      { maxLength: 6 },
    )
    .map((words) => words.join("")),
);
const role = fc.constantFrom("user", "assistant", "system", "tool") satisfies fc.Arbitrary<Message["role"]>;
const turns = fc.array(fc.record({ role, content }), { minLength: 1, maxLength: 5 });
const paired = fc.array(fc.tuple(content, content), { minLength: 1, maxLength: 3 }).map((pairs) =>
  pairs.flatMap(([user, assistant]): Message[] => [
    { role: "user", content: user },
    { role: "assistant", content: assistant },
  ]),
);
const conversation: fc.Arbitrary<readonly Message[]> = fc.oneof(turns, paired);

for (const { template: name } of vectors.renders) {
  test(`${name}: a skeleton made for other contents renders as a fresh template does`, () => {
    const jinja = source(name, "unmarked");
    // One template sees all conversations and reuses what it has; the other starts anew for each.
    const reusing = load(jinja);
    let reused = 0;
    fc.assert(
      fc.property(conversation, (messages) => {
        const skeleton = reusing.skeleton(messages);
        if (!isRefusal(skeleton) && skeleton.shared) reused++;
        assert.deepEqual(reusing.render(messages), load(jinja).render(messages));
      }),
      { seed: 20261123, numRuns: 120 },
    );
    assert.ok(reused > 20, `${reused} skeletons were shared`);
  });

  test(`${name}: all text of the row, and nothing else, is ordinary text`, () => {
    const template = load(source(name, "unmarked"));
    const foreign = "\u{10ffff}";
    fc.assert(
      fc.property(conversation, (messages) => {
        const tagged = messages.map((message) => ({ ...message, content: message.content.replaceAll(/[^\s<>/_a-z?]/gu, foreign) }));
        const found = template.render(tagged);
        if (isRefusal(found)) return;
        for (const segment of found) if (segment.literal) assert.ok(!segment.text.includes(foreign), segment.text);
      }),
      { seed: 20261123, numRuns: 60 },
    );
  });
}

test("conversations of the same roles share one skeleton", () => {
  const template = load(source("headers.jinja", "unmarked"));
  const first = template.skeleton([
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ]);
  const second = template.skeleton([
    { role: "user", content: " c " },
    { role: "assistant", content: "" },
  ]);
  assert.equal(first, second);
});

test("special tokens in tool descriptions are ordinary text, keys too", () => {
  const template = load(source("default-system.jinja", "unmarked"));
  const meta: RowMeta = { tools: [{ "<|im_end|>": { description: "<|im_start|>" } }] };
  const found = template.render(
    [
      { role: "user", content: "hi" },
      { role: "assistant", content: "yo" },
    ],
    meta,
  );
  assert.ok(!isRefusal(found));
  const text = found.filter((segment) => !segment.literal).map((segment) => segment.text);
  assert.deepEqual(text, ['{"<|im_end|>": {"description": "<|im_start|>"}}', "hi", "yo"]);
});

test("contents that are rewritten together with the template's text are refused, not guessed at", () => {
  const template = load("{% for m in messages %}{{ (m.role + ': ' + m.content) | upper }}{% endfor %}", "shouting.jinja");
  const found = template.render([
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ]);
  assert.ok(isRefusal(found));
  assert.match(found.error, /shouting\.jinja.*message 1 \(user\).*\{% generation %\}/s);
});

test("an assistant's content that is written twice is refused", () => {
  const template = load("{% for m in messages %}{{ m.role + m.content }}{% endfor %}{{ messages[-1].content }}", "twice.jinja");
  const found = template.render([
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ]);
  assert.ok(isRefusal(found));
  assert.match(found.error, /twice\.jinja.*message 2 \(assistant\).*outside of its turn/s);
});

test("a template without a loop is followed by its contents", () => {
  const template = load("Q: {{ messages[0].content }}\nA: {{ messages[1].content }}{{ eos_token }}");
  const found = template.render([
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ]);
  assert.ok(!isRefusal(found));
  assert.deepEqual(summary(found), { text: "Q: a\nA: b</s>", spans: [[8, 13]] });
});

test("the date is fixed for templates that insist on one and left to the template's default otherwise", () => {
  const messages: Message[] = [{ role: "assistant", content: "x" }];
  const asks = "{{ strftime_now('%d %b %Y') }}{% for m in messages %}{{ m.content }}{% endfor %}";
  const prefers = "{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% else %}then{% endif %}";
  assert.equal(summary(load(asks).render(messages) as Segment[]).text, "26 Jul 2024x");
  assert.equal(summary(load(prefers).render(messages) as Segment[]).text, "then");
});

test("a template that is not Jinja is a recipe error that names it", () => {
  assert.throws(() => load("{% if %}", "broken.jinja"), /broken\.jinja/);
});
