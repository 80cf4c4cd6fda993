// Training: where the loss went, on rows trained on and rows held out, by source; what it cost; answers before and after.
import { bars } from "../charts/bars.ts";
import { curves, type Curve, type Point, pointsDrawn } from "../charts/curves.ts";
import { figure as chartFigure } from "../charts/figure.ts";
import { turnView } from "../examples.ts";
import { html, type Html, id, name, nothing } from "../html.ts";
import { bytes, count, counted, duration, figure, fixed, percent, share, signed, words } from "../numbers.ts";
import type { RunFiles } from "../run-files.ts";
import { type Section, warning } from "../section.ts";
import { number, table, text } from "../table.ts";
import { hasImproved, stoppedText, trainingRemarks } from "../training-figures.ts";
import type { TrainingFailure } from "../../pipeline/training-failure.ts";
import type { GenerationLine, TrainingRecord } from "../../pipeline/training-record.ts";
import type { Metric } from "../training-files.ts";

type TrainingFiles = Pick<RunFiles, "training" | "failure" | "metrics" | "generations">;

/** Lines of a table of curves, and answers that are shown. */
const linesShown = 24;
const answersShown = 24;
const answerLimit = 1500;
/** Colours for sources; more sources than these are in the table only. */
const sourceMarks = 6;

export function trainingSection(files: TrainingFiles): Section | undefined {
  const { training, failure, metrics, generations } = files;
  if (!training && !failure && metrics.length === 0) return undefined;
  return {
    id: "training",
    title: "Training",
    body: html`${failure && failed(failure)}${training ? summary(training) : !failure && unended(metrics)}${trainingRemarks(files).map(
      ({ text: words_ }) => warning(words_),
    )}${lossCurves(metrics, training)}${lossBySource(metrics)}${rateCurves(metrics)}${
      training ? html`${behaviour(training)}${costs(training)}` : nothing
    }${answers(generations)}`,
  };
}

/** Nobody who only reads files can tell a training at work from one that was killed. */
function unended(metrics: readonly Metric[]): Html {
  return html`<p>
    Training has not ended: it goes on, or was stopped, and the same command goes on with it; ${counted(metrics.length, "line")} of
    measurements so far.
  </p>`;
}

function failed({ model, where, expected, found, fix, checkpoint }: TrainingFailure): Html {
  const told = { where, expected, found, "to do": fix };
  return html`<p class="warning">
      <strong>Training <bdi>${model}</bdi> failed.</strong>
    </p>
    <dl class="facts">
      ${Object.entries(told).map(
        ([term, words_]) =>
          html`<div>
            <dt>${term}</dt>
            <dd><bdi>${words_}</bdi></dd>
          </div>`,
      )}
    </dl>
    <p>
      ${
        checkpoint === null
          ? "No checkpoint had been saved."
          : html`The last whole checkpoint is <code>${checkpoint}</code>; the same command goes on from it.`
      }
      With other settings, <code>sluice train RECIPE --fresh</code> starts over on the same shards.
    </p>`;
}

const methodNames = { full: "all parameters", lora: "LoRA", qlora: "QLoRA" } as const;

function summary(training: TrainingRecord): Html {
  const { model, method, parameters, device, engine, epochs, tokens, loss_tokens, seconds, first, best, last } = training;
  return html`<p>
    <bdi>${model}</bdi>,
    ${
      method === "full"
        ? "all parameters trained"
        : html`${methodNames[method]}: ${count(parameters.trained)} of ${count(parameters.total)} parameters trained
          (${percent(share(parameters.trained, parameters.total), 2)})`
    },
    on ${engine} (<bdi>${device}</bdi>). It ${stoppedText(training)}: ${fixed(epochs, 2)} epochs, ${count(tokens)} tokens
    (${count(loss_tokens)} learned from), in
    ${duration(seconds)}.${
      first && best
        ? ` The evaluation loss ${hasImproved(training) ? "fell" : "did not fall: it went"} from ${figure(first.eval_loss)} before training to ${figure(best.eval_loss)} at step ${count(best.step)}, the best.`
        : ""
    }${best ? html` That checkpoint is <code>${best.checkpoint}</code>.` : nothing}${
      best && last && last.step !== best.step ? ` The last evaluation, at step ${count(last.step)}, is ${figure(last.eval_loss)}.` : ""
    }
  </p>`;
}

function pointsOf(metrics: readonly Metric[], value: (metric: Metric) => number | null | undefined): Point[] {
  return metrics.flatMap((metric) => {
    const y = value(metric);
    return typeof y === "number" ? [{ x: metric.step, y }] : [];
  });
}

