// The review page: one queue, one row at a time, decided by keyboard. Nothing counts as saved before the server says so.
import type { DecideRequest, Progress, QueueFilter, RowAnswer, Session } from "../api.ts";
import { client, NotServed } from "./client.ts";
import { filterName, openBulk, openHelp } from "./dialogs.ts";
import { byId, count, el, plural } from "./dom.ts";
import { editsIn, isEditable, openEditor } from "./editor.ts";
import { listRow } from "./list-row.ts";
import { listRowHeight, startLook } from "./look.ts";
import { Queue } from "./queue.ts";
import { drawRow, drawSimilar, statusWords } from "./row-view.ts";
import { drawSidebar } from "./sidebar.ts";
import { createVirtualList } from "./virtual-list.ts";

/** Milliseconds between looks at what others decided. */
const pollEvery = 4000;
const filterKey = "sluice-review-queue";

const list = byId("list");
const conversation = byId("conversation");
const comment = byId<HTMLInputElement>("comment");
const search = byId<HTMLInputElement>("search");
const dialog = byId<HTMLDialogElement>("dialog");

let session: Session;
let progress: Progress;
let queue: Queue;
/** The cursor's place in the queue. */
let cursor = 0;
let shown: RowAnswer | undefined;
/** True while a decision is on its way: keys do not fall through to a row that nobody has seen. */
let busy = false;
let editing = false;
let opening = 0;
const ahead = new Map<number, Promise<RowAnswer>>();

const rows = createVirtualList({
  box: list,
  rowHeight: listRowHeight,
  render(place) {
    const option = listRow(queue.at(place), { place, total: queue.total, isCurrent: place === cursor });
    option.addEventListener("click", () => void goTo(place).catch(fail));
    return option;
  },
  sight(from, to) {
    const asked = queue;
    void asked
      .cover(from, to)
      .then((came) => came && asked === queue && rows.draw())
      .catch(fail);
  },
});

/** Shows what went wrong until the next thing works. */
function fail(error: unknown): void {
  const problem = byId("problem");
  problem.hidden = false;
  problem.textContent = error instanceof NotServed ? error.message : `The page failed: ${String(error)}`;
}

function say(text: string): void {
  byId("problem").hidden = progress.problem === "";
  if (progress.problem !== "") byId("problem").textContent = `The decisions file has a line that cannot be read: ${progress.problem}`;
  byId("said").textContent = text;
}

async function openQueue(filter: QueueFilter): Promise<void> {
  const number = ++opening;
  const next = await Queue.open(filter);
  if (number !== opening) return; // another queue was asked for meanwhile
  queue = next;
  sessionStorage.setItem(filterKey, JSON.stringify(filter));
  cursor = 0;
  ahead.clear();
  byId("queue-name").textContent = filterName(filter);
  byId("queue-count").textContent = count(queue.total);
  rows.setTotal(queue.total);
  list.scrollTop = 0;
  drawSide();
  rows.draw();
  await goTo(0);
}

function drawSide(): void {
  drawSidebar({
    box: byId("queues"),
    session,
    progress,
    filter: queue.filter,
    choose(change) {
      toggleQueues(false);
      openQueue({ ...queue.filter, ...change })
        // On to the rows: the next keys are for them.
        .then(() => change.about !== undefined && conversation.focus())
        .catch(fail);
    },
  });
  const { keep, drop, edit, skipped } = progress.byStatus;
  const share = (part: number): string => `${progress.rows === 0 ? 0 : (100 * part) / progress.rows}%`;
  for (const [name, part] of Object.entries({ keep, edit, drop, skipped }))
    byId("meter").querySelector<HTMLElement>(`.${name}`)!.style.width = share(part);
  const text = `${count(keep + drop + edit)} of ${count(progress.rows)} decided`;
  byId("meter").setAttribute("aria-label", `${text}: ${keep} kept, ${drop} dropped, ${edit} edited; ${skipped} skipped`);
  byId("meter-text").textContent = text;
}

/** Moves the cursor and shows its row. */
async function goTo(place: number): Promise<void> {
  stopEditing();
  const asked = queue;
  cursor = Math.max(0, Math.min(place, queue.total));
  list.setAttribute("aria-activedescendant", `row-${cursor}`);
  rows.show(Math.min(cursor, Math.max(0, queue.total - 1)));
  if (cursor >= queue.total) return showEnd();
  const wanted = cursor;
  // Until the row is on the screen no key decides anything.
  shown = undefined;
  const row = await queue.fetch(wanted);
  if (!row || asked !== queue || wanted !== cursor) return;
  const answer = await rowAhead(row.row);
  if (asked !== queue || wanted !== cursor) return;
  show(answer, `${count(cursor + 1)} of ${count(queue.total)}`);
  for (const next of [cursor + 1, cursor + 2]) {
    const coming = queue.at(next);
    if (coming) rowAhead(coming.row).catch(() => ahead.delete(coming.row));
  }
}

