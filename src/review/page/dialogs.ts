// The two dialogs: the keys, and bulk decisions with their count and confirmation.
import type { BulkAnswer, QueueFilter } from "../api.ts";
import { client } from "./client.ts";
import { byId, el, plural } from "./dom.ts";

const keys = [
  ["K", "keep the row: it is right as it is; a dropped row comes back"],
  ["D", "drop the row"],
  ["E", "edit the assistant's text; Ctrl+Enter saves, Esc leaves"],
  ["S", "skip: seen, not decided"],
  ["C", "comment on the next decision; Enter goes back to the row"],
  ["U", "undo your last action, a bulk too"],
  ["\u2193 or J", "next row"],
  ["\u2191 or P", "previous row"],
  ["/", "search conversations and ids"],
  ["B", "decide on everything in this queue at once"],
  ["Q", "go to the queues; arrows and Enter choose one"],
  ["L", "go to the list"],
  ["R", "load the queue again, without what is decided"],
  ["?", "these keys"],
] as const;

function open(title: string, ...content: readonly (Node | undefined)[]): HTMLDialogElement {
  const dialog = byId<HTMLDialogElement>("dialog");
  const close = el("button", { class: "quiet", type: "button" }, "Close ", el("kbd", {}, "Esc"));
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(
    el("h2", { id: "dialog-title" }, title),
    ...content.filter((part) => part !== undefined),
    el("p", { class: "dialog-end" }, close),
  );
  dialog.showModal();
  return dialog;
}

export function openHelp(): void {
  open("Keys", el("dl", { class: "keys" }, ...keys.flatMap(([key, meaning]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, meaning)])));
}

/** Asks how many rows it would be, then once more whether to do it. */
export async function openBulk(options: {
  readonly filter: QueueFilter;
  readonly name: string;
  readonly comment: string;
  done(answer: BulkAnswer, decision: "keep" | "drop"): void;
  failed(error: unknown): void;
}): Promise<void> {
  const { filter, name, done, failed } = options;
  let asked: BulkAnswer;
  try {
    asked = await client.bulk({ filter, decision: "drop" });
  } catch (error) {
    return failed(error);
  }
  const comment = el("input", { type: "text", maxlength: "2000", id: "bulk-comment", value: options.comment, autocomplete: "off" });
  const apply = (decision: "keep" | "drop"): HTMLButtonElement => {
    const button = el(
      "button",
      { class: `verb ${decision}`, type: "button" },
      `${decision === "keep" ? "Keep" : "Drop"} ${plural(asked.rows, "row")}`,
    );
    button.disabled = asked.rows === 0;
    button.addEventListener("click", () => {
      for (const other of dialog.querySelectorAll("button")) other.disabled = true;
      client
        .bulk({ filter, decision, comment: comment.value, expected: asked.rows })
        .then((answer) => done(answer, decision), failed)
        .finally(() => dialog.close());
    });
    return button;
  };
  const dialog = open(
    "Decide on the whole queue",
    el("p", {}, "Queue: ", el("b", {}, name)),
    el(
      "p",
      {},
      `This decides on ${plural(asked.rows, "row")}`,
      asked.contents < asked.rows ? ` (${plural(asked.contents, "different content")})` : "",
      asked.decided > 0 ? `. ${plural(asked.decided, "row")} with a decision stay as they are.` : ".",
      " One undo takes all of it back.",
    ),
    el("label", { for: "bulk-comment" }, "Comment"),
    comment,
    el("p", { class: "verbs" }, apply("drop"), apply("keep")),
  );
  comment.focus();
}

/** A queue in words: "refusal/sorry, open, holding “river”". */
export function filterName({ about, status, source, reviewer, text }: QueueFilter): string {
  const named: Readonly<Record<string, string>> = { review: "to review", flagged: "flagged", dropped: "dropped", all: "all rows" };
  const parts = [named[about] ?? about.slice(about.indexOf(":") + 1)];
  if (status !== undefined) parts.push(status);
  if (source !== undefined) parts.push(`source ${source}`);
  if (reviewer !== undefined) parts.push(`by ${reviewer}`);
  if (text !== undefined) parts.push(`holding \u201c${text.slice(0, 60)}\u201d`);
  return parts.join(", ");
}
