// JSON lines that grow: durable, mended, and taken back to a checkpoint.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { mountSmallDisk, noSmallDisk } from "../cases/small-disk.ts";
import { SluiceError } from "../../src/core/errors.ts";
import { readJsonLines } from "../../src/io/json-file.ts";
import { LinesFile } from "../../src/io/lines-file.ts";

interface Metric {
  readonly step: number;
  readonly note: string;
}

const folder = mkdtempSync(join(tmpdir(), "sluice-lines-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "deep", "metrics.jsonl");
const metrics: readonly Metric[] = Array.from({ length: 8 }, (_, i) => ({ step: (i >> 1) * 10, note: `é\n"${"x".repeat(i)}` }));

function write(lines: readonly Metric[], lastStep?: number): void {
  const file = new LinesFile<Metric>(path);
  if (lastStep !== undefined) file.truncateAfter(({ step }) => step <= lastStep);
  for (const line of lines) file.append(line);
  file.close();
}

test("lines are appended over several starts and read back", () => {
  write(metrics.slice(0, 3));
  write(metrics.slice(3));
  assert.deepEqual(readJsonLines<Metric>(path), metrics);
});

test("a file that was cut off anywhere goes on behind its last whole line", () => {
  const whole = readFileSync(path);
  for (let cut = 0; cut <= whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut));
    const lines = whole.subarray(0, cut).filter((byte) => byte === 10).length;
    write(metrics.slice(lines));
    assert.deepEqual(readFileSync(path), whole, `cut at ${cut}`);
  }
});

test("lines after a checkpoint are taken back, and the run ends with the same bytes", () => {
  const whole = readFileSync(path);
  for (const lastStep of [-1, 0, 15, 20, 99]) {
    write(
      metrics.filter(({ step }) => step > lastStep),
      lastStep,
    );
    assert.deepEqual(readFileSync(path), whole, `from step ${lastStep}`);
  }
});

test("a line that is not JSON is named, and nothing is dropped", () => {
  const text = '{"step":1}\nnot JSON\n{"step":3}\n';
  writeFileSync(path, text);
  assert.throws(() => write([], 5), /metrics\.jsonl line 2\n[\s\S]*a line of JSON/);
  assert.equal(readFileSync(path, "utf8"), text);
});

test("a line that no longer fits on the disk is taken back whole", (t) => {
  const at = mkdtempSync(join(tmpdir(), "sluice-full-"));
  const disk = mountSmallDisk(at, "64k");
  if (!disk) {
    t.skip(noSmallDisk);
    return;
  }
  try {
    const file = new LinesFile<Metric>(join(at, "metrics.jsonl"));
    file.append({ step: 1, note: "short" });
    assert.throws(
      () => file.append({ step: 2, note: "x".repeat(1 << 17) }),
      (error) => error instanceof SluiceError && error.exitCode === 3 && /disk is full/.test(error.message),
    );
    file.append({ step: 3, note: "short again" });
    file.close();
    assert.deepEqual(
      readJsonLines<Metric>(join(at, "metrics.jsonl")).map(({ step }) => step),
      [1, 3],
    );
  } finally {
    disk.unmount();
    rmSync(at, { recursive: true });
  }
});
