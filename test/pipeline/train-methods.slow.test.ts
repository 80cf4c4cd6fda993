// Training from the command line, the long tests: adapters, storages, Ctrl-C, full disks, input that cannot be trained on, rehearsals.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test from "node:test";
import { mountSmallDisk, noSmallDisk } from "../cases/small-disk.ts";
import { openSafetensors, writeSafetensors } from "../../src/io/safetensors.ts";
import {
  checkpointHashes,
  createTrainingProject,
  questions,
  recordOf,
  run,
  tinyConfig,
  writeTrainingRecipe,
} from "../cases/training-project.ts";

test("Ctrl-C saves after the step at work and exits with 130; the same command ends with the same weights", async () => {
  const straight = createTrainingProject({ eval_steps: 24 });
  assert.equal(straight.sluice("run", "recipe.yaml").status, 0);
  const project = createTrainingProject({ eval_steps: 24 });
  const child = project.start("run", "recipe.yaml");
  const ended = once(child, "exit");
  const metrics = join(project.folder, run, "metrics.jsonl");
  while (!(existsSync(metrics) && readFileSync(metrics, "utf8").includes('"step":4')) && child.exitCode === null) await setTimeout(5);
  child.kill("SIGINT");
  const [code] = (await ended) as [number];
  assert.equal(code, 130);
  const stoppedAt = recordOf(project);
  assert.equal(stoppedAt.stopped, "interrupted");
  assert.ok(stoppedAt.steps >= 4 && stoppedAt.steps < 24, `stopped at ${stoppedAt.steps}`);
  assert.ok(existsSync(join(project.folder, run, "checkpoints", `step-${String(stoppedAt.steps).padStart(6, "0")}`, "trainer_state.json")));
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 0, stderr);
  assert.equal(recordOf(project).stopped, "finished");
  assert.deepEqual(checkpointHashes(project, "step-000024"), checkpointHashes(straight, "step-000024"));
  for (const each of [straight, project]) rmSync(each.folder, { recursive: true });
});

test("LoRA writes PEFT's files, and the merged model answers as the adapter does", async () => {
  const project = createTrainingProject({ max_steps: 16 });
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  rmSync(join(project.folder, "base"), { recursive: true, force: true });
  const trained = join(project.folder, run, "checkpoints", "best");
  for (const name of readdirSync(trained)) project.write(join("base", name), readFileSync(join(trained, name)));
  writeTrainingRecipe(project, {
    model: "base",
    init: "pretrained",
    method: "lora",
    r: 4,
    lora_alpha: 16,
    learning_rate: 0.02,
    max_steps: 16,
  });
  const { status, stderr } = project.sluice("train", "recipe.yaml", "--fresh");
  assert.equal(status, 0, stderr);
  const adapter = await openSafetensors(join(project.folder, run, "checkpoints", "best", "adapter_model.safetensors"));
  assert.equal(adapter.names.length, 2 * 7 * 2);
  assert.ok(adapter.names.includes("base_model.model.model.layers.1.mlp.down_proj.lora_B.weight"));
  await adapter.close();
  const config = JSON.parse(project.read(`${run}/checkpoints/best/adapter_config.json`)) as Record<string, unknown>;
  assert.deepEqual([config.peft_type, config.r, config.lora_alpha, config.base_model_name_or_path], ["LORA", 4, 16, "base"]);
  const record = recordOf(project);
  assert.ok(record.parameters.trained < record.parameters.total / 5);
  const losses = [`${run}/checkpoints/best`, `${run}/merged`].map((folder) => {
    const { stdout, stderr: said } = project.sluice("eval", folder, "--json");
    assert.ok(stdout !== "", said);
    return (JSON.parse(stdout) as { eval_loss: number }).eval_loss;
  });
  assert.ok(Math.abs(losses[0] - record.best!.eval_loss) < 1e-4);
  assert.ok(Math.abs(losses[1] - losses[0]) < 1e-4, `merged ${losses[1]}, adapter ${losses[0]}`);
  rmSync(project.folder, { recursive: true });
});

test("the end token is learned though it is the pad token too, and generation stops by itself", () => {
  const project = createTrainingProject(
    { max_steps: 120, eval_steps: 120, learning_rate: 0.02, sample_max_new_tokens: 40 },
    questions(200, { answer: "Ask the desk." }),
  );
  const config = JSON.parse(project.read("tokenizer/tokenizer_config.json")) as Record<string, unknown>;
  project.write("tokenizer/tokenizer_config.json", JSON.stringify({ ...config, pad_token: config.eos_token }));
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 0, stderr);
  const { ended } = recordOf(project);
  assert.deepEqual([ended!.before, ended!.after], [0, 1]);
  const { stdout } = project.sluice("generate", "tiny", "Where is my order?", "--json");
  const answer = JSON.parse(stdout) as { text: string; ended: string };
  assert.deepEqual([answer.text, answer.ended], ["Ask the desk.", "end"]);
  rmSync(project.folder, { recursive: true });
});

