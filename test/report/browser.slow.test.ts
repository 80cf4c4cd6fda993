// The page in a real browser: axe-core finds nothing, at phone and desk width, in light and dark; nothing sticks out; details open by keyboard.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { serveLive } from "../../src/report/live.ts";
import { hasSampleTokenizer, type Project } from "../cases/project.ts";
import { createReportProject, writeRecipe } from "./report-run.ts";
import { makeTraining, writeTraining } from "./training-fixture.ts";

const executable = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path !== "" && existsSync(path),
);
const skip = hasSampleTokenizer() || (executable === undefined && "no Chromium on this machine; name one in CHROMIUM");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let browser: Browser;
let project: Project;

before(async () => {
  if (skip !== false) return;
  project = createReportProject();
  assert.equal(project.sluice("run", writeRecipe(project, { name: "loose", minResponse: 2 })).status, 0);
  assert.equal(project.sluice("run", writeRecipe(project, { name: "small" })).status, 0);
  writeTraining(join(project.folder, "data", "runs", "small"), makeTraining({ steps: 200, sources: ["a", "b"], turn: 0.5, seed: 1 }));
  assert.equal(project.sluice("report", "small", "--against", "loose").status, 0);
  browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
});

after(async () => {
  if (skip === false) await browser.close();
});

async function open(width: number, colorScheme: "light" | "dark"): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
  await page.goto(`file://${join(project.folder, "reports", "small", "against-loose.html")}`);
  return page;
}

for (const width of [390, 1280]) {
  for (const scheme of ["light", "dark"] as const) {
    test(`axe-core finds nothing at ${width} px, ${scheme}, everything opened`, { skip }, async () => {
      const page = await open(width, scheme);
      await page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
      await page.addScriptTag({ path: axe });
      const found = (await page.evaluate(
        "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))",
      )) as string[];
      assert.deepEqual(found, []);
      await page.close();
    });
  }
}

test("nothing sticks out of a phone's screen; wide tables scroll inside themselves", { skip }, async () => {
  const page = await open(390, "light");
  await page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
  assert.ok(
    (await page.evaluate("[...document.querySelectorAll('.scroll')].filter((e) => e.scrollWidth > e.clientWidth).length")) as number,
  );
  await page.close();
});

test("details open by keyboard, and a link into a closed one opens it", { skip }, async () => {
  const page = await open(1280, "light");
  await page.focus("#funnel .step summary");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate("document.querySelector('#funnel .step[open]') !== null"), true);
  const href = (await page.evaluate("document.querySelector('#funnel .step[open] td a').getAttribute('href')")) as string;
  await page.evaluate("document.querySelector('#funnel .step[open] td a').click()");
  const target = `document.getElementById(${JSON.stringify(href.slice(1))})`;
  assert.equal(await page.evaluate(`${target}.closest('.source').open`), true);
  await page.close();
});

test("the contents stay in sight on a wide screen, and are not printed", { skip }, async () => {
  const page = await open(1280, "light");
  await page.evaluate("window.scrollTo(0, 4000)");
  const top = (await page.evaluate("document.querySelector('.contents').getBoundingClientRect().top")) as number;
  assert.ok(top >= 0 && top < 100, `at ${top} px`);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.contents')).display"), "none");
  const closed = "document.querySelector('details.numbers:not([open]) table').getBoundingClientRect().height > 0";
  assert.equal(await page.evaluate(closed), true, "tables under charts are printed");
  await page.close();
});

test(
  "the live page puts new measurements in place, leaves open what was opened, and becomes the whole report",
  { skip, timeout: 90_000 },
  async (t) => {
    assert.equal(project.sluice("run", writeRecipe(project, { name: "live" }), "--until", "judge").status, 0);
    const folder = join(project.folder, "data", "runs", "live");
    const server = await serveLive({ folder, port: 0 });
    t.after(() => server.close());
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on("console", (message) => void (message.type() === "error" && failures.push(message.text())));
    page.on("pageerror", (error) => failures.push(error.message));
    await page.goto(server.url);
    const training = makeTraining({ steps: 60, sources: ["a"], turn: 1, seed: 1 });
    writeFileSync(
      join(folder, "metrics.jsonl"),
      training.metrics
        .slice(0, 3)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(""),
    );
    await page.waitForSelector("#training", { timeout: 15_000 });
    await page.evaluate("document.querySelector('#training details').open = true");
    const lines = "document.querySelectorAll('#training table')[0].rows.length";
    const before = (await page.evaluate(lines)) as number;
    writeFileSync(join(folder, "metrics.jsonl"), training.metrics.map((line) => `${JSON.stringify(line)}\n`).join(""));
    // The page's policy forbids what waitForFunction does, so it is asked from outside.
    for (let i = 0; i < 75 && (await page.evaluate(lines)) === before; i++) await page.waitForTimeout(200);
    assert.ok(((await page.evaluate(lines)) as number) > before);
    assert.equal(await page.evaluate("document.querySelector('#training details').open"), true);
    assert.equal(project.sluice("run", "pipelines/live.yaml").status, 0);
    await page.waitForSelector("#reproduce", { state: "attached", timeout: 15_000 });
    assert.deepEqual(failures, []);
    await page.close();
  },
);

test("the page asks the network for nothing", { skip }, async () => {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`file://${join(project.folder, "reports", "small", "against-loose.html")}`);
  assert.equal(asked.length, 1);
  await page.close();
});
