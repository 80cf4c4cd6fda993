// Diversity before and after: kinds of task, what is asked for, lengths, variety of words, what sources share.
import type { Manifest, SampleFigures } from "../../pipeline/manifest.ts";
import { bars } from "../charts/bars.ts";
import { distribution, type Bucket } from "../charts/distribution.ts";
import { figure } from "../charts/figure.ts";
import { html, type Html, name, nothing } from "../html.ts";
import { count, fixed, percent, share, signed } from "../numbers.ts";
import { type Section, type Sheet, warning } from "../section.ts";
import { number, table, text } from "../table.ts";

type Profile = Manifest["diversity"][number]["profiles"][string];
type Lengths = Profile["instruction_tokens"];

const key = [
  { mark: "before", label: "rows read" },
  { mark: "after", label: "training mix" },
] as const;
const marks = ["before", "after"] as const;
/** Bars of a chart; the table has more. */
const pairsShown = 12;
const overlapsShown = 15;

export function diversity({ manifest, sources }: Sheet): Section | undefined {
  const { diversity: stages, samples, warnings } = manifest;
  const first = stages[0]?.profiles[""];
  const last = stages[stages.length - 1]?.profiles[""];
  if (!first || !last || first.rows === 0) return undefined;
  const bits = (profile: Profile): string => `${fixed(profile.entropy_bits, 2)} bits`;
  return {
    id: "diversity",
    title: "Diversity, before and after",
    body: html`<p>
        Kinds of task: ${bits(first)} of entropy before, ${percent(first.entropy_share, 0)} of the most there can be; ${bits(last)} and
        ${percent(last.entropy_share, 0)} in the training mix, repeats counted. ${entropyWords(first, last)}
      </p>
      ${warnings
        .filter(({ stage }) => stage === "diversity")
        .map(({ text: words }) => warning(words))}${taskTypes(first, last)}${entropyTable(manifest, sources)}${asked(samples)}${lengths(
        "Instruction lengths",
        first.instruction_tokens,
        last.instruction_tokens,
      )}${lengths("Response lengths", first.response_tokens, last.response_tokens)}${distinct(samples, sources)}${overlap(samples)}`,
  };
}

function entropyWords(first: Profile, last: Profile): string {
  const change = last.entropy_bits - first.entropy_bits;
  if (Math.abs(change) < 0.05) return "The mix is as varied as what was read.";
  return change > 0 ? "The mix is more varied than what was read." : "The mix is less varied than what was read.";
}

function taskTypes(first: Profile, last: Profile): Html {
  const tasks = Object.keys(first.tasks)
    .map((task) => ({
      task,
      rows: [first.tasks[task], last.tasks[task] ?? 0],
      shares: [share(first.tasks[task], first.rows), share(last.tasks[task] ?? 0, last.rows)],
    }))
    .filter(({ rows }) => rows[0] + rows[1] > 0)
    .sort((a, b) => b.shares[1] - a.shares[1] || b.shares[0] - a.shares[0]);
  return figure({
    title: "Kinds of task",
    takeaway: "Share of rows, by what the instruction asks for.",
    key,
    chart: bars({
      title: "Kinds of task before and after",
      marks,
      bars: tasks.map(({ task, shares }) => ({ label: task, values: shares, text: change(shares) })),
    }),
    numbers: {
      caption: "Rows by kind of task, before and after",
      columns: [text("kind"), ...["rows read", "share", "in the mix", "share", "change, points"].map(number)],
      rows: tasks.map(({ task, rows, shares }) => [
        task,
        rows[0],
        percent(shares[0]),
        rows[1],
        percent(shares[1]),
        signed(100 * (shares[1] - shares[0]), (value) => fixed(value, 1)),
      ]),
    },
  });
}

function change([before, after]: readonly number[]): string {
  return `${percent(before)} → ${percent(after)}`;
}

function entropyTable({ diversity: stages }: Manifest, sources: readonly string[]): Html {
  const read = stages[0].profiles;
  // The last stage that is told per source; the one behind it counts repeats, for all sources only.
  const used = stages.findLast(({ profiles }) => sources.every((source) => source in profiles))?.profiles ?? read;
  const line = (source: string): (string | number)[] => {
    const [before, after] = [read[source], used[source]];
    return [
      before.rows,
      fixed(before.entropy_bits, 2),
      percent(before.entropy_share, 0),
      after.rows,
      fixed(after.entropy_bits, 2),
      percent(after.entropy_share, 0),
    ];
  };
  return html`<h3>Entropy by source</h3>
    ${table({
      caption: "Entropy of the kinds of task, by source, before and after",
      columns: [text("source"), ...["rows read", "bits", "of maximum", "rows used", "bits", "of maximum"].map(number)],
      rows: sources.map((source) => [name(source), ...line(source)]),
      total: ["all", ...line("")],
    })}`;
}

