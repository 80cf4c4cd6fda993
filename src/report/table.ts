// A table that scrolls inside itself where the screen is narrow. Numbers are aligned right, with digits of one width.
import { html, type Html, type Part } from "./html.ts";
import { count, counted } from "./numbers.ts";

export interface Column {
  readonly head: Part;
  readonly numeric: boolean;
}

export function text(head: Part): Column {
  return { head, numeric: false };
}

export function number(head: Part): Column {
  return { head, numeric: true };
}

export interface TableParts {
  /** Says what the table is; it is read aloud, not shown. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The first cell of a row is its head. Numbers are written with thousands separators. */
  readonly rows: readonly (readonly Part[])[];
  /** A last row that sums the others. */
  readonly total?: readonly Part[];
}

/** Rows of a table that are shown: thousands of files or sources would make a page that no one reads. */
const rowsShown = 200;

export function table({ caption, columns, rows, total }: TableParts): Html {
  const cell = (value: Part, column: number): Html => {
    const shown = typeof value === "number" ? count(value) : value;
    const kind = columns[column].numeric ? html` class="n"` : html``;
    return column === 0 ? html`<th scope="row" ${kind}>${shown}</th>` : html`<td${kind}>${shown}</td>`;
  };
  const line = (row: readonly Part[]): Html =>
    html`<tr>
      ${row.map(cell)}
    </tr>`;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
      <table>
        <caption class="hidden">
          ${caption}
        </caption>
        <thead>
          <tr>
            ${columns.map(({ head, numeric }) => html`<th scope="col" ${numeric ? html` class="n"` : html``}>${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.slice(0, rowsShown).map(line)}
        </tbody>
        ${
          total &&
          html`<tfoot>
            ${line(total)}
          </tfoot>`
        }
      </table>
    </div>
    ${rows.length > rowsShown && html`<p class="soft">${counted(rows.length - rowsShown, "more line")} in the run’s files.</p>`}`;
}
