// One row as the page shows it: its turns with the evidence marked, and beside it the row or the evaluation item it was dropped for.
import type { ExampleRow, ShownConversation, ShownTurn } from "../pipeline/manifest.ts";
import { html, type Html, id, nothing } from "./html.ts";
import { compareWords, type Comparison, findRanges, marked, type Occurrence, type Range } from "./marks.ts";
import { count, counted, fixed, percent, words } from "./numbers.ts";

/** What is left of the page's room for row texts, in UTF-16 units. Examples that find none are counted instead of shown. */
export interface Room {
  units: number;
}

/** Row texts of one page: with markup and escapes it stays under 5 MB. */
export const pageRoom = 2_000_000;

export interface Why {
  readonly stage: string;
  readonly reason: string;
}

/** As many of the rows as there is room for. */
export function exampleRows(rows: readonly ExampleRow[], why: Why, room: Room): Html {
  const shown: Html[] = [];
  let left = 0;
  for (const row of rows) {
    const size = unitsOf(row) + (row.survivor ? unitsOf(row.survivor) : 0) + 400;
    if (size > room.units) left++;
    else {
      room.units -= size;
      shown.push(exampleRow(row, why));
    }
  }
  return html`${shown}${left > 0 && html`<p class="soft">${counted(left, "example")} left out to keep this page small: see <code>examples.json</code>.</p>`}`;
}

function unitsOf({ messages }: ShownConversation): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}

function exampleRow(row: ExampleRow, why: Why): Html {
  return html`<article class="example">
    <header>${id(row.id)}${evidenceList(row.evidence)}</header>
    ${body(row, why)}
  </article>`;
}

function body(row: ExampleRow, why: Why): Html {
  if (row.survivor) return duplicatePair(row, row.survivor);
  if (typeof row.evidence.item_text === "string") return evaluationPair(row, row.evidence.item_text);
  return conversation(row, (turn) => marked(turn.content, evidenceRanges(turn, row.evidence, why)));
}

/** Of a turn, the share that only it has may be this large before it counts as another text, in which marks would say nothing. */
const mostDiffering = 0.6;

/** The row that stayed and one that was dropped for it, with the words marked that only one of them has. */
export function duplicatePair(dropped: ShownConversation, survivor: ShownConversation): Html {
  const compared = new Map<number, Comparison>();
  for (const turn of dropped.messages) {
    const other = survivor.messages.find((candidate) => candidate.turn === turn.turn && candidate.role === turn.role);
    const found = other && compareWords(other.content, turn.content);
    const differing = found ? found.differing.flat().reduce((sum, { from, to }) => sum + to - from, 0) : 0;
    if (other && found && differing <= mostDiffering * (other.content.length + turn.content.length)) compared.set(turn.turn, found);
  }
  const side = (place: 0 | 1) => (turn: ShownTurn) =>
    marked(turn.content, joinedOver(turn.content, compared.get(turn.turn)?.differing[place] ?? []), "differs");
  const others = dropped.messages.some(({ turn }) => !compared.has(turn));
  return html`<div class="pair">
      <div>
        <p class="side">Kept ${id(survivor.id)}</p>
        ${conversation(survivor, side(0))}
      </div>
      <div>
        <p class="side">Dropped</p>
        ${conversation(dropped, side(1))}
      </div>
    </div>
    ${others && html`<p class="soft">A turn without marks can be another text altogether: duplicates are found in the part that the recipe compares.</p>`}`;
}

/** The row and the evaluation item it holds, with the words marked that they share. */
function evaluationPair(row: ExampleRow, itemText: string): Html {
  const { item, file, matched } = row.evidence;
  const passage = typeof matched === "string" ? matched : "";
  const shared = compareWords(itemText, passage)?.shared[0] ?? [];
  const ranges = joinedOver(
    itemText,
    shared.filter(({ from, to }) => hasWord(itemText, from, to)),
  );
  return html`<div class="pair">
    <div>
      <p class="side">Evaluation item ${id(String(item))}${file === "held out" && html` <span class="soft">held out</span>`}</p>
      ${turnView("text", marked(itemText, ranges))}
    </div>
    <div>
      <p class="side">Dropped</p>
      ${conversation(row, (turn) => marked(turn.content, findRanges(turn.content, passage, "first")))}
    </div>
  </div>`;
}

