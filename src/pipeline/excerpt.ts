// A conversation cut to what a page can hold. What the evidence names stays visible: a long turn is cut around it.
import type { Message } from "../core/row.ts";
import type { ShownTurn } from "./manifest.ts";

/** UTF-16 units of a turn, and turns of a conversation, that are shown. */
const turnLimit = 1200;
const turnsShown = 6;

export function excerpt(messages: readonly Message[], evidence: Readonly<Record<string, unknown>> = {}): ShownTurn[] {
  const named = typeof evidence.turn === "number" ? evidence.turn : 1;
  // The named turn and what leads to it; else the first turns.
  const first = Math.max(0, Math.min(named - turnsShown, messages.length - turnsShown));
  return messages.slice(first, first + turnsShown).map(({ role, content }, i) => {
    const turn = first + i + 1;
    return {
      role,
      turn,
      content: cutAround(content, evidence.turn === undefined || evidence.turn === turn ? evidence.matched : undefined),
    };
  });
}

function cutAround(text: string, matched: unknown): string {
  if (text.length <= turnLimit) return text;
  const at = typeof matched === "string" && matched !== "" ? text.indexOf(matched) : -1;
  const end = at < 0 ? 0 : at + (matched as string).length;
  const from = end <= turnLimit ? 0 : Math.max(0, Math.min(text.length - turnLimit, Math.trunc((at + end - turnLimit) / 2)));
  return `${from > 0 ? "…" : ""}${whole(text, from, from + turnLimit)}${from + turnLimit < text.length ? "…" : ""}`;
}

/** text[from, to) without half a surrogate pair at either end. */
function whole(text: string, from: number, to: number): string {
  const start = isLow(text.charCodeAt(from)) ? from + 1 : from;
  return text.slice(start, isLow(text.charCodeAt(to)) ? to - 1 : to);
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The first `limit` units. */
export function beginning(text: string, limit: number): string {
  return text.length > limit ? `${whole(text, 0, limit)}…` : text;
}
