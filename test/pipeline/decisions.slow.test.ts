// Review decisions in the next run: replayed by content, counted, and part of what a run depends on.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { type Decision, DecisionBook, hashOf, parseDecision, resolveDecisions } from "../../src/pipeline/decisions.ts";
import type { Manifest } from "../../src/pipeline/manifest.ts";
import { type LedgerLine, ledgerColumnNames, readLedger } from "../../src/io/ledger-reader.ts";
import { createProject, type Project, writeSampleProject } from "../cases/project.ts";
import { reviewRows } from "../cases/review-rows.ts";

const time = "2026-01-31T12:00:00.000Z";
const hash = "0123456789abcdef0123456789abcdef";

function decision(parts: Partial<Decision>): Decision {
  return { hash, decision: "keep", reviewer: "ana", time, ...parts };
}

function bookOf(...lines: Partial<Decision>[]): DecisionBook {
  const book = new DecisionBook();
  for (const line of lines) book.add(decision(line));
  return book;
}

async function ledgerOf(project: Project): Promise<Map<string, LedgerLine>> {
  const lines = new Map<string, LedgerLine>();
  for await (const part of readLedger(join(project.folder, "data/runs/sample/ledger.parquet"), ledgerColumnNames))
    for (const line of part) lines.set(line.id, line);
  return lines;
}

test("the latest decision counts; skip decides nothing; undo takes back the reviewer's own last line", () => {
  assert.equal(bookOf({ decision: "keep" }, { decision: "drop" }).standing(hash)?.decision, "drop");
  assert.equal(bookOf({ decision: "drop" }, { decision: "skip" }).standing(hash)?.decision, "drop");
  assert.equal(bookOf({ decision: "keep" }, { decision: "undo" }).standing(hash), undefined);
  assert.equal(bookOf({ decision: "keep" }, { decision: "drop" }, { decision: "undo" }).standing(hash)?.decision, "keep");
  const two = bookOf({ decision: "keep" }, { decision: "drop", reviewer: "ben" }, { decision: "undo" });
  assert.deepEqual([two.standing(hash)?.decision, two.standing(hash)?.reviewer], ["drop", "ben"]);
  assert.equal(bookOf({ decision: "undo" }, { decision: "keep" }).standing(hash)?.decision, "keep", "an undo of nothing undoes nothing");
  assert.equal(bookOf({ decision: "keep" }, { decision: "undo" }).size, 0);
});

test("an edit leads on to what was decided on the edited text, and a circle of edits ends", () => {
  const messages = [
    { role: "user", content: "Name a colour." },
    { role: "assistant", content: "I can't." },
  ] as const;
  const better = [messages[0], { role: "assistant", content: "Blue." }] as const;
  const first = hashOf(messages);
  const edit = { hash: first, decision: "edit", edits: [{ turn: 2, content: "Blue." }] } as const;
  const resolved = resolveDecisions(bookOf(edit, { hash: hashOf(better), decision: "drop" }), messages, first);
  assert.equal(resolved?.verdict, "drop");
  assert.deepEqual(resolved?.messages, better);
  assert.deepEqual(resolved?.used, [first, hashOf(better)]);
  const back = { hash: hashOf(better), decision: "edit", edits: [{ turn: 2, content: "I can't." }] } as const;
  assert.equal(resolveDecisions(bookOf(edit, back), messages, first)?.used.length, 2);
  assert.throws(
    () => resolveDecisions(bookOf({ ...edit, edits: [{ turn: 1, content: "x" }] }), messages, first),
    /a turn of the assistant/,
  );
});

test("a line that is no decision is an error with its place", () => {
  for (const [text, expected] of [
    ["<<<<<<< HEAD", "one line of JSON"],
    ["null", "one line of JSON"],
    [JSON.stringify({ ...decision({}), hash: "abc" }), "32 hexadecimal digits"],
    [JSON.stringify({ ...decision({}), decision: "maybe" }), "keep, drop, edit, skip, undo"],
    [JSON.stringify({ ...decision({}), reviewer: "" }), "a name"],
    [JSON.stringify({ ...decision({}), time: "soon" }), "a date and time"],
    [JSON.stringify(decision({ decision: "edit" })), "a list of"],
  ]) {
    assert.throws(
      () => parseDecision(text, "x.decisions.jsonl:3"),
      (error: Error) => error.message.startsWith("x.decisions.jsonl:3") && error.message.includes(expected),
    );
  }
});

