// The report's page, in the order a person asks: what went in and came out, where rows were lost and why, what the mix is, how diverse it is.
import type { Amounts, Examples, ExampleRow, Manifest, MixSource } from "../pipeline/manifest.ts";
import { barChart, histogram, pairChart } from "./charts.ts";
import { html, type Html } from "./html.ts";
import { style } from "./style.ts";

export function reportPage(manifest: Manifest, examples: Examples): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${manifest.name}: curation report</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main>
          <h1>${manifest.name}</h1>
          <p class="soft">Curation report, Sluice ${manifest.sluice}, recipe ${manifest.recipe_file}</p>
          ${verdict(manifest)} ${warnings(manifest)} ${funnel(manifest, examples)} ${mix(manifest)} ${diversity(manifest)}
          ${flags(manifest, examples)} ${duplicates(manifest)} ${quarantine(manifest, examples)} ${inputs(manifest)} ${reproduce(manifest)}
        </main>
      </body>
    </html> `;
  return page.markup;
}

/** 1234567 as 1,234,567. */
function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number | Html)[])[]): Html {
  const numeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number" || /^[\d.,]+( %|x)?$/.test(String(row[column]))),
  );
  const cell = (value: string | number | Html, column: number): Html =>
    html`<td class="${numeric[column] ? "n" : ""}">${typeof value === "number" ? count(value) : value}</td>`;
  return html`<div class="scroll" tabindex="0">
    <table>
      <thead>
        <tr>
          ${head.map((name, column) => html`<th scope="col" class="${numeric[column] ? "n" : ""}">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function verdict({ states, mix, packing, stages }: Manifest): Html {
  const all = states[""];
  const largest = stages
    .flatMap(({ stage, reasons }) => Object.entries(reasons).map(([reason, rows]) => ({ stage, reason, rows })))
    .filter(({ stage }) => stage !== "mix")
    .sort((a, b) => b.rows - a.rows)[0];
  const cards: [string, number][] = [
    ["records read", all.read],
    ["used", all.used],
    ["unused", all.unused],
    ["dropped", all.dropped],
    ["quarantined", all.quarantined],
    ["held out", all.held_out],
  ];
  return html`<p class="lead">
      ${count(all.read)} records were read; ${count(all.used)} of them are in the training
      mix${mix ? `, used ${count(mix.achieved.rows)} times in all (${count(mix.achieved.tokens)} tokens, ${count(mix.achieved.loss_tokens)} of them with loss)` : ""}.
      ${largest ? `Most rows were lost to ${largest.stage}: ${largest.reason.replaceAll("_", " ")} (${count(largest.rows)}).` : "No row was lost."}
      ${packing && packing.rows > 0 ? `${count(packing.documents)} documents are packed into ${count(packing.rows)} rows of up to ${count(packing.max_length)} tokens, ${percent(packing.efficiency)} full.` : ""}
    </p>
    <ul class="cards">
      ${cards.map(([name, rows]) => html`<li><b>${count(rows)}</b>${name}</li>`)}
    </ul>`;
}

function warnings({ warnings }: Manifest): Html {
  if (warnings.length === 0) return html``;
  return html`<h2>Warnings</h2>
    ${warnings.map(({ stage, text }) => html`<p class="warning"><b>${stage}</b>: ${text}</p>`)}`;
}

function funnel({ stages, states }: Manifest, examples: Examples): Html {
  const bars = stages.map(({ stage, rows_in, rows_out }) => ({
    label: `after ${stage}`,
    value: rows_out,
    text: rows_in === rows_out ? count(rows_out) : `${count(rows_out)} (-${count(rows_in - rows_out)})`,
  }));
  const sources = Object.keys(states).filter((name) => name !== "");
  const losing = stages.filter(({ rows_in, rows_out }) => rows_in !== rows_out);
  return html`<h2>From read to used</h2>
    ${barChart("Rows left after each stage", [{ label: "records read", value: stages[0]?.rows_in ?? 0, text: count(stages[0]?.rows_in ?? 0) }, ...bars])}
    ${table(
      ["source", "read", "used", "unused", "dropped", "quarantined", "held out"],
      [...sources, ""].map((name) => [
        name || "all",
        states[name].read,
        states[name].used,
        states[name].unused,
        states[name].dropped,
        states[name].quarantined,
        states[name].held_out,
      ]),
    )}
    <h3>Why rows were lost</h3>
    ${losing.map(({ stage, rows_in, rows_out, reasons, by_source }) => {
      const rows = Object.entries(reasons).map(([reason, total]) => [
        reason,
        total,
        ...sources.map((name) => by_source[name]?.reasons[reason] ?? 0),
      ]);
      const shown = examples.reasons.filter((example) => example.stage === stage && example.rows.length > 0);
      return html`<details>
        <summary>${stage}: ${count(rows_in - rows_out)} rows</summary>
        ${table(["reason", "all", ...sources], rows)}${shown.map(
          ({ reason, rows: found }) =>
            html`<h3>${reason}</h3>
              ${found.map(exampleRow)}`,
        )}
      </details>`;
    })}`;
}

function exampleRow({ id, messages, evidence, survivor }: ExampleRow): Html {
  const shownEvidence = Object.entries(evidence).filter(([name]) => name !== "flags");
  const matched = matchedTexts(evidence);
  return html`<article>
    <div class="id">${id}</div>
    ${shownEvidence.length > 0 && html`<p class="soft">${shownEvidence.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(" · ")}</p>`}${
      survivor
        ? html`<div class="pair">
            <div><b>dropped</b>${turns(messages, matched)}</div>
            <div>
              <b>kept: <span class="id">${survivor.id}</span></b
              >${turns(survivor.messages, [])}
            </div>
          </div>`
        : turns(messages, matched)
    }
  </article>`;
}

/** Words that a finding says it matched, to be marked in the text. */
function matchedTexts(evidence: Readonly<Record<string, unknown>>): string[] {
  const found: string[] = [];
  for (const name of ["matched", "text", "match"]) {
    const value = evidence[name];
    if (typeof value === "string" && value.length > 0) found.push(value);
  }
  return found;
}

function turns(messages: ExampleRow["messages"], matched: readonly string[]): Html {
  return html`${messages.map(({ role, content }) => html`<div class="turn"><b>${role}</b>${marked(content, matched)}</div>`)}`;
}

function marked(content: string, matched: readonly string[]): Html {
  for (const text of matched) {
    const at = content.indexOf(text);
    if (at >= 0) return html`${content.slice(0, at)}<mark>${text}</mark>${content.slice(at + text.length)}`;
  }
  return html`${content}`;
}

function mix({ mix }: Manifest): Html {
  if (!mix) return html``;
  const amount = (amounts: Amounts): number => amounts[mix.weigh_by as keyof Amounts];
  const repeats = ({ repeats: { least, most } }: MixSource): string => (least === most ? `${most}x` : `${least} to ${most}x`);
  return html`<h2>The mix</h2>
    <p>Weighed by ${mix.weigh_by.replace("_", " ")}: ${count(mix.wanted_total)} wanted, ${count(amount(mix.achieved))} achieved.</p>
    ${pairChart(
      "Requested and achieved share of each source",
      mix.sources.map(({ name, proportion, achieved_share }) => ({ label: name, before: proportion, after: achieved_share })),
    )}
    <p class="soft key"><i class="before"></i>requested <i></i>achieved</p>
    ${table(
      ["source", "requested", "achieved", "available rows", "rows", "tokens", "loss tokens", "uses of a row"],
      mix.sources.map((source) => [
        source.name,
        percent(source.proportion),
        percent(source.achieved_share),
        source.available.rows,
        source.achieved.rows,
        source.achieved.tokens,
        source.achieved.loss_tokens,
        repeats(source),
      ]),
    )}`;
}

function diversity({ diversity, samples }: Manifest): Html {
  const first = diversity[0]?.profiles[""];
  const last = diversity[diversity.length - 1]?.profiles[""];
  if (!first || !last) return html``;
  const tasks = Object.keys(first.tasks).map((task) => ({
    label: task,
    before: share(first.tasks[task], first.rows),
    after: share(last.tasks[task] ?? 0, last.rows),
  }));
  tasks.sort((a, b) => b.after - a.after);
  return html`<h2>Diversity</h2>
    <p>
      Task types of the rows read: ${first.entropy_bits.toFixed(2)} bits of entropy, ${percent(first.entropy_share)} of the maximum. In the
      training mix: ${last.entropy_bits.toFixed(2)} bits, ${percent(last.entropy_share)}.
    </p>
    ${pairChart("Task types before and after", tasks)}
    <p class="soft key"><i class="before"></i>rows read <i></i>training mix, with repeats</p>
    ${table(
      ["after stage", "rows", "entropy (bits)", "share of maximum", "instruction tokens (median)", "response tokens (median)"],
      diversity.map(({ stage, profiles }) => {
        const all = profiles[""];
        return [
          stage,
          all.rows,
          all.entropy_bits.toFixed(2),
          percent(all.entropy_share),
          all.instruction_tokens.p50,
          all.response_tokens.p50,
        ];
      }),
    )}
    ${lengths("Instruction length in tokens", first.instruction_tokens, last.instruction_tokens)}
    ${lengths("Response length in tokens", first.response_tokens, last.response_tokens)} ${samples ? sampleFigures(samples) : ""}`;
}

type Lengths = Manifest["diversity"][number]["profiles"][string]["instruction_tokens"];

function lengths(title: string, before: Lengths, after: Lengths): Html {
  const buckets = new Map<number, { from: number; to: number; before: number; after: number }>();
  for (const [side, { histogram: parts }] of [
    ["before", before],
    ["after", after],
  ] as const) {
    for (const { from, to, count: rows } of parts) {
      const bucket = buckets.get(from) ?? { from, to, before: 0, after: 0 };
      bucket[side] += rows;
      buckets.set(from, bucket);
    }
  }
  const sorted = [...buckets.values()].sort((a, b) => a.from - b.from);
  return html`<h3>${title}</h3>
    ${histogram(`${title}: read (line) and used (filled)`, sorted)}
    ${table(
      ["", "mean", "p5", "median", "p95", "longest"],
      [
        ["rows read", before],
        ["training mix", after],
      ].map(([name, l]) => (typeof l === "string" || typeof name !== "string" ? [] : [name, l.mean.toFixed(1), l.p5, l.p50, l.p95, l.max])),
    )}`;
}

function sampleFigures(samples: NonNullable<Manifest["samples"]>): Html {
  const rows = Object.entries(samples.by_source).map(([name, sample]) => [
    name,
    sample.rows,
    ...sample.distinct.map((value) => value.toFixed(3)),
    sample.verb_nouns
      .slice(0, 5)
      .map(({ pair, count: times }) => `${pair} (${times})`)
      .join(", ") || "none recognised",
  ]);
  return html`<h3>Words, on a sample of the rows used</h3>
    ${table(["source", "sampled", "distinct-1", "distinct-2", "distinct-3", "what instructions ask for most"], rows)}
    ${
      samples.overlap.length > 0 &&
      table(
        ["sources", "shared word 3-grams"],
        samples.overlap.map(({ sources, share: part }) => [sources.join(" and "), percent(part)]),
      )
    }`;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function flags({ flags, states }: Manifest, examples: Examples): Html {
  const names = Object.keys(flags);
  if (names.length === 0) return html``;
  const sources = Object.keys(states).filter((name) => name !== "");
  return html`<h2>Flagged for people to judge</h2>
    <p>Flagged rows stay in the mix until somebody decides otherwise.</p>
    ${table(
      ["flag", ...sources],
      names.map((flag) => [flag, ...sources.map((source) => flags[flag][source] ?? 0)]),
    )}
    ${examples.flags.map(
      ({ flag, rows }) =>
        html`<details>
          <summary>${flag}</summary>
          ${rows.map(exampleRow)}
        </details>`,
    )}`;
}

function duplicates({ dedup }: Manifest): Html {
  if (!dedup || dedup.clusters.length === 0) return html``;
  return html`<h2>Duplicates</h2>
    <p>The rows that most others were dropped for, at a similarity of ${dedup.threshold} or more.</p>
    ${table(
      ["kept row", "dropped for it"],
      dedup.clusters.map(({ survivor, rows }) => [html`<span class="id">${survivor}</span>`, rows]),
    )}`;
}

function quarantine({ decontamination }: Manifest, examples: Examples): Html {
  const parts: Html[] = [];
  if (examples.quarantine.length > 0) {
    parts.push(
      html`<h2>Records that could not be read</h2>
        ${table(
          ["record", "reason", "detail", "bytes"],
          examples.quarantine.map(({ id, reason, detail, raw }) => [
            html`<span class="id">${id}</span>`,
            reason,
            detail,
            html`<code>${raw}</code>`,
          ]),
        )}`,
    );
  }
  if (decontamination) {
    parts.push(
      html`<h2>Evaluation data</h2>
        <p>
          ${count(decontamination.items)} texts are kept out of training, held-out rows among them.
          ${
            decontamination.too_short.length === 0
              ? "All of them are long enough to be recognised reworded."
              : `${count(decontamination.too_short.length)} are so short that only equal texts are recognised.`
          }
        </p>
        ${
          decontamination.too_short.length > 0 &&
          html`<details>
            <summary>too short to check</summary>
            <p class="id">${decontamination.too_short.slice(0, 50).join(", ")}</p>
          </details>`
        }`,
    );
  }
  return html`${parts}`;
}

function inputs({ inputs }: Manifest): Html {
  const schemas = (found: Readonly<Record<string, number>>): string =>
    Object.entries(found)
      .map(([name, rows]) => `${name} ${count(rows)}`)
      .join(", ");
  return html`<h2>Inputs</h2>
    ${table(
      ["source", "file", "format", "records", "bytes", "recognised as", "sha256"],
      inputs.map((input) => [
        input.source,
        html`<span class="id">${input.file}</span>`,
        input.format,
        input.records,
        input.bytes,
        schemas(input.schemas),
        html`<code>${input.sha256.slice(0, 12)}</code>`,
      ]),
    )}`;
}

function reproduce({ recipe, plan_sha256, outputs, sluice }: Manifest): Html {
  return html`<h2>To reproduce it</h2>
    <p>The same recipe, inputs and version (${sluice}) give the same bytes with any number of workers. Plan <code>${plan_sha256}</code></p>
    <details>
      <summary>outputs</summary>
      ${table(
        ["file", "bytes", "sha256"],
        outputs.map(({ file, bytes, sha256 }) => [html`<span class="id">${file}</span>`, bytes, html`<code>${sha256}</code>`]),
      )}
    </details>
    <details>
      <summary>recipe, with every default</summary>
      <pre class="turn">${JSON.stringify(recipe, null, 2)}</pre>
    </details>`;
}
