// The main job on real public data: general, domain, code, safety and multi-turn sources of many layouts in one recipe.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { tableFromIPC } from "apache-arrow";
import { readFileSync } from "node:fs";
import { ledgerColumnNames, type LedgerLine, readLedger } from "../../src/io/ledger-reader.ts";
import type { Manifest } from "../../src/pipeline/manifest.ts";
import { createProject } from "../cases/project.ts";
import { missing, shared } from "../shared.ts";

const data = (path: string): string => JSON.stringify(shared("data", path));

const recipe = `name: real
seed: 42
tokenizer: ${JSON.stringify(shared("tokenizers/qwen2_5"))}
chat_template: tokenizer
max_quarantined: 0.2
sources:
  general: { path: [${data("general/cherry_alpaca/*.json")}, ${data("general/dolly_hhrlhf/")}, ${data("general/alpaca_subset/")}] }
  domain: { path: ${data("domain/pixiu/**/*.jsonl")} }
  finance: { path: ${data("domain/financebench/financebench_open_source.jsonl")}, columns: { instruction: question, response: answer } }
  code: { path: [${data("code/codealpaca/")}, ${data("code/octopack/*.jsonl")}] }
  safety: { path: [${data("safety/safety_tuned_llamas/")}, ${data("safety/xstest/xstest_v2_completions_gpt4.csv")}], columns: { } }
  multiturn: { path: [${data("multiturn/glaive/")}, ${data("multiturn/hh_rlhf/")}, ${data("multiturn/fastchat/")}] }
hold_out: { fraction: 0.02, max_rows: 200 }
decontaminate: { against: [${data("eval/gsm8k/test.jsonl")}, ${data("eval/humaneval/HumanEval.jsonl.gz")}, ${data("eval/mbpp/mbpp.jsonl")}] }
filters:
  length: { min_response_tokens: 1, max_instruction_tokens: 4096 } # the finance sets answer in a word
  empty: { min_response_characters: 1 }
  repetition: {}
  truncation: {}
  format: {}
  refusal: {}
mix:
  target_total: 6000
  proportions: { general: 0.3, domain: 0.15, finance: 0.01, code: 0.24, safety: 0.15, multiturn: 0.15 }
  max_repeats: 10
train: { max_length: 2048 }
`.replace(", columns: { }", "");

test("a recipe over real data runs to the end and accounts for every record", { skip: missing("data", "README.md") }, async () => {
  const project = createProject();
  project.write("real.yaml", recipe);
  const { status, stdout, stderr } = project.sluice("run", "real.yaml", "--json");
  assert.equal(status, 0, stderr);
  const { record } = JSON.parse(stdout) as { record: Manifest };
  const run = join(project.folder, "data/runs/real");

  const lines: LedgerLine[] = [];
  for await (const group of readLedger(join(run, "ledger.parquet"), ledgerColumnNames)) lines.push(...group);
  assert.equal(
    lines.length,
    record.inputs.reduce((sum, input) => sum + input.records, 0),
    "one line for every record",
  );
  assert.equal(new Set(lines.map(({ id }) => id)).size, lines.length, "ids are unique");
  for (const { state, stage, reason, times_used, id } of lines) {
    assert.equal(state === "used", times_used > 0, id);
    if (state === "dropped" || state === "quarantined") assert.ok(stage !== "" && reason !== "", id);
  }

  const { mix, packing } = record;
  assert.ok(mix && packing);
  assert.equal(mix.achieved.rows, 6000);
  assert.equal(
    lines.reduce((sum, { times_used }) => sum + times_used, 0),
    6000,
  );
  for (const { name, proportion, achieved_share } of mix.sources) assert.ok(Math.abs(proportion - achieved_share) <= 1 / 6000 + 1e-9, name);

  let documents = 0;
  let tokens = 0;
  let withLoss = 0;
  for (const { file } of record.outputs.filter(({ file: name }) => name.startsWith("tokenized/train"))) {
    const table = tableFromIPC(readFileSync(join(run, file)));
    for (const row of table.toArray() as {
      input_ids: Iterable<number>;
      labels: Iterable<number>;
      seq_lengths: Iterable<number>;
      ids: Iterable<string>;
    }[]) {
      const ids = [...row.input_ids];
      const labels = [...row.labels];
      const lengths = [...row.seq_lengths];
      assert.ok(ids.length <= 2048);
      assert.equal(
        lengths.reduce((a, b) => a + b, 0),
        ids.length,
      );
      let from = 0;
      for (const length of lengths) {
        const document = labels.slice(from, from + length);
        assert.equal(document[0], -100);
        assert.ok(
          document.some((label) => label !== -100),
          "every document has something to learn",
        );
        from += length;
      }
      ids.forEach((id, i) => assert.ok(labels[i] === -100 || labels[i] === id));
      withLoss += labels.filter((label) => label !== -100).length;
      documents += lengths.length;
      tokens += ids.length;
    }
  }
  assert.deepEqual(
    { documents, tokens, loss: withLoss },
    { documents: packing.documents, tokens: mix.achieved.tokens, loss: mix.achieved.loss_tokens },
  );
  rmSync(project.folder, { recursive: true });
});
