// Rows longer than max_length are told: at the end of the run, in the record, in the ledger.
import assert from "node:assert/strict";
import test from "node:test";
import { filters as registry } from "../../src/filters/index.ts";
import { parseRecipe } from "../../src/pipeline/recipe.ts";
import { createReasonTable } from "../../src/pipeline/reasons.ts";
import { createProject, hasSampleTokenizer, sampleLines, sampleTokenizer } from "../cases/project.ts";

const skip = hasSampleTokenizer();

const row = (instruction: string, response: string): string => `${JSON.stringify({ instruction, response })}\n`;
const long = row("Say a lot about the river, please.", `${"word after word ".repeat(300)}end.`);
const longQuestion = row(`Say what this means, please: ${"word after word ".repeat(300)}`, "It means little, and it takes long to say so.");

test("a row that loses its end is flagged with its real length, warned of and counted", { skip }, () => {
  const { write, read, sluice } = createProject();
  write("a.jsonl", `${sampleLines(4, 1)}${long}${longQuestion}`);
  write(
    "r.yaml",
    `name: r\ntokenizer: ${JSON.stringify(sampleTokenizer)}\nchat_template: chatml\nhold_out: false\nfilters: { empty: {} }\nsources:\n  a: { path: a.jsonl }\ntrain: { max_length: 256 }\n`,
  );
  const dry = sluice("run", "r.yaml", "--workers", "1", "--dry-run");
  const warning = /warning \(mix\): 1 of the mix's 5 rows is longer than train\.max_length 256 [^\n]*the longest has ([\d,]+) tokens/;
  assert.match(dry.stdout, warning);
  const { stdout, status } = sluice("run", "r.yaml", "--workers", "1");
  assert.equal(status, 0);
  assert.match(stdout, warning);
  const tokens = Number(warning.exec(stdout)![1].replaceAll(",", ""));
  assert.ok(tokens > 900, `${tokens} tokens`);
  const { packing, flags, warnings } = JSON.parse(read("data/runs/r/run.json"));
  assert.deepEqual([packing.cut, packing.longest_cut], [1, tokens]);
  assert.deepEqual(flags, { cut_at_max_length: { a: 1 } });
  assert.equal(warnings.filter(({ text }: { text: string }) => text.includes("max_length")).length, 1);

  const { line } = JSON.parse(sluice("explain", "r", "a/a.jsonl#5", "--json").stdout);
  assert.equal(line.state, "used");
  assert.deepEqual(line.flags, ["cut_at_max_length"]);
  assert.deepEqual(JSON.parse(line.evidence), { flags: { cut_at_max_length: { tokens, limit: 256 } } });
  assert.match(sluice("explain", "r", "a/a.jsonl#5").stdout, /flags: cut_at_max_length/);

  // Where the cut leaves nothing to learn from, the evidence says how long the row is.
  const dropped = JSON.parse(sluice("explain", "r", "a/a.jsonl#6", "--json").stdout).line;
  assert.deepEqual([dropped.stage, dropped.reason], ["chat_template", "no_loss_tokens"]);
  const evidence = JSON.parse(dropped.evidence);
  assert.equal(evidence.limit, 256);
  assert.ok(evidence.tokens > 900, dropped.evidence);
});

test("the flag has a bit where filters leave one, and refuses no recipe", () => {
  const flagsOf = (filters: string): readonly string[] =>
    createReasonTable(parseRecipe(`tokenizer: t\nsources: { a: { path: a } }\nfilters: ${filters}\n`, "r.yaml").recipe).flags;
  const all = registry.map(({ name }) => `${name}: { action: flag${name === "pattern" ? ', drop_if_response_matches: ["x"]' : ""} }`);
  const reasons = registry.reduce((sum, filter) => sum + filter.reasons.length, 0);
  const flags = flagsOf(`{ ${all.join(", ")} }`);
  assert.equal(flags.includes("cut_at_max_length"), reasons < 32);
  assert.ok(flags.length <= 32);
  assert.deepEqual(flagsOf("{ empty: {} }"), ["cut_at_max_length"]);
});

test("no row too long: no warning, no flag", { skip }, () => {
  const { write, read, sluice } = createProject();
  write("a.jsonl", sampleLines(8, 1));
  write(
    "r.yaml",
    `name: r\ntokenizer: ${JSON.stringify(sampleTokenizer)}\nchat_template: chatml\nhold_out: false\nfilters: { empty: {} }\nsources:\n  a: { path: a.jsonl }\n`,
  );
  assert.equal(sluice("run", "r.yaml", "--workers", "1").status, 0);
  const { packing, flags, warnings } = JSON.parse(read("data/runs/r/run.json"));
  assert.deepEqual([packing.cut, packing.longest_cut, flags], [0, 0, {}]);
  assert.ok(warnings.every(({ text }: { text: string }) => !text.includes("max_length")));
});
