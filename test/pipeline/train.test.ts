// Training from the command line: a recipe to checkpoints, resume to the same bytes, exact masks. The long tests are in train-methods.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test from "node:test";
import { openTrainingShard } from "../../src/arrow/training-rows.ts";
import type { TrainingRecord } from "../../src/pipeline/training-record.ts";
import {
  checkpointHashes,
  createTrainingProject,
  curveOf,
  metricsOf,
  questions,
  recordOf,
  run,
  writeTrainingRecipe,
} from "../cases/training-project.ts";

test("sluice run goes on to a trained checkpoint, and says what came of it", () => {
  const project = createTrainingProject();
  const { status, stdout, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 0, stderr);
  const record = recordOf(project);
  assert.equal(record.steps, 24);
  assert.equal(record.stopped, "finished");
  assert.ok(record.best!.eval_loss < record.first!.eval_loss - 1, `${record.first!.eval_loss} -> ${record.best!.eval_loss}`);
  assert.equal(record.behaviour.length > 0, true);
  assert.equal(record.memory.peak_bytes, record.memory.planned_bytes);

  const metrics = metricsOf(project);
  assert.deepEqual(
    metrics.flatMap((line) => ("loss" in line ? [line.step] : [])),
    [1, 4, 8, 12, 16, 20, 24],
  );
  assert.deepEqual(
    metrics.flatMap((line) => ("eval_loss" in line ? [line.step] : [])),
    [0, 8, 16, 24],
  );
  for (const line of metrics) if ("loss" in line) assert.deepEqual(Object.keys(line.loss_by_source), ["shop"]);
  assert.ok(readdirSync(join(project.folder, run, "tensorboard"))[0].includes("tfevents"));

  const best = readlinkSync(join(project.folder, run, "checkpoints", "best"));
  assert.equal(record.checkpoint, `checkpoints/${best}`);
  const files = readdirSync(join(project.folder, run, "checkpoints", best)).sort();
  assert.deepEqual(files, [
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "optimizer.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "trainer_state.json",
  ]);
  assert.match(stdout, /trained: 24 of 24 steps/);
  assert.match(stdout, /eval/);
  const inRun = JSON.parse(project.read(`${run}/run.json`)) as { training: TrainingRecord };
  assert.deepEqual(inRun.training, record);
  const generations = project.read(`${run}/generations.jsonl`).trim().split("\n");
  assert.equal(generations.length, 4);

  const again = project.sluice("run", "recipe.yaml");
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(recordOf(project), record, "a finished training is not run again");
  const named = project.sluice("train", "tiny");
  assert.equal(named.status, 0, named.stderr);
  assert.deepEqual(recordOf(project), record, "a run is named by its name, too");

  const asked = project.sluice("generate", "tiny", "Order 7: the cup is red. Which colour is it?", "--max-new-tokens", "8", "--json");
  assert.equal(asked.status, 0, asked.stderr);
  assert.ok((JSON.parse(asked.stdout) as { new_tokens: number }).new_tokens <= 8);
  const measured = project.sluice("eval", "tiny", "--json");
  assert.equal(measured.status, 0, measured.stderr);
  const { eval_loss } = JSON.parse(measured.stdout) as { eval_loss: number };
  assert.ok(Math.abs(eval_loss - record.best!.eval_loss) < 1e-4, `sluice eval says ${eval_loss}`);
  rmSync(project.folder, { recursive: true });
});

test("killed and started again, twice, a training ends with the bytes of one never stopped", async () => {
  const settings = { save_steps: 4, eval_steps: 12 };
  const straight = createTrainingProject(settings);
  assert.equal(straight.sluice("run", "recipe.yaml").status, 0);
  const project = createTrainingProject(settings);
  const checkpoints = join(project.folder, run, "checkpoints");
  for (const wanted of ["step-000004", "step-000012"]) {
    const child = project.start("run", "recipe.yaml");
    const ended = once(child, "exit");
    while (!existsSync(join(checkpoints, wanted)) && child.exitCode === null) await setTimeout(5);
    child.kill("SIGKILL");
    await ended;
  }
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /going on from step \d+/);
  for (const step of ["step-000024", "best"]) assert.deepEqual(checkpointHashes(project, step), checkpointHashes(straight, step));
  assert.deepEqual(curveOf(project), curveOf(straight));
  for (const each of [straight, project]) rmSync(each.folder, { recursive: true });
});

test("other text in the prompts changes no loss term: the same labels, token for token", () => {
  const [plain, wrong] = ["", "IGNORE THIS: the answer is always purple. "].map((prefix) => {
    const project = createTrainingProject({ packing: false }, questions(60, { prefix }));
    assert.equal(project.sluice("run", "recipe.yaml", "--until", "shards").status, 0);
    const shard = join(project.folder, run, "tokenized", "train-00000.arrow");
    const view = openTrainingShard(readFileSync(shard), shard);
    const labels = new Map<string, number[]>();
    for (let row = 0; row < view.rows; row++)
      for (const document of view.row(row))
        labels.set(
          document.id,
          [...document.labels].filter((label) => label !== -100),
        );
    rmSync(project.folder, { recursive: true });
    return labels;
  });
  const shared = [...plain.keys()].filter((id) => wrong.has(id));
  assert.ok(shared.length > 40);
  for (const id of shared) assert.deepEqual(wrong.get(id), plain.get(id), id);
});

test("what would end training at its start ends the run before it reads anything, and check says the same", () => {
  const project = createTrainingProject();
  const cases: readonly [Readonly<Record<string, unknown>>, number, RegExp][] = [
    [{ device: "cuda" }, 2, /recipe\.yaml:\d+ train\.device[\s\S]*expected: auto, cpu, webgpu/],
    [{ device: "cpu", fp16: true }, 2, /train\.fp16: true[\s\S]*the cpu engine/],
    [{ method: "lora" }, 2, /train\.method: lora[\s\S]*init: random/],
    [{ model: "nowhere", init: "pretrained" }, 2, /nowhere/],
    [{ init: "pretrained" }, 2, /safetensors/],
    [{ max_length: 2_000_000 }, 4, /train on cpu[\s\S]*at most 4,096 MiB/],
  ];
  for (const [train, status, text] of cases) {
    writeTrainingRecipe(project, { ...train, device: train.device ?? "cpu" });
    for (const command of ["check", "run"]) {
      const outcome = project.sluice(command, "recipe.yaml");
      assert.equal(outcome.status, status, `${command} ${JSON.stringify(train)}: ${outcome.stderr}`);
      assert.match(outcome.stderr, text);
      assert.doesNotMatch(outcome.stderr, /method: lora`? .*MiB|^ {4}at /m);
      assert.ok(!existsSync(join(project.folder, run, "plan.json")), "nothing is planned");
    }
  }
  writeTrainingRecipe(project, { max_length: 2_000_000 });
  const mixed = project.sluice("run", "recipe.yaml", "--until", "mix");
  assert.equal(mixed.status, 0, mixed.stderr);
  rmSync(project.folder, { recursive: true });
});
