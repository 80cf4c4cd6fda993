// A real browser for page tests: the system's Chromium, driven by playwright-core. Where there is none, tests skip and say so.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { root } from "../shared.ts";

const path = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** For node:test's `skip`: false where there is a browser, else the reason. */
export function noBrowser(): string | false {
  return existsSync(path) ? false : `no Chromium at ${path}: set CHROMIUM_PATH, or apt-get install -y chromium`;
}

export function launchBrowser(): Promise<Browser> {
  // Chromium refuses to run sandboxed as root, which is what containers are.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: path, args });
}

export const desktop = { width: 1440, height: 900 } as const;
export const phone = { width: 390, height: 844 } as const;

/** Kept under build/ for people to look at. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = join(root, "build", "review");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
