// Deduplication through `sluice run`: the same rows are dropped for the same survivors with 1, 2 and 4 workers and with shuffled input files.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { createRandom, shuffle } from "../../src/core/random.ts";
import { readLedger } from "../../src/io/ledger-reader.ts";
import { createProject, hasSampleTokenizer, sampleTokenizer } from "../cases/project.ts";
import { plainKey, plainSimilarity, plainText } from "./plain.ts";

const threshold = 0.8;

/** Prompts of one source, in three files: new ones, exact duplicates in another dress, and edits. */
function makePrompts(count: number, seed: number, others: readonly string[]): string[] {
  const random = createRandom(seed);
  const word = (): string =>
    `${"bcdfgklmnprstv"[random.below(14)]}${"aeiou"[random.below(5)]}${"lnrst"[random.below(5)]}${random.below(40)}`;
  const prompts: string[] = [];
  const old = (): string =>
    (random.below(4) === 0 && others.length > 0 ? others : prompts)[
      random.below(Math.min(prompts.length, others.length || prompts.length))
    ];
  while (prompts.length < count) {
    const kind = prompts.length === 0 ? 9 : random.below(10);
    if (kind === 0) prompts.push(old());
    else if (kind < 3) prompts.push(`  ${old().toUpperCase()}${"?!."[random.below(3)]}`);
    else if (kind < 6) prompts.push(`${old()} ${word()}`);
    else prompts.push(Array.from({ length: 10 + random.below(60) }, word).join(" "));
  }
  return prompts;
}

const first = makePrompts(500, 1, []);
const sources = { a: first, b: makePrompts(500, 2, first) };

const line = (prompt: string, i: number): string =>
  JSON.stringify({
    messages: [
      { role: "user", content: prompt },
      { role: "assistant", content: `The answer to this one is number ${i % 97}.` },
    ],
  });

/** Runs the recipe over the rows in an order; returns what became of each row, in words. */
async function told(order: number, workers: number): Promise<string[]> {
  const project = createProject();
  after(() => rmSync(project.folder, { recursive: true, force: true }));
  const prompts = new Map<string, string>();
  for (const [source, list] of Object.entries(sources)) {
    const rows = list.map((prompt, i) => ({ prompt, text: line(prompt, i) }));
    if (order > 0) shuffle(rows, createRandom(order));
    for (let file = 0; file < 3; file++) {
      const part = rows.slice(file * 167, (file + 1) * 167);
      // Names in another order, too.
      const name = `${source}/${(file + order) % 3}.jsonl`;
      project.write(`data/${name}`, `${part.map(({ text }) => text).join("\n")}\n`);
      part.forEach(({ prompt }, i) => prompts.set(`${name}#${i + 1}`, prompt));
    }
  }
  project.write(
    "recipe.yaml",
    `name: dup
seed: 3
tokenizer: ${JSON.stringify(sampleTokenizer)}
chat_template: chatml
split_bytes: 16384
hold_out: false
decontaminate: false
filters: {}
sources:
  a: { path: data/a/*.jsonl }
  b: { path: data/b/*.jsonl }
dedup: { scope: prompt, threshold: ${threshold}, keep: [source, longest, first] }
`,
  );
  const { status, stderr } = project.sluice("run", "recipe.yaml", "--workers", String(workers));
  assert.equal(status, 0, stderr);
  const rows = new Map<string, { hash: string; reason: string; evidence: { survivor?: string; similarity?: number } }>();
  const columns = ["id", "content_hash", "stage", "reason", "evidence"] as const;
  for await (const group of readLedger(join(project.folder, "data/runs/dup/ledger.parquet"), columns)) {
    for (const { id, content_hash, stage, reason, evidence } of group) {
      assert.ok(stage === "" || stage === "dedup" || stage === "mix", `${id}: ${stage} ${reason}`);
      rows.set(id, { hash: content_hash, reason, evidence: evidence ? JSON.parse(evidence) : {} });
    }
  }
  assert.equal(rows.size, prompts.size);
  const lines: string[] = [];
  for (const [id, { hash, reason, evidence }] of rows) {
    const survivor = evidence.survivor === undefined ? undefined : rows.get(evidence.survivor);
    if (reason.endsWith("_duplicate")) {
      assert.ok(survivor && evidence.survivor && evidence.similarity !== undefined, id);
      assert.ok(!survivor.reason.endsWith("_duplicate"), "the survivor survives");
      const texts = [promptOf(id), promptOf(evidence.survivor)] as const;
      const exact = plainSimilarity(plainText(texts[0]), plainText(texts[1]));
      assert.ok(exact >= threshold);
      assert.ok(Math.abs(evidence.similarity - exact) < 1e-4);
      assert.equal(reason === "exact_duplicate", plainKey(texts[0]) === plainKey(texts[1]), id);
    }
    lines.push(`${id.split("/")[0]} ${hash} ${reason} ${survivor?.hash} ${evidence.similarity}`);
  }
  return lines.sort();

  function promptOf(id: string): string {
    const prompt = prompts.get(id);
    assert.ok(prompt, `no prompt of ${id}`);
    return prompt;
  }
}

test("workers and the order of the input change nothing", { skip: hasSampleTokenizer() }, async () => {
  const expected = await told(0, 1);
  const reasons = (reason: string): number => expected.filter((each) => each.includes(` ${reason} `)).length;
  assert.ok(
    reasons("exact_duplicate") > 50 && reasons("near_duplicate") > 200,
    `${reasons("exact_duplicate")} and ${reasons("near_duplicate")}`,
  );
  assert.deepEqual(await told(1, 4), expected);
  assert.deepEqual(await told(2, 2), expected);
});
