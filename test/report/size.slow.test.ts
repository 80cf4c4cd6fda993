// A large run's report is small and soon there. 1,000,000 lines are measured by `npm run bench -- report`; here are 100,000.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { hasSampleTokenizer } from "../cases/project.ts";
import { contentHash, writeLargeRun } from "./large-run.ts";
import { createReportProject, parsePage, writeRecipe } from "./report-run.ts";

const skip = hasSampleTokenizer();
/** Bytes; seconds for 1,000,000 lines. */
const limits = { size: 5_000_000, time: 20 };

test(
  "100,000 ledger lines with as many examples as a run can leave: under 5 MB, in a tenth of the time allowed for ten times as many",
  { skip },
  () => {
    const project = createReportProject();
    assert.equal(project.sluice("run", writeRecipe(project, { name: "small" })).status, 0);
    const runs = join(project.folder, "data", "runs");
    for (const [name, seed] of [
      ["large", 1],
      ["other", 2],
    ] as const)
      writeLargeRun({ like: join(runs, "small"), folder: join(runs, name), name, rows: 100_000, seed });
    const decisions = Array.from(
      { length: 1000 },
      (_, i) => `${JSON.stringify({ hash: contentHash(i + 1), decision: "keep", reviewer: "ana", time: "2026-01-31T12:00:00.000Z" })}\n`,
    );
    project.write("pipelines/large.decisions.jsonl", decisions.join(""));
    for (const words of [["large"], ["large", "--against", "other"]]) {
      const start = performance.now();
      const { status, stdout, stderr } = project.sluice("report", ...words);
      const seconds = (performance.now() - start) / 1000;
      assert.equal(status, 0, stderr);
      const page = join(project.folder, stdout.trim());
      assert.ok(statSync(page).size < limits.size, `${words.join(" ")}: ${statSync(page).size} bytes`);
      // A start of Node, and machines that do other things as well, are not what is held to the limit.
      assert.ok(seconds < limits.time / 10 + 8, `${words.join(" ")}: ${seconds.toFixed(1)} s`);
      assert.deepEqual(parsePage(project.read(stdout.trim())).errors, []);
    }
  },
);

test("examples that find no room on a page are counted, not lost in silence", { skip }, async () => {
  const { exampleRows } = await import("../../src/report/examples.ts");
  const row = { id: "a/a#1", source: "a", messages: [{ role: "user", content: "x".repeat(1000), turn: 1 }], turns: 1, evidence: {} };
  const room = { units: 3000 };
  const { markup } = exampleRows([row, row, row, row], { stage: "", reason: "" }, room);
  assert.equal(markup.split("<article").length - 1, 2);
  assert.match(markup, /2\u00a0examples left out/);
  assert.ok(room.units >= 0);
});
