// The mix: what was asked for and what came of it, in rows, tokens and tokens that are learned from, and how often rows repeat.
import type { Amounts, MixSource } from "../../pipeline/manifest.ts";
import { bars } from "../charts/bars.ts";
import { figure } from "../charts/figure.ts";
import { html, type Html, name } from "../html.ts";
import { count, counted, listed, percent, share, words } from "../numbers.ts";
import { type Section, type Sheet, warning } from "../section.ts";
import { number, table, text } from "../table.ts";

export function mixSection({ manifest }: Sheet): Section | undefined {
  const { mix, warnings } = manifest;
  if (!mix || mix.sources.length === 0) return undefined;
  const got = mix.achieved[mix.weigh_by as keyof Amounts];
  return {
    id: "mix",
    title: "The mix",
    body: html`<p>Shares are weighed by ${words(mix.weigh_by)}: ${count(mix.wanted_total)} wanted, ${count(got)} achieved.</p>
      ${warnings.filter(({ stage }) => stage === "mix").map(({ text: words_ }) => warning(words_))}${shares(mix.sources, mix.achieved)}${amounts(
        mix.sources,
        mix.achieved,
      )}${repeats(mix.sources)}`,
  };
}

function shares(sources: readonly MixSource[], all: Amounts): Html {
  const parts = ({ proportion, achieved }: MixSource): number[] => [
    proportion,
    share(achieved.rows, all.rows),
    share(achieved.tokens, all.tokens),
    share(achieved.loss_tokens, all.loss_tokens),
  ];
  return figure({
    title: "Requested and achieved",
    takeaway: "Each source’s share. A source of long answers weighs more in tokens than in rows.",
    key: [
      { mark: "before", label: "requested" },
      { mark: "after", label: "rows" },
      { mark: "second", label: "tokens" },
      { mark: "third", label: "tokens learned from" },
    ],
    chart: bars({
      title: "Requested share of each source, and its share of rows, tokens and loss tokens",
      marks: ["before", "after", "second", "third"],
      bars: sources.map((source) => {
        const values = parts(source);
        return { label: source.name, values, text: `${percent(values[0])} asked, ${percent(values[3])} learned` };
      }),
    }),
    numbers: {
      caption: "Requested and achieved shares by source",
      columns: [text("source"), ...["requested", "of rows", "of tokens", "of loss tokens"].map(number)],
      rows: sources.map((source) => [name(source.name), ...parts(source).map((part) => percent(part))]),
    },
  });
}

function amounts(sources: readonly MixSource[], all: Amounts): Html {
  const available = sources.reduce((sum, source) => sum + source.available.rows, 0);
  return html`<h3>Amounts</h3>
    ${table({
      caption: "Rows, tokens and loss tokens of the mix by source",
      columns: [text("source"), ...["rows available", "rows in the mix", "tokens", "loss tokens", "loss tokens a row"].map(number)],
      rows: sources.map(({ name: source, available: had, achieved }) => [
        name(source),
        had.rows,
        achieved.rows,
        achieved.tokens,
        achieved.loss_tokens,
        achieved.rows === 0 ? "–" : achieved.loss_tokens / achieved.rows,
      ]),
      total: ["all", available, all.rows, all.tokens, all.loss_tokens, all.rows === 0 ? "–" : all.loss_tokens / all.rows],
    })}`;
}

function repeats(sources: readonly MixSource[]): Html {
  return html`<h3>Repeats</h3>
    ${table({
      caption: "How often the mix uses the rows of each source",
      columns: [text("source"), number("fewest uses"), number("most uses"), text("rows by uses")],
      rows: sources.map(({ name: source, repeats: { least, most }, uses }) => [
        name(source),
        `${least}×`,
        `${most}×`,
        listed(
          Object.entries(uses)
            .sort((a, b) => Number(a[0]) - Number(b[0]))
            .map(([times, rows]) => (times === "0" ? `${counted(rows, "row")} not used` : `${count(rows)} used ${times}×`)),
        ),
      ]),
    })}`;
}
