// The verdict: what went in, what came out, what to look at first, in words; then the six figures everybody asks for.
import { type Finding, findings } from "../findings.ts";
import { html, type Html, joined } from "../html.ts";
import { count, counted, figure, percent, share, signed } from "../numbers.ts";
import type { Section, Sheet } from "../section.ts";
import { hasImproved } from "../training-figures.ts";
import type { TrainingRecord } from "../../pipeline/training-record.ts";

export function verdict({ files, manifest, sources, against }: Sheet): Section {
  const { states, mix, packing, inputs } = manifest;
  const all = states[""];
  const [first, ...others] = findings(files);
  const tokens = mix && mix.achieved.rows > 0 ? mix.achieved : undefined;
  return {
    id: "verdict",
    title: "Verdict",
    body: html`<p class="lead">
        ${counted(all.read, "record")} from ${counted(sources.length, "source")} (${counted(inputs.length, "file")}) went in.
        <strong>${count(all.used)}</strong> came out
        (${percent(share(all.used, all.read))})${
          tokens &&
          html`: ${tokens.rows === all.used ? "each used once" : html`used ${count(tokens.rows)} times in all`}, ${count(tokens.tokens)}
          tokens, ${count(tokens.loss_tokens)} of them learned from`
        }.${
          packing !== null &&
          packing.rows > 0 &&
          html` Packed, they make ${counted(packing.rows, "training row")} of up to ${count(packing.max_length)} tokens,
          ${percent(packing.efficiency)} full.`
        }${training(files)}
        ${first ? html`Look first at ${remark(first)}.` : hasEnded(files) && "Nothing stands out."}
        ${others.length > 0 && html`Then at ${joined(others.slice(0, 2).map(remark), "; and at ")}.`}
      </p>
      ${cards(manifest.states[""], against?.states[""])}`,
  };
}

type TrainingFiles = Pick<Sheet["files"], "training" | "failure" | "metrics">;

function training({ training: record, failure, metrics }: TrainingFiles): Html | false {
  if (failure) return html` Training <bdi>${failure.model}</bdi> on them failed: <bdi>${failure.found}</bdi>.`;
  if (record) return record.stopped === "interrupted" ? interrupted(record) : trained(record);
  return metrics.length > 0 && html` Training has not ended.`;
}

/** Training that was never begun has ended, too. */
function hasEnded({ training: record, failure, metrics }: TrainingFiles): boolean {
  return !failure && (record ? record.stopped !== "interrupted" : metrics.length === 0);
}

function interrupted({ model, steps, planned_steps }: TrainingRecord): Html {
  return html` Training <bdi>${model}</bdi> on them was interrupted at step ${count(steps)} of ${count(planned_steps)}; the same command
    goes on from there.`;
}

function trained(record: TrainingRecord): Html {
  const { first, best, model } = record;
  if (!best) return html` <bdi>${model}</bdi> was trained on them.`;
  if (first && !hasImproved(record))
    return html` Training <bdi>${model}</bdi> on them did not lower the evaluation loss: ${figure(first.eval_loss)} before,
      ${figure(best.eval_loss)} at best, at step ${count(best.step)}.`;
  const from = first ? ` from ${figure(first.eval_loss)}` : "";
  return html` Training <bdi>${model}</bdi> on them brought the evaluation loss${from} to ${figure(best.eval_loss)}, best at step
    ${count(best.step)}.`;
}

function remark({ section, what, matter }: Finding): Html {
  return html`<a href="#${section}">${what}</a>: ${matter}`;
}

type Counts = Sheet["manifest"]["states"][string];

function cards(now: Counts, before: Counts | undefined): Html {
  const entries: readonly (readonly [keyof Counts, string])[] = [
    ["read", "read"],
    ["used", "used"],
    ["unused", "fit, not needed"],
    ["dropped", "dropped"],
    ["quarantined", "unreadable"],
    ["held_out", "held out"],
  ];
  return html`<dl class="cards">
    ${entries.map(
      ([key, label]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${count(now[key])}${before && html`<small>${signed(now[key] - before[key])}</small>`}</dd>
        </div>`,
    )}
  </dl>`;
}
