// The page in a real browser: axe-core finds nothing, at phone and desk width, in light and dark; nothing sticks out; details open by keyboard.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
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

test("the page asks the network for nothing", { skip }, async () => {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`file://${join(project.folder, "reports", "small", "against-loose.html")}`);
  assert.equal(asked.length, 1);
  await page.close();
});
