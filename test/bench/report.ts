// The report of a large run: seconds to make it, bytes, and milliseconds until a browser shows it; without and with a second run beside it.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { cli } from "../cases/project.ts";
import { contentHash, writeLargeRun } from "../report/large-run.ts";
import { createReportProject, writeRecipe } from "../report/report-run.ts";

export async function benchReport(rows: number): Promise<void> {
  const project = createReportProject();
  const { status, stderr } = project.sluice("run", writeRecipe(project, { name: "small" }));
  if (status !== 0) throw new Error(stderr);
  const runs = join(project.folder, "data", "runs");
  writeLargeRun({ like: join(runs, "small"), folder: join(runs, "large"), name: "large", rows, seed: 1 });
  writeLargeRun({ like: join(runs, "small"), folder: join(runs, "other"), name: "other", rows, seed: 2 });
  const make = (label: string, ...words: readonly string[]): string => {
    const start = performance.now();
    const made = spawnSync(process.execPath, [cli, "report", ...words], { cwd: project.folder, encoding: "utf8" });
    const seconds = (performance.now() - start) / 1000;
    if (made.status !== 0) throw new Error(made.stderr);
    const page = join(project.folder, made.stdout.trim());
    console.log(`report ${rows} ledger rows, ${label}: ${seconds.toFixed(1)} s, ${(statSync(page).size / 1e6).toFixed(2)} MB`);
    return page;
  };
  make("alone", "large");
  const decisions = Array.from(
    { length: 20_000 },
    (_, i) => `${JSON.stringify({ hash: contentHash(i + 1), decision: "keep", reviewer: "ana", time: "2026-01-31T12:00:00.000Z" })}\n`,
  );
  project.write("pipelines/large.decisions.jsonl", decisions.join(""));
  await open(make("with 20000 review decisions", "large"));
  await open(make("against another of as many", "large", "--against", "other"));
}

async function open(file: string): Promise<void> {
  const executablePath = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
    (path) => path !== "" && existsSync(path),
  );
  if (executablePath === undefined) return console.log("  no Chromium here: opening is not measured");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const times: { readonly paint: number; readonly loaded: number }[] = [];
  for (let i = 0; i < 5; i++) {
    const page = await browser.newPage();
    await page.goto(`file://${file}`);
    times.push(
      (await page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => setTimeout(() => done({ paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN, loaded: performance.getEntriesByType('navigation')[0].loadEventEnd }), 100)))",
      )) as { paint: number; loaded: number },
    );
    await page.close();
  }
  await browser.close();
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
  console.log(
    `  opened in Chromium: first paint ${Math.round(median(times.map(({ paint }) => paint)))} ms, loaded ${Math.round(median(times.map(({ loaded }) => loaded)))} ms (medians of 5)`,
  );
}
