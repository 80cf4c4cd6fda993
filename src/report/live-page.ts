// The page of a run that goes on: how far it is, the funnel so far, the curves. Its script asks for these parts again and again.
import { bars } from "./charts/bars.ts";
import { figure } from "./charts/figure.ts";
import { html, type Html, trusted } from "./html.ts";
import type { LiveRun } from "./live-run.ts";
import { count, counted, percent, share } from "./numbers.ts";
import { document, type DocumentParts } from "./page.ts";
import type { Section } from "./section.ts";
import { allSources } from "./sections/funnel.ts";
import { number, text } from "./table.ts";

export function livePage(run: LiveRun, sections: readonly Section[], live: Pick<DocumentParts, "policy" | "script">): string {
  return document({ title: run.name, kind: "Live report", line: html`This run goes on. The page refreshes itself.`, sections, ...live });
}

export function liveSections(run: LiveRun): Section[] {
  return [
    { id: "progress", title: "How far it is", body: progress(run) },
    {
      id: "funnel",
      title: "From read to used, so far",
      body:
        run.judgedRows === 0
          ? html`<p>No part is judged yet.</p>`
          : html`<p>${counted(run.judgedRows, "row")} judged so far. Duplicates and the mix follow when all are.</p>
              ${allSources({
                stages: run.stages,
                sources: run.sources,
                linked: false,
              })}`,
    },
  ];
}

function progress({ tasks, records }: LiveRun): Html {
  const told = (done: number, total: number | undefined): string =>
    total === undefined ? `${count(done)} done` : `${count(done)} of ${count(total)}, ${percent(share(done, total), 0)}`;
  return figure({
    title: "Tasks done",
    takeaway: `${counted(records, "record")} read so far.`,
    chart: bars({
      title: "Tasks done",
      marks: ["after"],
      full: 1,
      bars: tasks.map(({ task, done, total }) => ({
        label: task,
        values: [total === undefined ? undefined : share(done, total)],
        text: told(done, total),
      })),
    }),
    numbers: {
      caption: "Tasks done",
      columns: [text("task"), number("done"), number("of")],
      rows: tasks.map(({ task, done, total }) => [task, done, total ?? "–"]),
    },
  });
}

/** Milliseconds between two questions. */
const interval = 2000;

/** Asks for the sections that change and puts them in place; what a reader opened stays open. */
export function liveScript(nonce: string, state: string): Html {
  return html`<script nonce="${nonce}">
    ${trusted(`
"use strict";
let known = ${JSON.stringify(state)};
async function refresh() {
  try {
    const answer = await fetch("parts" + location.search, { cache: "no-store" });
    if (answer.ok) {
      const parts = await answer.json();
      if (parts.kind !== known || Object.keys(parts.sections).some((id) => !document.getElementById(id))) return location.reload();
      for (const [id, markup] of Object.entries(parts.sections)) replace(document.getElementById(id), markup);
    }
  } catch { /* the run's machine may be busy: ask again */ }
  setTimeout(refresh, ${interval});
}
function replace(section, markup) {
  if (section.dataset.markup === markup) return;
  const open = new Set([...section.querySelectorAll("details")].flatMap((details, i) => (details.open ? [i] : [])));
  const fresh = document.createElement("template");
  fresh.innerHTML = markup;
  section.replaceChildren(...fresh.content.firstElementChild.childNodes);
  section.dataset.markup = markup;
  section.querySelectorAll("details").forEach((details, i) => { if (open.has(i)) details.open = true; });
}
setTimeout(refresh, ${interval});
`)};
  </script>`;
}
