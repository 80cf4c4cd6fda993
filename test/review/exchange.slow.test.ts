// Rows out to Argilla and Label Studio and their answers back: the same decisions, once each, on the contents they were given for.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import test from "node:test";
import { createProject } from "../cases/project.ts";
import { decisionLines } from "../cases/review-server.ts";
import { reviewRows, writeReviewProject } from "../cases/review-rows.ts";

const project = createProject();
const decisionsFile = "pipelines/review.decisions.jsonl";

test.before(() => {
  writeReviewProject(project, reviewRows(40, 4));
  assert.equal(project.sluice("run", "pipelines/review.yaml").status, 0);
});
test.after(() => rmSync(project.folder, { recursive: true }));

function exported(format: string): any[] {
  const { status, stdout, stderr } = project.sluice("review", "review", "--export", "out.json", "--format", format);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /20 rows for/);
  return JSON.parse(project.read("out.json")) as any[];
}

function imported(items: unknown): string {
  project.write("in.json", JSON.stringify(items));
  const { status, stdout, stderr } = project.sluice("review", "review", "--import", "in.json", "--reviewer", "ana");
  assert.equal(status, 0, stderr);
  return stdout;
}

test("argilla: records with a chat field go out, responses by user come back", () => {
  const records = exported("argilla");
  assert.equal(records.length, 20);
  const [first] = records;
  assert.match(first.id, /^[0-9a-f]{32}$/);
  assert.deepEqual(Object.keys(first), ["id", "fields", "metadata", "suggestions", "responses", "vectors", "_server_id"]);
  assert.deepEqual(
    first.fields.conversation.map(({ role }: { role: string }) => role),
    ["user", "assistant"],
  );
  const answer = (record: any, value: string, more: object = {}): any => ({
    ...record,
    responses: { decision: [{ value, user_id: "0b8f" }], ...more },
  });
  const items = [
    answer(records[0], "drop", { comment: [{ value: "no use", user_id: "0b8f" }] }),
    answer(records[1], "edit", { answer: [{ value: "A better answer.", user_id: "0b8f" }] }),
    answer(records[2], "keep"),
    answer({ ...records[3], id: "f".repeat(32) }, "drop"),
    records[4],
  ];
  assert.match(imported(items), /5 items of argilla; 3 decisions written .* 0 were there already, 1 are on rows/);
  const lines = decisionLines(project, decisionsFile);
  assert.deepEqual(
    lines.map(({ hash, decision, reviewer, comment, edits }) => ({ hash, decision, reviewer, comment, edit: edits?.[0].content })),
    [
      { hash: records[0].id, decision: "drop", reviewer: "0b8f", comment: "no use", edit: undefined },
      { hash: records[1].id, decision: "edit", reviewer: "0b8f", comment: undefined, edit: "A better answer." },
      { hash: records[2].id, decision: "keep", reviewer: "0b8f", comment: undefined, edit: undefined },
    ],
  );
  assert.ok(lines.every(({ rules, row }) => rules && rules.length > 0 && row));
  assert.match(imported(items), /0 decisions written .* 3 were there already/, "an import can be repeated");
  const again = exported("argilla");
  assert.equal(again.find(({ id }) => id === records[1].id).suggestions.answer.value, "A better answer.");
});

test("label studio: tasks go out with what was decided, annotations come back", () => {
  const tasks = exported("label-studio");
  assert.equal(tasks.length, 20);
  const edited = tasks.find(({ annotations }) => annotations[0]?.result[0]?.value.choices[0] === "edit");
  assert.equal(edited.annotations[0].result.at(-1).value.text[0], "A better answer.");
  const open = tasks.filter(({ annotations }) => annotations.length === 0);
  const annotate = (task: any, annotation: object): any => ({
    id: 7,
    ...task,
    annotations: [{ id: 1, was_cancelled: false, created_at: "2026-02-01T10:00:00.000000Z", completed_by: 12, result: [], ...annotation }],
  });
  const choice = (word: string): object => ({
    from_name: "decision",
    to_name: "conversation",
    type: "choices",
    value: { choices: [word] },
  });
  const text = (name: string, value: string): object => ({
    from_name: name,
    to_name: "conversation",
    type: "textarea",
    value: { text: [value] },
  });
  const items = [
    annotate(open[0], { result: [choice("drop"), text("comment", "wrong")] }),
    annotate(open[1], { result: [choice("edit"), text("new_answer", "Said better.")], completed_by: { id: 3, email: "ben@example.com" } }),
    annotate(open[2], { was_cancelled: true }),
    annotate(open[3], { result: [choice("edit"), text("new_answer", open[3].data.answer)] }),
    annotate(open[4], { result: [choice("something else")] }),
    tasks.find(({ annotations }) => annotations.length > 0),
  ];
  assert.match(imported(items), /6 items of label-studio; 4 decisions written .* 1 were there already, 0 are on rows/);
  const lines = decisionLines(project, decisionsFile).slice(-4);
  assert.deepEqual(
    lines.map(({ decision, reviewer, comment, time }) => [decision, reviewer, comment, time]),
    [
      ["drop", "label-studio 12", "wrong", "2026-02-01T10:00:00.000Z"],
      ["edit", "ben@example.com", undefined, "2026-02-01T10:00:00.000Z"],
      ["skip", "label-studio 12", undefined, "2026-02-01T10:00:00.000Z"],
      ["keep", "label-studio 12", undefined, "2026-02-01T10:00:00.000Z"],
    ],
    "an edit that changes nothing keeps the row",
  );
});

test("imported decisions are replayed by the next run", () => {
  const { status, stdout } = project.sluice("run", "pipelines/review.yaml", "--fresh");
  assert.equal(status, 0);
  assert.match(stdout, /6 of 6 decisions .* 2 rows kept \(0 brought back\), 2 dropped, 2 edited; 0 match no row/);
});

test("--json answers in JSON", () => {
  const { stdout } = project.sluice("review", "review", "--import", "in.json", "--json");
  const { imported: file, format, taken, known } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([file, format, taken, known], ["in.json", "label-studio", 0, 5]);
});

test("files that are no export, and words that fit nothing, are errors that say what to do", () => {
  for (const [text, status] of [
    ["[]", 3],
    ["{}", 3],
    ["[1, 2", 3],
    ['[{"text": "x"}]', 3],
  ] as const) {
    project.write("bad.json", text);
    const outcome = project.sluice("review", "review", "--import", "bad.json");
    assert.equal(outcome.status, status, text);
    assert.match(outcome.stderr, /to do:/);
  }
  for (const words of [
    ["--import", "none.json"],
    ["--export", "x.json"],
    ["--format", "argilla"],
    ["--export", "x.json", "--format", "prodigy"],
    ["--port", "99999"],
    ["--reviewer", "a\u202eb"],
  ]) {
    assert.equal(project.sluice("review", "review", ...words).status, 2, words.join(" "));
  }
  assert.equal(project.sluice("review", "nowhere").status, 2);
});