/** A row's answer, asked for once; the next rows are asked for before they are needed. */
function rowAhead(row: number): Promise<RowAnswer> {
  let answer = ahead.get(row);
  if (!answer) {
    ahead.set(row, (answer = client.row(row)));
    answer.catch(() => ahead.delete(row));
    if (ahead.size > 16) ahead.delete(ahead.keys().next().value!);
  }
  return answer;
}

function show(row: RowAnswer, place: string): void {
  shown = row;
  drawRow(conversation, row, place);
  setVerbs();
  client
    .similar(row.row)
    .then(({ similar }) => shown === row && drawSimilar(byId("similar"), similar, showBeside))
    .catch(fail);
}

/** A similar row in place of the queue's own; the next decision is on it and leads back. */
function showBeside(row: number): void {
  rowAhead(row)
    .then((answer) => {
      show(answer, "similar row");
      conversation.focus();
    })
    .catch(fail);
}

function showEnd(): void {
  shown = undefined;
  const { open, skipped } = progress.byStatus;
  const reload = el("button", { class: "verb" }, "Load the queue again ", el("kbd", {}, "R"));
  reload.addEventListener("click", () => void openQueue(queue.filter).catch(fail));
  conversation.replaceChildren(
    el(
      "div",
      { class: "end" },
      el("h2", {}, queue.total === 0 ? "Nothing here" : "End of the queue"),
      el("p", {}, queue.total === 0 ? `No row is ${filterName(queue.filter)}.` : `You have seen all ${plural(queue.total, "row")} of it.`),
      el(
        "p",
        { class: "soft" },
        open + skipped === 0
          ? "Everything that came to review is decided. The next run with --fresh replays it."
          : `Of the rows that came to review, ${count(open)} are open and ${count(skipped)} were skipped: choose a queue, or load this one again.`,
      ),
      reload,
    ),
  );
  byId("similar").replaceChildren();
  setVerbs();
}

function setVerbs(): void {
  const can = shown !== undefined;
  for (const id of ["keep", "drop", "edit", "skip"]) byId<HTMLButtonElement>(id).disabled = !can;
  for (const id of ["keep", "drop", "edit", "skip", "undo"]) byId(id).hidden = editing;
  for (const id of ["save-edit", "cancel-edit"]) byId(id).hidden = !editing;
}

/** Takes in new figures; rows that others decided are fetched again. */
function take(next: Progress): void {
  progress = next;
  drawSide();
}

/** One thing at a time. */
async function once(work: () => Promise<void>): Promise<void> {
  if (busy) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    fail(error);
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
  }
}

function decide(decision: "keep" | "drop" | "edit" | "skip", edits?: DecideRequest["edits"]): Promise<void> {
  return once(async () => {
    const row = shown;
    if (!row) return;
    byId("said").textContent = "Saving ...";
    const answer = await client.decide({ row: row.row, hash: row.hash, decision, comment: comment.value, edits });
    comment.value = "";
    ahead.clear();
    stopEditing();
    queue.setStatus(row.row, answer.status);
    take(answer.progress);
    say(`Saved: ${row.id} ${statusWords[decision === "skip" ? "skipped" : decision]}.`);
    // A similar row was looked at beside the queue: back to the row that was there.
    await goTo(queue.at(cursor)?.row === row.row ? cursor + 1 : cursor);
    conversation.focus({ preventScroll: true });
  });
}

function undo(): Promise<void> {
  return once(async () => {
    const answer = await client.undo();
    ahead.clear();
    queue.forget();
    take(answer.progress);
    say(
      answer.undone === 0
        ? "There is nothing of yours to undo."
        : `Undone: ${answer.decision}${answer.undone > 1 ? ` of ${count(answer.undone)} rows` : ""}.`,
    );
    if (answer.row === undefined) return goTo(cursor);
    await queue.cover(Math.max(0, cursor - 150), Math.min(queue.total, cursor + 50));
    const place = queue.placeOf(answer.row);
    if (place !== undefined) await goTo(place);
    else show(await rowAhead(answer.row), "undone");
  });
}

function startEditing(): void {
  const row = shown;
  if (!row || editing) return;
  if (!isEditable(row)) return say("This row is too long to be edited here.");
  editing = true;
  openEditor(conversation, row);
  setVerbs();
}

function stopEditing(): void {
  if (!editing) return;
  editing = false;
  setVerbs();
}

function saveEdit(): void {
  const edits = shown ? editsIn(conversation, shown) : [];
  if (edits.length === 0) return say("Nothing was changed.");
  void decide("edit", edits);
}

