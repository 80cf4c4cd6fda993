// A plane with two axes: grid, ticks and whatever is drawn on it. Positions across are per cent and drawn shapes are stretched, so a chart
// fills any width while letters, lines and points keep their size.
import { html, type Html } from "../html.ts";

/** Height of the plane and of the line of ticks under it, in pixels. */
export const planeHeight = 200;
const ticksHeight = 22;
const top = 14;

export interface Tick {
  /** In [0, 1], from the left or from the bottom. */
  readonly at: number;
  readonly label: string;
}

export interface PlaneParts {
  readonly title: string;
  readonly x: readonly Tick[];
  readonly y: readonly Tick[];
  /** Shapes in units of 1000 by 1000, y downwards. */
  readonly shapes: Html;
  /** Things that must not be stretched. */
  readonly over?: Html;
}

export function plane({ title, x, y, shapes, over }: PlaneParts): Html {
  return html`<svg class="plot plane" width="100%" height="${top + planeHeight + ticksHeight}" role="img" aria-label="${title}">
    <svg y="${top}" width="100%" height="${planeHeight}" overflow="visible">
      ${y.map(
        ({ at }) =>
          html`<line class="${at === 0 ? "base" : "grid"}" x1="0" x2="100%" y1="${across(1 - at)}" y2="${across(1 - at)}"></line>`,
      )}<svg viewBox="0 0 1000 1000" width="100%" height="${planeHeight}" preserveAspectRatio="none">${shapes}</svg>${over}${y.map(
        ({ at, label }) => html`<text class="soft" x="-8" y="${across(1 - at)}" dy="4" text-anchor="end">${label}</text>`,
      )}</svg
    >${x.map(
      ({ at, label }) =>
        html`<text
          class="soft"
          x="${across(at)}"
          y="${top + planeHeight + 16}"
          text-anchor="${at < 0.03 ? "start" : at > 0.97 ? "end" : "middle"}"
          >${label}</text
        >`,
    )}
  </svg>`;
}

export function across(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}
