// A small project in a temporary folder, and the command line run in it as a user would.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "../../src/core/random.ts";
import { root } from "../shared.ts";
import { scratchFolder } from "./scratch.ts";

/** The compiled command line that belongs to the compiled tests. */
export const cli = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));
export const sampleTokenizer = join(root, "data", "samples", "tokenizer");

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Project {
  readonly folder: string;
  write(file: string, content: string | Uint8Array): void;
  read(file: string): string;
  /** Runs `sluice ...` to its end. */
  sluice(...words: readonly string[]): Outcome;
  /** Starts `sluice ...` and returns at once. */
  start(...words: readonly string[]): ChildProcess;
  /** SHA-256 of what a run left, by file: shards, ledger, quarantine, examples, and run.json without what it measured. */
  hashes(run: string): Record<string, string>;
}

export function createProject(): Project {
  const folder = scratchFolder("project");
  const path = (file: string): string => join(folder, file);
  return {
    folder,
    write(file, content) {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), content);
    },
    read: (file) => readFileSync(path(file), "utf8"),
    sluice(...words) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...words], {
        cwd: folder,
        encoding: "utf8",
        maxBuffer: 2 ** 28,
        timeout: 240_000,
      });
      return { status, stdout, stderr };
    },
    start: (...words) => spawn(process.execPath, [cli, ...words], { cwd: folder, stdio: "ignore" }),
    hashes(run) {
      const base = path(join("data", "runs", run));
      const found: Record<string, string> = {};
      for (const name of readdirSync(base, { recursive: true }).map(String).sort()) {
        if (name.startsWith("work") || !statSync(join(base, name)).isFile()) continue;
        found[name] = sha256(
          name === "run.json" ? withoutMeasured(readFileSync(join(base, name), "utf8")) : readFileSync(join(base, name)),
        );
      }
      return found;
    },
  };
}

function withoutMeasured(text: string): string {
  return JSON.stringify({ ...JSON.parse(text), measured: undefined });
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

const subjects = [
  "a bakery",
  "the night train",
  "my old bicycle",
  "a small library",
  "the harbour",
  "an orchard",
  "our allotment",
  "the weather station",
];
const verbs = [
  "describe",
  "explain",
  "summarise",
  "list the parts of",
  "write a letter about",
  "compare",
  "plan a visit to",
  "draw up rules for",
];
const words =
  "river stone copper window engine market winter letter garden paper signal bridge harvest circle island method number silver voice candle forest mirror ticket anchor basket corner desert engine feather glass".split(
    " ",
  );

/** Instruction rows as JSON Lines: varied, with some exact and near duplicates, refusals and short answers among them. */
export function sampleLines(rows: number, seed: number): string {
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)];
  const sentence = (): string => {
    const text = Array.from({ length: 6 + random.below(9) }, () => pick(words)).join(" ");
    return `${text[0].toUpperCase()}${text.slice(1)}.`;
  };
  const lines: string[] = [];
  for (let i = 0; i < rows; i++) {
    const kind = random.below(100);
    if (kind < 6 && lines.length > 0) {
      lines.push(pick(lines));
      continue;
    }
    const instruction = `Please ${pick(verbs)} ${pick(subjects)} with ${Array.from({ length: 8 }, () => pick(words)).join(" ")}.`;
    const answer =
      kind < 9
        ? "I'm sorry, but I can't help with that request today."
        : kind < 11
          ? "Yes."
          : Array.from({ length: 3 + random.below(5) }, sentence).join(" ");
    lines.push(
      JSON.stringify({
        messages: [
          { role: "user", content: instruction },
          { role: "assistant", content: answer },
        ],
      }),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** A recipe over data/a.jsonl and data/b.jsonl in small splits, so that even little data makes many tasks. */
export function writeSampleProject(project: Project, rows: number): void {
  project.write("data/a.jsonl", sampleLines(rows, 1));
  project.write("data/b.jsonl", `${sampleLines(Math.ceil(rows / 2), 2)}{"messages": [{"role": "user"\n`);
  project.write(
    "recipe.yaml",
    `name: sample
seed: 7
tokenizer: ${JSON.stringify(sampleTokenizer)}
chat_template: chatml
split_bytes: 65536
max_quarantined: 0.05
sources:
  a: { path: data/a.jsonl }
  b: { path: data/b.jsonl }
hold_out: { fraction: 0.03, max_rows: 50 }
mix: { target_total: ${rows}, proportions: { a: 0.6, b: 0.4 } }
train: { max_length: 512 }
`,
  );
}

export function hasSampleTokenizer(): string | false {
  return existsSync(join(sampleTokenizer, "tokenizer.json")) ? false : "data/samples/tokenizer is not there";
}
