// One row's story, from what a run left: the ledger's line, the conversation, and the row it was dropped for.
import { existsSync } from "node:fs";
import { nearest, recipeError } from "../core/errors.ts";
import type { Message } from "../core/row.ts";
import { messagesOf, openRow } from "../core/row-codec.ts";
import { readJsonLines } from "../io/json-file.ts";
import { BlobReader } from "../io/blob-file.ts";
import { readColumns } from "../io/columns-file.ts";
import { type LedgerLine, ledgerColumnNames, readLedger } from "../io/ledger-reader.ts";
import { type RunPaths, runPaths } from "./paths.ts";
import { readPlan } from "./frozen-plan.ts";
import type { Plan } from "./plan.ts";
import type { QuarantineLine } from "./task-read.ts";

export interface Story {
  readonly line: LedgerLine;
  readonly messages: readonly Message[] | undefined;
  /** The bytes of a record that could not be read. */
  readonly raw: string | undefined;
  /** The row this one was dropped for. */
  readonly survivor: { readonly id: string; readonly messages: readonly Message[] } | undefined;
}

export async function explainRow(folder: string, id: string): Promise<Story> {
  const paths = runPaths(folder);
  if (!existsSync(paths.ledger)) {
    throw recipeError({
      where: folder,
      expected: "a finished run with a ledger",
      found: "no ledger.parquet",
      fix: "finish it with `sluice run RECIPE`",
    });
  }
  const line = await findLine(paths, id);
  const plan = readPlan(paths);
  if (!line || !plan) throw await unknownRow(paths, id);
  const evidence = line.evidence === "" ? {} : (JSON.parse(line.evidence) as { survivor?: string });
  const survivorMessages = evidence.survivor ? findMessages(paths, plan, evidence.survivor) : undefined;
  return {
    line,
    messages: line.state === "quarantined" ? undefined : findMessages(paths, plan, id),
    raw: line.state === "quarantined" ? findRaw(paths, id) : undefined,
    survivor: evidence.survivor && survivorMessages ? { id: evidence.survivor, messages: survivorMessages } : undefined,
  };
}

async function findLine(paths: RunPaths, id: string): Promise<LedgerLine | undefined> {
  let start = 0;
  for await (const ids of readLedger(paths.ledger, ["id"])) {
    const place = ids.findIndex((row) => row.id === id);
    if (place >= 0) {
      for await (const lines of readLedger(paths.ledger, ledgerColumnNames, { from: start + place, to: start + place + 1 }))
        return lines[0];
    }
    start += ids.length;
  }
  return undefined;
}

async function unknownRow(paths: RunPaths, id: string): Promise<Error> {
  const known: string[] = [];
  for await (const ids of readLedger(paths.ledger, ["id"])) {
    known.push(...ids.slice(0, 1000).map((row) => row.id));
    if (known.length >= 5000) break;
  }
  const near = nearest(id, known) ?? known[0];
  return recipeError({
    where: id,
    expected: "a row id of this run: <source>/<file>#<record>",
    found: "no such row in the ledger",
    fix: near ? `ids look like ${near}` : "the ledger is empty",
  });
}

/** A row's conversation from the work files; undefined where they were removed. */
export function findMessages(paths: RunPaths, plan: Plan, id: string): Message[] | undefined {
  const mark = id.lastIndexOf("#");
  const record = Number(id.slice(mark + 1));
  for (const [index, { source, file }] of plan.splits.entries()) {
    if (`${plan.recipe.sources[source].name}/${file}` !== id.slice(0, mark) || !existsSync(paths.part("read", index))) continue;
    const place = readColumns(paths.part("read", index), ["record"]).record.indexOf(record);
    if (place < 0) continue;
    const reader = new BlobReader(paths.part("rows", index));
    try {
      return messagesOf(openRow(reader.read(place)));
    } finally {
      reader.close();
    }
  }
  return undefined;
}

function findRaw(paths: RunPaths, id: string): string | undefined {
  const line = readJsonLines<QuarantineLine>(paths.quarantine).find((item) => item.id === id);
  return line && Buffer.from(line.raw, "base64").toString("utf8");
}
