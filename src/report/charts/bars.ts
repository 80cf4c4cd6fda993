// Horizontal bars. Labels stand above their bars, so a chart is as wide as the page, on a phone too, and its letters never shrink.
import { scaleLinear } from "d3-scale";
import { html, type Html } from "../html.ts";

export interface Bar {
  readonly label: string;
  /** One length for each mark; undefined draws nothing. */
  readonly values: readonly (number | undefined)[];
  /** Said at the end of the line above. */
  readonly text: string;
}

export interface BarsParts {
  /** What the chart shows; the text alternative begins with it. */
  readonly title: string;
  /** Class of each value's bar, see style.ts. */
  readonly marks: readonly string[];
  readonly bars: readonly Bar[];
  /** The length of a full bar; the longest one's where it is not given. */
  readonly full?: number;
}

const labelHeight = 20;
const gap = 14;

export function bars({ title, marks, bars: lines, full }: BarsParts): Html {
  const most = full ?? Math.max(...lines.flatMap(({ values }) => values.map((value) => value ?? 0)), 1e-12);
  const length = scaleLinear([0, most], [0, 100]).clamp(true);
  const thickness = marks.length === 1 ? 10 : 7;
  const height = labelHeight + marks.length * (thickness + 2) + gap;
  return html`<svg
    class="plot"
    width="100%"
    height="${lines.length * height - gap + 4}"
    role="img"
    aria-label="${title}: ${lines.map(({ label, text }) => `${label} ${text}`).join("; ")}"
  >
    ${lines.map(({ label, values, text }, i) => {
      const top = i * height;
      return html`<text x="0" y="${top + 14}">${shortened(label)}</text
        ><text class="soft" x="100%" y="${top + 14}" text-anchor="end">${text}</text>${values.map((value, j) => {
          const y = top + labelHeight + j * (thickness + 2);
          return html`<rect class="track" y="${y}" width="100%" height="${thickness}" rx="2"></rect>${
              value !== undefined &&
              value > 0 &&
              html`<rect
                class="${marks[j]}"
                y="${y}"
                width="${Math.max(0.2, length(value)).toFixed(2)}%"
                height="${thickness}"
                rx="2"
              ></rect>`
            }`;
        })}`;
    })}
  </svg>`;
}

function shortened(text: string, limit = 34): string {
  const letters = [...text];
  return letters.length > limit ? `${letters.slice(0, limit - 1).join("")}…` : text;
}
