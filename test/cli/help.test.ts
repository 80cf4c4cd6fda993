// What the command line says of itself.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { commands } from "../../src/cli/commands/index.ts";
import { stageNames } from "../../src/pipeline/run.ts";
import { createProject, hasSampleTokenizer, sampleLines, sampleTokenizer } from "../cases/project.ts";
import { root } from "../shared.ts";

const { sluice, write } = createProject();

for (const { name, load } of commands) {
  test(`sluice ${name} --help has a line for every option`, async () => {
    const { status, stdout } = sluice(name, "--help");
    assert.equal(status, 0);
    const lines = stdout.split("\n");
    for (const [option, { value, help }] of Object.entries((await load()).options)) {
      const flag = value === undefined ? `--${option}` : `--${option} ${value}`;
      assert.ok(lines[2].includes(`[${flag}]`), lines[2]);
      assert.ok(help.length > 5 && lines.some((line) => line.startsWith(`  ${flag} `) && line.includes(help)), `${flag} in ${stdout}`);
    }
  });
}

test("the built command is executable, so that `npx sluice` goes on working when the project is built again", () => {
  assert.equal(statSync(join(root, "dist", "src", "cli", "main.js")).mode & 0o111, 0o111);
});

test("the help of run names every stage that --until accepts", () => {
  const { stdout } = sluice("run", "--help");
  assert.ok(stdout.includes(stageNames.join(", ")), stdout);
});

test("help before a command's name tells that command", () => {
  assert.equal(sluice("help", "run").stdout, sluice("run", "--help").stdout);
  assert.match(sluice("help", "rum").stderr, /did you mean `sluice run`/);
});

test("options that say two things, or nothing without another, are told", () => {
  assert.match(sluice("report", "r", "--port", "3").stderr, /^error: --port\n {2}expected: --live beside it/);
  write("two.yaml", "tokenizer: t\nsources:\n  a: { path: x.jsonl }\n");
  assert.match(sluice("run", "two.yaml", "--dry-run", "--until", "read").stderr, /^error: --dry-run --until\n {2}expected: one of them/);
});

test("words that are too many or missing are told", () => {
  assert.match(sluice("explain", "r").stderr, /found: {4}1 word: r\n/);
  assert.match(sluice("explain", "r", "a", "b").stderr, /found: {4}3 words: r a b\n/);
  assert.match(sluice("explain").stderr, /found: {4}nothing behind it\n/);
});

test("a run that stops before shards says by which option", { skip: hasSampleTokenizer() }, () => {
  write("a.jsonl", sampleLines(20, 1));
  write("r.yaml", `tokenizer: ${JSON.stringify(sampleTokenizer)}\nchat_template: chatml\nsources:\n  a: { path: a.jsonl }\n`);
  const until = sluice("run", "r.yaml", "--until", "mix", "--workers", "1");
  assert.match(until.stdout, /No shards were written\. Run without --until to write them/);
  assert.match(until.stderr, /read: 1 task done/);
  assert.match(sluice("run", "r.yaml", "--dry-run", "--workers", "1").stdout, /Run without --dry-run to write them/);
});
