// Two runs side by side: what the recipes differ in, how the figures moved, and which rows this run gained and lost against the other.
import type { ExampleRow } from "../../pipeline/manifest.ts";
import type { RunDifference } from "../../pipeline/compare.ts";
import { exampleRows } from "../examples.ts";
import { html, type Html, id, name, nothing, type Part } from "../html.ts";
import { count, counted, figure, fixed, percent, share, signed, words } from "../numbers.ts";
import type { RunFiles } from "../run-files.ts";
import type { Section, Sheet } from "../section.ts";
import { stageTitle } from "../stages.ts";
import { number, table, text } from "../table.ts";

export interface RunDifferences {
  readonly other: RunFiles;
  readonly difference: RunDifference;
  /** Conversations of changed rows, where the work files still hold them. */
  readonly rows: ReadonlyMap<string, ExampleRow>;
}

/** Kinds of change that are listed. */
const kindsShown = 40;

export function differences(sheet: Sheet, { other, difference, rows }: RunDifferences): Section {
  const { recipe, same, changed, kinds } = difference;
  const gained = kinds.filter((kind) => fateKind(kind) === "gained");
  const lost = kinds.filter((kind) => fateKind(kind) === "lost");
  const total = (list: readonly { readonly rows: number }[]): number => list.reduce((sum, kind) => sum + kind.rows, 0);
  return {
    id: "against",
    title: `Against ${other.manifest.name}`,
    body: html`<p class="lead">
        Against <bdi>${other.manifest.name}</bdi>, this recipe gained <strong>${counted(total(gained), "row")}</strong> and lost
        <strong>${counted(total(lost), "row")}</strong>; ${counted(same, "row")} ${same === 1 ? "has" : "have"} the same fate in both runs,
        ${count(changed)} another.
      </p>
      ${recipeTable(recipe, other)}
      <h3>The figures</h3>
      ${figuresTable(sheet, other)}${sourceTable(sheet, other)}${changeTable("Gained: used now, not before", gained, rows, sheet)}${changeTable(
        "Lost: used before, not now",
        lost,
        rows,
        sheet,
      )}${changeTable(
        "Other changes",
        kinds.filter((kind) => fateKind(kind) === "other"),
        rows,
        sheet,
      )}`,
  };
}

type Kind = RunDifference["kinds"][number];

function fateKind({ before, after }: Kind): "gained" | "lost" | "other" {
  const [was, is] = [before, after].map((fate) => fate.startsWith("used"));
  return was === is ? "other" : is ? "gained" : "lost";
}

function recipeTable(recipe: RunDifference["recipe"], other: RunFiles): Html {
  if (recipe.length === 0) return html`<p>The recipes are the same.</p>`;
  const value = (json: unknown): Html => html`<bdi>${JSON.stringify(json) ?? "(not set)"}</bdi>`;
  return html`<h3>The recipes differ in</h3>
    ${table({
      caption: "Keys of the recipe that differ",
      columns: [text("key"), text(name(other.manifest.name)), text("this run")],
      rows: recipe.map(({ path, before, after }) => [html`<code>${path}</code>`, value(before), value(after)]),
    })}`;
}

