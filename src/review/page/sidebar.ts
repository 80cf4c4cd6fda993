// The queues at the side: what there is to review, how much of it is open, and how often reviewers agreed with each rule.
import type { Cause, Progress, QueueFilter, Session } from "../api.ts";
import { breakable, count, el } from "./dom.ts";

export interface SidebarOptions {
  readonly box: HTMLElement;
  readonly session: Session;
  readonly progress: Progress;
  readonly filter: QueueFilter;
  choose(change: Partial<QueueFilter>): void;
}

const statusChoices = [
  ["open", "Open"],
  ["decided", "Done"],
  ["skipped", "Skipped"],
  ["disputed", "Disputed"],
  [undefined, "All"],
] as const;

/** Draws everything anew and keeps the focus where it was. */
export function drawSidebar({ box, session, progress, filter, choose }: SidebarOptions): void {
  const focused =
    document.activeElement instanceof HTMLElement && box.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const top = box.scrollTop;
  const about = (key: string, label: Node | string, figures: { rows: number; open: number }, extra?: Node, depth = 0): HTMLElement => {
    const button = el(
      "button",
      { class: `queue depth-${depth}`, "data-key": key, "aria-current": filter.about === key ? "true" : undefined },
      el("span", { class: "queue-name" }, ...(typeof label === "string" ? breakable(label) : [label]), extra),
      openOf(figures),
    );
    button.addEventListener("click", () => choose({ about: key }));
    return el("li", {}, button);
  };
  const section = (title: string, ...items: readonly HTMLElement[]): HTMLElement | undefined =>
    items.length > 0 ? el("section", {}, el("h2", {}, title), el("ul", {}, ...items)) : undefined;
  const cause = (entry: Cause): HTMLElement =>
    about(
      entry.key,
      entry.depth === 0 ? entry.name : entry.name.slice(entry.name.lastIndexOf("/") + 1),
      entry,
      precision(entry),
      entry.depth,
    );
  const of = (kind: Cause["kind"]): HTMLElement[] => progress.causes.filter((entry) => entry.kind === kind).map(cause);
  const { open } = progress.byStatus;
  const sections = [
    el(
      "div",
      { class: "segments", role: "group", "aria-label": "Status" },
      ...statusChoices.map(([status, label]) => {
        const button = el("button", { "aria-pressed": String(filter.status === status), "data-key": `status ${label}` }, label);
        if (status === "disputed" && progress.disputed > 0) button.append(el("b", {}, ` ${count(progress.disputed)}`));
        button.addEventListener("click", () => choose({ status }));
        return button;
      }),
    ),
    section(
      "Rows",
      about("review", "To review", { rows: progress.rows, open }),
      about("flagged", "Flagged", progress.flagged),
      about("dropped", "Dropped", progress.dropped),
      about("all", "All rows of the run", { rows: session.rows, open: session.rows - progress.rows + open }),
    ),
    section("Flags", ...of("flag")),
    section("Dropped by", ...of("drop")),
    section("Edited", ...of("edit")),
    session.sources.length > 1 &&
      section(
        "Sources",
        ...session.sources.map((source) =>
          choice(source, filter.source === source, () => choose({ source: filter.source === source ? undefined : source })),
        ),
      ),
    section(
      "Reviewers",
      ...progress.reviewers.map(({ name, keep, drop, edit }) =>
        choice(
          name,
          filter.reviewer === name,
          () => choose({ reviewer: filter.reviewer === name ? undefined : name, status: undefined }),
          `${count(keep + drop + edit)}`,
          `${name}: ${keep} kept, ${drop} dropped, ${edit} edited`,
        ),
      ),
    ),
  ];
  box.replaceChildren(...sections.filter((part): part is HTMLElement => part instanceof HTMLElement));
  box.scrollTop = top;
  if (focused !== undefined) box.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

/** How many are open, and of how many where some are not. */
function openOf({ open, rows }: { readonly open: number; readonly rows: number }): HTMLElement {
  return el(
    "span",
    { class: "queue-count", title: `${count(open)} of ${count(rows)} open` },
    el("b", {}, count(open)),
    open !== rows && ` / ${count(rows)}`,
  );
}

function choice(name: string, isChosen: boolean, choose: () => void, figure = "", title?: string): HTMLElement {
  const button = el(
    "button",
    { class: "queue depth-0", "aria-pressed": String(isChosen), "data-key": `choice ${name}`, title },
    el("bdi", { class: "queue-name" }, name),
    el("span", { class: "queue-count" }, figure),
  );
  button.addEventListener("click", choose);
  return el("li", {}, button);
}

/** "41 of 44 confirmed": of the contents decided so far. */
function precision({ judged, confirmed, name }: Cause): HTMLElement | undefined {
  if (judged === 0) return undefined;
  return el(
    "span",
    { class: "precision", title: `Reviewers agreed with ${name} in ${confirmed} of ${judged} decisions` },
    `${count(confirmed)} of ${count(judged)} confirmed`,
  );
}
