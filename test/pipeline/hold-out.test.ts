import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { chooseHeldOut } from "../../src/pipeline/stage-hold-out.ts";
import { createProject, hasSampleTokenizer, sampleLines, sampleTokenizer } from "../cases/project.ts";

function hashes(rows: number, seed: number): Uint32Array {
  const random = createRandom(seed);
  return Uint32Array.from({ length: rows * 4 }, () => random.uint32());
}

const count = (held: Uint8Array): number => held.reduce((sum, value) => sum + value, 0);

test("about the asked share is held out, never more than the most", () => {
  const data = hashes(50_000, 1);
  const share = count(chooseHeldOut(data, 42, { fraction: 0.02, max_rows: 100_000 })) / 50_000;
  assert.ok(Math.abs(share - 0.02) < 0.002, `share ${share}`);
  assert.equal(count(chooseHeldOut(data, 42, { fraction: 0.02, max_rows: 500 })), 500);
  assert.equal(count(chooseHeldOut(data, 42, { fraction: 0, max_rows: 500 })), 0);
});

test("the choice is by content: order does not matter, and added rows leave it as it was", () => {
  const data = hashes(5000, 2);
  const options = { fraction: 0.05, max_rows: 100_000 };
  const held = chooseHeldOut(data, 7, options);
  const reversed = new Uint32Array(data.length);
  for (let row = 0; row < 5000; row++) reversed.set(data.subarray(row * 4, row * 4 + 4), (4999 - row) * 4);
  assert.deepEqual(chooseHeldOut(reversed, 7, options).reverse(), held);
  const more = new Uint32Array(data.length + 400);
  more.set(data);
  more.set(hashes(100, 3), data.length);
  assert.deepEqual(chooseHeldOut(more, 7, options).subarray(0, 5000), held);
  assert.notDeepEqual(chooseHeldOut(data, 8, options), held);
});

test("rows of the same content go together", () => {
  const data = hashes(1000, 4);
  for (let row = 1; row < 1000; row += 2) data.copyWithin(row * 4, row * 4 - 4, row * 4);
  for (const max_rows of [1000, 33]) {
    const held = chooseHeldOut(data, 1, { fraction: 0.2, max_rows });
    for (let row = 1; row < 1000; row += 2) assert.equal(held[row], held[row - 1]);
    assert.ok(count(held) > 0 && count(held) <= max_rows);
  }
});

test("where there is nothing to evaluate on, the warning names the cause", { skip: hasSampleTokenizer() }, () => {
  const { write, read, sluice } = createProject();
  write("a.jsonl", sampleLines(40, 1));
  const warning = (keys: string): string => {
    write(
      "r.yaml",
      `name: r\ntokenizer: ${JSON.stringify(sampleTokenizer)}\nchat_template: chatml\nsources: { a: { path: a.jsonl } }\n${keys}`,
    );
    sluice("run", "r.yaml", "--fresh", "--workers", "1");
    const { warnings } = JSON.parse(read("data/runs/r/run.json")) as { warnings: { stage: string; text: string }[] };
    return warnings.find(({ stage }) => stage === "hold_out")?.text ?? "";
  };
  assert.match(warning("filters: {}\nhold_out: { fraction: 0.1, max_rows: 0 }\n"), /^no row was held out: raise hold_out\.max_rows/);
  assert.match(warning("filters: {}\nhold_out: { fraction: 0 }\n"), /^no row was held out: raise hold_out\.fraction/);
  // Half of the rows are too short for the filter, and the one that this seed holds out is one of them.
  const short = Array.from({ length: 40 }, (_, i) => `{"prompt":"What is the name of star ${i}?","completion":"Star ${i}."}\n`);
  write("a.jsonl", sampleLines(40, 1) + short.join(""));
  const found = warning("filters: { empty: {} }\nseed: 3\nhold_out: { fraction: 0.5, max_rows: 1 }\n");
  assert.match(found, /^of 1 held-out row none is good enough to evaluate on: raise hold_out\.max_rows/);
});