/** Verbs with their nouns: the commonest of both samples. */
function asked({ by_source, read }: Manifest["samples"]): Html {
  const [before, after] = [read.by_source[""], by_source[""]];
  const shareOf = (sample: SampleFigures, pair: string): number =>
    share(sample.verb_nouns.find((entry) => entry.pair === pair)?.count ?? 0, sample.rows);
  const pairs = [...new Set([...before.verb_nouns, ...after.verb_nouns].map(({ pair }) => pair))]
    .map((pair) => ({ pair, shares: [shareOf(before, pair), shareOf(after, pair)] }))
    .sort((a, b) => b.shares[0] + b.shares[1] - a.shares[0] - a.shares[1] || (a.pair < b.pair ? -1 : 1));
  if (pairs.length === 0) return nothing;
  const told = (sample: SampleFigures): number => sample.verb_nouns.reduce((sum, entry) => sum + entry.count, 0);
  return figure({
    title: "What instructions ask for",
    takeaway: html`Verb and noun that an instruction begins with, where it does: at least ${percent(share(told(before), before.rows), 0)} of
    ${count(before.rows)} rows read and ${percent(share(told(after), after.rows), 0)} of ${count(after.rows)} rows used, samples chosen by
    content.`,
    key: [key[0], { mark: "after", label: "rows used" }],
    chart: bars({
      title: "Verb and noun of instructions before and after",
      marks,
      bars: pairs.slice(0, pairsShown).map(({ pair, shares }) => ({ label: pair, values: shares, text: change(shares) })),
    }),
    numbers: {
      caption: "Verb and noun of instructions, shares of the samples",
      columns: [text("verb and noun"), number("rows read"), number("rows used")],
      rows: pairs.slice(0, 40).map(({ pair, shares }) => [pair, percent(shares[0], 2), percent(shares[1], 2)]),
    },
  });
}

function lengths(title: string, before: Lengths, after: Lengths): Html {
  const buckets = new Map<number, { from: number; to: number; before: number; after: number }>();
  for (const [side, { histogram }] of [["before", before] as const, ["after", after] as const]) {
    for (const { from, to, count: rows } of histogram) {
      const bucket = buckets.get(from) ?? { from, to, before: 0, after: 0 };
      bucket[side] += rows;
      buckets.set(from, bucket);
    }
  }
  const sorted: Bucket[] = [...buckets.values()].sort((a, b) => a.from - b.from);
  const line = (label: string, l: Lengths): (string | number)[] => [label, fixed(l.mean, 1), l.p5, l.p50, l.p95, l.max];
  return figure({
    title,
    takeaway: `In tokens: the middle row has ${count(before.p50)} before and ${count(after.p50)} after, the longest ${count(before.max)} and ${count(after.max)}.`,
    key: [key[0], { mark: "line after", label: "training mix" }],
    chart: distribution(`${title} in tokens, shares of rows, read and in the mix`, sorted),
    numbers: {
      caption: `${title} in tokens`,
      columns: [text("rows"), ...["mean", "5th percentile", "median", "95th percentile", "longest"].map(number)],
      rows: [line("read", before), line("in the mix", after)],
    },
  });
}

function distinct({ by_source, read }: Manifest["samples"], sources: readonly string[]): Html {
  const line = (source: string): (string | number)[] => {
    const [before, after] = [read.by_source[source], by_source[source]];
    return [
      before.rows,
      after.rows,
      ...[0, 1, 2].flatMap((n) => [fixed(before.distinct[n], 3), after.rows === 0 ? "–" : fixed(after.distinct[n], 3)]),
    ];
  };
  return html`<h3>Variety of words</h3>
    <p>
      Different runs of one, two and three words as a share of all such runs in the instructions (distinct-n). The figure falls as a sample
      grows: compare samples of like size.
    </p>
    ${table({
      caption: "distinct-1, -2 and -3 of instructions by source, before and after",
      columns: [
        text("source"),
        number("sample read"),
        number("sample used"),
        ...[1, 2, 3].flatMap((n) => [number(`distinct-${n} read`), number(`distinct-${n} used`)]),
      ],
      rows: sources.map((source) => [name(source), ...line(source)]),
      total: ["all", ...line("")],
    })}`;
}

function overlap({ overlap: used, read }: Manifest["samples"]): Html {
  const pairs = used
    .map(({ sources, share: part }) => ({
      label: sources.join(" and "),
      shares: [read.overlap.find((other) => other.sources.join() === sources.join())?.share ?? 0, part],
    }))
    .sort((a, b) => b.shares[1] - a.shares[1]);
  if (pairs.length === 0) return nothing;
  return figure({
    title: "What sources have in common",
    takeaway: "Runs of three words that stand in both sources, as a share of the smaller one’s. A full bar is 100\u00a0%.",
    key: [key[0], { mark: "after", label: "rows used" }],
    chart: bars({
      title: "Word runs that two sources share, before and after",
      marks,
      full: 1,
      bars: pairs.slice(0, overlapsShown).map(({ label, shares }) => ({ label, values: shares, text: change(shares) })),
    }),
    numbers: {
      caption: "Shared word 3-grams of two sources",
      columns: [text("sources"), number("rows read"), number("rows used")],
      rows: pairs.map(({ label, shares }) => [name(label), percent(shares[0]), percent(shares[1])]),
    },
  });
}
