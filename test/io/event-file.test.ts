// Event files: the bytes of TensorBoard's own writer, and files that a killed run left.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { crc32c } from "../../src/io/crc32c.ts";
import { EventFile, type Scalar } from "../../src/io/event-file.ts";
import { root } from "../shared.ts";

const vectors = join(root, "test", "vectors", "events");
const whole = readFileSync(join(vectors, "scalars.tfevents"));
const { start, scalars } = JSON.parse(readFileSync(join(vectors, "scalars.json"), "utf8")) as { start: number; scalars: Scalar[] };
const folder = mkdtempSync(join(tmpdir(), "sluice-events-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "deep", "run.tfevents");

function write(all: readonly Scalar[], lastStep?: number): Buffer {
  const file = new EventFile(path, { wallTime: start, ...(lastStep === undefined ? {} : { lastStep }) });
  file.append(...all);
  file.sync();
  file.close();
  return readFileSync(path);
}

test("CRC-32C has the check value of its definition", () => {
  assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
});

test("the bytes are those of TensorBoard's writer", () => {
  assert.deepEqual(write(scalars), whole);
});

test("a file goes on where it ended", () => {
  rmSync(path);
  for (const scalar of scalars) write([scalar]);
  assert.deepEqual(readFileSync(path), whole);
});

test("a file that was cut off anywhere goes on behind its last whole record", () => {
  const ends = [0];
  while (ends[ends.length - 1] < whole.length) {
    const at = ends[ends.length - 1];
    ends.push(at + 16 + Number(whole.readBigUInt64LE(at)));
  }
  assert.equal(ends.length, scalars.length + 2);
  for (let cut = 0; cut < whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut));
    const records = ends.filter((end) => end <= cut).length - 1;
    assert.deepEqual(write(scalars.slice(Math.max(0, records - 1))), whole, `cut at ${cut}`);
  }
});

test("a damaged record ends what is kept", () => {
  const damaged = Buffer.from(whole);
  damaged[whole.length - 6] ^= 1;
  writeFileSync(path, damaged);
  assert.deepEqual(write(scalars.slice(-1)), whole);
});

test("a run that goes on from a checkpoint drops later steps and ends with the same bytes", () => {
  for (const lastStep of [-1, 0, 1, 127, 200, 2 ** 33]) {
    writeFileSync(path, whole);
    assert.deepEqual(
      write(
        scalars.filter(({ step }) => step > lastStep),
        lastStep,
      ),
      whole,
      `from step ${lastStep}`,
    );
  }
});

test("a file of other bytes is left as it is; a step that is none is refused", () => {
  const other = "step,loss\n".repeat(20);
  writeFileSync(path, other);
  assert.throws(() => write(scalars), /run\.tfevents\n[\s\S]*an event file[\s\S]*move the file away/);
  assert.equal(readFileSync(path, "utf8"), other);
  rmSync(path);
  assert.throws(() => write([{ ...scalars[0], step: 1.5 }]), /whole number from 0, got 1\.5/);
});
