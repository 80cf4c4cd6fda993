// dedup.keep: [quality] goes by a record's number, also where a table holds it as text.
import assert from "node:assert/strict";
import test from "node:test";
import { createProject, hasSampleTokenizer, sampleTokenizer } from "../cases/project.ts";

const skip = hasSampleTokenizer();

/** The answer of the row that survives. */
function survivor(name: string, content: string): string {
  const { write, read, sluice } = createProject();
  write(name, content);
  write(
    "r.yaml",
    `name: r\ntokenizer: ${JSON.stringify(sampleTokenizer)}\nchat_template: chatml\nhold_out: false\ndecontaminate: false\nfilters: {}\ndedup: { keep: [quality] }\nsources:\n  a: { path: ${name} }\n`,
  );
  assert.equal(sluice("run", "r.yaml", "--workers", "1").status, 0);
  const shard = read("data/runs/r/curated/train-00000.arrow");
  return ["low", "best", "middle"].filter((answer) => shard.includes(`answer ${answer}`)).join();
}

const scores = [
  ["low", 1],
  ["best", 9.5],
  ["middle", 5],
] as const;

test("the row of the highest quality survives, in JSON and in a table", { skip }, () => {
  const lines = scores.map(([answer, score]) =>
    JSON.stringify({ prompt: "What is the tallest hill?", completion: `answer ${answer}`, score }),
  );
  assert.equal(survivor("a.jsonl", `${lines.join("\n")}\n`), "best");
  const rows = scores.map(([answer, score]) => `What is the tallest hill?,answer ${answer},${score}`);
  assert.equal(survivor("a.csv", `prompt,completion,quality\n${rows.join("\n")}\n`), "best");
});
