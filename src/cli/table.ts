// Plain-text tables for terminals: numbers to the right, words to the left.
import { count } from "../core/count.ts";
import { printableName } from "./show.ts";

export type Cell = string | number | undefined;

/** The first row is the head. Integers get thousands separators; other numbers are shown as given; texts keep to their line. */
export function formatTable(rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map(formatCell));
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const right = rows[0].map((_, column) => rows.slice(1).some((row) => typeof row[column] === "number"));
  const lines = texts.map((row) =>
    row
      .map((text, column) => (right[column] ? text.padStart(widths[column]) : text.padEnd(widths[column])))
      .join("  ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return `${lines.join("\n")}\n`;
}

function formatCell(cell: Cell): string {
  if (cell === undefined) return "";
  return typeof cell === "number" && Number.isInteger(cell) ? count(cell) : printableName(String(cell));
}

export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
