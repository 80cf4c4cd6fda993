// Runs that end without a mix: with an error, and with a ledger, a run record and a report all the same.
import assert from "node:assert/strict";
import test from "node:test";
import { createProject, hasSampleTokenizer, type Project, sampleLines, sampleTokenizer } from "../cases/project.ts";

const skip = hasSampleTokenizer();

interface Case {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  readonly recipe: string;
  readonly code: number;
  readonly error: RegExp;
  readonly stage: "read" | "mix";
  /** Records by state. */
  readonly states: Readonly<Record<string, number>>;
  readonly explained: readonly [id: string, story: RegExp];
}

const broken = "not json\n".repeat(3);
const cases: readonly Case[] = [
  {
    name: "a template that refuses every row",
    data: { "a.jsonl": sampleLines(20, 1), "t.jinja": "{{ nothing() }}" },
    recipe: "chat_template: t.jinja\nsources:\n  a: { path: a.jsonl }\n",
    code: 3,
    error: /nothing left in a: chat_template template_error \d+ \(t\.jinja: Cannot call something that is not a function/,
    stage: "mix",
    states: { read: 20, dropped: 20, used: 0, unused: 0, quarantined: 0, held_out: 0 },
    explained: ["a/a.jsonl#1", /dropped by chat_template: template_error/],
  },
  {
    name: "everything held out",
    data: { "a.jsonl": sampleLines(20, 1) },
    recipe: "chat_template: chatml\nhold_out: { fraction: 1 }\nsources:\n  a: { path: a.jsonl }\n",
    code: 3,
    error: /nothing left in a: hold_out held_out 20\n/,
    stage: "mix",
    states: { read: 20, dropped: 0, used: 0, unused: 0, quarantined: 0, held_out: 20 },
    explained: ["a/a.jsonl#3", /held out for evaluation/],
  },
  {
    name: "a source with a share and no row, beside a good one",
    data: { "a.jsonl": sampleLines(20, 1), "b.jsonl": sampleLines(1, 1) },
    recipe:
      "chat_template: chatml\nhold_out: false\nfilters: {}\nsources:\n  a: { path: a.jsonl }\n  b: { path: b.jsonl }\nmix: { proportions: { a: 1, b: 1 } }\n",
    code: 3,
    error: /source b in mix\.proportions[\s\S]*no row left: dedup exact_duplicate 1\n/,
    stage: "mix",
    states: { read: 21, used: 0, quarantined: 0, held_out: 0 },
    explained: ["a/a.jsonl#1", /unused: the run ended without a mix/],
  },
  {
    name: "a mix that repeats too much",
    data: { "a.jsonl": sampleLines(20, 1) },
    recipe: "chat_template: chatml\nhold_out: false\nsources:\n  a: { path: a.jsonl }\nmix: { target_total: 5000 }\n",
    code: 2,
    error: /no row used more than 4 times/,
    stage: "mix",
    states: { read: 20, used: 0, quarantined: 0, held_out: 0 },
    explained: ["a/a.jsonl#1", /unused: the run ended without a mix/],
  },
  {
    name: "a mix smaller than any row",
    data: { "a.jsonl": sampleLines(20, 1) },
    recipe: "chat_template: chatml\nhold_out: false\nsources:\n  a: { path: a.jsonl }\nmix: { weigh_by: tokens, target_total: 10 }\n",
    code: 2,
    error: /mix\.target_total\n[\s\S]*10 tokens wanted/,
    stage: "mix",
    states: { read: 20, used: 0, quarantined: 0, held_out: 0 },
    explained: ["a/a.jsonl#1", /unused: the run ended without a mix/],
  },
  {
    name: "columns that no record has",
    data: { "a.jsonl": sampleLines(20, 1) },
    recipe: "chat_template: chatml\nsources:\n  a: { path: a.jsonl, columns: { instruction: question, response: answer } }\n",
    code: 3,
    error: /100\.00 %: missing_column 20; the first missing_column: the column question is missing/,
    stage: "read",
    states: { read: 20, used: 0, unused: 0, dropped: 0, quarantined: 20, held_out: 0 },
    explained: ["a/a.jsonl#2", /quarantined: could not be read as a row \(missing_column\)/],
  },
  {
    name: "more unreadable records than the recipe allows, and good rows",
    data: { "a.jsonl": `${sampleLines(20, 1)}${broken}` },
    recipe: "chat_template: chatml\nsources:\n  a: { path: a.jsonl }\n",
    code: 3,
    error: /3 of 23 records could not be read as rows[\s\S]*invalid_json 3/,
    stage: "read",
    states: { read: 23, used: 0, unused: 20, dropped: 0, quarantined: 3, held_out: 0 },
    explained: ["a/a.jsonl#1", /unused: the run ended before the row was judged/],
  },
  {
    name: "a table with a header and no line",
    data: { "a.csv": "instruction,response\n" },
    recipe: "chat_template: chatml\nsources:\n  a: { path: a.csv }\n",
    code: 3,
    error: /none in a\.csv/,
    stage: "read",
    states: { read: 0, used: 0, unused: 0, dropped: 0, quarantined: 0, held_out: 0 },
    explained: ["a/a.csv#1", /^$/],
  },
];

function project({ data, recipe }: Case): Project {
  const made = createProject();
  for (const [file, content] of Object.entries(data)) made.write(file, content);
  made.write("r.yaml", `name: r\ntokenizer: ${JSON.stringify(sampleTokenizer)}\n${recipe}`);
  return made;
}

for (const one of cases) {
  test(`${one.name}: an error, and a ledger, a record and a report`, { skip }, () => {
    const { sluice, read, hashes } = project(one);
    const first = sluice("run", "r.yaml", "--workers", "1");
    assert.equal(first.status, one.code, first.stderr);
    assert.match(first.stderr, one.error);
    const record = JSON.parse(read("data/runs/r/run.json"));
    assert.equal(record.failure.stage, one.stage);
    for (const [state, rows] of Object.entries(one.states)) assert.equal(record.states[""][state], rows, state);
    // The funnel tells every record's end too.
    const ended = record.stages.flatMap(({ reasons }: { reasons: Record<string, number> }) => Object.values(reasons));
    assert.equal(
      ended.reduce((a: number, b: number) => a + b, 0),
      record.states[""].read,
    );
    const [id, story] = one.explained;
    assert.match(sluice("explain", "r", id).stdout, story);
    const reported = sluice("report", "r");
    assert.equal(reported.status, 0, reported.stderr);
    if (one.states.read > 0) assert.match(read("reports/r/index.html"), /why the run stopped at/);
    const before = hashes("r");
    const again = sluice("run", "r.yaml", "--workers", "1");
    assert.equal(again.status, one.code);
    assert.match(again.stderr, one.error);
    assert.deepEqual(hashes("r"), before);
  });
}

test("after such a run a mended recipe is refused with what changed, and works with --fresh", { skip }, () => {
  const made = project(cases[0]);
  assert.equal(made.sluice("run", "r.yaml", "--workers", "1").status, 3);
  made.write("r.yaml", made.read("r.yaml").replace("t.jinja", "chatml"));
  const refused = made.sluice("run", "r.yaml", "--workers", "1");
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /chat_template: "t\.jinja" -> "chatml"/);
  const mended = made.sluice("run", "r.yaml", "--workers", "1", "--fresh");
  assert.equal(mended.status, 0, mended.stderr);
  const { failure, states } = JSON.parse(made.read("data/runs/r/run.json"));
  assert.equal(failure, null);
  assert.ok(states[""].used > 0);
});