test("input that cannot be trained on is refused before any step, with the place and what to do", async () => {
  const project = createTrainingProject({ max_steps: 2, eval_strategy: "no", sample_prompts: 0 });
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  const trained = join(project.folder, run, "checkpoints", "step-000002");
  const names = readdirSync(trained);
  const renew = (): void => {
    for (const name of names) project.write(join("base", name), readFileSync(join(project.folder, "kept", name)));
  };
  for (const name of names) project.write(join("kept", name), readFileSync(join(trained, name)));
  writeTrainingRecipe(project, { model: "base", init: "pretrained", max_steps: 2, eval_strategy: "no" });
  const weights = join(project.folder, "base", "model.safetensors");
  const refuses = async (change: () => void | Promise<void>, status: number, text: RegExp): Promise<void> => {
    renew();
    await change();
    const outcome = project.sluice("train", "recipe.yaml", "--fresh");
    assert.equal(outcome.status, status, outcome.stderr);
    assert.match(outcome.stderr, text);
    assert.ok(!outcome.stderr.includes("    at "), outcome.stderr);
  };
  const withConfig = (change: object): void => project.write("base/config.json", JSON.stringify({ ...tinyConfig, ...change }));
  await refuses(() => truncateSync(weights, 5000), 3, /model\.safetensors[\s\S]*cut off: needs \d+ bytes, has 5000/);
  await refuses(() => withConfig({ hidden_size: 64 }), 3, /embed_tokens\.weight[\s\S]*shape \[4096, 64\][\s\S]*\[4096, 32\]/);
  await refuses(() => withConfig({ attn_logit_softcapping: 3 }), 2, /attn_logit_softcapping/);
  await refuses(() => withConfig({ vocab_size: 100 }), 3, /4096/);
  await refuses(() => rmSync(join(project.folder, "base", "tokenizer.json")), 2, /tokenizer\.json/);
  await refuses(() => writeFileSync(join(project.folder, "base", "config.json"), "{"), 3, /config\.json[\s\S]*JSON/);
  await refuses(
    async () => {
      const files = await openSafetensors(weights);
      const tensors = await Promise.all(
        files.names.map(async (name) => ({
          name,
          shape: files.entry(name).shape,
          dtype: "F32" as const,
          floats: await files.readFloats(name),
        })),
      );
      await files.close();
      tensors.find(({ name }) => name === "model.layers.0.mlp.up_proj.weight")!.floats[77] = NaN;
      await writeSafetensors(
        weights,
        tensors.map(({ floats, ...tensor }) => ({ ...tensor, values: async () => floats })),
      );
    },
    3,
    /model\.layers\.0\.mlp\.up_proj\.weight\[77\][\s\S]*NaN/,
  );
  renew();
  writeTrainingRecipe(project, { model: "nowhere", init: "pretrained" });
  const missing = project.sluice("train", "recipe.yaml", "--fresh");
  assert.equal(missing.status, 2, missing.stderr);
  assert.match(missing.stderr, /nowhere/);
  rmSync(project.folder, { recursive: true });
});

test("other settings on the same run are refused, and --fresh trains anew on the same shards", () => {
  const project = createTrainingProject({ max_steps: 4, eval_strategy: "no", sample_prompts: 0 });
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  const shard = readFileSync(join(project.folder, run, "tokenized", "train-00000.arrow"));
  writeTrainingRecipe(project, { max_steps: 4, eval_strategy: "no", sample_prompts: 0, learning_rate: 0.005 });
  const refused = project.sluice("run", "recipe.yaml");
  assert.equal(refused.status, 2, refused.stderr);
  assert.match(refused.stderr, /settings\.learning_rate: 0\.01 -> 0\.005[\s\S]*--fresh/);
  assert.equal(project.sluice("train", "recipe.yaml", "--fresh").status, 0);
  assert.equal(recordOf(project).settings.learning_rate, 0.005);
  assert.deepEqual(readFileSync(join(project.folder, run, "tokenized", "train-00000.arrow")), shard);
  rmSync(project.folder, { recursive: true });
});