function figuresTable({ manifest, files }: Sheet, other: RunFiles): Html {
  const rows: Part[][] = [];
  const add = (label: Part, before: number | undefined, after: number | undefined, format: (value: number) => string = count): void => {
    if (before === undefined && after === undefined) return;
    const change = before === undefined || after === undefined ? "–" : signed(after - before, format);
    rows.push([label, before === undefined ? "–" : format(before), after === undefined ? "–" : format(after), change]);
  };
  const [was, is] = [other.manifest, manifest];
  for (const state of ["read", "used", "unused", "dropped", "quarantined", "held_out"] as const)
    add(`${state === "unused" ? "fit, not needed" : words(state)}, rows`, was.states[""][state], is.states[""][state]);
  const lost = (from: typeof was, stage: string): number | undefined => {
    const figures = from.stages.find((candidate) => candidate.stage === stage);
    return figures && figures.rows_in - figures.rows_out;
  };
  for (const stage of new Set([...was.stages, ...is.stages].map((figures) => figures.stage)))
    if (!["read", "hold_out", "mix"].includes(stage)) add(html`${stageTitle(stage)}, rows taken`, lost(was, stage), lost(is, stage));
  add("mix, rows with repeats", was.mix?.achieved.rows, is.mix?.achieved.rows);
  add("mix, tokens", was.mix?.achieved.tokens, is.mix?.achieved.tokens);
  add("mix, loss tokens", was.mix?.achieved.loss_tokens, is.mix?.achieved.loss_tokens);
  const entropy = ({ diversity }: typeof was): number | undefined => diversity[diversity.length - 1]?.profiles[""]?.entropy_bits;
  add("entropy of the mix, bits", entropy(was), entropy(is), (value) => fixed(value, 2));
  const distinct = ({ samples }: typeof was): number => samples.by_source[""].distinct[1];
  add("distinct-2 of the rows used", distinct(was), distinct(is), (value) => fixed(value, 3));
  add("best evaluation loss", other.training?.best?.eval_loss, files.training?.best?.eval_loss, figure);
  for (const { name: what, after } of files.training?.behaviour ?? []) {
    const before = other.training?.behaviour?.find((rate) => rate.name === what)?.after;
    add(`${words(what)}, after training`, before, after, (value) => percent(value));
  }
  return table({
    caption: `Figures of ${other.manifest.name} and of this run`,
    columns: [text("figure"), number(name(was.name)), number("this run"), number("change")],
    rows,
  });
}

function sourceTable({ manifest, sources }: Sheet, other: RunFiles): Html {
  const names = [...new Set([...sources, ...Object.keys(other.manifest.states)])].filter((source) => source !== "");
  const used = (from: typeof manifest, source: string): number => from.states[source]?.used ?? 0;
  const part = (from: typeof manifest, source: string): string => {
    const achieved = from.mix?.sources.find((entry) => entry.name === source)?.achieved.loss_tokens ?? 0;
    return percent(share(achieved, from.mix?.achieved.loss_tokens ?? 0));
  };
  return html`<h3>By source</h3>
    ${table({
      caption: "Rows used and share of the loss tokens by source",
      columns: [
        text("source"),
        number("used before"),
        number("used now"),
        number("change"),
        number("loss tokens before"),
        number("loss tokens now"),
      ],
      rows: names.map((source) => [
        name(source),
        used(other.manifest, source),
        used(manifest, source),
        signed(used(manifest, source) - used(other.manifest, source)),
        part(other.manifest, source),
        part(manifest, source),
      ]),
    })}`;
}

function changeTable(title: string, kinds: readonly Kind[], rows: ReadonlyMap<string, ExampleRow>, { room }: Sheet): Html {
  if (kinds.length === 0) return nothing;
  const shown = kinds.slice(0, kindsShown);
  return html`<h3>${title}</h3>
    <div class="steps">
      ${shown.map((kind) => {
        const found = kind.examples.flatMap((row) => rows.get(row) ?? []);
        const missing = kind.examples.filter((row) => !rows.has(row));
        return html`<details class="reason">
          <summary>
            <span><bdi>${fateWords(kind.before)}</bdi> → <bdi>${fateWords(kind.after)}</bdi></span>
            <span class="n">${counted(kind.rows, "row")}</span>
          </summary>
          ${exampleRows(found, { stage: "", reason: "" }, room)}${
            missing.length > 0 && html`<p class="soft">For example ${missing.map((row) => html`${id(row)} `)}</p>`
          }
        </details>`;
      })}
    </div>
    ${kinds.length > shown.length && html`<p class="soft">${counted(kinds.length - shown.length, "rarer kind")} not listed.</p>`}`;
}

/** "dropped: length/response_short" as "dropped: length, response short". */
function fateWords(fate: string): string {
  return words(fate.replace("/", ", ")).replace(/^used x(\d+)$/, "used $1×");
}
