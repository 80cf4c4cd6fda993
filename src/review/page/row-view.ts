// One row in full: why it is here, the conversation with the matched words marked, what was decided, and rows like it.
import type { CauseDetail, DecisionView, RowAnswer, SimilarRow, TextSpan, Turn } from "../api.ts";
import { appendText, count, el, plural, rowText } from "./dom.ts";

/** Characters of a turn that are laid out at first, and with every press of the button. */
const firstPart = 12_000;
const nextPart = 100_000;

export const statusWords = { open: "open", keep: "kept", drop: "dropped", edit: "edited", skipped: "skipped" } as const;

export function drawRow(box: HTMLElement, row: RowAnswer, place: string): void {
  const edits = standingEdits(row);
  box.replaceChildren(
    el(
      "header",
      { class: "row-head" },
      el(
        "div",
        { class: "row-line" },
        el("span", { class: "place" }, place),
        badge(row.status),
        row.disputed && el("span", { class: "badge disputed" }, "disputed"),
        el("span", { class: "soft" }, row.fate),
      ),
      el("h2", { class: "row-id" }, rowText("bdi", "", row.id)),
      row.copies > 1 &&
        el("p", { class: "soft" }, `${plural(row.copies, "row")} of this run have this content: a decision is for all of them.`),
      row.caveat !== "" && el("p", { class: "caveat" }, row.caveat),
      row.causes.length > 0 && el("ul", { class: "causes" }, ...row.causes.map(causeItem)),
    ),
    ...row.turns.map((turn, i) => turnView(turn, i + 1, edits.get(i + 1))),
    ...(row.decisions.length > 0 ? [history(row.decisions)] : []),
  );
  box.scrollTop = 0;
}

export function badge(status: keyof typeof statusWords): HTMLElement {
  return el("span", { class: `badge ${status}` }, statusWords[status]);
}

function causeItem({ kind, name, detail }: CauseDetail): HTMLElement {
  const words = { flag: "flag", drop: "dropped by", edit: "edited by" }[kind];
  return el(
    "li",
    { class: kind },
    el("span", { class: "soft" }, `${words} `),
    el("b", {}, name),
    detail !== "" && " ",
    detail !== "" && rowText("bdi", "detail", detail),
  );
}

function turnView(turn: Turn, number: number, edited: string | undefined): HTMLElement {
  const label = `turn-${number}`;
  const text = el("div", { class: "turn-text", dir: "auto" });
  const article = el(
    "article",
    { class: `turn ${turn.role}`, "data-turn": String(number), "aria-labelledby": label },
    el("h3", { id: label }, turn.role),
    text,
  );
  if (turn.content === "") text.append(el("i", { class: "soft" }, "(no text)"));
  const marked = turn.marks.length > 0 ? turn.marks[turn.marks.length - 1].end + 400 : 0;
  let shown = 0;
  const more = el("button", { class: "more" });
  const show = (to: number): void => {
    appendMarked(text, turn, shown, to);
    shown = to;
    if (shown < turn.content.length) more.textContent = `Show more (${count(turn.length - shown)} characters left)`;
    else more.remove();
  };
  show(cutAt(turn.content, Math.max(firstPart, Math.min(marked, nextPart))));
  more.addEventListener("click", () => show(cutAt(turn.content, shown + nextPart)));
  if (shown < turn.content.length) article.append(more);
  if (turn.length > turn.content.length)
    article.append(el("p", { class: "soft" }, `${count(turn.length - turn.content.length)} characters are not shown.`));
  if (edited !== undefined) {
    article.classList.add("replaced");
    article.append(el("div", { class: "edited" }, el("h4", {}, "Edited answer"), rowText("div", "turn-text", edited.slice(0, nextPart))));
  }
  return article;
}

/** Not between the halves of a surrogate pair. */
function cutAt(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const unit = text.charCodeAt(at - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? at + 1 : at;
}

/** Appends content[from, to) with the marks that lie in it. */
function appendMarked(box: HTMLElement, { content, marks }: Turn, from: number, to: number): void {
  let at = from;
  for (const { start, end } of marks.map((mark): TextSpan => ({ start: Math.max(mark.start, from), end: Math.min(mark.end, to) }))) {
    if (start >= end) continue;
    appendText(box, content.slice(at, start));
    const mark = el("mark");
    appendText(mark, content.slice(start, end));
    box.append(mark);
    at = end;
  }
  appendText(box, content.slice(at, to));
}

/** The new texts by turn, where the decision that stands is an edit of this content. */
function standingEdits({ decisions, status, turns }: RowAnswer): Map<number, string> {
  const last = decisions.findLast(({ decision }) => decision !== "skip");
  const edits = status === "edit" && last?.decision === "edit" ? last.edits : [];
  return new Map(edits.filter(({ turn, content }) => turns[turn - 1]?.content !== content).map(({ turn, content }) => [turn, content]));
}

function history(decisions: readonly DecisionView[]): HTMLElement {
  return el(
    "section",
    { class: "history" },
    el("h3", {}, "Decisions"),
    el(
      "ol",
      {},
      ...decisions.map(({ decision, reviewer, time, comment, edits, isBulk }) =>
        el(
          "li",
          {},
          el("span", { class: `badge ${decision === "skip" ? "skipped" : decision}` }, decision),
          " ",
          rowText("bdi", "by", reviewer),
          el("time", { class: "soft", datetime: time }, ` ${time.slice(0, 16).replace("T", " ")} UTC`),
          isBulk && el("span", { class: "soft" }, " in bulk"),
          edits.length > 0 && el("span", { class: "soft" }, ` ${edits.map(({ turn }) => `turn ${turn}`).join(", ")}`),
          comment !== "" && rowText("div", "comment", comment),
        ),
      ),
    ),
  );
}

/** The rows beside it; choosing one opens it. */
export function drawSimilar(box: HTMLElement, similar: readonly SimilarRow[], open: (row: number) => void): void {
  const items = similar.map((row) => {
    const button = el(
      "button",
      { class: "similar-head" },
      el("span", { class: "soft" }, row.isSurvivor ? "kept instead" : `${Math.round(row.similarity * 100)} % alike`),
      badge(row.status),
      rowText("bdi", "row-id", row.id),
    );
    button.addEventListener("click", () => open(row.row));
    return el(
      "li",
      {},
      button,
      ...row.turns
        .slice(0, 6)
        .map(({ role, content }) =>
          el("div", { class: "similar-turn" }, el("span", { class: "soft" }, `${role} `), rowText("bdi", "", content.slice(0, 600))),
        ),
    );
  });
  box.replaceChildren(
    el("h2", {}, "Similar rows"),
    items.length > 0 ? el("ul", {}, ...items) : el("p", { class: "soft" }, "No row that came to review is much like this one."),
  );
}
