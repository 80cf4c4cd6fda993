// The review page in a real browser: a reviewer's session by keyboard and the run after it, hostile rows, accessibility, and a large run.
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Session } from "../../src/review/api.ts";
import { type LedgerLine, ledgerColumnNames, readLedger } from "../../src/io/ledger-reader.ts";
import { desktop, keepScreenshot, launchBrowser, noBrowser, phone } from "../cases/browser.ts";
import { createProject, type Project } from "../cases/project.ts";
import { decisionLines, type ReviewProcess, startReview } from "../cases/review-server.ts";
import { hostileRows, hostileTexts, reviewRows, writeReviewProject } from "../cases/review-rows.ts";

const skip = noBrowser();
let browser: Browser;

test.before(async () => {
  if (skip === false) browser = await launchBrowser();
});
test.after(() => browser?.close());

const openPages: Page[] = [];

/** Pages go before their server: they would miss it. */
async function closeAll(server: ReviewProcess): Promise<void> {
  for (const page of openPages.splice(0)) await page.close();
  await server.stop();
}

/** A page whose faults fail the test. */
async function openPage(t: TestContext, link: string, options: Parameters<Browser["newPage"]>[0] = { viewport: desktop }): Promise<Page> {
  const page = await browser.newPage(options);
  openPages.push(page);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("dialog", (dialog) => {
    faults.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  t.after(async () => {
    if (!page.isClosed()) await page.close();
    assert.deepEqual(faults, []);
  });
  await page.goto(link);
  await page.waitForSelector(".row-head, .end");
  return page;
}

const textOf = (page: Page, selector: string): Promise<string> => page.locator(selector).first().innerText();

/** Presses a key and waits until another place of the queue, or its end, is shown. */
async function pressOn(page: Page, key: string): Promise<void> {
  const before = await page.locator("#conversation").evaluate((box) => box.querySelector(".place")?.textContent ?? "end");
  await page.keyboard.press(key);
  await page.waitForFunction((old) => (document.querySelector("#conversation .place")?.textContent ?? "end") !== old, before);
}

const rowId = (page: Page): Promise<string> => textOf(page, "#conversation .row-id");

async function ledgerOf(project: Project): Promise<Map<string, LedgerLine>> {
  const lines = new Map<string, LedgerLine>();
  for await (const part of readLedger(join(project.folder, "data/runs/review/ledger.parquet"), ledgerColumnNames))
    for (const line of part) lines.set(line.id, line);
  return lines;
}

test(
  "thirty rows by keyboard, one undone, a rule dropped in bulk, the tab closed in the middle; the rerun shows exactly that",
  { skip },
  async (t) => {
    const project = createProject();
    t.after(() => rmSync(project.folder, { recursive: true }));
    writeReviewProject(project, reviewRows(240, 5));
    assert.equal(project.sluice("run", "pipelines/review.yaml").status, 0);
    const server = await startReview(project, "review", "--reviewer", "ana");
    t.after(() => closeAll(server));
    const before = await ledgerOf(project);
    const expected = new Map<string, string>();
    let page = await openPage(t, server.links[0]);
    assert.equal(await page.evaluate(() => location.hash), "", "the token does not stay in the address bar");
    await keepScreenshot(page, "desktop");

    const settle = async (i: number): Promise<void> => {
      const id = await rowId(page);
      if (i % 5 === 0) {
        await page.keyboard.press("c");
        await page.keyboard.type(`reason ${i}`);
        await page.keyboard.press("Enter");
      }
      if (i % 6 === 2) {
        await page.keyboard.press("e");
        await page.waitForSelector("textarea");
        await page.keyboard.press("Control+A");
        await page.keyboard.insertText(
          `Answer ${i}: the river runs past the market, and in winter the bridge is closed to carts and walkers.`,
        );
        await pressOn(page, "Control+Enter");
        expected.set(id, "edit");
      } else {
        const key = "kds"[i % 3];
        await pressOn(page, key);
        expected.set(id, { k: "keep", d: "drop", s: "skip" }[key]!);
      }
      assert.match(await textOf(page, "#said"), /^Saved: /);
    };
    for (let i = 0; i < 15; i++) await settle(i);
    const verdicts = [...expected.values()].filter((word) => word !== "skip").length;
    await page.close();

    page = await openPage(t, server.links[0]);
    assert.match(await textOf(page, "#meter-text"), new RegExp(`^${verdicts} of `), "what was decided is there after the tab was closed");
    assert.ok(!expected.has(await rowId(page)), "the queue goes on with what is open");
    for (let i = 15; i < 21; i++) await settle(i);
    const last = [...expected.keys()].at(-1)!;
    await page.keyboard.press("u");
    await page.waitForFunction((id) => document.querySelector("#conversation .row-id")?.textContent === id, last);
    assert.match(await textOf(page, "#said"), /^Undone: /);
    assert.equal(await textOf(page, "#conversation .badge"), "open");
    expected.delete(last);
    for (let i = 22; i < 32; i++) await settle(i);
    await pressOn(page, "ArrowUp");
    assert.equal(await rowId(page), [...expected.keys()].at(-1));
    await keepScreenshot(page, "desktop-decided");

    // A rule in bulk, from the keyboard alone: the queues, the rule, the dialog, its button.
    await page.keyboard.press("q");
    for (let i = 0; i < 60 && (await page.evaluate(() => (document.activeElement as HTMLElement).dataset.key)) !== "flag:no_access"; i++)
      await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#queue-name")!.textContent!.startsWith("no_access"));
    const wanted = Number(await textOf(page, "#queue-count"));
    assert.ok(wanted > 5);
    await page.keyboard.press("b");
    await page.waitForSelector("dialog[open]");
    assert.match(await textOf(page, "dialog"), new RegExp(`decides on ${wanted} rows`));
    await page.keyboard.type("no data");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction((rows) => document.querySelector("#said")!.textContent === `Saved: ${rows} rows dropped.`, wanted);
    assert.match(await textOf(page, '[data-key="flag:no_access"] .precision'), /^\d+ of \d+ confirmed$/);
    for (const line of decisionLines(project)) if (line.bulk !== undefined) expected.set(line.row!, "drop");
    await page.close();
    await server.stop("SIGINT");
    assert.match(server.output(), /sluice run pipelines\/review\.yaml --fresh/);

    assert.equal(project.sluice("run", "pipelines/review.yaml").status, 3, "a changed decisions file is a changed input");
    const again = project.sluice("run", "pipelines/review.yaml", "--fresh");
    assert.equal(again.status, 0, again.stderr);
    const counts = { keep: 0, drop: 0, edit: 0, skip: 0 };
    for (const line of (await ledgerOf(project)).values()) {
      const word = expected.get(line.id) as keyof typeof counts | undefined;
      const evidence = (line.evidence === "" ? {} : JSON.parse(line.evidence)) as Record<string, any>;
      if (word) counts[word]++;
      if (word === "drop") assert.deepEqual([line.state, line.reason], ["dropped", "review_dropped"], line.id);
      else if (word === "edit") {
        assert.equal(line.reason, "review_edited", line.id);
        assert.equal(evidence.original_hash, before.get(line.id)!.content_hash);
      } else if (word === "keep") assert.deepEqual([evidence.review.decision, evidence.review.reviewer], ["keep", "ana"], line.id);
      else {
        assert.equal(evidence.review, undefined, line.id);
        assert.equal(line.stage, before.get(line.id)!.stage);
        assert.equal(line.content_hash, before.get(line.id)!.content_hash);
      }
    }
    assert.match(
      again.stdout,
      new RegExp(`${counts.keep} rows kept \\(0 brought back\\), ${counts.drop} dropped, ${counts.edit} edited; 0 match no row`),
    );
    const next = await startReview(project, "review", "--reviewer", "ana");
    t.after(() => next.stop());
    const { progress } = (await next.ask("session")).value as Session;
    const { keep, drop, edit, skipped } = progress.byStatus;
    assert.deepEqual({ keep, drop, edit, skip: skipped }, counts, "the review of the new run knows what was decided");
    t.diagnostic(`${counts.keep} kept, ${counts.drop} dropped, ${counts.edit} edited, ${counts.skip} skipped`);
  },
);

test("hostile rows stay text: nothing runs, nothing is linked, nothing turns the line around", { skip }, async (t) => {
  const project = createProject();
  t.after(() => rmSync(project.folder, { recursive: true }));
  writeReviewProject(project, hostileRows());
  assert.equal(project.sluice("run", "pipelines/review.yaml").status, 0);
  const server = await startReview(project, "review", "--reviewer", "ana");
  t.after(() => closeAll(server));
  const page = await openPage(t, server.links[0]);
  const seen = new Set<string>();
  const check = async (): Promise<void> => {
    const found = await page.evaluate(() => ({
      pwned: (window as unknown as { pwned?: number }).pwned,
      strange: [...document.body.querySelectorAll("script,img,svg,iframe,a,object,embed,style,link,video,form:not(#search-form)")].map(
        ({ tagName }) => tagName,
      ),
      handlers: [...document.body.querySelectorAll("*")].filter((element) =>
        element.getAttributeNames().some((name) => name.startsWith("on") || name === "href"),
      ).length,
      raw: /[\u202a-\u202e\u2066-\u2069\u200f\u061c\u0000-\u0008\u001b\u009b\u2028]/.test(document.body.innerText),
    }));
    assert.deepEqual(found, { pwned: undefined, strange: [], handlers: 0, raw: false });
  };
  const total = Number(await textOf(page, "#queue-count"));
  assert.equal(total, hostileTexts.length + 1);
  for (let i = 0; i < total; i++) {
    const question = await textOf(page, "#conversation article.user .turn-text");
    const name = question.slice(0, question.indexOf(":"));
    seen.add(name);
    const answer = await page.locator("#conversation article.assistant .turn-text").evaluate((box) => box.textContent!);
    const hostile = hostileTexts.find((known) => known.name === name);
    if (hostile) {
      const visible = Buffer.from(hostile.text)
        .toString("utf8")
        .replace(
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069]/g,
          (unit) => `U+${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
        );
      assert.ok(answer.endsWith(visible), `${name}: ${answer}`);
    } else {
      assert.ok(answer.length < 20_000, "a megabyte on one line is not laid out at once");
      for (const more = page.locator(".more"); (await more.count()) > 0;) await more.click();
      const whole = await page.locator("#conversation article.assistant .turn-text").evaluate((box) => box.textContent!.length);
      assert.ok(whole > 1 << 20, "but all of it can be read");
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      assert.ok(!wider, "and it does not push the page aside");
    }
    if (name === "bidi") await keepScreenshot(page, "hostile-bidi");
    await check();
    const pressed = performance.now();
    await page.keyboard.press("e");
    await page.waitForSelector("textarea");
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    assert.ok(performance.now() - pressed < 3000, `${name}: the editor opened after ${performance.now() - pressed} ms`);
    await check();
    await page.keyboard.press("Escape");
    await page.keyboard.press("c");
    await page.keyboard.insertText(hostile?.text.replaceAll("\u0000", "") ?? "long");
    await page.keyboard.press("Enter");
    await pressOn(page, "d");
    await check();
  }
  assert.deepEqual([...seen].sort(), [...hostileTexts.map(({ name }) => name), "long"].sort());
  for (let i = 0; i < 3; i++) {
    await pressOn(page, "p");
    assert.ok((await page.locator(".history .comment").count()) > 0);
    await check();
  }
  await page.keyboard.press("/");
  await page.keyboard.insertText("<img src=x onerror=window.pwned=1>");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#queue-name")!.textContent!.includes("onerror"));
  await page.keyboard.press("b");
  await page.waitForSelector("dialog[open]");
  await check();
});

test("no serious accessibility findings, on the desktop and on the phone, in the light and in the dark", { skip }, async (t) => {
  const project = createProject();
  t.after(() => rmSync(project.folder, { recursive: true }));
  writeReviewProject(project, [...reviewRows(60, 8), ...hostileRows()]);
  assert.equal(project.sluice("run", "pipelines/review.yaml").status, 0);
  const server = await startReview(project, "review", "--auth", "ana,ben");
  t.after(() => closeAll(server));
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  for (const [name, viewport] of Object.entries({ desktop, phone })) {
    for (const colorScheme of ["light", "dark"] as const) {
      // axe is not one of the page's own files: only here the page's policy is set aside.
      const page = await openPage(t, server.links[0], { viewport, colorScheme, bypassCSP: true });
      const audit = async (what: string): Promise<void> => {
        await page.addScriptTag({ content: axe });
        const found = await page.evaluate(async () => {
          const { violations } = await (
            window as unknown as {
              axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }> };
            }
          ).axe.run();
          return violations.map(({ id, impact, nodes }) => ({
            id,
            impact,
            where: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`),
          }));
        });
        assert.deepEqual(
          found.filter(({ impact }) => impact === "serious" || impact === "critical"),
          [],
          `${name}, ${colorScheme}: ${what}`,
        );
        t.diagnostic(
          `${name}, ${colorScheme}, ${what}: ${found.length === 0 ? "no findings" : found.map(({ id, impact }) => `${id} (${impact})`).join(", ")}`,
        );
        await keepScreenshot(page, `${name}-${colorScheme}-${what}`);
      };
      await audit("row");
      for (const key of ["k", "d", "s"]) await pressOn(page, key);
      if (name === "phone") await page.click("#show-queues");
      await audit("decided");
      if (name === "phone") await page.keyboard.press("Escape");
      await page.keyboard.press("e");
      await page.waitForSelector("textarea");
      await audit("editing");
      await page.keyboard.press("Escape");
      await page.keyboard.press("b");
      await page.waitForSelector("dialog[open]");
      await audit("bulk");
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.waitForSelector("dialog[open]");
      await audit("keys");
      await page.keyboard.press("Escape");
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${name}: the page is ${wide} pixels too wide`);
      await page.close();
    }
  }
});

test("every control is reached by keyboard, and what a mouse can do a key can do", { skip }, async (t) => {
  const project = createProject();
  t.after(() => rmSync(project.folder, { recursive: true }));
  writeReviewProject(project, reviewRows(60, 8));
  assert.equal(project.sluice("run", "pipelines/review.yaml").status, 0);
  const server = await startReview(project, "review", "--reviewer", "ana");
  t.after(() => closeAll(server));
  const page = await openPage(t, server.links[0]);
  // They come by a request of their own, with controls.
  await page.waitForSelector("#similar h2");
  const controls = await page.evaluate(
    () =>
      [...document.querySelectorAll<HTMLElement>("button, input, [tabindex='0']")].filter(
        (element) => element.offsetParent !== null && !(element as HTMLButtonElement).disabled,
      ).length,
  );
  const reached = new Set<number>();
  for (let i = 0; i < controls + 20; i++) {
    await page.keyboard.press("Tab");
    reached.add(
      await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>("button, input, [tabindex='0']")]
          .filter((element) => element.offsetParent !== null && !(element as HTMLButtonElement).disabled)
          .indexOf(document.activeElement as HTMLElement),
      ),
    );
  }
  reached.delete(-1);
  assert.equal(reached.size, controls);

  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("question 8:");
  await page.keyboard.press("Enter");
  // The count changes before the row does.
  await page.waitForFunction(() => document.querySelector("#conversation .place")?.textContent === "1 of 1");
  await page.keyboard.press("d");
  await page.waitForFunction(() => document.querySelector("#conversation h2")?.textContent === "End of the queue");
  await page.keyboard.press("r");
  await page.waitForFunction(() => document.querySelector("#conversation h2")!.textContent === "Nothing here");
  await page.keyboard.press("u");
  await page.waitForSelector("#conversation .row-id");
  // Typing in a field decides nothing.
  await page.keyboard.press("c");
  await page.keyboard.type("keep drop skip undo");
  assert.equal(await page.locator("#comment").inputValue(), "keep drop skip undo");
  assert.equal(decisionLines(project).length, 2);
});

test("two reviewers at once see each other's decisions and where they differ, without loading the page again", { skip }, async (t) => {
  const project = createProject();
  t.after(() => rmSync(project.folder, { recursive: true }));
  writeReviewProject(project, reviewRows(60, 8));
  assert.equal(project.sluice("run", "pipelines/review.yaml").status, 0);
  const server = await startReview(project, "review", "--auth", "ana,ben");
  t.after(() => closeAll(server));
  const [ana, ben] = [await openPage(t, server.links[0]), await openPage(t, server.links[1])];
  assert.deepEqual([await textOf(ana, "#reviewer"), await textOf(ben, "#reviewer")], ["ana", "ben"]);
  const id = await rowId(ana);
  assert.equal(await rowId(ben), id);
  await pressOn(ana, "k");
  await ben.waitForFunction(() => document.querySelector("#meter-text")!.textContent!.startsWith("1 of"), undefined, { timeout: 15_000 });
  await ben.waitForSelector("#row-0 .dot.keep");
  await pressOn(ben, "d");
  await ana.waitForFunction(() => /Disputed 1/.test(document.querySelector("#queues")!.textContent!), undefined, { timeout: 15_000 });
  await ana.click('[data-key="status Disputed"]');
  await ana.waitForFunction(() => document.querySelector("#queue-count")!.textContent === "1");
  await ana.waitForSelector("#conversation .badge.disputed");
  const words = await ana.locator(".history li").allInnerTexts();
  assert.equal(words.length, 2);
  assert.match(words[0], /keep\s+ana/);
  assert.match(words[1], /drop\s+ben/);
  await pressOn(ana, "d");
  await ana.waitForFunction(() => !/Disputed 1/.test(document.querySelector("#queues")!.textContent!));
});

test("50,000 flagged rows: painted within a second, filtered within 200 ms, scrolled without waiting", { skip }, async (t) => {
  const project = createProject();
  t.after(() => rmSync(project.folder, { recursive: true }));
  writeReviewProject(project, reviewRows(50_000, 9, 1), "split_bytes: 4MiB\n");
  assert.equal(project.sluice("run", "pipelines/review.yaml").status, 0);
  const begun = performance.now();
  const server: ReviewProcess = await startReview(project, "review", "--reviewer", "ana");
  const ready = performance.now() - begun;
  t.after(() => closeAll(server));
  const page = await openPage(t, server.links[0]);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
  await page.waitForSelector(".list-row .list-title");
  const drawn = await page.evaluate(() => performance.now());
  assert.ok(Number((await textOf(page, "#queue-count")).replaceAll(",", "")) > 48_000);
  await page.waitForTimeout(3000); // words are indexed in the background

  /** Milliseconds from the press of a queue's button, or Enter in the search, to its first rows on the screen. */
  const timeFilter = (press: "button" | "search", what: string): Promise<number> =>
    page.evaluate(
      async ([kind, word]) => {
        const name = document.querySelector("#queue-name")!;
        const before = name.textContent;
        const start = performance.now();
        if (kind === "button") document.querySelector<HTMLElement>(`[data-key="${CSS.escape(word)}"]`)!.click();
        else {
          document.querySelector<HTMLInputElement>("#search")!.value = word;
          document.querySelector<HTMLFormElement>("#search-form")!.requestSubmit();
        }
        while (name.textContent === before || !document.querySelector(".list-row .list-title, .end"))
          await new Promise((resolve) => requestAnimationFrame(resolve));
        await new Promise((resolve) => requestAnimationFrame(resolve));
        return performance.now() - start;
      },
      [press, what] as const,
    );
  const filters: [string, number][] = [];
  for (const key of ["flag:refusal", "flag:ai_disclaimer", "flag:no_access", "flagged", "all"])
    filters.push([key, await timeFilter("button", key)]);
  for (const word of ["copper river", "question 49999:", "zzz not there", "forest"])
    filters.push([`search ${word}`, await timeFilter("search", word)]);
  await timeFilter("search", "");

  /** The longest time between two frames while the whole list is scrolled through. */
  const scroll = await page.evaluate(async () => {
    const list = document.querySelector("#list")!;
    const frames: number[] = [];
    let last = performance.now();
    for (let i = 0; i <= 60; i++) {
      list.scrollTop = ((list.scrollHeight - list.clientHeight) * i) / 60;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      frames.push(performance.now() - last);
      last = performance.now();
    }
    return {
      longest: Math.max(...frames.slice(1)),
      median: frames.sort((a, b) => a - b)[30],
      rows: document.querySelectorAll(".list-row").length,
    };
  });
  await page.waitForFunction(() => [...document.querySelectorAll(".list-row")].every((row) => row.querySelector(".list-title")));
  const lastPlace = await page.evaluate(() =>
    Math.max(...[...document.querySelectorAll(".list-row")].map((row) => Number(row.getAttribute("aria-posinset")))),
  );
  const told = filters.map(([name, time]) => `${name} ${Math.round(time)} ms`).join(", ");
  t.diagnostic(
    `server ready ${Math.round(ready)} ms; first paint ${Math.round(paint)} ms, rows drawn ${Math.round(drawn)} ms; ${told}; frames while scrolling ${scroll.median.toFixed(1)} ms, longest ${Math.round(scroll.longest)} ms`,
  );
  assert.ok(paint < 1000, `first paint after ${paint} ms`);
  assert.ok(drawn < 2000, `first rows after ${drawn} ms`);
  const times = filters.map(([, time]) => time).sort((a, b) => a - b);
  assert.ok(times[Math.floor(times.length / 2)] < 200, `filters: ${told}`);
  // The machine may be busy with something else for a moment.
  assert.ok(times.at(-1)! < 600, `filters: ${told}`);
  assert.ok(scroll.rows < 80, `${scroll.rows} rows exist at a time`);
  assert.ok(scroll.median < 34, `frames take ${scroll.median} ms`);
  assert.ok(scroll.longest < 500, `a frame took ${scroll.longest} ms`);
  assert.equal(lastPlace, Number((await textOf(page, "#queue-count")).replaceAll(",", "")), "the end of the list is its last row");
  await keepScreenshot(page, "fifty-thousand");
});