/** Passages joined where no word is between them. */
function joinedOver(text: string, ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const range of ranges) {
    const last = joined[joined.length - 1];
    if (last && !hasWord(text, last.to, range.from)) joined[joined.length - 1] = { from: last.from, to: range.to };
    else joined.push(range);
  }
  return joined;
}

function hasWord(text: string, from: number, to: number): boolean {
  return /[\p{L}\p{N}]/u.test(text.slice(from, to));
}

export function conversation({ messages, turns }: ShownConversation, view: (turn: ShownTurn) => Html): Html {
  const before = (messages[0]?.turn ?? 1) - 1;
  const after = turns - before - messages.length;
  return html`${before > 0 && html`<p class="soft">${counted(before, "turn")} before this</p>`}${messages.map((turn) => turnView(turn.role, view(turn)))}${
    after > 0 && html`<p class="soft">${counted(after, "more turn")}</p>`
  }`;
}

export function turnView(role: string, content: Html): Html {
  const empty = content.markup === "";
  return html`<div class="turn">
    <span class="role">${role}</span>${
      empty ? html`<span class="soft">(empty)</span>` : html`<bdi class="text" dir="auto">${content}</bdi>`
    }
  </div>`;
}

/** Where the words that a finding names stand in a turn. */
function evidenceRanges(turn: ShownTurn, evidence: Readonly<Record<string, unknown>>, { stage }: Why): Range[] {
  const here = evidence.turn === undefined || evidence.turn === turn.turn;
  const occurrence: Occurrence = stage === "repetition" ? "every" : stage === "truncation" ? "last" : "first";
  const ranges: Range[] = [];
  for (const key of ["matched", "found"]) {
    const value = evidence[key];
    if (here && typeof value === "string") ranges.push(...findRanges(turn.content, value, occurrence));
  }
  if (typeof evidence.demanded === "string" && turn.role !== "assistant")
    ranges.push(...findRanges(turn.content, evidence.demanded, "first"));
  return ranges;
}

/** Keys that are shown in the text itself, or not at all. */
const shownElsewhere = new Set(["item", "file", "item_text", "flags", "survivor", "limit", "found", "demanded"]);
/** Longer matches are only marked in the text. */
const matchShown = 60;

function evidenceList(evidence: Readonly<Record<string, unknown>>): Html {
  const items: Html[] = [];
  for (const [key, value] of Object.entries(evidence)) {
    if (shownElsewhere.has(key)) continue;
    if (key === "matched") {
      if (typeof value === "string" && value.length <= matchShown) items.push(html`matched <bdi>“${value}”</bdi>`);
    } else if (key === "value" && evidence.limit !== undefined)
      items.push(html`${plain(value)} found, the limit is ${plain(evidence.limit)}`);
    else if (key === "score" && evidence.limit !== undefined)
      items.push(html`score ${plain(value)}, the limit is ${plain(evidence.limit)}`);
    else if (key === "similarity") items.push(html`${percent(Number(value))} alike`);
    else if (key === "part") items.push(html`in the ${value === "both" ? "prompt and answer" : String(value)}`);
    else if (key === "run_words") items.push(html`${plain(value)} words in a row`);
    else if (key === "coverage") items.push(html`${percent(Number(value), 0)} of the item’s words`);
    else items.push(html`${words(key)} ${typeof value === "string" ? words(value) : plain(value)}`);
  }
  if (typeof evidence.demanded === "string") items.push(html`asked for <bdi>“${evidence.demanded}”</bdi>`);
  if (typeof evidence.found === "number") items.push(html`found ${count(evidence.found)}`);
  return items.length === 0
    ? nothing
    : html`<ul class="evidence" role="list">
        ${items.map((item) => html`<li>${item}</li>`)}
      </ul>`;
}

function plain(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? count(value) : fixed(value, 3).replace(/0+$/, "");
  return typeof value === "string" ? value : JSON.stringify(value);
}
