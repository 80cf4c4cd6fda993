import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../../src/core/row.ts";
import { createChatTemplate, isRefusal, type Segment, tokenizerTemplate } from "../../src/tokenizer/template.ts";

const files = { name: "test", tokenizer: {}, config: { eos_token: { content: "</s>" } } };

const conversation: Message[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi <|im_end|>" },
  { role: "assistant", content: "Hello" },
  { role: "tool", content: "{}" },
  { role: "assistant", content: "" },
];

function shown(found: ReturnType<ReturnType<typeof createChatTemplate>["render"]>): string {
  assert.ok(!isRefusal(found));
  const wrap = ({ text, literal, trained }: Segment): string => (trained ? `[${text}]` : literal ? text : `(${text})`);
  return found.map(wrap).join("");
}

test("chatml trains contents and their <|im_end|>, not headers and newlines", () => {
  const template = createChatTemplate({ source: "chatml", files });
  assert.equal(
    shown(template.render(conversation)),
    "<|im_start|>system\n(Be brief.)<|im_end|>\n<|im_start|>user\n(Hi <|im_end|>)<|im_end|>\n<|im_start|>assistant\n[Hello][<|im_end|>]\n" +
      "<|im_start|>tool\n({})<|im_end|>\n<|im_start|>assistant\n[][<|im_end|>]\n",
  );
});

test("alpaca has Stanford's wording without a system prompt, and ends each response with eos", () => {
  const template = createChatTemplate({ source: "alpaca", files });
  assert.equal(
    shown(template.render(conversation.slice(1, 3))),
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n" +
      "### Instruction:\n(Hi <|im_end|>)\n\n### Response:\n[Hello][</s>]",
  );
  assert.equal(
    shown(template.render(conversation)),
    "(Be brief.)\n\n### Instruction:\n(Hi <|im_end|>)\n\n### Response:\n[Hello][</s>]\n\n### Input:\n({})\n\n### Response:\n[][</s>]",
  );
});

test("alpaca starts with the token that the tokenizer puts before plain text", () => {
  const single = [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }];
  const tokenizer = { post_processor: { type: "Sequence", processors: [{ type: "ByteLevel" }, { type: "TemplateProcessing", single }] } };
  const template = createChatTemplate({ source: "alpaca", files: { ...files, tokenizer } });
  assert.ok(shown(template.render(conversation)).startsWith("<s>(Be brief.)"));
});

test("alpaca without an eos token is a recipe error", () => {
  assert.throws(() => createChatTemplate({ source: "alpaca", files: { ...files, config: {} } }), /eos_token/);
});

test("a tokenizer's template is its text or the one called default; none is an error that names the choices", () => {
  assert.equal(tokenizerTemplate({ chat_template: "x" }, "t").jinja, "x");
  const named = [
    { name: "tool_use", template: "a" },
    { name: "default", template: "b" },
  ];
  assert.equal(tokenizerTemplate({ chat_template: named }, "t").jinja, "b");
  assert.throws(() => tokenizerTemplate({}, "some/model"), /some\/model[^]*chatml, alpaca/);
});
