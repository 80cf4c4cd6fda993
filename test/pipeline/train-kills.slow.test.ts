// A training killed at any moment, most often while it writes a checkpoint, ends with the bytes of one never stopped.
// SLUICE_KILLS sets how many kills (6 here, 20 in CI).
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { createTrainingProject, curveOf, run } from "../cases/training-project.ts";

const kills = Number(process.env.SLUICE_KILLS ?? 6);

test(`a training with a checkpoint a step, killed with -9 at ${kills} random moments`, async (t) => {
  const project = createTrainingProject({ save_steps: 1, eval_steps: 4, save_total_limit: 2 });
  const trained = (): Record<string, string> => {
    const all = project.hashes("tiny");
    const told = (name: string): boolean => /^(run|training)\.json$|^metrics\.jsonl$|^tensorboard/.test(name.replaceAll("\\", "/"));
    return Object.fromEntries(Object.entries(all).filter(([name]) => !told(name)));
  };
  assert.equal(project.sluice("run", "recipe.yaml", "--until", "shards").status, 0);
  const begun = performance.now();
  const whole = project.sluice("train", "recipe.yaml");
  assert.equal(whole.status, 0, whole.stderr);
  const duration = performance.now() - begun;
  const [expected, curve] = [trained(), curveOf(project)];

  const checkpoints = join(project.folder, run, "checkpoints");
  const isWriting = (): boolean => existsSync(checkpoints) && readdirSync(checkpoints).some((name) => /^step-\d+\.tmp-/.test(name));
  const random = createRandom(12);
  let [killed, finished, halfway] = [0, 0, 0];
  rmSync(join(project.folder, run), { recursive: true });
  while (killed < kills) {
    const child = project.start("run", "recipe.yaml");
    const exit = once(child, "exit");
    await setTimeout(random.float() * duration);
    // Every second kill waits for the next checkpoint to be begun.
    while (killed % 2 === 0 && child.exitCode === null && !isWriting()) await setImmediate();
    child.kill("SIGKILL");
    const [code] = (await exit) as [number | null];
    if (code === null) {
      killed++;
      if (isWriting()) halfway++;
      continue;
    }
    assert.equal(code, 0);
    assert.deepEqual(trained(), expected);
    rmSync(join(project.folder, run), { recursive: true });
    finished++;
  }
  const last = project.sluice("run", "recipe.yaml");
  assert.equal(last.status, 0, last.stderr);
  assert.deepEqual(trained(), expected);
  assert.deepEqual(curveOf(project), curve);
  assert.ok(halfway > 0, "no kill came while a checkpoint was written");
  t.diagnostic(`${killed} kills, ${halfway} of them inside a checkpoint; ${finished + 1} trainings ended with the same bytes`);
  rmSync(project.folder, { recursive: true });
});
