// Training from the command line: a recipe to checkpoints, resume to the same bytes, exact masks. The long tests are in train-methods.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, existsSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test from "node:test";
import { openTrainingShard } from "../../src/arrow/training-rows.ts";
import type { TrainingFailure } from "../../src/pipeline/training-failure.ts";
import type { TrainingRecord } from "../../src/pipeline/training-record.ts";
import type { Outcome } from "../cases/project.ts";
import {
  checkpointHashes,
  createTrainingProject,
  curveOf,
  metricsOf,
  questions,
  recordOf,
  run,
  tinyConfig,
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
  for (const [option, range] of [
    ["--temperature", "from 0 to 100"],
    ["--seed", "from 0 to 4294967295"],
  ]) {
    const { status: refused, stderr: told } = project.sluice("generate", "tiny", "Hello", option, "-1");
    assert.equal(refused, 2, told);
    assert.match(told, new RegExp(`error: ${option}\n.*${range}\n.*-1`));
  }
  const idle = project.sluice("generate", "tiny", "Hello", "--top-p", "0.9");
  assert.equal(idle.status, 2, idle.stderr);
  assert.match(idle.stderr, /--top-p 0\.9\n.*--temperature above 0/);
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

test("what kill -9 leaves of a checkpoint, of its mark and of a removal does not stop the next start", () => {
  const project = createTrainingProject({ max_steps: 4, eval_steps: 2, sample_prompts: 0 });
  const folder = join(project.folder, run);
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  const [best, hashes] = [readlinkSync(join(folder, "checkpoints", "best")), project.hashes("tiny")];
  for (const left of ["checkpoints/step-000009.tmp-123", "merged.tmp-123"])
    project.write(`${run}/${left}/model.safetensors.tmp-123-0`, "half");
  const again = project.sluice("run", "recipe.yaml");
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(project.hashes("tiny"), hashes);
  // Killed between the checkpoint and its mark, and before the oldest was removed.
  rmSync(join(folder, "checkpoints", "best"));
  symlinkSync("step-000002", join(folder, "checkpoints", "best"));
  cpSync(join(folder, "checkpoints", "step-000002"), join(folder, "checkpoints", "step-000001"), { recursive: true });
  for (const file of ["training.json", "run.json"]) rmSync(join(folder, file));
  const third = project.sluice("run", "recipe.yaml");
  assert.equal(third.status, 0, third.stderr);
  assert.equal(readlinkSync(join(folder, "checkpoints", "best")), best);
  assert.deepEqual(readdirSync(join(folder, "checkpoints")).sort(), ["best", "step-000002", "step-000004"]);
  project.write(`${run}/checkpoints/step-000009.tmp-123/x`, "half");
  const fresh = project.sluice("train", "tiny", "--fresh");
  assert.equal(fresh.status, 0, fresh.stderr);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes(".tmp-")),
    [],
  );
  rmSync(project.folder, { recursive: true });
});

test("without a best checkpoint the last whole one is asked, and it is said which", () => {
  const project = createTrainingProject({ max_steps: 4, save_steps: 2, eval_strategy: "no", sample_prompts: 0 });
  const untrained = project.sluice("run", "recipe.yaml", "--until", "shards");
  assert.equal(untrained.status, 0, untrained.stderr);
  const none = project.sluice("generate", "tiny", "x");
  assert.equal(none.status, 2);
  assert.match(none.stderr, /no checkpoint: training has not begun, or ended before it saved one/);
  assert.equal(project.sluice("train", "tiny").status, 0);
  const ask = (command: string): Outcome =>
    command === "eval"
      ? project.sluice("eval", "tiny", "--json")
      : project.sluice("generate", "tiny", "x", "--max-new-tokens", "2", "--json");
  for (const command of ["generate", "eval"]) {
    const { status, stderr } = ask(command);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /no checkpoint is marked as the best.*taking the last whole one, .*step-000004/);
  }
  truncateSync(join(project.folder, run, "checkpoints/step-000004/model.safetensors"), 1000);
  rmSync(join(project.folder, run, "checkpoints/step-000002/optimizer.safetensors"));
  const earlier = ask("eval");
  assert.equal(earlier.status, 0, earlier.stderr);
  assert.match(earlier.stderr, /taking the last whole one, .*step-000002/);
  // A best one that is damaged is not replaced in silence.
  symlinkSync("step-000004", join(project.folder, run, "checkpoints/best"));
  const damaged = ask("eval");
  assert.equal(damaged.status, 3);
  assert.match(damaged.stderr, /step-000004[\s\S]*model\.safetensors has 1000 bytes, \d+ were written[\s\S]*step-000002 is whole/);
  rmSync(project.folder, { recursive: true });
});