function lossCurves(metrics: readonly Metric[], training: TrainingRecord | undefined): Html {
  const loss = pointsOf(metrics, (metric) => metric.loss);
  const evaluated = pointsOf(metrics, (metric) => metric.eval_loss);
  if (training?.first && !evaluated.some(({ x }) => x === 0)) evaluated.unshift({ x: 0, y: training.first.eval_loss });
  if (loss.length + evaluated.length === 0) return nothing;
  const lines: Curve[] = [
    { label: "training", mark: "line before", points: loss },
    { label: "evaluation", mark: "line after", points: evaluated, dots: true },
  ];
  const best = training?.best ?? bestOf(evaluated);
  const steps = evenly(metrics, linesShown);
  return chartFigure({
    title: "Loss",
    takeaway: `Nats a token that is learned from, by step.${loss.length > pointsDrawn ? " Drawn as means of equal spans of steps." : ""}`,
    key: [
      { mark: "line before", label: "rows trained on" },
      { mark: "line after", label: "rows held out" },
    ],
    chart: curves({
      title: "Loss by step",
      curves: lines.filter(({ points }) => points.length > 0),
      ...(best ? { note: { x: best.step, label: `best, step ${count(best.step)}` } } : {}),
    }),
    numbers: {
      caption: metrics.length > steps.length ? `Loss by step, ${steps.length} of ${metrics.length} measurements` : "Loss by step",
      columns: ["step", "epoch", "training loss", "evaluation loss", "learning rate", "gradient norm", "tokens/s"].map(number),
      rows: steps.map((metric) => [
        count(metric.step),
        fixed(metric.epoch, 2),
        shown(metric.loss),
        shown(metric.eval_loss),
        shown(metric.learning_rate),
        shown(metric.grad_norm),
        metric.tokens_per_second === undefined ? "–" : count(metric.tokens_per_second),
      ]),
    },
  });
}

function bestOf(points: readonly Point[]): { step: number } | undefined {
  if (points.length < 2) return undefined;
  return { step: points.reduce((a, b) => (b.y < a.y ? b : a)).x };
}

function shown(value: number | null | undefined): string {
  if (value === undefined) return "–";
  return value === null ? "not a number" : figure(value);
}

/** At most `limit` lines, evenly spread, the evaluations and the last among them where there is room. */
function evenly(metrics: readonly Metric[], limit: number): readonly Metric[] {
  if (metrics.length <= limit) return metrics;
  const evaluations = metrics.filter(({ eval_loss }) => eval_loss !== undefined);
  const kept = new Set(evaluations.length <= limit / 2 ? evaluations : spreadOver(evaluations, limit / 2));
  for (const metric of spreadOver(metrics, limit - kept.size)) kept.add(metric);
  return metrics.filter((metric) => kept.has(metric));
}

function spreadOver<T>(items: readonly T[], limit: number): T[] {
  return Array.from({ length: limit }, (_, i) => items[Math.round((i * (items.length - 1)) / Math.max(1, limit - 1))]);
}

function lossBySource(metrics: readonly Metric[]): Html {
  const names = [...new Set(metrics.flatMap((metric) => Object.keys(metric.eval_loss_by_source ?? metric.loss_by_source ?? {})))];
  if (names.length === 0) return nothing;
  const evaluated = metrics.some((metric) => metric.eval_loss_by_source !== undefined);
  const of = (metric: Metric, source: string): number | null | undefined =>
    (evaluated ? metric.eval_loss_by_source : metric.loss_by_source)?.[source];
  const points = names.map((source) => pointsOf(metrics, (metric) => of(metric, source)));
  const drawn = names.slice(0, sourceMarks);
  const what = evaluated ? "evaluation loss" : "training loss";
  const last = names.map((_, i) => points[i][points[i].length - 1]?.y);
  return chartFigure({
    title: `Loss by source`,
    takeaway: `The ${what} of each source's rows, by step.${names.length > drawn.length ? ` The first ${drawn.length} sources are drawn.` : ""}`,
    key: drawn.map((source, i) => ({ mark: `line source${i}`, label: name(source) })),
    chart: curves({
      title: `${what} by source`,
      curves: drawn.map((source, i) => ({ label: source, mark: `line source${i}`, points: points[i], dots: evaluated })),
    }),
    numbers: {
      caption: `First, best and last ${what} by source`,
      columns: [text("source"), ...["first", "best", "last", "change"].map(number)],
      rows: names.map((source, i) => {
        const ys = points[i].map(({ y }) => y);
        if (ys.length === 0) return [name(source), "–", "–", "–", "–"];
        return [name(source), figure(ys[0]), figure(Math.min(...ys)), figure(last[i]), signed(last[i] - ys[0], figure)];
      }),
    },
  });
}

