// Broken quotes in CSV: what they cost, that the streaming rule is the plain one below, in linear time, however the bytes come.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { parse as parseCsv } from "csv-parse/sync";
import fc from "fast-check";
import { planFile, readSplit } from "../../src/io/index.ts";
import { CsvDelimiter } from "../../src/io/readers/csv-delimiter.ts";

/** The rule as its file's head tells it, over a whole text. Ends of records, in characters. */
function plainEnds(text: string, columns: number): number[] {
  const ends: number[] = [];
  for (let at = 0; at < text.length;) {
    const end = recordEnd(text, at, columns);
    if (end < 0) break;
    ends.push(end);
    at = end;
  }
  return ends;
}

function recordEnd(text: string, from: number, columns: number): number {
  let at = from;
  while (text[at] === "\n" || text[at] === "\r") at++;
  for (;;) {
    if (text[at] === '"') {
      const opened = at;
      const close = /^"(?:[^"]|"")*"(?!")/.exec(text.slice(at));
      at += close?.[0].length ?? 0;
      const behind = close && /^[ \r]*(?=[,\n]|$)/.exec(text.slice(at));
      if (!behind) return rowLine(text, text.indexOf("\n", opened) + 1, columns);
      at += behind[0].length;
    } else while (at < text.length && text[at] !== "," && text[at] !== "\n") at++;
    if (at >= text.length) return -1;
    if (text[at++] === "\n") return at;
  }
}

/** The first line from `at` on that stands as a row; -1 where there is none. */
function rowLine(text: string, at: number, columns: number): number {
  const field = '(?:[^", \\n\\r][^",\\n\\r]*|"(?:[^"\\n]|"")*"(?!")[ \\r]*|)';
  const whole = new RegExp(`^(?:${field},){${columns - 1}}${field},*\r*$`);
  const open = new RegExp(`^(?:${field},){0,${columns - 1}}"(?:[^"\\n]|"")*$`);
  for (let start = at; start > 0 && start < text.length; start = text.indexOf("\n", start) + 1) {
    const stop = text.indexOf("\n", start);
    const line = text.slice(start, stop < 0 ? text.length : stop);
    if (line.replaceAll("\r", "") !== "" && (whole.test(line) || open.test(line))) return start;
    if (stop < 0) break;
  }
  return -1;
}

/** Ends as the delimiter finds them in pieces of some size, and how many bytes it was given: in pieces of one byte, as many as it looked at. */
function streamedEnds(text: string, columns: number, piece: number): { readonly ends: number[]; readonly given: number } {
  const bytes = Buffer.from(text, "latin1");
  const delimiter = new CsvDelimiter({ separator: ",", columns });
  const ends: number[] = [];
  let given = 0;
  for (let at = 0; ;) {
    const start = Math.floor(at / piece) * piece;
    const to = Math.min(bytes.length, start + piece);
    const part = bytes.subarray(start, to);
    const stop = delimiter.end(part, at - start, to - start);
    if (stop >= 0) {
      given += start + stop - at;
      ends.push((at = start + stop));
      continue;
    }
    given += to - at;
    if (delimiter.back === 0 && to === bytes.length) {
      delimiter.atEnd();
      if (delimiter.back === 0) return { ends, given };
    }
    at = to - delimiter.back;
  }
}

const odd = fc.string({ unit: fc.constantFrom('"', '"', ",", "\n", "a", " "), maxLength: 40 });
const lines = fc
  .array(
    fc.constantFrom(
      "a,b\n",
      '"a","b"\n',
      '"a\nb, c",d\n',
      '"a,b\n',
      'a,"b"c\n',
      '"x ""y""\nz",w\n',
      "prose, here\n",
      ',"\n',
      '""\n',
      "\r\n",
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(""));

test("records end where the plain rule says, in pieces of any size, and no byte is looked at more than four times", () => {
  let broken = 0;
  fc.assert(
    fc.property(fc.oneof(odd, lines), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 50 }), (text, columns, piece) => {
      const wanted = plainEnds(text, columns);
      const { ends } = streamedEnds(text, columns, piece);
      assert.deepEqual(ends, wanted, JSON.stringify(text));
      const { given } = streamedEnds(text, columns, 1);
      assert.ok(given <= 4 * text.length, `${given} of ${text.length}: ${JSON.stringify(text)}`);
      if (ends.length < text.split("\n").length - 1) broken++;
    }),
    { numRuns: 20_000, seed: 7 },
  );
  assert.ok(broken > 1000);
});

test("what was given is linear where every line opens a quote, and where all quotes are doubled", () => {
  for (const line of ['a,"b\n', 'a,"b"c\n', 'a,"""b\n', '"a\n', 'a,""\n', '"a ""b"" c\n']) {
    const text = `x,"${line.repeat(20_000)}`;
    const { given } = streamedEnds(text, 2, 1);
    assert.ok(given <= 4 * text.length, `${JSON.stringify(line)}: ${given / text.length}`);
  }
});

