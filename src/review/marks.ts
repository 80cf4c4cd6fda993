// Where in a conversation the words are that a rule matched. Evidence holds them on one line and cut short; texts have line breaks.
import type { Message } from "../core/row.ts";
import type { TextSpan } from "./api.ts";

/** Spans a turn, sorted and apart: spans[turn]. */
export function findMarks(messages: readonly Message[], evidence: unknown): TextSpan[][] {
  const spans: TextSpan[][] = messages.map(() => []);
  for (const { text, turn } of matchedIn(evidence)) {
    const turns = turn === undefined ? messages.keys() : [turn - 1];
    for (const i of turns) {
      const span = messages[i] && locate(messages[i].content, text);
      if (span) spans[i].push(span);
      if (span && turn === undefined) break;
    }
  }
  return spans.map(apart);
}

interface Matched {
  readonly text: string;
  /** From 1. */
  readonly turn: number | undefined;
}

/** `matched` texts of the evidence itself and of each of its flags; what a format filter found demanded is in a question. */
function matchedIn(evidence: unknown): Matched[] {
  if (typeof evidence !== "object" || evidence === null) return [];
  const { matched, demanded, turn, flags } = evidence as Readonly<Record<string, unknown>>;
  const place = typeof turn === "number" ? turn : undefined;
  const own: Matched[] = [];
  if (typeof matched === "string" && matched.trim() !== "") own.push({ text: matched, turn: place });
  if (typeof demanded === "string" && demanded.trim() !== "") own.push({ text: demanded, turn: undefined });
  const nested = typeof flags === "object" && flags !== null ? Object.values(flags).flatMap(matchedIn) : [];
  return [...own, ...nested];
}

function locate(content: string, matched: string): TextSpan | undefined {
  const exact = content.indexOf(matched);
  if (exact >= 0) return { start: exact, end: exact + matched.length };
  const words = matched
    .replace(/\.\.\.$/, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0 || matched.length > 2000) return undefined;
  const found = new RegExp(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("\\s+")).exec(content);
  return found ? { start: found.index, end: found.index + found[0].length } : undefined;
}

function apart(spans: readonly TextSpan[]): TextSpan[] {
  const result: TextSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result[result.length - 1];
    if (last && span.start < last.end) result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    else result.push(span);
  }
  return result;
}
