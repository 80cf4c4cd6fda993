// From read to used: for all sources and for each, every step with the rows it took, the reasons, and real examples of them.
import type { ExampleRow, StageFigures } from "../../pipeline/manifest.ts";
import { exampleRows } from "../examples.ts";
import { anchor, html, type Html, id, name, nothing } from "../html.ts";
import { count, counted, percent, share, words } from "../numbers.ts";
import { type Section, type Sheet, warning } from "../section.ts";
import { stageLine, stageTitle } from "../stages.ts";
import { number, table, text } from "../table.ts";

/** Tables have a column for each source up to here. */
const sourceColumns = 12;
/** Sources that are shown step by step. */
const sourcesShown = 40;

export function funnel(sheet: Sheet): Section {
  const { manifest, sources } = sheet;
  const warnings = manifest.warnings.filter(({ stage }) => stage === "read" || stage === "hold_out");
  return {
    id: "funnel",
    title: "From read to used",
    body: html`<p>Every record has exactly one fate. Open a step to see why rows went there, and the rows themselves, as they were.</p>
      ${warnings.map(({ text: words }) => warning(words))}${allSources({ stages: manifest.stages, sources, linked: true })}${stateTable(sheet)}${
        sources.length > 0 &&
        html`<h3>Source by source</h3>
          ${sources.slice(0, sourcesShown).map((source) => oneSource(sheet, source))}${
            sources.length > sourcesShown &&
            html`<p class="soft">${counted(sources.length - sourcesShown, "more source")} in <code>run.json</code>.</p>`
          }`
      }`,
  };
}

/** The steps of all sources with the reasons of each; `linked` where the page has the rows behind the figures. */
export function allSources({
  stages,
  sources,
  linked,
}: {
  readonly stages: readonly StageFigures[];
  readonly sources: readonly string[];
  readonly linked: boolean;
}): Html {
  const read = stages[0]?.rows_in ?? 0;
  const shown = sources.slice(0, sourceColumns);
  const steps = stages.map((figures) =>
    step({
      figures,
      read,
      body: () =>
        table({
          caption: `${stageTitle(figures.stage)}: rows by reason and source`,
          columns: [text("reason"), number("all"), ...shown.map((source) => number(name(source)))],
          rows: Object.entries(figures.reasons).map(([reason, rows]) => [
            words(reason),
            rows,
            ...shown.map((source) => {
              const part = figures.by_source[source]?.reasons[reason] ?? 0;
              if (part === 0 || !linked) return part === 0 ? "–" : part;
              return html`<a href="#${anchor("why", source, figures.stage, reason)}">${count(part)}</a>`;
            }),
          ]),
        }),
    }),
  );
  return html`<figure class="chart">
    <figcaption>
      <strong>Rows left after each step</strong><span>All sources; the pale part of a bar is what the step took.</span>
    </figcaption>
    <div class="steps">${steps}</div>
    <details class="numbers">
      <summary>The numbers</summary>
      ${table({
        caption: "Rows left after each step, by source",
        columns: [text("after"), number("all"), ...shown.map((source) => number(name(source)))],
        rows: stages.map(({ stage, rows_out, by_source }) => [
          stageTitle(stage),
          rows_out,
          ...shown.map((source) => by_source[source]?.rows_out ?? 0),
        ]),
      })}
    </details>
  </figure>`;
}

function stateTable({ manifest, sources }: Sheet): Html {
  const { states } = manifest;
  const line = (source: string): (string | number)[] => {
    const counts = states[source];
    return [
      counts.read,
      counts.used,
      percent(share(counts.used, counts.read)),
      counts.unused,
      counts.dropped,
      counts.quarantined,
      counts.held_out,
    ];
  };
  return html`<h3>What became of every record</h3>
    ${table({
      caption: "Records by source and fate",
      columns: [text("source"), ...["read", "used", "share used", "fit, not needed", "dropped", "unreadable", "held out"].map(number)],
      rows: sources.map((source) => [name(source), ...line(source)]),
      total: ["all", ...line("")],
    })}`;
}

