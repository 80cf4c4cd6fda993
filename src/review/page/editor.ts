// Editing answers in place: a text area for each of the assistant's turns.
import type { RowAnswer } from "../api.ts";
import { directionOf, el } from "./dom.ts";

/** False where an answer was cut on its way here. */
export function isEditable(row: RowAnswer): boolean {
  return row.turns.every(({ role, content, length }) => role !== "assistant" || length === content.length);
}

export function openEditor(conversation: HTMLElement, row: RowAnswer): void {
  // An edit that stands is gone on with.
  const standing = row.decisions.findLast(({ decision }) => decision !== "skip")?.edits ?? [];
  for (const article of conversation.querySelectorAll<HTMLElement>("article.assistant")) {
    const number = Number(article.dataset.turn);
    const area = el("textarea", { "aria-label": `Answer, turn ${number}` });
    area.value = standing.find(({ turn }) => turn === number)?.content ?? row.turns[number - 1].content;
    area.dir = directionOf(area.value);
    area.rows = Math.min(24, 2 + Math.ceil(area.value.length / 70) + area.value.split("\n", 24).length);
    article.replaceChildren(el("h3", {}, `assistant, turn ${number}`), area);
  }
  const first = conversation.querySelector("textarea");
  first?.focus();
  // What is wrong is mostly how the answer begins.
  first?.setSelectionRange(0, 0);
}

/** The turns whose text is another now. Text areas turn every line end into a line feed: that alone is no change. */
export function editsIn(conversation: HTMLElement, row: RowAnswer): { readonly turn: number; readonly content: string }[] {
  return [...conversation.querySelectorAll("textarea")]
    .map((area) => ({ turn: Number(area.closest<HTMLElement>("article")?.dataset.turn), content: area.value }))
    .filter(({ turn, content }) => content !== row.turns[turn - 1].content.replace(/\r\n?/g, "\n"));
}
