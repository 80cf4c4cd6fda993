// The house's rules (ARCHITECTURE.md): which folder may import which, and where files, network and threads may be touched.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import test from "node:test";
import { root } from "../shared.ts";

/** What each folder of src may import, besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  arrow: ["core"],
  io: ["core", "arrow"],
  filters: ["core", "arrow"],
  dedup: ["core", "arrow"],
  diversity: ["core", "arrow"],
  mix: ["core", "arrow"],
  train: ["core", "arrow"],
  tokenizer: ["core", "arrow"],
  evaluate: ["core", "arrow", "filters", "tokenizer", "train"],
  pipeline: ["core", "arrow", "io", "filters", "dedup", "diversity", "mix", "tokenizer", "train", "evaluate"],
  report: ["core", "io", "pipeline"],
  review: ["core", "io", "pipeline"],
  cli: ["core", "pipeline", "report", "review", "tokenizer", "io", "train"],
};

/** Folders that may use Node's modules at all; the others run anywhere. */
const withNode = ["io", "pipeline", "report", "review", "cli"];
/** Engines' own threads and libraries. */
const engineWithNode = "train/engines/cpu/";
/** It loads the npm package webgpu, and asks Node how much memory a software adapter may take. */
const engineWithGpu = "train/engines/webgpu/";
/** It loads the npm package koffi for both. */
const enginesKoffi = "train/engines/koffi.ts";

const source = join(root, "src");
const files = readdirSync(source, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".ts") && !file.includes("assembly"));

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(/^(?:import|export)\s[^;]*?from\s+"([^"]+)";/gms)].map((match) => match[1]);
}

/** cpu of train/engines/cpu/...; engines never import each other. The registry, train/engines/index.ts, is none. */
function engineOf(file: string): string | undefined {
  return /^train\/engines\/([^/]+)\//.exec(file)?.[1];
}

test("every folder of src has a rule", () => {
  const folders = new Set(files.map((file) => file.split("/")[0]));
  assert.deepEqual(
    [...folders].filter((folder) => !(folder in allowed)),
    [],
  );
  assert.ok(files.length > 30, "the walk found the sources");
});

test("imports run the way of the data only", () => {
  const wrong: string[] = [];
  for (const file of files) {
    const folder = file.split("/")[0];
    for (const name of importsOf(file)) {
      if (!name.startsWith(".")) continue;
      const target = relative(source, join(source, file, "..", name)).split("/")[0];
      if (target !== folder && !allowed[folder].includes(target)) wrong.push(`${file} imports ${target}`);
      const engine = engineOf(join(file, "..", name));
      if (engine && engineOf(file) && engine !== engineOf(file)) wrong.push(`${file} imports the engine ${engine}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("only io, pipeline, report, review, cli and the engines use Node's modules; only pipeline and the CPU engine start workers", () => {
  const wrong: string[] = [];
  for (const file of files) {
    if (file.startsWith(engineWithNode) || file.startsWith(engineWithGpu) || file === enginesKoffi) continue;
    const folder = file.split("/")[0];
    for (const name of importsOf(file)) {
      if (name.startsWith("node:") && !withNode.includes(folder)) wrong.push(`${file} imports ${name}`);
      if (name === "node:worker_threads" && folder !== "pipeline") wrong.push(`${file} imports ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("the CPU engine opens no files", () => {
  const engine = files.filter((file) => file.startsWith(engineWithNode));
  assert.ok(engine.length > 5, "the walk found the engine");
  const nodes = new Set(engine.flatMap(importsOf).filter((name) => name.startsWith("node:")));
  assert.deepEqual([...nodes].sort(), ["node:os", "node:v8", "node:worker_threads"]);
});

test("the WebGPU engine asks Node which device files there are and how much memory, and no more", () => {
  const engine = files.filter((file) => file.startsWith(engineWithGpu));
  assert.ok(engine.length > 10, "the walk found the engine");
  const outside = new Set(engine.flatMap(importsOf).filter((name) => !name.startsWith(".")));
  assert.deepEqual([...outside].sort(), ["node:module", "node:os"]);
});

test("what runs in the browser imports nothing but its own folder, and types", () => {
  const wrong: string[] = [];
  for (const file of files.filter((name) => name.startsWith("review/page/"))) {
    const text = readFileSync(join(source, file), "utf8");
    for (const [, what, from] of text.matchAll(/^(import\s[^;]*?)\sfrom\s"([^"]+)";/gms))
      if (!/^\.\/[a-z-]+\.ts$/.test(from) && !what.startsWith("import type")) wrong.push(`${file} imports ${from}`);
    if (/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/.test(text))
      wrong.push(`${file} makes markup or code from text`);
  }
  assert.deepEqual(wrong, []);
});

test("stages read no clock and no unseeded randomness", () => {
  const pure = files.filter((file) => !withNode.includes(file.split("/")[0]));
  const wrong = pure.filter((file) =>
    /\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/.test(readFileSync(join(source, file), "utf8")),
  );
  assert.deepEqual(wrong, []);
});

test("a worker loads nothing that parses recipes or fetches inputs, and nothing yet that writes shards and ledgers", () => {
  const modules = new Set(["pipeline/worker.ts"]);
  const packages = new Set<string>();
  for (const file of modules) {
    const text = readFileSync(join(source, file), "utf8");
    for (const [, name] of text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from\s+"([^"]+)";/gms)) {
      if (!name.startsWith(".")) packages.add(name);
      else if (name.endsWith(".ts")) modules.add(join(file, "..", name));
    }
  }
  assert.ok(packages.has("re2js"), "the walk found the filters");
  assert.deepEqual(
    ["zod", "yaml", "@huggingface/hub", "aws4fetch", "hyparquet", "hyparquet-writer", "apache-arrow"].filter((name) => packages.has(name)),
    [],
  );
});
