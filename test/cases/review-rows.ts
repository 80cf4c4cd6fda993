// Rows for review tests: refusals and disclaimers by several rules among ordinary answers, all different, and hostile ones.
import { createRandom } from "../../src/core/random.ts";
import type { Message } from "../../src/core/row.ts";
import type { Project } from "./project.ts";
import { sampleTokenizer } from "./project.ts";

const words =
  "river stone copper window engine market winter letter garden paper signal bridge harvest circle island method number silver voice candle forest mirror ticket anchor basket corner desert feather glass lantern meadow pencil quarry rocket saddle timber umbrella valley wagon".split(
    " ",
  );

const openings = [
  "I'm sorry, but I can't help with that request.",
  "As an AI language model, I don't have personal opinions on this.",
  "I apologize for the confusion in my earlier answer.",
  "I cannot provide that information.",
  "I don't have access to real-time data.",
];

/** `rows` conversations, every `every`th of them with one of the openings. */
export function reviewRows(rows: number, seed: number, every = 2): Message[][] {
  const random = createRandom(seed);
  const pick = (): string => words[random.below(words.length)];
  const sentence = (): string => {
    const text = Array.from({ length: 7 + random.below(6) }, pick).join(" ");
    return `${text[0].toUpperCase()}${text.slice(1)}.`;
  };
  return Array.from({ length: rows }, (_, i) => {
    const body = Array.from({ length: 3 + random.below(3) }, sentence).join(" ");
    const opening = i % every === 0 ? `${openings[(i / every) % openings.length]} ` : "";
    return [
      {
        role: "user",
        content: `Question ${i}: tell me about the ${pick()}, the ${pick()} and the ${pick()} of ${pick()} ${pick()}, please.`,
      },
      { role: "assistant", content: `${opening}${body}` },
    ];
  });
}

/** Text that tries to be more than text. Each is refused by the refusal filter, so that it comes to review. */
export const hostileTexts: readonly { readonly name: string; readonly text: string }[] = [
  { name: "script", text: `<script>window.pwned = 1</script><img src=x onerror="window.pwned = 2"><svg/onload=window.pwned=3>` },
  { name: "link", text: `[click](javascript:window.pwned=4) <a href="javascript:window.pwned=5">here</a> javascript:window.pwned=6` },
  { name: "ansi", text: "\u001b[31mred\u001b[0m \u001b]8;;http://example.invalid\u0007link\u001b]8;;\u0007 \u0000\u0007\u009b1m" },
  { name: "bidi", text: "user \u202Egnp.exe\u202C admin \u2066isolated\u2069 \u200Fmark \u061Cletter" },
  { name: "template", text: "{{constructor.constructor('window.pwned=7')()}} ${window.pwned=8} %3Cscript%3E &lt;b&gt; \u2028\u2029" },
  { name: "lone surrogate", text: "half \ud83d a pair" },
  { name: "close", text: `"]}</textarea></style></title><!--<iframe srcdoc="<script>parent.pwned=9</script>">` },
];

export function hostileRows(): Message[][] {
  const long = "x".repeat(1 << 20);
  return [...hostileTexts, { name: "long", text: `<b>${long}</b>` }].map(({ name, text }) => [
    { role: "user", content: `${name}: ${text.slice(0, 4000)} and what comes after it in this question?` },
    { role: "assistant", content: `I'm sorry, but I can't help with that request. ${text}` },
  ]);
}

/** A project whose run has the given conversations, in order, as rows a/data/a.jsonl#1 ...: nothing but the refusal filter looks at them. */
export function writeReviewProject(project: Project, rows: readonly (readonly Message[])[], extra = ""): void {
  project.write("data/a.jsonl", `${rows.map((messages) => JSON.stringify({ messages })).join("\n")}\n`);
  project.write(
    "pipelines/review.yaml",
    `name: review
seed: 7
tokenizer: ${JSON.stringify(sampleTokenizer)}
chat_template: chatml
sources: { a: { path: data/a.jsonl } }
hold_out: false
decontaminate: false
dedup: { threshold: 0.9 }
filters: { refusal: {}, length: { min_instruction_tokens: 1, min_response_tokens: 12, max_instruction_tokens: 100000, max_response_tokens: 2000000 } }
train: { max_length: 512 }
${extra}`,
  );
}
