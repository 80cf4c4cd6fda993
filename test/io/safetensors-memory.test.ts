// Memory of reading and writing large tensors, in a process of its own: node:test starts one for each file.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { openSafetensors, writeSafetensors } from "../../src/io/safetensors.ts";

const mebi = 1 << 20;

test("288 MiB are written and read in ranges with less than 128 MiB more", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-tensors-"));
  const path = join(folder, "model.safetensors");
  const before = process.resourceUsage().maxRSS / 1024;
  const part = new Float32Array(mebi).map((_, i) => i % 251);
  const layers = 96;
  const tensors = Array.from({ length: layers }, (_, i) => ({
    name: `layer.${i}`,
    shape: [1024, 1024],
    dtype: i % 2 === 0 ? ("BF16" as const) : ("F32" as const),
    values: async () => part,
  }));
  await writeSafetensors(path, tensors);
  assert.ok(statSync(path).size >= 288 * mebi);
  const files = await openSafetensors(path);
  let sum = 0;
  for (const name of files.names) {
    for (let from = 0; from < mebi; from += mebi / 4) sum += (await files.readFloats(name, from, from + mebi / 4))[1];
  }
  await files.close();
  rmSync(folder, { recursive: true });
  assert.ok(sum > 0);
  const grown = process.resourceUsage().maxRSS / 1024 - before;
  assert.ok(grown < 128, `${grown.toFixed(0)} MiB`);
  t.diagnostic(`${grown.toFixed(0)} MiB more at the peak`);
});