test("a training goes on only with the weights and the plan that it was started with", () => {
  const project = createTrainingProject({ max_steps: 2, eval_strategy: "no", sample_prompts: 0 });
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  const checkpoint = join(project.folder, run, "checkpoints/step-000002");
  cpSync(checkpoint, join(project.folder, "base"), { recursive: true });
  writeTrainingRecipe(project, { model: "base", init: "pretrained", max_steps: 2, eval_strategy: "no", sample_prompts: 0 });
  assert.equal(project.sluice("train", "recipe.yaml", "--fresh").status, 0);
  // Other weights, the same size.
  const weights = readFileSync(join(project.folder, "base/model.safetensors"));
  weights[weights.length - 4096] ^= 1;
  project.write("base/model.safetensors", weights);
  const other = project.sluice("run", "recipe.yaml");
  assert.equal(other.status, 2);
  assert.match(other.stderr, /model\.model\.safetensors: "\d+ bytes, sha256 /);
  weights[weights.length - 4096] ^= 1;
  project.write("base/model.safetensors", weights);
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  // What a killed --fresh might leave.
  for (const file of ["training-plan.json", "training.json"]) rmSync(join(project.folder, run, file));
  const planless = project.sluice("run", "recipe.yaml");
  assert.equal(planless.status, 2);
  assert.match(planless.stderr, /training-plan\.json[\s\S]*--fresh/);
  rmSync(project.folder, { recursive: true });
});

test("a checkpoint keeps what its base said of special tokens, generation and use, as transformers aligns them", () => {
  const project = createTrainingProject({ max_steps: 1, eval_strategy: "no", sample_prompts: 0 });
  const ids = { bos_token_id: 7, eos_token_id: [5, 6], pad_token_id: 9 };
  const kept = { use_cache: false, attention_dropout: 0, layer_types: ["full_attention", "full_attention"], pretraining_tp: 1 };
  project.write("model/config.json", JSON.stringify({ ...tinyConfig, ...kept, ...ids, transformers_version: "5.24.0" }));
  const sampling = { do_sample: true, temperature: 0.6, top_p: 0.95, top_k: 20, repetition_penalty: 1.1 };
  project.write("model/generation_config.json", JSON.stringify({ _from_model_config: true, ...ids, ...sampling }));
  const written = (): Record<string, unknown>[] => {
    const { status, stderr } = project.sluice("run", "recipe.yaml", "--fresh");
    assert.equal(status, 0, stderr);
    return ["config", "generation_config"].map(
      (name) => JSON.parse(project.read(`${run}/checkpoints/step-000001/${name}.json`)) as Record<string, unknown>,
    );
  };
  // align_special_tokens of transformers 5.24.0 gives the same for this tokenizer: it names <|im_end|> 2 and <|endoftext|> 0, and no bos token.
  const aligned = { bos_token_id: 7, eos_token_id: [2, 5, 6], pad_token_id: 0 };
  const [config, generation] = written();
  assert.deepEqual(generation, { ...aligned, ...sampling });
  for (const [key, value] of Object.entries({ ...aligned, ...kept })) assert.deepEqual(config[key], value, key);
  assert.ok(!("transformers_version" in config));
  // A base that says nothing.
  project.write("model/config.json", JSON.stringify(tinyConfig));
  rmSync(join(project.folder, "model/generation_config.json"));
  const [bare, none] = written();
  assert.deepEqual(none, { eos_token_id: 2, pad_token_id: 0 });
  assert.deepEqual([bare.bos_token_id, bare.eos_token_id, bare.use_cache], [undefined, 2, undefined]);
  rmSync(project.folder, { recursive: true });
});

test("a damaged checkpoint is passed over, told, and made again; none whole is an error that says what to do", () => {
  const project = createTrainingProject({ max_steps: 6, save_steps: 2, eval_strategy: "no", sample_prompts: 0, save_total_limit: 9 });
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  const hashes = checkpointHashes(project, "step-000006");
  const file = (step: number, name: string): string => join(project.folder, run, `checkpoints/step-00000${step}`, name);
  const begin = (): void => ["training.json", "run.json"].forEach((name) => rmSync(join(project.folder, run, name), { force: true }));
  const cut = (path: string): void => truncateSync(path, 1000);
  const damages = [
    [cut, "optimizer.safetensors", /optimizer\.safetensors has 1000 bytes, \d+ were written/],
    [rmSync, "optimizer.safetensors", /optimizer\.safetensors is missing/],
    [cut, "model.safetensors", /model\.safetensors has 1000 bytes/],
    [(path: string) => writeFileSync(path, "{"), "trainer_state.json", /trainer_state\.json: .*JSON/],
    [rmSync, "trainer_state.json", /trainer_state\.json is missing/],
  ] as const;
  for (const [damage, name, told] of damages) {
    begin();
    damage(file(6, name));
    const { status, stderr } = project.sluice("run", "recipe.yaml");
    assert.equal(status, 0, stderr);
    assert.match(stderr, told);
    assert.match(stderr, /taking step-000004, the last whole one[\s\S]*going on from step 4/);
    assert.deepEqual(checkpointHashes(project, "step-000006"), hashes);
  }
  // A damaged one of a later step does not push out those that are whole.
  begin();
  cpSync(file(6, ""), file(9, ""), { recursive: true });
  rmSync(file(6, ""), { recursive: true });
  cut(file(9, "model.safetensors"));
  writeTrainingRecipe(project, { max_steps: 6, save_steps: 2, eval_strategy: "no", sample_prompts: 0, save_total_limit: 1 });
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  assert.deepEqual(readdirSync(join(project.folder, run, "checkpoints")), ["step-000006"]);
  assert.deepEqual(checkpointHashes(project, "step-000006"), hashes);
  begin();
  cut(file(6, "optimizer.safetensors"));
  const none = project.sluice("run", "recipe.yaml");
  assert.equal(none.status, 3);
  assert.match(none.stderr, /step-000006: optimizer[\s\S]*sluice train .*tiny --fresh/);
  rmSync(project.folder, { recursive: true });
});

test("a model with fewer ids than the tokenizer is refused by check and run, before anything is written", () => {
  const project = createTrainingProject({ max_steps: 1 });
  project.write("model/config.json", JSON.stringify({ ...tinyConfig, vocab_size: 4095 }));
  for (const command of ["check", "run"]) {
    const { status, stderr } = project.sluice(command, "recipe.yaml");
    assert.equal(status, 2, stderr);
    assert.match(stderr, /expected: a vocabulary of at least the tokenizer's 4096 tokens[^]*4095 \(vocab_size\)/);
  }
  assert.equal(existsSync(join(project.folder, run)), false);
  rmSync(project.folder, { recursive: true });
});

test("a tokenizer whose ids mean something else to the model is told by check, run and eval, or refused", () => {
  const train = { max_steps: 1, eval_strategy: "no", sample_prompts: 0 };
  const project = createTrainingProject(train);
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  cpSync(join(project.folder, run, "checkpoints/step-000001"), join(project.folder, "base"), { recursive: true });
  writeTrainingRecipe(project, { ...train, model: "base", init: "pretrained" });
  assert.doesNotMatch(project.sluice("check", "recipe.yaml").stdout, /mean something else/);
  const json = JSON.parse(project.read("base/tokenizer.json")) as { model: { vocab: Record<string, number> } };
  const { vocab } = json.model;
  const ordinary = Object.keys(vocab).filter((text) => vocab[text] >= 1000);
  const swap = (a: string, b: string): void => void ([vocab[a], vocab[b]] = [vocab[b], vocab[a]]);
  swap(ordinary[0], ordinary[1]);
  project.write("base/tokenizer.json", JSON.stringify(json));
  const told = /2 of 4096 ids mean something else[^\n]*id 1\d{3} is "/;
  assert.match(project.sluice("check", "recipe.yaml").stdout, told);
  const trained = project.sluice("train", "recipe.yaml", "--fresh");
  assert.equal(trained.status, 0, trained.stderr);
  assert.match(trained.stderr, told);
  assert.ok(recordOf(project).warnings.some((text) => told.test(text)));
  const measured = project.sluice("eval", "base", "--run", "tiny", "--json");
  assert.equal(measured.status, 0, measured.stderr);
  assert.match(measured.stderr, told);
  // Another tokenizer of the same size.
  for (let i = 2; i + 1 < ordinary.length; i += 2) swap(ordinary[i], ordinary[i + 1]);
  project.write("base/tokenizer.json", JSON.stringify(json));
  const before = checkpointHashes(project, "step-000001");
  for (const words of [
    ["check", "recipe.yaml"],
    ["train", "recipe.yaml", "--fresh"],
    ["run", "recipe.yaml", "--fresh"],
    ["eval", "base", "--run", "tiny"],
  ]) {
    const { status, stderr } = project.sluice(...words);
    assert.equal(status, 2, `${words[0]}: ${stderr}`);
    assert.match(stderr, /\d{4} of 4096 ids mean something else/);
    assert.deepEqual(checkpointHashes(project, "step-000001"), before, `${words[0]} deletes nothing before it is refused`);
  }
  rmSync(join(project.folder, run), { recursive: true });
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 2, stderr);
  assert.equal(existsSync(join(project.folder, run)), false, "what cannot be trained is not curated either");
  rmSync(project.folder, { recursive: true });
});

test("a training that fails is recorded and told by the report, and the next one forgets it", () => {
  const project = createTrainingProject({ learning_rate: 1e6, save_steps: 1, warmup_ratio: 0.25, eval_strategy: "no" });
  const failed = project.sluice("run", "recipe.yaml");
  assert.equal(failed.status, 4, failed.stderr);
  const failure = JSON.parse(project.read(`${run}/training-failure.json`)) as TrainingFailure;
  assert.match(failure.where, /^step \d+, rows shop\//);
  assert.match(failure.fix, /lower learning_rate/);
  assert.ok(failed.stderr.includes(failure.found), failed.stderr);
  const checkpoints = readdirSync(join(project.folder, run, "checkpoints")).filter((name) => name.startsWith("step-"));
  assert.equal(failure.checkpoint, `checkpoints/${checkpoints.sort().at(-1)}`);
  const page = (): string => project.read("reports/tiny/index.html").replaceAll(/<[^>]*>/g, "");
  assert.match(page(), /tiny: curation report, training failed/);
  assert.match(page(), /Training model on them failed: .*Look first at the training that failed/s);
  assert.match(page(), /The last whole checkpoint is checkpoints\/step-\d+/);
  assert.doesNotMatch(page(), /Nothing stands out|Training goes on|has not ended/);

  writeTrainingRecipe(project, { max_steps: 4, eval_steps: null, logging_steps: 2 });
  const refused = project.sluice("train", "recipe.yaml");
  assert.equal(refused.status, 2, refused.stderr);
  assert.ok(existsSync(join(project.folder, run, "training-failure.json")), "a start that is refused changes nothing");
  const mended = project.sluice("train", "recipe.yaml", "--fresh");
  assert.equal(mended.status, 0, mended.stderr);
  assert.equal(existsSync(join(project.folder, run, "training-failure.json")), false);
  assert.match(page(), /tiny: curation and training report/);
  const evaluated = metricsOf(project).flatMap((line) => ("eval_loss" in line ? [line.step] : []));
  assert.deepEqual(evaluated, [0, 2, 4], "where eval_steps is left out it is logging_steps, as in transformers");

  writeTrainingRecipe(project, { learning_rate: 0.5, max_steps: 1, warmup_ratio: 0, eval_strategy: "epoch" });
  const worse = project.sluice("train", "recipe.yaml", "--fresh");
  assert.equal(worse.status, 0, worse.stderr);
  assert.match(worse.stderr, /warning \(train\): the best checkpoint \(step 1, .*is worse than the model before training/);
  assert.match(recordOf(project).warnings[0], /is worse than the model before training/);
  assert.match(page(), /Look first at the training: the best checkpoint \(step 1/);

  writeTrainingRecipe(project, { learning_rate: 1e6, eval_strategy: "no" });
  assert.equal(project.sluice("train", "recipe.yaml", "--fresh").status, 4);
  assert.equal("training" in JSON.parse(project.read(`${run}/run.json`)), false, "the run record keeps no training that was forgotten");
  rmSync(project.folder, { recursive: true });
});

test("sluice check tells once of each source that rows lose their end", () => {
  const project = createTrainingProject({ max_length: 32 });
  const { status, stdout, stderr } = project.sluice("check", "recipe.yaml", "--show", "0");
  assert.equal(status, 0, stderr);
  assert.equal(stdout.match(/lose their end; raise it, or drop them/g)?.length, 1, stdout);
  assert.equal(stdout.match(/lose their end/g)?.length, 1, stdout);
  rmSync(project.folder, { recursive: true });
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
    [{ device: "cpu", fp16: true }, 2, /recipe\.yaml:\d+ train\.fp16: true[\s\S]*the cpu engine/],
    [{ method: "lora" }, 2, /train\.method: lora[\s\S]*init: random/],
    [{ model: "nowhere", init: "pretrained" }, 2, /nowhere/],
    [{ init: "pretrained" }, 2, /safetensors/],
    [{ max_length: 2_000_000 }, 4, /train on cpu[\s\S]*at most 4,096 MiB/],
    [{ per_device_train_batch_size: 1_000_000 }, 4, /train on cpu[\s\S]*set per_device_train_batch_size: 1/],
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

test("a checkpoint has one chat template, the one that was trained with, wherever it is looked for", () => {
  const project = createTrainingProject({ max_steps: 1, eval_strategy: "no", sample_prompts: 0 });
  project.write("recipe.yaml", project.read("recipe.yaml").replace("chat_template: tokenizer", "chat_template: alpaca"));
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 0, stderr);
  const folder = `${run}/checkpoints/step-000001`;
  const template = project.read(`${folder}/chat_template.jinja`);
  assert.match(template, /### Instruction/);
  const before = JSON.parse(project.read("tokenizer/tokenizer_config.json")) as Record<string, unknown>;
  assert.ok(typeof before.chat_template === "string");
  assert.deepEqual(JSON.parse(project.read(`${folder}/tokenizer_config.json`)), { ...before, chat_template: template });
  rmSync(project.folder, { recursive: true });
});