function cancelEdit(): void {
  stopEditing();
  if (shown) show(shown, `${count(cursor + 1)} of ${count(queue.total)}`);
  conversation.focus();
}

function startBulk(): void {
  void openBulk({
    filter: queue.filter,
    name: filterName(queue.filter),
    comment: comment.value,
    failed: fail,
    done(answer, decision) {
      comment.value = "";
      take(answer.progress);
      openQueue(queue.filter)
        .then(() => say(`Saved: ${plural(answer.rows, "row")} ${statusWords[decision]}.`))
        .catch(fail);
    },
  });
}

function toggleQueues(isOpen: boolean): void {
  document.body.classList.toggle("queues-open", isOpen);
  byId("show-queues").setAttribute("aria-expanded", String(isOpen));
}

const actions: Readonly<Record<string, () => void>> = {
  k: () => void decide("keep"),
  d: () => void decide("drop"),
  s: () => void decide("skip"),
  e: startEditing,
  u: () => void undo(),
  c: () => comment.focus(),
  "/": () => search.focus(),
  b: startBulk,
  r: () => void openQueue(queue.filter).catch(fail),
  q() {
    toggleQueues(true);
    byId("queues").querySelector<HTMLElement>("[aria-current], button")?.focus();
  },
  l: () => list.focus(),
  "?": openHelp,
  j: () => void goTo(Math.min(cursor + 1, queue.total)).catch(fail),
  ArrowDown: () => void goTo(Math.min(cursor + 1, queue.total)).catch(fail),
  p: () => void goTo(cursor - 1).catch(fail),
  ArrowUp: () => void goTo(cursor - 1).catch(fail),
};

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (dialog.open) return;
  if (editing && key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return saveEdit();
  }
  if (key === "Escape") {
    if (editing) cancelEdit();
    else {
      toggleQueues(false);
      conversation.focus();
    }
    return;
  }
  const inField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  if (target === comment && key === "Enter") return conversation.focus();
  if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
  // Inside the queues arrows move among the buttons.
  if (target instanceof HTMLElement && byId("queues").contains(target) && (key === "ArrowDown" || key === "ArrowUp")) {
    event.preventDefault();
    return moveFocus(byId("queues"), target, key === "ArrowDown" ? 1 : -1);
  }
  const action = actions[key.length === 1 ? key.toLowerCase() : key];
  if (!action || editing) return;
  event.preventDefault();
  action();
});

function moveFocus(box: HTMLElement, from: HTMLElement, by: number): void {
  const buttons = [...box.querySelectorAll("button")];
  buttons[buttons.indexOf(from as HTMLButtonElement) + by]?.focus();
}

for (const [id, key] of [
  ["keep", "k"],
  ["drop", "d"],
  ["skip", "s"],
  ["edit", "e"],
  ["undo", "u"],
  ["bulk", "b"],
  ["help", "?"],
])
  byId(id).addEventListener("click", actions[key]);
byId("save-edit").addEventListener("click", saveEdit);
byId("cancel-edit").addEventListener("click", cancelEdit);
byId("show-queues").addEventListener("click", () => toggleQueues(!document.body.classList.contains("queues-open")));

byId("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  openQueue({ ...queue.filter, text: search.value.trim() === "" ? undefined : search.value })
    .then(() => conversation.focus())
    .catch(fail);
});
// The cross of a search field empties it.
search.addEventListener("search", () => {
  if (search.value === "" && queue.filter.text !== undefined) openQueue({ ...queue.filter, text: undefined }).catch(fail);
});

startLook(() => rows.draw());

async function poll(): Promise<void> {
  if (busy || document.hidden) return;
  const next = await client.progress();
  if (busy || next.version === progress.version) return;
  ahead.clear();
  queue.forget();
  take(next);
  rows.draw();
}

/** Where this tab was before it was loaded again; a new tab begins with what is open. */
function rememberedFilter(): QueueFilter {
  try {
    return JSON.parse(sessionStorage.getItem(filterKey) ?? "") as QueueFilter;
  } catch {
    return { about: "review", status: "open" };
  }
}

async function start(): Promise<void> {
  const filter = rememberedFilter();
  session = await client.session();
  progress = session.progress;
  document.title = `${session.run} \u00b7 Sluice review`;
  byId("run").textContent = session.run;
  byId("reviewer").textContent = session.reviewer;
  search.value = filter.text ?? "";
  await openQueue(filter).catch(() => openQueue({ about: "review", status: "open" }));
  say(`Decisions go to ${session.decisionsFile}.`);
  conversation.focus({ preventScroll: true });
  setInterval(() => void poll().catch(fail), pollEvery);
}

start().catch(fail);