test("the next run replays decisions: drop, edit, keep against a filter and a duplicate, and what matches nothing", async (t) => {
  const project = createProject();
  writeSampleProject(project, 300);
  const refusals = reviewRows(20, 3, 1).map((messages) => `${JSON.stringify({ messages })}\n`);
  project.write("data/a.jsonl", project.read("data/a.jsonl") + refusals.join(""));
  assert.equal(project.sluice("run", "recipe.yaml").status, 0);
  const before = await ledgerOf(project);
  const lines = [...before.values()];
  const flagged = lines.filter((line) => line.flags.includes("refusal") && (line.state === "used" || line.state === "unused"));
  const short = lines.find((line) => line.stage === "empty" || line.stage === "length");
  const held = lines.find((line) => line.state === "held_out");
  const duplicate = lines.find((line) => line.reason === "near_duplicate" || line.reason === "exact_duplicate");
  assert.ok(flagged.length >= 2 && short && held && duplicate, "the sample has rows of each kind");
  const answer = "The river runs past the market, and in winter the bridge is closed to carts. Walkers may still cross it.";
  const decided: Partial<Decision>[] = [
    { hash: flagged[0].content_hash, decision: "drop", comment: "a bare refusal" },
    { hash: flagged[1].content_hash, decision: "edit", edits: [{ turn: 2, content: answer }] },
    { hash: short.content_hash, decision: "keep" },
    { hash: held.content_hash, decision: "drop" },
    { hash: "00000000000000000000000000000001", decision: "drop", row: "a/gone.jsonl#1" },
  ];
  project.write("sample.decisions.jsonl", decided.map((line) => `${JSON.stringify(decision(line))}\n`).join("") + '{"hash": "01');

  const refused = project.sluice("run", "recipe.yaml");
  assert.equal(refused.status, 3);
  assert.match(refused.stderr, /review decisions sample\.decisions\.jsonl: 0 lines -> 5 lines[\s\S]*--fresh, which replays the decisions/);

  const again = project.sluice("run", "recipe.yaml", "--fresh");
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, /4 of 5 decisions in sample\.decisions\.jsonl applied/);
  assert.match(again.stdout, /warning \(review\): 1 of 5 decisions .* matches no row any more: a\/gone\.jsonl#1/);
  const after = await ledgerOf(project);

  const dropped = after.get(flagged[0].id)!;
  assert.deepEqual([dropped.state, dropped.stage, dropped.reason], ["dropped", "review", "review_dropped"]);
  const why = JSON.parse(dropped.evidence) as Record<string, unknown>;
  assert.deepEqual([why.reviewer, why.comment, why.time], ["ana", "a bare refusal", time]);
  assert.ok(dropped.flags.includes("refusal"), "the flag is still told");

  const edited = after.get(flagged[1].id)!;
  assert.deepEqual([edited.stage, edited.reason], ["review", "review_edited"]);
  assert.match(edited.state, /^(used|unused)$/);
  assert.equal((JSON.parse(edited.evidence) as Record<string, unknown>).original_hash, flagged[1].content_hash);
  assert.notEqual(edited.content_hash, flagged[1].content_hash);
  assert.ok(!edited.flags.includes("refusal"), "the new text was judged");

  const kept = after.get(short.id)!;
  assert.notEqual(kept.state, "dropped");
  const review = (JSON.parse(kept.evidence) as { review: Record<string, unknown> }).review;
  assert.equal(review.filter, `${short.stage}: ${short.reason}`);
  assert.equal(after.get(held.id)!.reason, "review_dropped", "a dropped row is not evaluated on either");

  const record = JSON.parse(project.read("data/runs/sample/run.json")) as Manifest;
  assert.equal(record.review?.unmatched, 1);
  const copies = lines.filter(({ content_hash: hash }) => hash === short.content_hash);
  assert.equal(record.review?.rows.brought_back, copies.length, "copies of a content share its decision");
  assert.equal(record.review?.rows.edited, 1);
  const stage = record.stages.find(({ stage: name }) => name === "review");
  assert.equal(stage?.reasons.review_dropped, record.review?.rows.dropped);

  const story = project.sluice("explain", "sample", flagged[1].id);
  assert.match(story.stdout, /with the text that a reviewer gave it/);
  assert.ok(story.stdout.includes(answer));
  const shard = project.sluice("explain", "sample", flagged[0].id);
  assert.match(shard.stdout, /dropped by review: review_dropped/);

  await t.test("a duplicate that is kept comes back once", async () => {
    project.write("sample.decisions.jsonl", `${JSON.stringify(decision({ hash: duplicate.content_hash }))}\n`);
    assert.equal(project.sluice("run", "recipe.yaml", "--fresh").status, 0);
    const rows = [...(await ledgerOf(project)).values()].filter((line) => line.content_hash === duplicate.content_hash);
    assert.equal(rows.filter(({ state }) => state === "used" || state === "unused").length, 1);
  });

  await t.test("the same bytes with 1 and 4 workers, and a torn last line does not count", () => {
    assert.equal(project.sluice("run", "recipe.yaml", "--fresh", "--workers", "1").status, 0);
    const one = project.hashes("sample");
    project.write("sample.decisions.jsonl", `${JSON.stringify(decision({ hash: duplicate.content_hash }))}\n{"hash": "0123`);
    assert.equal(project.sluice("run", "recipe.yaml").status, 0, "a torn line changes nothing");
    assert.equal(project.sluice("run", "recipe.yaml", "--fresh", "--workers", "4").status, 0);
    assert.deepEqual(project.hashes("sample"), one);
  });
  rmSync(project.folder, { recursive: true });
});
