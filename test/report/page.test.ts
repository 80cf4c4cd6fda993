// The page of a small run: sections in the order a person asks, a table under every chart, one file, markup a strict parser accepts.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import test, { before } from "node:test";
import { hasSampleTokenizer, type Project } from "../cases/project.ts";
import { attribute, createReportProject, elements, hasClass, type Element, parsePage, textOf, writeRecipe } from "./report-run.ts";
import { makeTraining, writeTraining } from "./training-fixture.ts";

const skip = hasSampleTokenizer();
let project: Project;
let page = "";
let all: Element[] = [];
let errors: readonly string[] = [];

before(() => {
  if (skip !== false) return;
  project = createReportProject();
  const run = project.sluice("run", writeRecipe(project, { name: "small" }));
  assert.equal(run.status, 0, run.stderr);
  writeTraining(`${project.folder}/data/runs/small`, makeTraining({ steps: 200, sources: ["a", "b"], turn: 0.5, seed: 1 }));
  const report = project.sluice("report", "small");
  assert.equal(report.status, 0, report.stderr);
  assert.equal(report.stdout, "reports/small/index.html\n");
  page = project.read("reports/small/index.html");
  const parsed = parsePage(page);
  all = elements(parsed.document);
  errors = parsed.errors;
});

function section(id: string): Element {
  const found = all.find((element) => element.tagName === "section" && attribute(element, "id") === id);
  assert.ok(found, `there is a section ${id}`);
  return found;
}

test("the sections stand in the order a person asks, each in the contents", { skip }, () => {
  const ids = all.filter(({ tagName }) => tagName === "section").map((element) => attribute(element, "id"));
  const order = ["verdict", "funnel", "diversity", "mix", "duplicates", "refusals", "decontamination", "training", "reproduce"];
  assert.deepEqual(ids, order);
  const nav = all.find(({ tagName }) => tagName === "nav");
  const links = elements(nav!).filter(({ tagName }) => tagName === "a");
  assert.deepEqual(
    links.map((link) => attribute(link, "href")),
    order.map((id) => `#${id}`),
  );
});

test("the markup has no error and nests as written", { skip }, () => {
  assert.deepEqual(errors, []);
  const unclosed = all.filter(
    ({ tagName, sourceCodeLocation }) => sourceCodeLocation?.startTag && !sourceCodeLocation.endTag && tagName !== "meta",
  );
  assert.deepEqual(
    unclosed.map(({ tagName }) => tagName),
    [],
  );
});

test("ids are there once, and every link within the page has its target", { skip }, () => {
  const ids = all.flatMap((element) => attribute(element, "id") ?? []);
  assert.equal(new Set(ids).size, ids.length);
  const targets = all.flatMap((element) => (element.tagName === "a" ? [attribute(element, "href") ?? ""] : []));
  assert.ok(targets.length > 20);
  for (const target of targets) assert.ok(target.startsWith("#") && ids.includes(target.slice(1)), `${target} has no target`);
});

test("every chart has a text alternative, and a table in its figure", { skip }, () => {
  const figures = all.filter(({ tagName }) => tagName === "figure");
  assert.ok(figures.length >= 10);
  for (const figure of figures)
    assert.ok(
      elements(figure).some(({ tagName }) => tagName === "table"),
      `no table under ${textOf(figure).slice(0, 60)}`,
    );
  const charts = all.filter((element) => element.tagName === "svg" && hasClass(element, "plot"));
  assert.ok(charts.length >= 9);
  for (const chart of charts) {
    assert.equal(attribute(chart, "role"), "img");
    assert.ok((attribute(chart, "aria-label") ?? "").length > 10);
    assert.ok(
      figures.some((figure) => elements(figure).includes(chart)),
      "a chart stands in a figure",
    );
  }
});

