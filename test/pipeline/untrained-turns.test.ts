// A turn that its record wants without loss (weight 0, train false) keeps its place in the shards and carries none, from the file to the labels.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { openTrainingShard } from "../../src/arrow/training-rows.ts";
import { createTokenizer } from "../../src/tokenizer/load.ts";
import { createProject, sampleTokenizer } from "../cases/project.ts";

test("labels are those of the turns that carry loss; a row without any is dropped with a reason", () => {
  const project = createProject();
  const talk = (first: object, second: object): string =>
    `${JSON.stringify({
      messages: [
        { role: "user", content: "Name a colour." },
        { role: "assistant", content: "A bad answer", ...first },
        { role: "user", content: "Another one?" },
        { role: "assistant", content: "A good answer", ...second },
      ],
    })}\n`;
  project.write("a.jsonl", talk({ weight: 0 }, { weight: 1 }) + talk({}, { train: false }) + talk({ weight: 0 }, { weight: 0 }));
  project.write(
    "r.yaml",
    `name: r\ntokenizer: ${sampleTokenizer}\nchat_template: chatml\nsources: { s: { path: a.jsonl } }\nhold_out: false\ndecontaminate: false\nfilters: {}\ndedup: false\n`,
  );
  const { status, stderr } = project.sluice("run", "r.yaml");
  assert.equal(status, 0, stderr);
  const json = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(sampleTokenizer, name), "utf8"));
  const tokenizer = createTokenizer({ name: "samples", tokenizer: json("tokenizer.json"), config: json("tokenizer_config.json") });
  const shard = openTrainingShard(readFileSync(join(project.folder, "data/runs/r/tokenized/train-00000.arrow")), "shard");
  const learned: Record<string, string> = {};
  for (let row = 0; row < shard.rows; row++) {
    for (const { id, ids, labels } of shard.row(row)) {
      assert.match(tokenizer.decode([...ids]), /A bad answer[^]*A good answer/);
      learned[id] = tokenizer.decode([...labels].filter((label) => label >= 0));
    }
  }
  assert.deepEqual(learned, { "s/a.jsonl#1": "A good answer<|im_end|>", "s/a.jsonl#2": "A bad answer<|im_end|>" });
  const { stages } = JSON.parse(project.read("data/runs/r/run.json"));
  assert.ok(JSON.stringify(stages).includes("no_loss"), JSON.stringify(stages));
});
