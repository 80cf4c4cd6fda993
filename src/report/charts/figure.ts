// A chart with what belongs to it: a title, what to see in it, a key, and the same numbers as a table.
import { html, type Html, type Part } from "../html.ts";
import { table, type TableParts } from "../table.ts";

export interface FigureParts {
  readonly title: string;
  /** One sentence that says what the chart shows. */
  readonly takeaway?: Part;
  /** Names of the marks, in the order of their colours. */
  readonly key?: readonly { readonly mark: string; readonly label: Part }[];
  readonly chart: Html;
  readonly numbers: TableParts;
}

export function figure({ title, takeaway, key, chart, numbers }: FigureParts): Html {
  return html`<figure class="chart">
    <figcaption><strong>${title}</strong>${takeaway && html`<span>${takeaway}</span>`}</figcaption>
    ${
      key &&
      html`<ul class="key" role="list">
        ${key.map(({ mark, label }) => html`<li><svg width="22" height="12" aria-hidden="true">${keyMark(mark)}</svg>${label}</li>`)}
      </ul>`
    }${chart}
    <details class="numbers">
      <summary>The numbers</summary>
      ${table(numbers)}
    </details>
  </figure>`;
}

function keyMark(mark: string): Html {
  return mark.startsWith("line")
    ? html`<path class="${mark}" d="M0 6h22"></path>`
    : html`<rect class="${mark}" width="22" height="12" rx="2"></rect>`;
}
