// Inline SVG charts. Each has a text alternative; the page puts the same numbers in a table under it.
import { html, type Html } from "./html.ts";

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Shown at the end of the bar. */
  readonly text: string;
}

const rowHeight = 26;
const labelWidth = 190;
const barWidth = 420;
const textWidth = 150;

/** Horizontal bars, the longest as wide as the chart. */
export function barChart(title: string, bars: readonly Bar[]): Html {
  const most = Math.max(...bars.map((bar) => bar.value), 1e-12);
  const width = labelWidth + barWidth + textWidth;
  const lines = bars.map(({ label, value, text }, i) => {
    const y = i * rowHeight;
    const length = Math.max(value > 0 ? 1 : 0, (barWidth * value) / most);
    return html`<text x="${labelWidth - 8}" y="${y + 17}" class="label" text-anchor="end">${shortened(label, 28)}</text
      ><rect x="${labelWidth}" y="${y + 4}" width="${length.toFixed(1)}" height="18" rx="2"></rect
      ><text x="${(labelWidth + length + 6).toFixed(1)}" y="${y + 17}" class="value">${text}</text>`;
  });
  return html`<svg
    class="bars"
    viewBox="0 0 ${width} ${bars.length * rowHeight}"
    role="img"
    aria-label="${title}: ${bars.map(({ label, text }) => `${label} ${text}`).join("; ")}"
  >
    ${lines}
  </svg>`;
}

/** Two bars a line: before (light) and after (dark), each on the same scale of shares. */
export function pairChart(
  title: string,
  bars: readonly { readonly label: string; readonly before: number; readonly after: number }[],
): Html {
  const most = Math.max(...bars.flatMap(({ before, after }) => [before, after]), 1e-12);
  const height = 34;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const lines = bars.map(({ label, before, after }, i) => {
    const y = i * height;
    const widths = [before, after].map((share) => (barWidth * share) / most);
    return html`<text x="${labelWidth - 8}" y="${y + 20}" class="label" text-anchor="end">${shortened(label, 28)}</text
      ><rect class="before" x="${labelWidth}" y="${y + 3}" width="${widths[0].toFixed(1)}" height="12" rx="2"></rect
      ><rect x="${labelWidth}" y="${y + 17}" width="${widths[1].toFixed(1)}" height="12" rx="2"></rect
      ><text x="${(labelWidth + Math.max(...widths) + 6).toFixed(1)}" y="${y + 20}" class="value"
        >${percent(before)} to ${percent(after)}</text
      >`;
  });
  return html`<svg
    class="bars"
    viewBox="0 0 ${labelWidth + barWidth + textWidth} ${bars.length * height}"
    role="img"
    aria-label="${title}: ${bars.map(({ label, before, after }) => `${label} ${percent(before)} before, ${percent(after)} after`).join("; ")}"
  >
    ${lines}
  </svg>`;
}

/** A histogram of buckets [from, to); before as an outline, after filled; both as shares of their own total. */
export function histogram(
  title: string,
  buckets: readonly { readonly from: number; readonly to: number; readonly before: number; readonly after: number }[],
): Html {
  const width = 640;
  const height = 150;
  const totals = [sum(buckets.map((bucket) => bucket.before)), sum(buckets.map((bucket) => bucket.after))].map((total) => total || 1);
  const shares = buckets.map(({ before, after }) => [before / totals[0], after / totals[1]]);
  const most = Math.max(...shares.flat(), 1e-12);
  const step = width / Math.max(1, buckets.length);
  const every = Math.ceil(buckets.length / 10);
  const columns = shares.map(([before, after], i) => {
    const [top, fill] = [before, after].map((share) => height - (height * share) / most);
    const x = i * step;
    return html`<rect
        x="${(x + 1).toFixed(1)}"
        y="${fill.toFixed(1)}"
        width="${(step - 2).toFixed(1)}"
        height="${(height - fill).toFixed(1)}"
      ></rect
      ><path class="outline" d="M${x.toFixed(1)} ${top.toFixed(1)}h${step.toFixed(1)}"></path
      >${i % every === 0 && html`<text x="${x.toFixed(1)}" y="${height + 16}" class="value">${buckets[i].from}</text>`}`;
  });
  return html`<svg class="histogram" viewBox="0 -4 ${width + 30} ${height + 26}" role="img" aria-label="${title}">${columns}</svg>`;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function shortened(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
