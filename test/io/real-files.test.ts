// Every real public file beside the project is read without a crash, and its records add up, however it is split.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { planFile, readSplit, resolveInputs } from "../../src/io/index.ts";
import { createConverter } from "../../src/io/schemas/index.ts";
import { missing, shared } from "../shared.ts";

const maxRecordBytes = 1 << 26;

interface Looked {
  readonly numbers: readonly number[];
  readonly rows: number;
  readonly refused: Readonly<Record<string, number>>;
}

async function look(name: string, path: string, splitBytes: number, cacheDir: string): Promise<Looked> {
  const { splits } = await planFile({ name, path }, { splitBytes, cacheDir });
  const convert = createConverter({ format: "auto" });
  const numbers: number[] = [];
  const refused: Record<string, number> = {};
  let rows = 0;
  for (const split of splits) {
    await readSplit(JSON.parse(JSON.stringify(split)), { maxRecordBytes }, (item) => {
      numbers.push(item.record);
      const found = "malformed" in item ? item.malformed : convert(item.value);
      if ("reason" in found) refused[found.reason] = (refused[found.reason] ?? 0) + 1;
      else rows++;
    });
  }
  return { numbers, rows, refused };
}

test("every file beside the project is read, and its records add up", { skip: missing("data", "README.md") }, async (t) => {
  const cacheDir = mkdtempSync(join(tmpdir(), "sluice-real-"));
  let files = 0;
  let rows = 0;
  const barren: string[] = [];
  for (const folder of readdirSync(shared("data"), { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const inputs = await resolveInputs({ where: folder.name, path: [shared("data", folder.name)], cacheDir });
    for (const { name, path } of inputs.files) {
      const whole = await look(name, path, 1 << 24, cacheDir);
      const refusals = Object.values(whole.refused).reduce((a, b) => a + b, 0);
      assert.equal(whole.rows + refusals, whole.numbers.length, name);
      whole.numbers.forEach((number, i) =>
        assert.ok(number >= 1 && (i === 0 || number > whole.numbers[i - 1]), `${name}: record ${number}`),
      );
      const pieces = await look(name, path, 1 << 14, cacheDir);
      assert.deepEqual(pieces, whole, `${name} in small splits`);
      files++;
      rows += whole.rows;
      if (whole.rows === 0) barren.push(`${folder.name}/${name}: ${Object.keys(whole.refused).join(", ")}`);
    }
  }
  rmSync(cacheDir, { recursive: true });
  assert.ok(files > 150, `${files} files`);
  t.diagnostic(`${files} files, ${rows} rows; ${barren.length} files without rows`);
  for (const line of barren) t.diagnostic(line);
});
