// Decontamination: what is kept out of training, the rows that held some of it beside what they held, and what cannot be checked.
import { exampleRows } from "../examples.ts";
import { html, type Html, id, name, nothing } from "../html.ts";
import { count, counted, percent, share, words } from "../numbers.ts";
import type { Section, Sheet } from "../section.ts";
import { number, table, text } from "../table.ts";

export function decontamination({ manifest, examples, sources, room }: Sheet): Section | undefined {
  const { decontamination: figures, hold_out, stages } = manifest;
  if (!figures && !hold_out) return undefined;
  const stage = stages.find((candidate) => candidate.stage === "decontaminate");
  const reasons = Object.keys(stage?.reasons ?? {});
  const lost = stage ? stage.rows_in - stage.rows_out : 0;
  const shown = examples.reasons.filter((entry) => entry.stage === "decontaminate");
  return {
    id: "decontamination",
    title: "Decontamination",
    body: html`<p>
        ${hold_out !== null && html`${counted(hold_out.rows, "row")} ${hold_out.rows === 1 ? "is" : "are"} held out for evaluation. `}${
          figures
            ? html`${counted(figures.items, "evaluation item")}, held-out rows among them, are kept out of training:
              ${lost === 0 ? "no row held one of them." : html`${counted(lost, "row")} held one, word for word or reworded, and went.`}`
            : "No evaluation data is named in the recipe, so nothing else was looked for."
        }
      </p>
      ${
        stage &&
        lost > 0 &&
        table({
          caption: "Rows that held evaluation items, by source",
          columns: [text("source"), number("rows in"), ...reasons.map((reason) => number(words(reason)))],
          rows: sources.map((source) => [
            name(source),
            stage.by_source[source]?.rows_in ?? 0,
            ...reasons.map((reason) => stage.by_source[source]?.reasons[reason] ?? 0),
          ]),
          total: ["all", stage.rows_in, ...reasons.map((reason) => stage.reasons[reason])],
        })
      }${
        shown.length > 0 &&
        html`<h3>The evidence, side by side</h3>
          ${shown.map(
            ({ reason, rows }) =>
              html`<details class="reason">
                <summary><span>${words(reason)}</span> <span class="n">${counted(stage?.reasons[reason] ?? 0, "row")}</span></summary>
                ${exampleRows(rows.slice(0, 8), { stage: "decontaminate", reason }, room)}
              </details>`,
          )}`
      }${tooShort(figures, examples.too_short)}`,
  };
}

function tooShort(figures: Sheet["manifest"]["decontamination"], shown: Sheet["examples"]["too_short"]): Html {
  if (!figures) return nothing;
  const { items, too_short } = figures;
  if (too_short.length === 0) return html`<p>All items are long enough to be found reworded, too.</p>`;
  return html`<h3>Too short to check</h3>
    <p>
      ${count(too_short.length)} of ${counted(items, "item")} (${percent(share(too_short.length, items))}) have so few words that only an
      equal text is recognised; a reworded one would pass.
    </p>
    <details class="numbers">
      <summary>${shown.length < too_short.length ? `The first ${count(shown.length)} of them` : "Which they are"}</summary>
      ${table({
        caption: "Evaluation items that are too short to be found reworded",
        columns: [text("item"), text("text")],
        rows: shown.map((item) => [id(item.id), html`<bdi dir="auto">${item.text}</bdi>`]),
      })}
    </details>`;
}
