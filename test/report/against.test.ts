// Two recipes over the same rows: the page says what the second gained and lost, and the figures are those of the two ledgers.
import assert from "node:assert/strict";
import { join } from "node:path";
import test, { before } from "node:test";
import { readLedger } from "../../src/io/ledger-reader.ts";
import { hasSampleTokenizer, type Project } from "../cases/project.ts";
import { createReportProject, elements, parsePage, textOf, attribute, type Element, writeRecipe } from "./report-run.ts";

const skip = hasSampleTokenizer();
let project: Project;
let all: Element[] = [];
let against = "";

before(() => {
  if (skip !== false) return;
  project = createReportProject();
  for (const recipe of [{ name: "loose", minResponse: 2 }, { name: "strict", minResponse: 30, refusal: "drop" } as const]) {
    const run = project.sluice("run", writeRecipe(project, recipe));
    assert.equal(run.status, 0, run.stderr);
  }
  const report = project.sluice("report", "strict", "--against", "loose");
  assert.equal(report.status, 0, report.stderr);
  assert.equal(report.stdout, "reports/strict/against-loose.html\n");
  const parsed = parsePage(project.read("reports/strict/against-loose.html"));
  assert.deepEqual(parsed.errors, []);
  all = elements(parsed.document);
  against = textOf(all.find((element) => attribute(element, "id") === "against")!).replaceAll(/\s+/g, " ");
});

async function fates(run: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const lines of readLedger(join(project.folder, "data", "runs", run, "ledger.parquet"), [
    "id",
    "state",
    "reason",
    "times_used",
  ])) {
    for (const { id, state, reason, times_used } of lines) found.set(id, state === "used" ? `used ${times_used}` : `${state} ${reason}`);
  }
  return found;
}

const used = (fate: string | undefined): boolean => fate?.startsWith("used") ?? false;

test("rows gained, lost and unchanged are counted as the ledgers have them", { skip }, async () => {
  const [before_, after] = [await fates("loose"), await fates("strict")];
  let [gained, lost, same] = [0, 0, 0];
  for (const [id, now] of after) {
    const was = before_.get(id);
    if (was === now) same++;
    if (used(now) && !used(was)) gained++;
    if (!used(now) && used(was)) lost++;
  }
  assert.ok(gained > 0 && lost > 0, "the two recipes differ both ways");
  assert.match(against, new RegExp(`gained ${gained}\\s+rows? and lost ${lost}\\s+rows?`));
  assert.match(against, new RegExp(`${same}\\s+rows? have the same fate`));
});

test("the recipes' differences are named, and only those", { skip }, () => {
  assert.match(against, /min_response_tokens/);
  assert.match(against, /action/);
  assert.doesNotMatch(against, /max_quarantined|target_total/);
});

test("figures of both runs stand side by side with their difference", { skip }, () => {
  const states = (run: string): { used: number; dropped: number } =>
    (JSON.parse(project.read(`data/runs/${run}/run.json`)) as { states: Record<string, { used: number; dropped: number }> }).states[""];
  const [was, is] = [states("loose"), states("strict")];
  const row = all.find((element) => element.tagName === "tr" && /^\s*dropped, rows/.test(textOf(element)));
  const change = is.dropped - was.dropped;
  assert.deepEqual(
    elements(row!)
      .filter(({ tagName }) => tagName === "th" || tagName === "td")
      .map((cell) => textOf(cell).trim()),
    ["dropped, rows", String(was.dropped), String(is.dropped), `${change < 0 ? "\u2212" : "+"}${Math.abs(change)}`],
  );
});

test("rows that were lost are shown as they are", { skip }, () => {
  const section = all.find((element) => attribute(element, "id") === "against")!;
  const lost = elements(section).find(
    (element) => element.tagName === "details" && /used 1× → dropped: length/.test(textOf(element).replaceAll(/\s+/g, " ")),
  );
  assert.ok(lost, "there is a kind of change from used to dropped");
  assert.ok(elements(lost).some(({ tagName }) => tagName === "article"));
});

test("comparing a run with itself finds nothing", { skip }, () => {
  assert.equal(project.sluice("report", "strict", "--against", "strict").status, 0);
  const text = project.read("reports/strict/against-strict.html").replaceAll(/<[^>]+>|\s+/g, " ");
  assert.match(text, /gained\s+0 rows\s+and lost\s+0 rows/);
  assert.match(text, /The recipes are the same/);
});

test("--live and --against together are refused in words", { skip }, () => {
  const { status, stderr } = project.sluice("report", "strict", "--against", "loose", "--live");
  assert.equal(status, 2);
  assert.match(stderr, /expected: one of them/);
});
