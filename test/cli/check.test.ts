// Whether a recipe is sound depends on what its files hold, too.
import assert from "node:assert/strict";
import test from "node:test";
import { createProject, hasSampleTokenizer, type Outcome, sampleLines, sampleTokenizer } from "../cases/project.ts";

const skip = hasSampleTokenizer();
const { write, sluice } = createProject();
write("a.jsonl", sampleLines(20, 1));
write("b.jsonl", sampleLines(20, 2));
write("empty.csv", "instruction,response\n");
write("part.jsonl", `${sampleLines(20, 1)}not json\n`);
write(
  "system.jsonl",
  `${JSON.stringify({ messages: [{ role: "system", content: "Be brief." }, ...JSON.parse(sampleLines(1, 1)).messages] })}\n${sampleLines(3, 1)}`,
);
write("no.jinja", "{{ nothing() }}");
write(
  "no-system.jinja",
  "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ m.content }}\n{% endfor %}",
);

function check(rest: string, ...words: string[]): Outcome {
  write("r.yaml", `name: r\ntokenizer: ${JSON.stringify(sampleTokenizer)}\n${rest}`);
  return sluice("check", "r.yaml", ...words);
}

test("a template that refuses every row is not sound: exit 3, as the run's", { skip }, () => {
  const recipe = "chat_template: no.jinja\nsources:\n  a: { path: a.jsonl }\n";
  const { status, stdout } = check(recipe);
  assert.equal(status, 3);
  assert.doesNotMatch(stdout, /is sound/);
  assert.match(
    stdout,
    /^problem: source a: nothing is left of the 20 records looked at: the chat template refuses 20 \(no\.jinja: Cannot call/m,
  );
  const json = check(recipe, "--json");
  assert.equal(json.status, 3);
  assert.equal(JSON.parse(json.stdout).problems.length, 1);
  assert.equal(sluice("run", "r.yaml", "--workers", "1").status, 3);
});

test("some refused rows are a warning that says why", { skip }, () => {
  const { status, stdout } = check("chat_template: no-system.jinja\nsources:\n  a: { path: system.jsonl }\n");
  assert.equal(status, 0);
  assert.match(stdout, /is sound\n/);
  assert.match(stdout, /^warning: source a: the chat template refuses 1 of the 4 records looked at: .*no system/m);
});

test("columns that no record has, and too many unreadable records, are not sound", { skip }, () => {
  const columns = check("chat_template: chatml\nsources:\n  a: { path: a.jsonl, columns: { instruction: q, response: r } }\n");
  assert.equal(columns.status, 3);
  assert.match(
    columns.stdout,
    /problem: source a: nothing is left of the 20 records looked at: 20 cannot be read as rows \(missing_column\)/,
  );
  const part = "chat_template: chatml\nsources:\n  a: { path: part.jsonl }\n";
  assert.equal(check(part).status, 3);
  assert.match(check(part).stdout, /problem: 1 of 21 records cannot be read as rows; at most 1 % may/);
  assert.equal(check(`${part}max_quarantined: 0.1\n`).status, 0);
});

test("an empty source stops a run where it has a share, or where it is the only one", { skip }, () => {
  const two = "chat_template: chatml\nhold_out: false\nsources:\n  a: { path: a.jsonl }\n  b: { path: empty.csv }\n";
  const without = check(two);
  assert.equal(without.status, 0);
  assert.match(without.stdout, /warning: source b: its files hold no records/);
  assert.equal(sluice("run", "r.yaml", "--workers", "1", "--fresh").status, 0);
  const withShare = check(`${two}mix: { proportions: { a: 0.9, b: 0.1 } }\n`);
  assert.equal(withShare.status, 3);
  assert.match(withShare.stdout, /problem: source b: its files hold no records/);
  assert.equal(sluice("run", "r.yaml", "--workers", "1", "--fresh").status, 3);
  assert.equal(check("chat_template: chatml\nsources:\n  b: { path: empty.csv }\n").status, 3);
});

test("a sound recipe is said to be", { skip }, () => {
  const { status, stdout } = check("chat_template: chatml\nsources:\n  a: { path: a.jsonl }\n  b: { path: b.jsonl }\n");
  assert.equal(status, 0);
  assert.match(stdout, /^recipe r: r\.yaml is sound\n\n/);
  assert.doesNotMatch(stdout, /problem|warning/);
});

test(
  "a file's name with control characters cannot move the cursor: in check, run and explain they are shown as symbols",
  { skip: skip || (process.platform === "win32" && "such names are not allowed there") },
  () => {
    write("odd/x\u001b[31m\n.jsonl", sampleLines(20, 3));
    const checked = check("sources:\n  a: { path: odd/ }\n");
    assert.equal(checked.status, 0);
    const ran = sluice("run", "r.yaml", "--fresh", "--until", "judge");
    assert.equal(ran.status, 0, ran.stderr);
    sluice("run", "r.yaml");
    const unknown = sluice("explain", "r", "nothing");
    assert.match(unknown.stderr, /ids look like a\/x\u241b\[31m/);
    const told = sluice("explain", "r", "a/x\u001b[31m\n.jsonl#1");
    assert.match(told.stdout, /^a\/x\u241b\[31m\u240a\.jsonl#1\n/);
    for (const { stdout, stderr } of [checked, ran, unknown, told]) assert.ok(!`${stdout}${stderr}`.includes("\u001b"));
  },
);
