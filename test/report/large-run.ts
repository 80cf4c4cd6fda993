// A run of any size as a folder of files, without curating that many rows: the ledger is written line by line, and the examples are as many
// and as long as a run can leave. Figures and plan are a small run's.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "../../src/core/random.ts";
import { joinLedgerParts, type LedgerPart, writeLedgerPart } from "../../src/io/ledger-file.ts";
import { ledgerPartOf } from "../io/ledger-lines.ts";
import type { ExampleRow, Examples, Manifest, ShownTurn } from "../../src/pipeline/manifest.ts";

export interface LargeRun {
  /** A finished small run's folder. */
  readonly like: string;
  readonly folder: string;
  readonly name: string;
  /** Lines of the ledger. */
  readonly rows: number;
  readonly seed: number;
}

const partRows = 65_536;
const text = "Dried figs <and> & “quoted” words: über 7 °C, 漢字 and more of the same, so that a turn is as long as a page shows. "
  .repeat(11)
  .slice(0, 1199);

export function writeLargeRun({ like, folder, name, rows, seed }: LargeRun): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "parts"), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(like, "run.json"), "utf8")) as Manifest;
  const plan = JSON.parse(readFileSync(join(like, "plan.json"), "utf8")) as { recipe: { name: string } };
  plan.recipe.name = name;
  writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
  writeFileSync(join(folder, "run.json"), JSON.stringify({ ...manifest, name }));
  writeFileSync(join(folder, "examples.json"), JSON.stringify(mostExamples(manifest)));
  const random = createRandom(seed);
  const parts: string[] = [];
  for (let from = 0; from < rows; from += partRows) {
    const part = join(folder, "parts", `${parts.length}.parquet`);
    writeLedgerPart(part, ledgerPart(from, Math.min(rows, from + partRows), random));
    parts.push(part);
  }
  joinLedgerParts(parts, join(folder, "ledger.parquet"));
  rmSync(join(folder, "parts"), { recursive: true });
}

function ledgerPart(from: number, to: number, random: ReturnType<typeof createRandom>): LedgerPart {
  return ledgerPartOf(
    Array.from({ length: to - from }, (_, i) => {
      const record = from + i + 1;
      // A tenth each: dropped as refusals, dropped for their length, not needed; flagged among the used ones.
      const dice = random.below(10);
      return {
        source: "a",
        file: "a.jsonl",
        record,
        content_hash: contentHash(record),
        state: dice < 2 ? "dropped" : dice === 2 ? "unused" : "used",
        stage: dice === 0 ? "refusal" : dice === 1 ? "length" : "",
        reason: dice === 0 ? "refusal" : dice === 1 ? "response_short" : "",
        evidence: dice < 2 ? '{"value":3,"limit":10,"turn":2}' : "",
        flags: dice === 3 ? ["apology_opening"] : [],
        times_used: dice > 2 ? 1 + (dice % 3) : 0,
      };
    }),
  );
}

export function contentHash(record: number): string {
  return (record * 2_654_435_761).toString(16).padStart(32, "0");
}

function mostExamples(manifest: Manifest): Examples {
  const sources = Object.keys(manifest.states).filter((source) => source !== "");
  const messages: ShownTurn[] = Array.from({ length: 6 }, (_, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: text,
    turn: i + 1,
  }));
  const row = (i: number): ExampleRow => ({
    id: `${sources[i % sources.length]}/a.jsonl#${i}`,
    source: sources[i % sources.length],
    messages,
    turns: 20,
    evidence: { value: 3, limit: 10, turn: 2, matched: "漢字 and more" },
    survivor: {
      id: "a/a.jsonl#1",
      messages: messages.map((turn) => ({ ...turn, content: turn.content.replaceAll("figs", "dates") })),
      turns: 20,
    },
  });
  const rows = Array.from({ length: 12 }, (_, i) => row(i));
  return {
    reasons: manifest.stages.flatMap(({ stage, reasons }) => Object.keys(reasons).map((reason) => ({ stage, reason, rows }))),
    flags: Object.keys(manifest.flags).map((flag) => ({ flag, rows })),
    quarantine: rows.map(({ id, source }) => ({ id, source, reason: "invalid_json", detail: "not valid JSON", raw: text.slice(0, 300) })),
    clusters: rows.slice(0, 10).map((dropped) => ({ survivor: dropped.survivor!, rows: 500, dropped })),
    too_short: Array.from({ length: 50 }, (_, i) => ({ id: `eval.jsonl#${i}`, text: text.slice(0, 200) })),
  };
}
