// Rows out to other annotation tools and their answers back in. A format is a file of its own; this one knows the list.
// Rows are matched by content hash, so that an answer given weeks ago still meets the row it was given on.
import { dataError } from "../core/errors.ts";
import type { Decision } from "../pipeline/decisions.ts";
import type { Desk, ReviewRow } from "./desk.ts";
import type { Answer } from "./exchange-format.ts";
import { argilla } from "./exchange-argilla.ts";
import { labelStudio } from "./exchange-label-studio.ts";

const exchanges = [argilla, labelStudio] as const;
export type ExchangeFormat = (typeof exchanges)[number]["name"];
export const exchangeFormats: readonly string[] = exchanges.map(({ name }) => name);

/** The rows that came to review as the tool's JSON, piece by piece, and how it is set up. */
export function exportRows(desk: Desk, format: string): { pieces(): Generator<string>; readonly setUp: string } {
  const exchange = exchanges.find(({ name }) => name === format)!;
  return {
    *pieces() {
      let first = true;
      for (const row of desk.everyRow()) {
        yield `${first ? "[\n" : ",\n"}${JSON.stringify(exchange.write(row, desk.run))}`;
        first = false;
      }
      yield first ? "[]\n" : "\n]\n";
    },
    setUp: exchange.setUp,
  };
}

export interface Imported {
  readonly format: string;
  readonly items: number;
  /** Decisions written. */
  readonly taken: number;
  /** Answers that stand in the decisions file already. */
  readonly known: number;
  /** Answers on contents that this run does not hold. */
  readonly foreign: number;
}

/** Takes the answers of an exported file; `reviewer` is for answers that name nobody. */
export async function importDecisions(options: {
  readonly desk: Desk;
  readonly text: string;
  readonly file: string;
  readonly reviewer: string;
  /** For answers without a time: ISO 8601. */
  readonly now: string;
}): Promise<Imported> {
  const { desk, text, file, reviewer, now } = options;
  const items = listOf(text, file);
  const first = items[0];
  const exchange = exchanges.find((known) => first !== undefined && known.isItem(first));
  if (!exchange) {
    throw dataError({
      where: file,
      expected: `a list of items as ${exchangeFormats.join(" or ")} writes them`,
      found: first === undefined ? "an empty list" : `an item with ${Object.keys(first).slice(0, 8).join(", ")}`,
      fix: "export the project there as JSON, then import that file",
    });
  }
  const rows = new Map([...desk.everyRow()].map((row) => [row.hash, row]));
  const decisions: Decision[] = [];
  let known = 0;
  let foreign = 0;
  for (const answer of items.flatMap((item) => (exchange.isItem(item) ? exchange.read(item) : []))) {
    const row = rows.get(answer.hash);
    const decision = row && decisionOf(row, answer, reviewer, now);
    // A content that was edited since is not in the run any more, but its decision stands.
    const last = desk.store.book.linesOf(answer.hash).findLast((line) => line.reviewer === (answer.reviewer ?? reviewer));
    if (!decision && last?.decision === answer.decision) known++;
    else if (!decision) foreign++;
    else if (stands(row.decisions, decision)) known++;
    else decisions.push(decision);
  }
  if (decisions.length > 0) await desk.take(decisions);
  return { format: exchange.name, items: items.length, taken: decisions.length, known, foreign };
}

function listOf(text: string, file: string): Readonly<Record<string, unknown>>[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw dataError({ where: file, expected: "a JSON list", found: (error as Error).message, fix: "export it again" });
  }
  if (!Array.isArray(value))
    throw dataError({ where: file, expected: "a JSON list", found: typeof value, fix: "export the items as one JSON list" });
  return value.filter((item): item is Readonly<Record<string, unknown>> => typeof item === "object" && item !== null);
}

function decisionOf(row: ReviewRow, answer: Answer, reviewer: string, now: string): Decision | undefined {
  const base = {
    hash: row.hash,
    reviewer: answer.reviewer ?? reviewer,
    time: answer.time ?? now,
    row: row.id,
    ...(answer.comment ? { comment: answer.comment } : {}),
  };
  if (answer.decision !== "edit") return { ...base, decision: answer.decision };
  const turn = row.messages.findLastIndex(({ role }) => role === "assistant");
  const was = row.messages[turn]?.content;
  if (was === undefined || answer.answer === undefined || answer.answer.trim() === "") return undefined;
  if (was === answer.answer) return { ...base, decision: "keep" };
  return { ...base, decision: "edit", edits: [{ turn: turn + 1, was, content: answer.answer }] };
}

/** True where the reviewer's last word on the row is this one. */
function stands(lines: readonly Decision[], decision: Decision): boolean {
  const last = lines.findLast(({ reviewer }) => reviewer === decision.reviewer);
  return (
    last?.decision === decision.decision &&
    JSON.stringify(last.edits?.map(({ turn, content }) => [turn, content])) ===
      JSON.stringify(decision.edits?.map(({ turn, content }) => [turn, content]))
  );
}
