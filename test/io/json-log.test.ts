// The append-only log: whole lines only, whoever writes, whatever a crash left.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { JsonLog, readJsonLog } from "../../src/io/json-log.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-log-"));
test.after(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
const texts = (file: string): string[] => readJsonLog(file).lines.map(({ text }) => text);

test("a file that is not there is empty, and has the hash of nothing", () => {
  const empty = readJsonLog(path("none.jsonl"));
  assert.deepEqual(empty.lines, []);
  writeFileSync(path("empty.jsonl"), "");
  assert.equal(readJsonLog(path("empty.jsonl")).sha256, empty.sha256);
});

test("a torn last line does not count, and is cut off before the next line is written", async () => {
  const file = path("torn.jsonl");
  writeFileSync(file, '{"a":1}\n{"b":2}\n{"c":');
  const whole = readJsonLog(file);
  assert.deepEqual([whole.lines.length, whole.tornBytes], [2, 5]);
  await new JsonLog(file).append([{ d: 4 }]);
  assert.equal(readFileSync(file, "utf8"), '{"a":1}\n{"b":2}\n{"d":4}\n');
});

test("a last line without a line end counts where it is whole, and gets its end", async () => {
  const file = path("no-end.jsonl");
  writeFileSync(file, '{"a":1}\r\n\n{"b":2}');
  const { sha256 } = readJsonLog(file);
  assert.deepEqual(texts(file), ['{"a":1}', '{"b":2}']);
  await new JsonLog(file).repair();
  assert.equal(readFileSync(file, "utf8"), '{"a":1}\r\n\n{"b":2}\n');
  assert.equal(readJsonLog(file).sha256, sha256, "the same lines have the same hash");
});

test("news are the lines since the last look, by whomever, and a replaced file is told", async () => {
  const file = path("news.jsonl");
  const log = new JsonLog(file);
  assert.deepEqual(log.news(), { replaced: false, lines: [] });
  await log.append([1, 2]);
  assert.deepEqual(log.news().lines, [
    { number: 1, text: "1" },
    { number: 2, text: "2" },
  ]);
  appendFileSync(file, "3\n4");
  assert.deepEqual(log.news().lines, [{ number: 3, text: "3" }], "a line without its end is not there yet");
  appendFileSync(file, "5\n");
  assert.deepEqual(log.news().lines, [{ number: 4, text: "45" }]);
  writeFileSync(file, "9\n");
  assert.deepEqual(log.news(), { replaced: true, lines: [{ number: 1, text: "9" }] });
});

test("four processes that write at once lose no line", async () => {
  const file = path("many.jsonl");
  const module = fileURLToPath(new URL("../../src/io/json-log.js", import.meta.url));
  const script = (writer: number): string =>
    `const { JsonLog } = await import(${JSON.stringify(module)}); const log = new JsonLog(${JSON.stringify(file)});
     for (let i = 0; i < 50; i++) await log.append([{ writer: ${writer}, i }, { writer: ${writer}, i, second: true }]);`;
  const children = [0, 1, 2, 3].map((writer) =>
    spawn(process.execPath, ["--input-type=module", "-e", script(writer)], { stdio: "inherit" }),
  );
  for (const [code] of await Promise.all(children.map((child) => once(child, "exit")))) assert.equal(code, 0);
  const lines = texts(file).map((text) => JSON.parse(text) as { writer: number; i: number });
  assert.equal(lines.length, 400);
  for (const writer of [0, 1, 2, 3])
    assert.deepEqual(
      lines.filter((line) => line.writer === writer).map(({ i }) => i),
      Array.from({ length: 100 }, (_, i) => i >> 1),
    );
  assert.ok(!existsSync(`${file}.lock`));
});

test("the lock of a process that is gone is no obstacle", async () => {
  const file = path("locked.jsonl");
  writeFileSync(`${file}.lock`, "999999999");
  await new JsonLog(file).append([1]);
  assert.deepEqual(texts(file), ["1"]);
});
