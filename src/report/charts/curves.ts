// Curves over steps: losses, learning rates. Long ones are thinned to the means of equal spans, and the chart says so.
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { html, type Html } from "../html.ts";
import { count, figure } from "../numbers.ts";
import { across, plane, planeHeight } from "./plane.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Curve {
  readonly label: string;
  /** Class of the line, see style.ts. */
  readonly mark: string;
  readonly points: readonly Point[];
  /** Few and measured one by one: each gets a dot. */
  readonly dots?: boolean;
}

export interface CurvesParts {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** A vertical line with words. */
  readonly note?: { readonly x: number; readonly label: string };
  /** Begins the y axis at 0. */
  readonly fromZero?: boolean;
}

/** Points of a curve that are drawn. */
export const pointsDrawn = 400;

export function curves({ title, curves: lines, note, fromZero }: CurvesParts): Html {
  const finite = lines.map((curve) => ({ ...curve, points: curve.points.filter(({ y }) => Number.isFinite(y)) }));
  const drawn = finite.map((curve) => ({ ...curve, points: thinned(curve.points) }));
  const all = drawn.flatMap(({ points }) => points);
  const xs = extent(all.map((point) => point.x));
  const ys = extent(all.map((point) => point.y));
  const x = scaleLinear(xs, [0, 1]);
  const y = scaleLinear([fromZero ? Math.min(0, ys[0]) : ys[0], ys[1]], [0, 1]).nice(4);
  const path = line<Point>()
    .x((point) => 1000 * x(point.x))
    .y((point) => 1000 * (1 - y(point.y)));
  const alternative = finite
    .filter(({ points }) => points.length > 0)
    .map(({ label, points }) => `${label} from ${figure(points[0].y)} to ${figure(points[points.length - 1].y)}`);
  const noteAt = note && x(note.x);
  // All labels of an axis with the same digits.
  const format = y.tickFormat(4);
  const tickLabel = (value: number): string =>
    y.domain()[1] >= 0.01 ? format(value) : value === 0 ? "0" : value.toExponential(1).replace("-", "\u2212");
  return plane({
    title: `${title}: ${alternative.join("; ")}`,
    x: x
      .ticks(6)
      .filter(Number.isInteger)
      .map((value) => ({ at: x(value), label: count(value) })),
    y: y.ticks(4).map((value) => ({ at: y(value), label: tickLabel(value) })),
    shapes: html`${drawn.map(({ mark, points }) => html`<path class="${mark}" d="${path(points) ?? ""}"></path>`)}`,
    over: html`${
      note !== undefined &&
      noteAt !== undefined &&
      html`<line class="note" x1="${across(noteAt)}" x2="${across(noteAt)}" y1="0" y2="${planeHeight}"></line
        ><text class="halo" x="${across(noteAt)}" y="2" dx="${noteAt > 0.6 ? -6 : 6}" dy="8" text-anchor="${noteAt > 0.6 ? "end" : "start"}"
          >${note.label}</text
        >`
    }${drawn
      .filter(({ dots }) => dots)
      .map(({ mark, points }) =>
        points.map(
          (point) =>
            html`<circle class="${mark}" cx="${across(x(point.x))}" cy="${(planeHeight * (1 - y(point.y))).toFixed(1)}" r="3"></circle>`,
        ),
      )}`,
  });
}

/** At most `limit` points: the means of equal spans. */
export function thinned(points: readonly Point[], limit = pointsDrawn): readonly Point[] {
  if (points.length <= limit) return points;
  return Array.from({ length: limit }, (_, i) => {
    const span = points.slice(Math.floor((i * points.length) / limit), Math.floor(((i + 1) * points.length) / limit));
    return { x: mean(span.map((point) => point.x)), y: mean(span.map((point) => point.y)) };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  let [low, high] = [values[0], values[0]];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low === high ? [low - Math.max(1e-6, Math.abs(low) / 10), high + Math.max(1e-6, Math.abs(high) / 10)] : [low, high];
}
