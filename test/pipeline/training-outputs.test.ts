// What a finished training left is in run.json with its hashes, and what is missing later is told, made again where that can be, or refused.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { FileRecord } from "../../src/io/atomic.ts";
import { isTrainingOutput } from "../../src/pipeline/paths.ts";
import { checkpointHashes, createTrainingProject, run, writeTrainingRecipe } from "../cases/training-project.ts";

const settings = { max_steps: 6, eval_steps: 2, sample_prompts: 2, sample_max_new_tokens: 4, save_total_limit: 9 };
const project = createTrainingProject({ ...settings, eval_strategy: "no", max_steps: 2 });
assert.equal(project.sluice("run", "recipe.yaml").status, 0);
cpSync(join(project.folder, run, "checkpoints/step-000002"), join(project.folder, "base"), { recursive: true });
writeTrainingRecipe(project, { ...settings, model: "base", init: "pretrained", method: "lora", r: 2 });
const first = project.sluice("train", "recipe.yaml", "--fresh");
assert.equal(first.status, 0, first.stderr);
const folder = join(project.folder, run);
const kept = join(project.folder, "kept");
cpSync(folder, kept, { recursive: true, verbatimSymlinks: true });

const outputs = (): FileRecord[] => (JSON.parse(project.read(`${run}/run.json`)) as { outputs: FileRecord[] }).outputs;
const best = checkpointHashes(project, "best");

/** The run as it was, but for a damage, started again. */
function damaged(damage: (path: (file: string) => string) => void): ReturnType<typeof project.sluice> {
  rmSync(folder, { recursive: true });
  cpSync(kept, folder, { recursive: true, verbatimSymlinks: true });
  damage((file) => join(folder, file));
  return project.sluice("run", "recipe.yaml");
}

test("run.json has size and SHA-256 of everything that training left", () => {
  const recorded = outputs();
  for (const { file, bytes, sha256 } of recorded as (FileRecord & { sha256: string })[]) {
    const content = readFileSync(join(folder, file));
    assert.deepEqual([content.length, createHash("sha256").update(content).digest("hex")], [bytes, sha256], file);
  }
  const there = readdirSync(folder, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((file) => isTrainingOutput(file) && !file.startsWith("checkpoints/best") && statSync(join(folder, file)).isFile());
  assert.ok(there.length > 20, `${there.length} files`);
  assert.deepEqual(
    recorded
      .map(({ file }) => file)
      .filter(isTrainingOutput)
      .sort(),
    there.sort(),
  );
});

test("only a run whose files are all there is called whole", () => {
  assert.match(damaged(() => {}).stdout, /complete already and all its files are whole/);
  for (const [damage, told] of [
    [(path) => truncateSync(path("metrics.jsonl"), 10), /metrics\.jsonl has 10 bytes, \d+ were written/],
    [(path) => rmSync(path("tensorboard"), { recursive: true }), / tensorboard is missing\n/],
    [(path) => rmSync(path("checkpoints/step-000002"), { recursive: true }), / checkpoints\/step-000002 is missing\n/],
    [(path) => rmSync(path("checkpoints/step-000006/optimizer.safetensors")), /step-000006\/optimizer\.safetensors is missing/],
  ] as [Parameters<typeof damaged>[0], RegExp][]) {
    const { status, stdout, stderr } = damaged(damage);
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stdout, /all its files are whole/);
    assert.match(stdout, told);
    assert.match(stdout, /train .*tiny --fresh/);
    assert.doesNotMatch(stderr, /going on from/);
  }
});

test("a missing mark, record, answers or merged model are made again from the last checkpoint; nothing is trained anew", () => {
  assert.match(damaged((path) => rmSync(path("checkpoints/best"))).stdout, /all its files are whole/);
  assert.deepEqual(checkpointHashes(project, "best"), best);
  const { status, stderr } = damaged((path) => {
    for (const name of ["training.json", "generations.jsonl"]) rmSync(path(name));
    rmSync(path("merged"), { recursive: true });
  });
  assert.equal(status, 0, stderr);
  for (const what of ["training.json", "generations.jsonl", "merged"])
    assert.match(stderr, new RegExp(`${what} is missing; it is made again`));
  assert.match(stderr, /going on from step 6/);
  for (const { file } of outputs()) {
    if (/^(checkpoints|merged)\/|^(metrics|generations)\.jsonl$/.test(file)) {
      assert.deepEqual(readFileSync(join(folder, file)), readFileSync(join(kept, file)), file);
    }
  }
});

test("without the checkpoint that training ended with, it is made again from an earlier one, or the run is refused", () => {
  const again = damaged((path) => rmSync(path("checkpoints/step-000006/adapter_model.safetensors")));
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stderr, /taking step-000004, the last whole one[\s\S]*going on from step 4/);
  assert.deepEqual(checkpointHashes(project, "best"), best);
  for (const alsoRecord of [false, true]) {
    const { status, stderr } = damaged((path) => {
      rmSync(path("checkpoints"), { recursive: true });
      if (alsoRecord) rmSync(path("run.json"));
    });
    assert.equal(status, 3, stderr);
    assert.match(stderr, /checkpoints is missing|none, though this training had saved some/);
    assert.match(stderr, /train .*tiny --fresh/);
  }
  const fresh = project.sluice("train", "tiny", "--fresh");
  assert.equal(fresh.status, 0, fresh.stderr);
  assert.deepEqual(checkpointHashes(project, "best"), best);
  rmSync(project.folder, { recursive: true });
});
