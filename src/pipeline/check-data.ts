// What the records that `sluice check` looked at say of a run: what would stop it, and what is worth a warning. Words only.
import { count, counted, percent } from "../core/count.ts";
import type { SourcePreview } from "./preview.ts";
import type { Recipe } from "./recipe.ts";

export interface DataCheck {
  /** Each would end a run with an error, if the records that were looked at are like the rest. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export function checkData({ mix, max_quarantined, train }: Recipe, previews: readonly SourcePreview[]): DataCheck {
  const lost = previews.filter((preview) => rowsLeft(preview) === 0);
  // Without proportions a source may be empty, as long as another is not.
  const wanted = ({ name }: SourcePreview): boolean =>
    mix.proportions === undefined ? lost.length === previews.length : (mix.proportions[name] ?? 0) > 0;
  const problems = [...lost.filter(wanted).map(lostText), ...unreadable(previews, max_quarantined)];
  const warnings = [
    ...lost.filter((preview) => !wanted(preview)).map(lostText),
    ...previews.flatMap((preview) => warningsOf(preview, train.max_length)),
  ];
  return { problems, warnings };
}

function rowsLeft(preview: SourcePreview): number {
  return preview.records - malformedOf(preview) - preview.refused - preview.maskedWhole;
}

function malformedOf({ malformed }: SourcePreview): number {
  return Object.values(malformed).reduce((a, b) => a + b, 0);
}

function lostText(preview: SourcePreview): string {
  const { name, records, malformed, refused, refusal, maskedWhole } = preview;
  if (records === 0) return `source ${name}: its files hold no records`;
  const why = [
    ...Object.entries(malformed).map(([reason, rows]) => `${count(rows)} cannot be read as rows (${reason})`),
    ...(refused > 0 ? [`the chat template refuses ${count(refused)} (${refusal ?? ""})`] : []),
    ...(maskedWhole > 0 ? [`${count(maskedWhole)} have no token that carries loss`] : []),
  ];
  return `source ${name}: nothing is left of the ${counted(records, "record")} looked at: ${why.join(", ")}`;
}

/** Known only where every record was looked at. */
function unreadable(previews: readonly SourcePreview[], allowed: number): string[] {
  if (!previews.every(({ isWhole }) => isWhole)) return [];
  const records = previews.reduce((sum, preview) => sum + preview.records, 0);
  const bad = previews.reduce((sum, preview) => sum + malformedOf(preview), 0);
  if (records === 0 || bad / records <= allowed) return [];
  return [`${count(bad)} of ${counted(records, "record")} cannot be read as rows; at most ${percent(allowed)} may (max_quarantined)`];
}

function warningsOf(preview: SourcePreview, maxLength: number): string[] {
  const { name, skipped, empty, records, cut, refused, refusal, maskedWhole } = preview;
  const warnings: string[] = [];
  const of = `of the ${counted(records, "record")} looked at`;
  if (cut > 0)
    warnings.push(
      `source ${name}: ${count(cut)} ${of} ${cut === 1 ? "is" : "are"} longer than train.max_length ${count(maxLength)} and ${cut === 1 ? "loses its" : "lose their"} end; raise it, or drop them with the length filter`,
    );
  if (rowsLeft(preview) > 0) {
    if (maskedWhole > 0)
      warnings.push(
        `source ${name}: ${count(maskedWhole)} ${of} ${maskedWhole === 1 ? "has" : "have"} no token that carries loss and ${maskedWhole === 1 ? "is" : "are"} dropped`,
      );
    if (refused > 0) warnings.push(`source ${name}: the chat template refuses ${count(refused)} ${of}: ${refusal ?? ""}`);
  }
  // Of a source that holds none, it is told once.
  if (records > 0) for (const file of empty) warnings.push(`source ${name}: ${file} holds no records`);
  for (const file of skipped) warnings.push(`source ${name}: ${file} is skipped: its ending is not one of a known format`);
  return warnings;
}