test("nothing is loaded, and nothing could be", { skip }, () => {
  assert.deepEqual(
    all.filter(({ tagName }) => ["script", "link", "img", "iframe", "object", "base", "form"].includes(tagName)),
    [],
  );
  assert.doesNotMatch(page, /https?:|url\(|@import/);
  const policy = all.find((element) => attribute(element, "http-equiv") === "Content-Security-Policy");
  assert.equal(attribute(policy!, "content"), "default-src 'none'; style-src 'unsafe-inline'");
});

test("the verdict tells in words what went in and what came out, as the run record has it", { skip }, () => {
  const { states } = JSON.parse(project.read("data/runs/small/run.json")) as { states: Record<string, { read: number; used: number }> };
  const text = textOf(section("verdict"));
  assert.match(text, new RegExp(`${states[""].read}\\s+records from 2\\s+sources`));
  assert.match(text, new RegExp(`\\b${states[""].used} came out`));
  assert.match(text, /Look first at/);
});

test("each step of each source leads to its reasons and to rows, the evidence marked in the text", { skip }, () => {
  const reason = all.find((element) => attribute(element, "id") === "why-a-length-response_short");
  assert.ok(reason);
  const examples = elements(reason).filter((element) => element.tagName === "article");
  assert.ok(examples.length > 0);
  assert.match(textOf(examples[0]), /a\/a\.jsonl#\d+/);
  assert.match(textOf(examples[0]), /found, the limit is 10/);
  const marks = elements(section("refusals")).filter(({ tagName }) => tagName === "mark");
  assert.ok(marks.length > 0);
  assert.match(textOf(marks[0]), /sorry|can't help/i);
});

test("an unreadable record is shown with its bytes", { skip }, () => {
  assert.match(textOf(section("funnel")), /\{"messages": \[\{"role": "user"/);
});

test("a repeated source is warned about in the mix, with its uses", { skip }, () => {
  const text = textOf(section("mix"));
  assert.match(text, /Warning:\s+source b: \d+ rows for 104 wanted/);
  assert.match(text, /used [234]×/);
});

test("the command that reproduces the run names the recipe where it lies", { skip }, () => {
  assert.match(textOf(section("reproduce")), /sluice run pipelines\/small\.yaml\s/);
});

test("evaluation items stand beside the rows that held them, and short ones are named", { skip }, () => {
  const text = textOf(section("decontamination"));
  assert.match(text, /Evaluation item eval\.jsonl#1/);
  assert.match(text, /Name a tree\./);
});

test("training tells best step, early stop, learning by heart, and answers before and after", { skip }, () => {
  const text = textOf(section("training"));
  assert.match(text, /stopped early at step 200/);
  assert.match(text, /best, step 100/);
  assert.match(text, /rose from .* learn its rows by heart/);
  assert.match(text, /apology opening/);
  assert.match(text, /before.*cannot see your rows.*after.*keep the list where you find it/s);
});

test("a training that was interrupted, or has no end yet, is told as that", { skip }, () => {
  const folder = `${project.folder}/data/runs/small`;
  const training = makeTraining({ steps: 200, sources: ["a", "b"], turn: 1, seed: 1 });
  const text = (): string => {
    assert.equal(project.sluice("report", "small").status, 0);
    return textOf(parsePage(project.read("reports/small/index.html")).document).replaceAll(/\s+/g, " ");
  };
  writeTraining(folder, { ...training, training: { ...training.training, stopped: "interrupted", steps: 50, best: null, last: null } });
  assert.match(text(), /training interrupted.*Training Qwen\/Qwen2\.5-0\.5B on them was interrupted at step 50 of 200; the same command/);
  assert.doesNotMatch(text(), /Nothing stands out|was trained on them/);
  writeTraining(folder, { ...training, training: { ...training.training, first: { eval_loss: 1 } } });
  assert.match(text(), /did not lower the evaluation loss: 1\.000 before, 1\.\d+ at best, at step 200/);
  assert.match(text(), /did not fall: it went from 1\.000 before training to 1\.\d+ at step 200, the best/);
  rmSync(`${folder}/training.json`);
  assert.match(text(), /training not ended.*Training has not ended\..*it goes on, or was stopped/);
  assert.doesNotMatch(text(), /Nothing stands out/);
});

test("a run that was not trained has no training section", { skip }, () => {
  const other = project.sluice("run", writeRecipe(project, { name: "untrained", refusal: "drop" }));
  assert.equal(other.status, 0, other.stderr);
  const text = project.read("reports/untrained/index.html");
  assert.doesNotMatch(text, /id="training"/);
  assert.match(text, /The recipe drops these rows/);
});

test("numbers have thousands separators and columns of numbers are aligned", { skip }, () => {
  const amounts = elements(section("mix")).filter((element) => element.tagName === "td" && hasClass(element, "n"));
  assert.ok(amounts.some((cell) => /^\d{1,3}(,\d{3})+$/.test(textOf(cell).trim())));
  assert.ok(!amounts.some((cell) => /^\d{4,}$/.test(textOf(cell).trim())));
});

test("reviewed rows are counted by decision", { skip }, () => {
  const hashes = JSON.parse(project.sluice("explain", "small", exampleOf("refusal"), "--json").stdout) as {
    line: { content_hash: string };
  };
  project.write(
    "pipelines/small.decisions.jsonl",
    [hashes.line.content_hash, "0".repeat(32)]
      .map(
        (hash, i) =>
          `${JSON.stringify({ hash, decision: i === 0 ? "keep" : "drop", reviewer: "ana", time: "2026-01-31T12:00:00.000Z" })}\n`,
      )
      .join(""),
  );
  assert.equal(project.sluice("report", "small").status, 0);
  const text = project.read("reports/small/index.html");
  assert.match(text, /Reviewed rows by kind/);
  assert.match(text, /1 keep/);
});

function exampleOf(flag: string): string {
  const examples = JSON.parse(project.read("data/runs/small/examples.json")) as { flags: { flag: string; rows: { id: string }[] }[] };
  return examples.flags.find((entry) => entry.flag === flag)!.rows[0].id;
}