test("a loss that runs away stops with exit 4 and names the rows; checkpoints before it stay", () => {
  const project = createTrainingProject({
    learning_rate: 1e6,
    max_grad_norm: 1e9,
    warmup_ratio: 0,
    eval_strategy: "no",
    sample_prompts: 0,
  });
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 4, stderr);
  assert.match(stderr, /step \d+, rows shop\/rows\.jsonl#\d+[\s\S]*learning_rate/);
  rmSync(project.folder, { recursive: true });
});

test("check tells memory and warnings; its rehearsal trains a hundred steps and says go", () => {
  const project = createTrainingProject({ learning_rate: 0.01 });
  const { status, stdout, stderr } = project.sluice("check", "recipe.yaml", "--smoke");
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.match(stdout, /training: [\d,]+ parameters[\s\S]*learning_rate 0\.01 is outside[\s\S]*rehearsal: 100 steps, loss [\s\S]*\ngo\n/);
  assert.ok(!existsSync(join(project.folder, "data")), "nothing is written");
  rmSync(project.folder, { recursive: true });
});

test("a model that does not fit is refused before any step, with the numbers and the settings that would fit", () => {
  const project = createTrainingProject({ per_device_train_batch_size: 8, max_length: 1024, eval_strategy: "no" });
  const wide = { hidden_size: 1024, intermediate_size: 2816, num_hidden_layers: 8, num_attention_heads: 16, num_key_value_heads: 4 };
  project.write("model/config.json", JSON.stringify({ ...tinyConfig, ...wide }));
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 4, stderr);
  assert.match(stderr, /at most [\d,]+ MiB in all[\s\S]*[\d,]+ MiB needed; the largest tensor[\s\S]*set per_device_train_batch_size: 1/);
  rmSync(project.folder, { recursive: true });
});

test("bf16, gradient checkpointing and QLoRA train too: the loss falls, checkpoints load", () => {
  const project = createTrainingProject({ bf16: true, gradient_checkpointing: true, max_steps: 16, eval_steps: 16 });
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  const full = recordOf(project);
  assert.ok(full.best!.eval_loss < full.first!.eval_loss - 0.5, `${full.first!.eval_loss} -> ${full.best!.eval_loss}`);
  const trained = join(project.folder, run, "checkpoints", "best");
  for (const name of readdirSync(trained)) project.write(join("base", name), readFileSync(join(trained, name)));
  writeTrainingRecipe(project, { model: "base", init: "pretrained", method: "qlora", r: 4, max_steps: 16, eval_steps: 16 });
  const { status, stderr } = project.sluice("train", "recipe.yaml", "--fresh");
  assert.equal(status, 0, stderr);
  const adapted = recordOf(project);
  assert.ok(adapted.best!.eval_loss < adapted.first!.eval_loss, `${adapted.first!.eval_loss} -> ${adapted.best!.eval_loss}`);
  rmSync(project.folder, { recursive: true });
});

test("fp16 on a device that keeps no float16 is refused with what to set instead", () => {
  const project = createTrainingProject({ device: "cpu", fp16: true });
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 2, stderr);
  assert.match(stderr, /train\.fp16: true[^]*the cpu engine, which keeps f32 and bf16[^]*bf16: true/);
  rmSync(project.folder, { recursive: true });
});

test("a disk that is full when a checkpoint is saved: a clear error, the checkpoints before stay whole, and the run continues", (t) => {
  const project = createTrainingProject({ save_steps: 4, eval_strategy: "no", sample_prompts: 0, save_total_limit: 9 });
  assert.equal(project.sluice("run", "recipe.yaml", "--until", "shards").status, 0);
  const checkpoints = join(project.folder, run, "checkpoints");
  mkdirSync(checkpoints);
  const disk = mountSmallDisk(checkpoints, "5m");
  if (!disk) {
    t.skip(noSmallDisk);
    return;
  }
  try {
    const { status, stderr } = project.sluice("run", "recipe.yaml");
    assert.equal(status, 3, stderr);
    assert.match(stderr, /disk is full/);
    const names = readdirSync(checkpoints).sort();
    assert.deepEqual(names, ["step-000004", "step-000008"].slice(0, names.length), "nothing half-written");
    assert.ok(names.length >= 1);
    assert.ok(disk.resize("64m"));
    const again = project.sluice("run", "recipe.yaml");
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stderr, new RegExp(`going on from step ${names.length * 4}`));
  } finally {
    disk.unmount();
    rmSync(project.folder, { recursive: true });
  }
});
