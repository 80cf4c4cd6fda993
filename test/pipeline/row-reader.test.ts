// Evidence of single rows, from the lines of a split.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { runPaths } from "../../src/pipeline/paths.ts";
import type { Plan } from "../../src/pipeline/plan.ts";
import { createRowReader } from "../../src/pipeline/row-reader.ts";
import { createRowTable } from "../../src/pipeline/row-table.ts";
import { scratchFolder } from "../cases/scratch.ts";

test("a row's evidence is found wherever its line stands, and none for rows without a line", () => {
  const paths = runPaths(scratchFolder("row-reader"));
  const lines = [
    { row: 0, evidence: { words: "caf\u00e9" } },
    { row: 3, evidence: { text: '\n{"row":1,"evidence":{}}' } },
    { row: 11, evidence: { words: 2 }, flags: { demand: { word: "\u6771" } } },
  ];
  mkdirSync(dirname(paths.part("verdicts", 1)), { recursive: true });
  writeFileSync(paths.part("verdicts", 0), "");
  writeFileSync(paths.part("verdicts", 1), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const reader = createRowReader({ paths, plan: {} as Plan, table: createRowTable([5, 12], [0, 0]) });
  const found = Array.from({ length: 17 }, (_, row) => reader.evidence(row));
  assert.deepEqual(found[5], lines[0].evidence);
  assert.deepEqual(found[8], lines[1].evidence);
  assert.deepEqual(found[16], { words: 2, flags: lines[2].flags });
  for (const row of [0, 4, 6, 7, 15]) assert.deepEqual(found[row], {});
});