function rateCurves(metrics: readonly Metric[]): Html {
  const rate = pointsOf(metrics, (metric) => metric.learning_rate);
  const norm = pointsOf(metrics, (metric) => metric.grad_norm);
  const chart = (title: string, takeaway: string, points: readonly Point[]): Html => {
    if (points.length < 2) return nothing;
    const ys = points.map(({ y }) => y);
    return chartFigure({
      title,
      takeaway,
      chart: curves({ title, curves: [{ label: title, mark: "line after", points }], fromZero: true }),
      numbers: {
        caption: `${title}: first, least, most and last`,
        columns: ["first", "least", "most", "last"].map(number),
        rows: [[figure(ys[0]), figure(Math.min(...ys)), figure(Math.max(...ys)), figure(ys[ys.length - 1])]],
      },
    });
  };
  return html`<div class="two">
    ${chart("Learning rate", "By step.", rate)}${chart("Gradient norm", "By step, before clipping.", norm)}
  </div>`;
}

function behaviour({ behaviour: rates }: TrainingRecord): Html {
  if (!rates || rates.length === 0) return nothing;
  return chartFigure({
    title: "Behaviour, before and after",
    takeaway: "Share of answers to held-out prompts. A full bar is 100\u00a0%.",
    key: [
      { mark: "before", label: "before training" },
      { mark: "after", label: "after" },
    ],
    chart: bars({
      title: "Behaviour of the model before and after training",
      marks: ["before", "after"],
      full: 1,
      bars: rates.map(({ name: what, before, after }) => ({
        label: words(what),
        values: [before, after],
        text: `${percent(before)} → ${percent(after)}`,
      })),
    }),
    numbers: {
      caption: "Behaviour of the model before and after training",
      columns: [text("behaviour"), ...["answers", "before", "after", "change, points"].map(number)],
      rows: rates.map(({ name: what, rows, before, after }) => [
        words(what),
        rows,
        percent(before),
        percent(after),
        signed(100 * (after - before), (value) => fixed(value, 1)),
      ]),
    },
  });
}

function costs({ settings, memory, seconds, tokens }: TrainingRecord): Html {
  const rows: (readonly [string, string])[] = [
    ["tokens a second, all in all", count(share(tokens, seconds))],
    ...(memory
      ? [
          ["memory planned", bytes(memory.planned_bytes)] as const,
          [
            "memory used at most",
            `${bytes(memory.peak_bytes)} (${signed(share(memory.peak_bytes, memory.planned_bytes) - 1, (value) => percent(value))} of the plan)`,
          ] as const,
        ]
      : []),
    ...Object.entries(settings).map(([key, value]) => [words(key), typeof value === "string" ? value : JSON.stringify(value)] as const),
  ];
  return html`<details class="numbers">
    <summary>Settings, speed and memory</summary>
    ${table({
      caption: "Training settings, speed and memory",
      columns: [text("setting"), text("value")],
      rows: rows.map(([key, value]) => [key, html`<bdi>${value}</bdi>`]),
    })}
  </details>`;
}

function answers(generations: readonly GenerationLine[]): Html {
  if (generations.length === 0) return nothing;
  const cut = (words_: string): Html => html`${words_.length > answerLimit ? `${words_.slice(0, answerLimit)}…` : words_}`;
  return html`<h3>Answers before and after</h3>
    <p>Held-out prompts, answered by the model as it was and as it is now, and what the data says.</p>
    ${generations.slice(0, answersShown).map(
      ({ id: row, prompt, reference, before, after }) =>
        html`<details class="answer">
          <summary><span dir="auto">${firstWords(prompt)}</span></summary>
          <article class="example">
            <header>${id(row)}</header>
            ${prompt.map(({ role, content }) => turnView(role, cut(content)))}
            <div class="triple">
              <div>${turnView("before", cut(before))}</div>
              <div>${turnView("after", cut(after))}</div>
              <div>${turnView("reference", cut(reference))}</div>
            </div>
          </article>
        </details>`,
    )}${generations.length > answersShown && html`<p class="soft">${counted(generations.length - answersShown, "more")} in <code>generations.jsonl</code>.</p>`}`;
}

function firstWords(prompt: GenerationLine["prompt"]): string {
  const question = prompt.findLast(({ role }) => role === "user")?.content ?? "";
  const line = question.replaceAll(/\s+/g, " ").trim();
  return line.length > 110 ? `${line.slice(0, 110)}…` : line || "(empty)";
}
