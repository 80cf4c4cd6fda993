// A disk that fills up in the middle of a run: a clear error, nothing half-written, and the run continues when there is room.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { mountSmallDisk, noSmallDisk } from "../cases/small-disk.ts";
import { createProject, writeSampleProject } from "../cases/project.ts";

test("a full disk stops the run with exit 3 and loses nothing", (t) => {
  const project = createProject();
  writeSampleProject(project, 1200);
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  const expected = project.hashes("sample");
  const runs = join(project.folder, "data/runs");
  rmSync(runs, { recursive: true });
  mkdirSync(runs);
  const disk = mountSmallDisk(runs, "1200k");
  if (!disk) {
    t.skip(noSmallDisk);
    return;
  }
  try {
    const { status, stderr } = project.sluice("run", "recipe.yaml");
    assert.equal(status, 3, stderr);
    assert.match(stderr, /disk is full[\s\S]*continues where it stopped/);
    assert.ok(!stderr.includes("    at "), "no stack for a user error");
    assert.deepEqual(
      readdirSync(runs, { recursive: true }).filter((name) => String(name).includes(".tmp-")),
      [],
      "no half-written file is left",
    );
    assert.ok(disk.resize("64m"));
    const again = project.sluice("run", "recipe.yaml");
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(project.hashes("sample"), expected);
  } finally {
    disk.unmount();
    rmSync(project.folder, { recursive: true });
  }
});
