// Rows for the filter tests: conversations made by hand, and answers of the public data beside the project.
import { readFileSync } from "node:fs";
import type { FilterDefinition, Judge, RowView } from "../../src/core/filter.ts";
import type { Message, Role } from "../../src/core/row.ts";
import type { Finding } from "../../src/core/verdict.ts";
import { shared } from "../shared.ts";

const speakers: Readonly<Record<string, Role>> = { u: "user", a: "assistant", s: "system", t: "tool" };

/** row("u: question", "a: answer"); token counts are those of words unless given. */
export function row(...turns: readonly string[]): RowView {
  const messages = turns.map((turn): Message => ({ role: speakers[turn[0]], content: turn.slice(3) }));
  return { messages, tokenCounts: messages.map(({ content }) => content.split(/\s+/).filter((word) => word.length > 0).length) };
}

export function ask(instruction: string, answer: string): RowView {
  return row(`u: ${instruction}`, `a: ${answer}`);
}

/** The first finding, which is what a dropping filter reports. */
export function first<Reason extends string>(judge: Judge<Reason>, view: RowView): Finding<Reason> | undefined {
  const found = judge(view);
  return (Array.isArray(found) ? (found as readonly Finding<Reason>[])[0] : found) as Finding<Reason> | undefined;
}

export function judgeOf<Reason extends string, Options extends object>(
  filter: FilterDefinition<Reason, Options>,
  options: Partial<Options> = {},
): (view: RowView) => Reason | undefined {
  const judge = filter.create({ ...filter.defaults, ...options });
  return (view) => first(judge, view)?.reason;
}

interface Pair {
  readonly instruction?: string;
  readonly input?: string;
  readonly output?: string;
  readonly response?: string;
}

/** Instruction and answer of each record of a shared .json or .jsonl file in one of the common layouts. */
export function sharedRows(...path: readonly string[]): RowView[] {
  const text = readFileSync(shared(...path), "utf8");
  const records: readonly Pair[] = path.at(-1)?.endsWith(".jsonl")
    ? text
        .split("\n")
        .filter((line) => line.trim().length > 0)
        .map((line) => JSON.parse(line) as Pair)
    : (JSON.parse(text) as Pair[]);
  return records.map(({ instruction = "", input = "", output, response = "" }) =>
    ask(input.length > 0 ? `${instruction}\n\n${input}` : instruction, output ?? response),
  );
}

/** Share of rows that a filter speaks of. */
export function shareFound(judge: (view: RowView) => unknown, rows: readonly RowView[]): number {
  return rows.filter((view) => judge(view) !== undefined).length / rows.length;
}