test("whole tables of quoted fields have the records of csv-parse", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r\n", " "), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 30 }), (table, piece) => {
      const text = table.map((row) => `${row.map((field) => `"${field.replaceAll('"', '""')}"`).join(",")}\r\n`).join("");
      const { ends } = streamedEnds(text, 2, piece);
      const records = ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
      assert.deepEqual(
        records.map((record) => (parseCsv(record, { record_delimiter: "\r\n" }) as string[][])[0]),
        table,
      );
    }),
    { numRuns: 500, seed: 5 },
  );
});

/** What a file gives: fields or the reason, the same in splits of any size. */
async function read(content: string, maxRecordBytes = 1 << 24, sizes = [1, 50]): Promise<(readonly string[] | string)[]> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-csv-"));
  try {
    const path = join(folder, "x.csv");
    writeFileSync(path, content);
    const seen: (readonly string[] | string)[][] = [];
    for (const splitBytes of [1 << 30, ...sizes]) {
      const found: (readonly string[] | string)[] = [];
      const { splits } = await planFile({ name: "x.csv", path }, { splitBytes, cacheDir: folder });
      let last = 0;
      for (const split of splits) {
        await readSplit(split, { maxRecordBytes }, (item) => {
          assert.equal(item.record, ++last);
          if ("value" in item) found.push(Object.values(item.value as Record<string, string>));
          else found.push(`${item.malformed.reason}: ${Buffer.from(item.malformed.raw).toString()}`);
        });
      }
      seen.push(found);
    }
    for (const found of seen) assert.deepEqual(found, seen[0]);
    return seen[0];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const rows = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `q${from + i},a${from + i}`);
const fields = (from: number, to: number): string[][] => rows(from, to).map((row) => row.split(","));

test("a quote that is never closed costs its line", async () => {
  const content = ["q,a", ...rows(0, 50), 'q50,"a50', ...rows(51, 100)].join("\n");
  assert.deepEqual(await read(content), [...fields(0, 50), 'broken_quote: q50,"a50', ...fields(51, 100)]);
});

test("a lost closing quote does not merge two rows, the last row neither", async () => {
  const quoted = (i: number): string => `q${i},"a ${i}"`;
  assert.deepEqual(await read(`q,a\n${quoted(0)}\nq1,"a 1\n${quoted(2)}\n${quoted(3)}\n`), [
    ["q0", "a 0"],
    'broken_quote: q1,"a 1',
    ["q2", "a 2"],
    ["q3", "a 3"],
  ]);
  assert.deepEqual(await read(`q,a\n${quoted(0)}\nq1,"a 1\n`), [["q0", "a 0"], 'cut_off: q1,"a 1']);
});

test("text behind a closing quote costs the record with the lines that are no rows", async () => {
  assert.deepEqual(await read('q,a\n"he said "no" to me",x\nq,a\n'), ['broken_quote: "he said "no" to me",x', ["q", "a"]]);
  const broken = 'q,"He said "no",\nwhich is to say, never.\n\n  indented,code\nAnd "so" on, he said."';
  assert.deepEqual(await read(`q,a\n${broken}\r\nq1,"a\n1"\r\n`), [`broken_quote: ${broken}`, ["q1", "a\n1"]]);
});

test("a file cut off in a text of many lines gives no rows from it", async () => {
  const open = 'q1,"First, this.\nThen that, and more.\n\nThe end';
  assert.deepEqual(await read(`q,a\nq0,a0\n${open}`), [["q0", "a0"], `cut_off: ${open}`]);
});

test("fields that begin with a blank stand as a row where the file has such", async () => {
  assert.deepEqual(await read('q,a\nq0, a0\nq1,"a1\nq2, a2\n'), [["q0", " a0"], 'broken_quote: q1,"a1', ["q2", " a2"]]);
});

test("blanks behind a closing quote are no text; a broken quote in the header costs nothing", async () => {
  assert.deepEqual(await read('q,a\n"q0" ,"a0"  \r\n'), [["q0", "a0"]]);
  assert.deepEqual(await read('q,"a\nq0,a0\nq1,"a1"\n'), [
    ["q0", "a0"],
    ["q1", "a1"],
  ]);
});

test("quoted fields of thousands of lines stay one record; one that breaks after megabytes costs its line", async () => {
  const text = `line one, with ""words""\n`.repeat(200_000);
  const whole = await read(`q,a\nq0,"${text}"\nq1,a1\n`, 1 << 24, [100_000]);
  assert.deepEqual([whole.length, (whole[0] as string[])[1].length, whole[1]], [2, text.length - 4 * 200_000 + 2 * 200_000, ["q1", "a1"]]);
  const many = rows(2, 300_000);
  for (const limit of [1 << 24, 4096]) {
    const broken = await read(`q,a\nq1,"a1\n${many.join("\n")}\n`, limit, [100_000]);
    assert.equal(broken.length, 1 + many.length);
    assert.equal(broken[0], 'broken_quote: q1,"a1');
    assert.deepEqual(broken[many.length], ["q299999", "a299999"]);
  }
});
