// Two distributions over the same buckets: before as a pale area, after as a line over it, both as shares of their own total.
import { scaleLinear } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import { html, type Html } from "../html.ts";
import { percent, share } from "../numbers.ts";
import { plane } from "./plane.ts";

export interface Bucket {
  /** from <= value < to. */
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
}

/** Buckets are drawn equally wide: they are chosen to be even in the logarithm. */
export function distribution(title: string, buckets: readonly Bucket[]): Html {
  const totals = { before: sum(buckets.map(({ before }) => before)), after: sum(buckets.map(({ after }) => after)) };
  const shares = buckets.map(({ before, after }) => [share(before, totals.before), share(after, totals.after)]);
  const y = scaleLinear([0, Math.max(...shares.flat(), 1e-9)], [0, 1]).nice(4);
  const step = 1000 / Math.max(1, buckets.length);
  // One point more, so that the last step has its width.
  const points = (side: 0 | 1): [number, number][] =>
    [...shares, shares[shares.length - 1] ?? [0, 0]].map((pair, i) => [i * step, 1000 * (1 - y(pair[side]))]);
  const before = area<[number, number]>()
    .x((point) => point[0])
    .y0(1000)
    .y1((point) => point[1])
    .curve(curveStepAfter)(points(0));
  const after = line<[number, number]>().curve(curveStepAfter)(points(1));
  const every = Math.max(1, Math.ceil(buckets.length / 8));
  return plane({
    title,
    x: buckets.flatMap(({ from }, i) => (i % every === 0 ? [{ at: i / buckets.length, label: String(from) }] : [])),
    y: y.ticks(4).map((value) => ({ at: y(value), label: percent(value, 0) })),
    shapes: html`<path class="before" d="${before ?? ""}"></path><path class="line after" d="${after ?? ""}"></path>`,
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
