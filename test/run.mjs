// Runs the compiled tests: node test/run.mjs [name part ...]. The globs of `node --test` differ between Node versions, so files are listed here.
// Files named *.slow.test.ts (browsers, kills, full disks, software GPUs) run with SLUICE_ALL=1, as in .ci/run, or when they are named.
import { readdirSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "test");
const wanted = process.argv.slice(2);
const all = process.env.SLUICE_ALL === "1";
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".test.js") && (wanted.length === 0 || wanted.some((part) => file.includes(part))))
  .filter((file) => all || wanted.length > 0 || !file.endsWith(".slow.test.js"))
  .sort()
  .map((file) => join(root, file));
if (files.length === 0) {
  console.error("no test files found: run npm run build first");
  process.exit(1);
}
process.exit(
  spawnSync(process.execPath, ["--test", `--test-concurrency=${availableParallelism()}`, ...files], { stdio: "inherit" }).status ?? 1,
);
