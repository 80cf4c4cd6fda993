// Marked passages of a text: where the evidence's words stand, and which words two texts share or do not share.
import { diffArrays } from "diff";
import { html, type Html } from "./html.ts";

/** from <= UTF-16 unit < to. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export type Occurrence = "first" | "last" | "every";

/** Where `wanted` stands in a text. Where it does not stand word for word, its lines are looked for, with any white space between words. */
export function findRanges(text: string, wanted: string, occurrence: Occurrence): Range[] {
  const whole = wanted.replace(/(\.\.\.|…)$/, "");
  if (whole.trim() === "") return [];
  const exact = occurrences(text, whole, occurrence);
  if (exact.length > 0) return exact;
  const ranges: Range[] = [];
  for (const line of whole.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (line.trim().length < 8) continue;
    const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+"), "iu");
    const match = pattern.exec(text);
    if (match) ranges.push({ from: match.index, to: match.index + match[0].length });
  }
  return ranges;
}

function occurrences(text: string, wanted: string, occurrence: Occurrence): Range[] {
  const range = (from: number): Range[] => (from < 0 ? [] : [{ from, to: from + wanted.length }]);
  if (occurrence === "first") return range(text.indexOf(wanted));
  if (occurrence === "last") return range(text.lastIndexOf(wanted));
  const found: Range[] = [];
  for (let at = text.indexOf(wanted); at >= 0 && found.length < 200; at = text.indexOf(wanted, at + wanted.length)) {
    found.push({ from: at, to: at + wanted.length });
  }
  return found;
}

/** The text with its ranges marked; overlapping ones become one. */
export function marked(text: string, ranges: readonly Range[], kind = ""): Html {
  const parts: Html[] = [];
  let done = 0;
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (to <= done) continue;
    const start = Math.max(from, done);
    parts.push(html`${text.slice(done, start)}<mark${kind !== "" && html` class="${kind}"`}>${text.slice(start, to)}</mark>`);
    done = to;
  }
  return html`${parts}${text.slice(done)}`;
}

const segmenter = new Intl.Segmenter("und", { granularity: "word" });
/** Words that may change before two texts count as different ones: comparing costs words times changes. */
const mostChanges = 300;

export interface Comparison {
  /** Passages of each text that the other does not have. */
  readonly differing: readonly [readonly Range[], readonly Range[]];
  /** Passages of each text that both have, in the same order. */
  readonly shared: readonly [readonly Range[], readonly Range[]];
}

/** Word by word; undefined where the texts have little in common. */
export function compareWords(left: string, right: string): Comparison | undefined {
  const changes = diffArrays(wordsOf(left), wordsOf(right), { maxEditLength: mostChanges });
  if (!changes) return undefined;
  const differing: [Range[], Range[]] = [[], []];
  const shared: [Range[], Range[]] = [[], []];
  const at = [0, 0];
  for (const { value, added, removed } of changes) {
    const length = value.reduce((sum, word) => sum + word.length, 0);
    for (const side of [0, 1] as const) {
      if (side === 0 ? added : removed) continue;
      const range = { from: at[side], to: at[side] + length };
      at[side] += length;
      if (added || removed) differing[side].push(range);
      else shared[side].push(range);
    }
  }
  return { differing, shared };
}

function wordsOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
