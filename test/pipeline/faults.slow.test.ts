// A run killed at any moment and started again ends with the bytes of one never stopped. SLUICE_KILLS sets how many kills (6 here, 20 in CI).
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, rmSync, truncateSync, writeFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { createProject, writeSampleProject } from "../cases/project.ts";

const kills = Number(process.env.SLUICE_KILLS ?? 6);

test(`kill -9 at ${kills} random moments, then the same bytes`, async (t) => {
  const project = createProject();
  writeSampleProject(project, 1500);
  const begun = performance.now();
  const whole = project.sluice("run", "recipe.yaml", "--workers", "2");
  assert.equal(whole.status, 0, whole.stderr);
  const duration = performance.now() - begun;
  const expected = project.hashes("sample");
  const run = join(project.folder, "data/runs/sample");

  const random = createRandom(11);
  let killed = 0;
  let finished = 0;
  const moments: number[] = [];
  rmSync(run, { recursive: true });
  while (killed < kills) {
    const child = project.start("run", "recipe.yaml", "--workers", "2");
    const delay = 20 + random.float() * duration;
    const timer = setTimeout(() => child.kill("SIGKILL"), delay);
    const [code] = (await once(child, "exit")) as [number | null];
    clearTimeout(timer);
    if (code === null) {
      killed++;
      moments.push(Math.round(delay));
      continue;
    }
    assert.equal(code, 0);
    assert.deepEqual(project.hashes("sample"), expected, `after kills at ${moments.join(", ")} ms`);
    rmSync(run, { recursive: true });
    finished++;
  }
  const last = project.sluice("run", "recipe.yaml", "--workers", "1");
  assert.equal(last.status, 0, last.stderr);
  assert.deepEqual(project.hashes("sample"), expected);
  assert.deepEqual(
    readdirSync(run, { recursive: true }).filter((name) => String(name).includes(".tmp-")),
    [],
    "no half-written file is left",
  );
  t.diagnostic(`${killed} kills, ${finished + 1} runs finished with the same bytes; one run takes ${Math.round(duration)} ms`);
  rmSync(project.folder, { recursive: true });
});

test("the same bytes with 1, 2 and 4 workers", () => {
  const project = createProject();
  writeSampleProject(project, 600);
  const all = ["1", "2", "4"].map((workers) => {
    const { status, stderr } = project.sluice("run", "recipe.yaml", "--fresh", "--workers", workers);
    assert.equal(status, 0, stderr);
    return project.hashes("sample");
  });
  assert.ok(Object.keys(all[0]).some((name) => name.endsWith(".arrow")));
  assert.deepEqual(all[1], all[0]);
  assert.deepEqual(all[2], all[0]);
  rmSync(project.folder, { recursive: true });
});

test("a torn shard and a torn work file are noticed and made again", () => {
  const project = createProject();
  writeSampleProject(project, 300);
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  const expected = project.hashes("sample");
  const run = join(project.folder, "data/runs/sample");
  for (const file of ["curated/train-00000.arrow", "ledger.parquet"]) {
    truncateSync(join(run, file), statSync(join(run, file)).size - 7);
    const again = project.sluice("run", "recipe.yaml");
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(project.hashes("sample"), expected, file);
  }
  rmSync(join(run, "run.json"));
  writeFileSync(join(run, "work/tokens/00000.blobs"), "torn");
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  assert.deepEqual(project.hashes("sample"), expected);
  // What a power cut leaves of files that were named before they were on the disk: their size, or nothing.
  rmSync(join(run, "run.json"));
  const rows = join(run, "work/rows/00000.blobs");
  writeFileSync(rows, Buffer.alloc(statSync(rows).size));
  truncateSync(join(run, "work/done/judge-00000.json"), 0);
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  assert.deepEqual(project.hashes("sample"), expected);
  rmSync(project.folder, { recursive: true });
});

test("a changed input or recipe is refused with what changed, and --fresh starts over", () => {
  const project = createProject();
  writeSampleProject(project, 200);
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  project.write("recipe.yaml", project.read("recipe.yaml").replace("seed: 7", "seed: 8"));
  const changed = project.sluice("run", "recipe.yaml");
  assert.equal(changed.status, 2);
  assert.match(changed.stderr, /seed: 7 -> 8/);
  project.write("recipe.yaml", project.read("recipe.yaml").replace("seed: 8", "seed: 7"));
  project.write("data/a.jsonl", project.read("data/a.jsonl").replace("river", "brook"));
  const data = project.sluice("run", "recipe.yaml");
  assert.equal(data.status, 3);
  assert.match(data.stderr, /input a\/.*a\.jsonl changed/);
  assert.ok(!data.stderr.includes("    at "), "no stack for a user error");
  assert.equal(project.sluice("run", "recipe.yaml", "--fresh").status, 0);
  const plan = "data/runs/sample/plan.json";
  project.write(plan, project.read(plan).replace(/"work_format":\d+/, '"work_format":0'));
  const build = project.sluice("run", "recipe.yaml");
  assert.equal(build.status, 3);
  assert.match(build.stderr, /writes work files in another way[\s\S]*--fresh/);
  rmSync(project.folder, { recursive: true });
});

test("a run whose data is mostly unreadable stops with exit 3 and says why", () => {
  const project = createProject();
  writeSampleProject(project, 100);
  project.write("data/b.jsonl", "not json\n".repeat(60));
  const { status, stderr } = project.sluice("run", "recipe.yaml");
  assert.equal(status, 3);
  assert.match(stderr, /could not be read as rows[\s\S]*max_quarantined[\s\S]*invalid_json 60/);
  // What there is to look at tells the same on a second start, also where the first was stopped before the ledger was whole.
  const record = project.read("data/runs/sample/run.json");
  assert.equal(JSON.parse(record).states[""].quarantined, 60);
  const before = project.hashes("sample");
  for (const file of ["run.json", "ledger.parquet"]) rmSync(join(project.folder, "data/runs/sample", file));
  assert.equal(project.sluice("run", "recipe.yaml").stderr.split("error: ")[1], stderr.split("error: ")[1]);
  assert.deepEqual(project.hashes("sample"), before);
  rmSync(project.folder, { recursive: true });
});