function oneSource(sheet: Sheet, source: string): Html {
  const { manifest } = sheet;
  const counts = manifest.states[source];
  const steps = manifest.stages.map((stage) => {
    const figures = stage.by_source[source];
    if (!figures) return nothing;
    return step({
      figures: { stage: stage.stage, ...figures },
      read: counts.read,
      body: () =>
        html`${Object.entries(figures.reasons).map(
          ([reason, rows]) =>
            html`<details class="reason" id="${anchor("why", source, stage.stage, reason)}">
              <summary><span>${words(reason)}</span> <span class="n">${counted(rows, "row")}</span></summary>
              ${reasonExamples(sheet, { source, stage: stage.stage, reason })}
            </details>`,
        )}`,
    });
  });
  return html`<details class="source">
    <summary>
      <span class="title">${name(source)}</span
      ><span class="n">${count(counts.read)} read, <strong>${count(counts.used)}</strong> used</span
      >${bar(counts.read, counts.read, counts.used)}
    </summary>
    <div class="steps">${steps}</div>
  </details>`;
}

interface Reason {
  readonly source: string;
  readonly stage: string;
  readonly reason: string;
}

function reasonExamples({ examples, room }: Sheet, { source, stage, reason }: Reason): Html {
  if (stage === "read") {
    const records = examples.quarantine.filter((record) => record.source === source && record.reason === reason);
    return html`${records.map(
      (record) =>
        html`<article class="example">
          <header>
            ${id(record.id)}
            <ul class="evidence" role="list">
              <li><bdi>${record.detail}</bdi></li>
            </ul>
          </header>
          <div class="turn"><span class="role">bytes</span><bdi class="text raw" dir="auto">${record.raw}</bdi></div>
        </article>`,
    )}`;
  }
  const kept = examples.reasons.find((entry) => entry.stage === stage && entry.reason === reason)?.rows ?? [];
  const rows: readonly ExampleRow[] = kept.filter((row) => row.source === source);
  if (stage === "mix")
    return html`<p class="soft">These rows are as good as those used; which of them the mix takes is chosen by content and seed.</p>`;
  return rows.length === 0
    ? html`<p class="soft">No row of this source is among the examples that were kept; <code>sluice explain</code> tells about any row.</p>`
    : exampleRows(rows, { stage, reason }, room);
}

interface StepParts {
  readonly figures: Pick<StageFigures, "stage" | "rows_in" | "rows_out">;
  /** Rows of a full bar. */
  readonly read: number;
  readonly body: () => Html;
}

function step({ figures: { stage, rows_in, rows_out }, read, body }: StepParts): Html {
  const lost = rows_in - rows_out;
  const line = html`<span class="title">${stageTitle(stage)}</span><span class="lost n">${lost > 0 ? `−${count(lost)}` : ""}</span
    ><span class="left n">${count(rows_out)}</span>${bar(read, rows_in, rows_out)}`;
  if (lost === 0) return html`<div class="step">${line}</div>`;
  return html`<details class="step">
    <summary>${line}</summary>
    <div class="inside">${stageLine(stage) !== "" && html`<p class="soft">${stageLine(stage)}</p>`}${body()}</div>
  </details>`;
}

/** Decoration: the numbers stand beside it. */
function bar(read: number, before: number, after: number): Html {
  const width = (rows: number): string => `${(100 * share(rows, read)).toFixed(2)}%`;
  return html`<svg class="bar" width="100%" height="8" aria-hidden="true">
    <rect class="track" width="100%" height="8" rx="2"></rect>
    <rect class="before" width="${width(before)}" height="8" rx="2"></rect>
    <rect class="after" width="${width(after)}" height="8" rx="2"></rect>
  </svg>`;
}
