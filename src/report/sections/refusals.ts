// Refusals: how often each rule found one, by source; examples; what people decided. Flags of other filters stand here too.
import type { Manifest } from "../../pipeline/manifest.ts";
import { bars } from "../charts/bars.ts";
import { figure } from "../charts/figure.ts";
import { exampleRows } from "../examples.ts";
import { html, type Html, name, nothing } from "../html.ts";
import { count, counted, listed, percent, share, words } from "../numbers.ts";
import type { Section, Sheet } from "../section.ts";
import { number, table, text } from "../table.ts";

/** The filter's reasons or flags with the rows they found by source, and the rows that the filter judged. */
interface Found {
  readonly dropped: boolean;
  readonly reasons: readonly { readonly reason: string; readonly rows: Readonly<Record<string, number>>; readonly total: number }[];
  readonly judged: Readonly<Record<string, number>>;
}

export function refusals(sheet: Sheet): Section | undefined {
  const { manifest, sources } = sheet;
  const found = foundBy(manifest, sources);
  if (!found) return undefined;
  const any = sum(found.reasons.map(({ total }) => total));
  const judged = sum(sources.map((source) => found.judged[source] ?? 0));
  return {
    id: "refusals",
    title: "Refusals and flags",
    body:
      any === 0
        ? html`<p>None of ${counted(judged, "row")} was found to be a refusal.</p>`
        : html`<p>
              ${counted(any, "finding")} in ${counted(judged, "row")}.
              ${
                found.dropped
                  ? "The recipe drops these rows; what it would be wrong to drop, a reviewed decision keeps."
                  : "Flagged rows stay in the mix until somebody decides otherwise."
              }
              ${reviewWords(sheet)}
            </p>
            ${rates(found, sources)}${rules(manifest, sources)}${reviewTable(sheet)}${examples(sheet, found)}`,
  };
}

function foundBy({ stages, flags, recipe, states }: Manifest, sources: readonly string[]): Found | undefined {
  const filters = (recipe as { filters?: readonly { readonly name: string; readonly action?: string }[] }).filters ?? [];
  const place = filters.findIndex((filter) => filter.name === "refusal");
  const flagNames = Object.keys(flags);
  if (place < 0 && flagNames.length === 0) return undefined;
  const own = stages.find(({ stage }) => stage === "refusal");
  // A filter that flags ends no row and has no figures of its own: it judged what the last stage before it let through.
  const before = stages.filter(
    ({ stage }) =>
      stage === "read" ||
      stage === "hold_out" ||
      stage === "decontaminate" ||
      filters.slice(0, place).some((filter) => filter.name === stage),
  );
  const last = before[before.length - 1];
  const judged = Object.fromEntries(
    sources.map((source) => [
      source,
      own ? (own.by_source[source]?.rows_in ?? 0) : (last?.by_source[source]?.rows_out ?? states[source].read),
    ]),
  );
  const reasons = [
    ...Object.keys(own?.reasons ?? {}).map((reason) => ({
      reason,
      rows: Object.fromEntries(sources.map((source) => [source, own?.by_source[source]?.reasons[reason] ?? 0])),
    })),
    ...flagNames.map((flag) => ({ reason: flag, rows: flags[flag] })),
  ].map((entry) => ({ ...entry, total: sum(Object.values(entry.rows)) }));
  return { dropped: filters[place]?.action === "drop", reasons: reasons.sort((a, b) => b.total - a.total), judged };
}

/** Tables have a column for each source up to here. */
const sourceColumns = 12;
/** More rules than these are folded away. */
const rulesOpen = 12;

function rates({ reasons, judged }: Found, sources: readonly string[]): Html {
  const shown = sources.slice(0, sourceColumns);
  const all = sum(sources.map((source) => judged[source] ?? 0));
  return figure({
    title: "Rate of each kind",
    takeaway:
      "Of the rows that the rules looked at. A row can be of several kinds where rows are flagged, and is told by the first where they are dropped.",
    chart: bars({
      title: "Rate of each kind of refusal",
      marks: ["after"],
      full: 1,
      bars: reasons.map(({ reason, total }) => ({
        label: words(reason),
        values: [share(total, all)],
        text: `${count(total)}, ${percent(share(total, all))}`,
      })),
    }),
    numbers: {
      caption: "Rate of each kind by source",
      columns: [text("kind"), number("rows"), number("all"), ...shown.map((source) => number(name(source)))],
      rows: [
        ...reasons.map(({ reason, rows, total }) => [
          words(reason),
          total,
          percent(share(total, all)),
          ...shown.map((source) => percent(share(rows[source] ?? 0, judged[source] ?? 0))),
        ]),
        ["rows looked at", all, "", ...shown.map((source) => judged[source] ?? 0)],
      ],
    },
  });
}

function rules({ rules: byReason, stages }: Manifest, sources: readonly string[]): Html {
  const shown = sources.slice(0, sourceColumns);
  const lines = Object.entries(byReason)
    .flatMap(([reason, found]) => Object.entries(found).map(([rule, rows]) => ({ reason, rule, rows, total: sum(Object.values(rows)) })))
    .sort((a, b) => b.total - a.total);
  if (lines.length === 0 || stages.length === 0) return nothing;
  const rows = table({
    caption: "Rows by the rule that found them, and by source",
    columns: [text("rule"), text("kind"), number("rows"), ...shown.map((source) => number(name(source)))],
    rows: lines.map(({ reason, rule, rows: found, total }) => [
      words(rule),
      words(reason),
      total,
      ...shown.map((source) => found[source] ?? 0),
    ]),
  });
  return html`<h3>Rule by rule</h3>
    ${
      lines.length <= rulesOpen
        ? rows
        : html`<details class="numbers">
            <summary>${counted(lines.length, "rule")} found something</summary>
            ${rows}
          </details>`
    }`;
}

function reviewWords({ files: { review } }: Sheet): string {
  if (review.decisions === 0) return "No row has been reviewed.";
  const decided = sum(Object.values(review.by_reason).map(({ decided: by }) => sum(Object.values(by))));
  return `${counted(decided, "of these findings has", "of these findings have")} a reviewed decision.`;
}

function reviewTable({ files: { review } }: Sheet): Html {
  const lines = Object.entries(review.by_reason);
  if (review.decisions === 0 || lines.length === 0) return nothing;
  return html`<h3>Review</h3>
    ${table({
      caption: "Reviewed rows by kind",
      columns: [text("kind"), number("rows"), number("decided"), number("open"), text("decisions")],
      rows: lines.map(([reason, { rows, decided }]) => {
        const done = sum(Object.values(decided));
        return [
          words(reason),
          rows,
          done,
          rows - done,
          listed(Object.entries(decided).map(([decision, n]) => `${count(n)} ${decision}`)) || "–",
        ];
      }),
    })}`;
}

function examples({ examples: kept, room }: Sheet, { reasons }: Found): Html {
  const rowsOf = (reason: string) =>
    kept.flags.find(({ flag }) => flag === reason)?.rows ??
    kept.reasons.find((entry) => entry.stage === "refusal" && entry.reason === reason)?.rows ??
    [];
  return html`<h3>Examples</h3>
    ${reasons
      .filter(({ reason }) => rowsOf(reason).length > 0)
      .map(
        ({ reason, total }) =>
          html`<details class="reason">
            <summary><span>${words(reason)}</span> <span class="n">${counted(total, "row")}</span></summary>
            ${exampleRows(rowsOf(reason).slice(0, 6), { stage: "refusal", reason }, room)}
          </details>`,
      )}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
