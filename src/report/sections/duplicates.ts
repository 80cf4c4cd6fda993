// Duplicates: how many, and the largest groups, the row that stayed beside the one of its group that is least like it.
import { duplicatePair } from "../examples.ts";
import { html, type Html, id, name } from "../html.ts";
import { count, counted, percent, words } from "../numbers.ts";
import type { Section, Sheet } from "../section.ts";
import { number, table, text } from "../table.ts";

export function duplicates({ manifest, examples, sources }: Sheet): Section | undefined {
  const { dedup, stages } = manifest;
  if (!dedup) return undefined;
  const figures = stages.find(({ stage }) => stage === "dedup");
  const lost = figures ? figures.rows_in - figures.rows_out : 0;
  const reasons = Object.keys(figures?.reasons ?? {});
  if (!figures || lost === 0) return { id: "duplicates", title: "Duplicates", body: html`<p>No row was a duplicate of another.</p>` };
  return {
    id: "duplicates",
    title: "Duplicates",
    body: html`<p>
        ${counted(lost, "row")} of ${count(figures.rows_in)} that got this far (${percent(lost / figures.rows_in)}) went for a row that says
        the same: equal after normalisation, or ${percent(dedup.threshold, 0)} alike or more in the shingles of
        ${scopeWords(manifest.recipe)}, compared exactly.
      </p>
      ${table({
        caption: "Duplicates by source and reason",
        columns: [text("source"), number("rows in"), ...reasons.map((reason) => number(words(reason)))],
        rows: sources.map((source) => [
          name(source),
          figures.by_source[source]?.rows_in ?? 0,
          ...reasons.map((reason) => figures.by_source[source]?.reasons[reason] ?? 0),
        ]),
        total: ["all", figures.rows_in, ...reasons.map((reason) => figures.reasons[reason])],
      })}${clusters(examples.clusters)}`,
  };
}

function scopeWords(recipe: unknown): string {
  const scope = (recipe as { dedup?: { scope?: string } }).dedup?.scope;
  return scope === "prompt" ? "their prompts" : scope === "response" ? "their responses" : "their conversations";
}

function alike(least: number): string {
  return least === 1 ? "all of them equal" : `the least ${percent(least)} alike`;
}

function clusters(groups: Sheet["examples"]["clusters"]): Html {
  if (groups.length === 0) return html``;
  return html`<h3>The largest groups</h3>
    <p>Each row that stayed, beside the row of its group that is least like it. Words that only one of them has are marked.</p>
    ${groups.map(
      ({ survivor, rows, dropped }) =>
        html`<details class="cluster">
          <summary>
            <span>${id(survivor.id)}</span>
            <span class="n">${counted(rows, "row")} dropped for it, ${alike(Number(dropped.evidence.similarity))}</span>
          </summary>
          <article class="example">
            <header>${id(dropped.id)}</header>
            ${duplicatePair(dropped, survivor)}
          </article>
        </details>`,
    )}`;
}
