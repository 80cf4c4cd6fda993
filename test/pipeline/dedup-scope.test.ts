// What dedup.scope compares, and that its help says so.
import assert from "node:assert/strict";
import test from "node:test";
import { recipeJsonSchemaText } from "../../src/pipeline/recipe-json-schema.ts";
import { createProject, hasSampleTokenizer, sampleTokenizer } from "../cases/project.ts";

const skip = hasSampleTokenizer();

const row = (system: string): string =>
  `${JSON.stringify({
    messages: [
      { role: "system", content: system },
      { role: "user", content: "What is the river called that flows past the old harbour?" },
      { role: "assistant", content: "It is called the Alder, and it rises in the northern hills." },
    ],
  })}\n`;

function dropped(scope: string): Record<string, number> {
  const { write, read, sluice } = createProject();
  write("a.jsonl", row("You are a helpful assistant.") + row("Answer as a pirate would, in rhymes, and never name a place."));
  write(
    "r.yaml",
    `name: r\ntokenizer: ${JSON.stringify(sampleTokenizer)}\nchat_template: chatml\nhold_out: false\ndecontaminate: false\nfilters: { empty: {} }\ndedup: { scope: ${scope} }\nsources:\n  a: { path: a.jsonl }\n`,
  );
  assert.equal(sluice("run", "r.yaml", "--workers", "1").status, 0);
  const { stages } = JSON.parse(read("data/runs/r/run.json"));
  return stages.find(({ stage }: { stage: string }) => stage === "dedup").reasons;
}

test("scope prompt does not compare system prompts, scope conversation does", { skip }, () => {
  assert.deepEqual(dropped("prompt"), { exact_duplicate: 1 });
  assert.deepEqual(dropped("conversation"), {});
});

test("the help of dedup.scope says it", () => {
  assert.match(recipeJsonSchemaText(), /system prompts are not compared[^"]*conversation \(every turn, the system prompt too\)/);
});
