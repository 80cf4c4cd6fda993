// Evaluation files of a run: what is in them is known in training rows by file and record, and a file that protects nothing is told.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { ledgerColumnNames, readLedger } from "../../src/io/ledger-reader.ts";
import type { Manifest } from "../../src/pipeline/manifest.ts";
import { createProject, sampleLines, sampleTokenizer } from "../cases/project.ts";

test("a question of a file with choices is dropped with its file and record; a file without questions is told", async () => {
  const project = createProject();
  const row = (user: string, assistant: string): string =>
    JSON.stringify({
      messages: [
        { role: "user", content: user },
        { role: "assistant", content: assistant },
      ],
    });
  const choices = "cold,warm,salty,still";
  project.write(
    "eval/mmlu.csv",
    `question,choice0,choice1,choice2,choice3,answer\nWhat is a tarn?,a lake,a tree,a tax,a tool,0\nWhich sea is it?,${choices},2\n`,
  );
  project.write("eval/pairs.csv", "a,b\none,two\nthree,four\n");
  project.write(
    "rows.jsonl",
    `${sampleLines(20, 1)}${row("Which sea is it?", "I would say that it is the one in the north of the country.")}\n`,
  );
  project.write(
    "recipe.yaml",
    `name: sample\ntokenizer: ${JSON.stringify(sampleTokenizer)}\nchat_template: chatml\nsources:\n  rows: { path: rows.jsonl }\nhold_out: false\ndecontaminate: { against: [eval/mmlu.csv, eval/pairs.csv] }\nfilters: {}\ndedup: false\n`,
  );
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 0, stderr);
  const { warnings, decontamination } = JSON.parse(project.read("data/runs/sample/run.json")) as Manifest;
  const told = warnings.filter(({ stage }) => stage === "decontaminate");
  assert.equal(told.length, 1);
  assert.match(told[0].text, /pairs\.csv protects nothing: no record of it has a text that is known as a question/);
  assert.equal(decontamination?.items, 2);
  const dropped = [];
  for await (const part of readLedger(join(project.folder, "data/runs/sample/ledger.parquet"), ledgerColumnNames))
    for (const line of part) if (line.stage === "decontaminate") dropped.push(line);
  assert.equal(dropped.length, 1);
  const evidence = JSON.parse(String(dropped[0].evidence)) as Record<string, unknown>;
  assert.match(String(evidence["item"]), /mmlu\.csv#2$/);
  assert.match(String(evidence["file"]), /mmlu\.csv$/);
  assert.equal(evidence["part"], "question");
});
