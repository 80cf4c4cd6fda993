// An adapter's base named by a path is found from other folders than the one where training ran.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { baseOf } from "../../src/pipeline/open-checkpoint.ts";
import { scratchFolder } from "../cases/scratch.ts";

test("a base path is seen from a folder above the checkpoint; Hub ids and what is nowhere stay as they are", () => {
  const project = scratchFolder("base");
  const checkpoint = join(project, "data", "runs", "a", "checkpoints", "step-000004");
  mkdirSync(checkpoint, { recursive: true });
  mkdirSync(join(project, "models", "tiny"), { recursive: true });
  writeFileSync(join(project, "models", "tiny", "config.json"), "{}");
  assert.equal(baseOf("models/tiny", checkpoint), join(project, "models", "tiny"));
  assert.equal(baseOf("Qwen/Qwen2.5-0.5B", checkpoint), "Qwen/Qwen2.5-0.5B");
  assert.equal(baseOf("/nowhere/tiny", checkpoint), "/nowhere/tiny");
  rmSync(project, { recursive: true });
});
