// Errors that are found when a recipe is worked on tell where in it they come from.
import assert from "node:assert/strict";
import test from "node:test";
import { createProject, hasSampleTokenizer, sampleLines, sampleTokenizer } from "../cases/project.ts";

const skip = hasSampleTokenizer();
const tokenizer = JSON.stringify(sampleTokenizer);
const sources = "sources:\n  a: { path: a.jsonl }\n";
const { write, sluice } = createProject();
write("a.jsonl", sampleLines(20, 1));
write("bad.jinja", "{% for m in %}");

const cases: readonly (readonly [name: string, recipe: string, where: string])[] = [
  ["a tokenizer that is not there", `name: r\ntokenizer: ./nope\nchat_template: chatml\n${sources}`, "r.yaml:2 tokenizer: ./nope"],
  ["a template that is not there", `tokenizer: ${tokenizer}\nchat_template: nope.jinja\n${sources}`, "r.yaml:2 chat_template"],
  ["a template that is no Jinja", `tokenizer: ${tokenizer}\n${sources}chat_template: bad.jinja\n`, "r.yaml:4 chat template bad.jinja"],
  [
    "a file that is not there",
    `tokenizer: ${tokenizer}\nchat_template: chatml\nsources:\n  a:\n    format: auto\n    path: nope.jsonl\n`,
    "r.yaml:6 sources.a path nope.jsonl",
  ],
  [
    "an evaluation file that is not there",
    `tokenizer: ${tokenizer}\nchat_template: chatml\n${sources}decontaminate:\n  against: nope.jsonl\n`,
    "r.yaml:6 decontaminate.against nope.jsonl",
  ],
  ["a model that is not there", `tokenizer: ${tokenizer}\nchat_template: chatml\n${sources}base_model: ./nope\n`, "r.yaml:5 model: ./nope"],
];

for (const [name, recipe, where] of cases) {
  test(`${name} is told with file and line`, { skip }, () => {
    write("r.yaml", recipe);
    const { status, stderr } = sluice("check", "r.yaml");
    assert.equal(status, 2, stderr);
    assert.ok(stderr.includes(`error: ${where}\n`), stderr);
  });
}

test("what a run finds is told with file and line too", { skip }, () => {
  write("r.yaml", cases[2][1]);
  const template = sluice("run", "r.yaml", "--fresh", "--workers", "1");
  assert.ok(template.stderr.includes("error: r.yaml:4 chat template bad.jinja\n"), template.stderr);
  write("r.yaml", `tokenizer: ${tokenizer}\nchat_template: chatml\n${sources}mix:\n  shortfall: upsample\n  target_total: 5000000\n`);
  for (const words of [["--fresh"], []]) {
    const { status, stderr } = sluice("run", "r.yaml", "--workers", "1", ...words);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /error: r\.yaml:5 mix: source a\n/);
    assert.match(stderr, /to do: {4}set mix\.target_total to at most \d+, or mix\.shortfall to shrink/);
  }
});
