// Each source's share of the mix, from the recipe's proportions or from what the sources hold. Shares here need not sum to 1.
import { nearest, recipeError } from "../core/errors.ts";

export interface Shares {
  /** weights[sources], finite, >= 0, not all 0 where proportions are given. */
  readonly weights: readonly number[];
  /** Remarks about the whole mix: { source: "" } or one source. */
  readonly remarks: readonly { readonly kind: "normalised" | "left_out" | "temperature"; readonly source: string; readonly text: string }[];
}

/**
 * Shares of the named sources. Without proportions a share is the available amount to the power of 1 / temperature
 * (temperature sampling as in mT5, arXiv 2010.11934, there alpha = 1 / T); a temperature beside proportions bends them in the same way.
 */
export function sharesOf(options: {
  readonly names: readonly string[];
  readonly amounts: readonly number[];
  readonly proportions?: Readonly<Record<string, number>>;
  readonly temperature?: number;
}): Shares {
  const { names, amounts, proportions, temperature = 1 } = options;
  if (!(temperature > 0 && temperature < Infinity)) {
    throw recipeError({
      where: "mix.temperature",
      key: ["mix", "temperature"],
      expected: "a finite number above 0 (1 keeps the shares, larger evens them out)",
      found: String(temperature),
      fix: "give a temperature such as 2, or leave it out",
    });
  }
  if (!proportions) return { weights: bent(amounts, temperature), remarks: [] };
  checkProportions(proportions, names);
  const given = names.map((name) => (Object.hasOwn(proportions, name) ? proportions[name] : 0));
  const weights = bent(given, temperature);
  return { weights, remarks: remarksOn({ names, proportions, weights, temperature }) };
}

/** Relative to the largest, so that no power overflows; a temperature of 1 leaves the numbers as they were written. */
function bent(weights: readonly number[], temperature: number): readonly number[] {
  if (temperature === 1) return weights;
  const largest = Math.max(...weights);
  return largest > 0 ? weights.map((weight) => (weight / largest) ** (1 / temperature)) : weights;
}

/** Throws where a share has no source or is no share, and where all are 0. */
export function checkProportions(proportions: Readonly<Record<string, number>>, names: readonly string[]): void {
  for (const [name, value] of Object.entries(proportions)) {
    const where = `mix.proportions.${name}`;
    if (!names.includes(name)) {
      const near = nearest(name, names);
      throw recipeError({
        where,
        key: ["mix", "proportions", name],
        expected: `the name of a source: ${names.join(", ")}`,
        found: `"${name}"`,
        fix: near === undefined ? "take the line out, or add the source" : `did you mean "${near}"?`,
      });
    }
    if (!(typeof value === "number" && value >= 0 && value <= 1e12)) {
      throw recipeError({
        where,
        key: ["mix", "proportions", name],
        expected: "a number in 0..1e12",
        found: String(value),
        fix: "give the source's share, for instance 0.25",
      });
    }
  }
  if (!Object.values(proportions).some((value) => value > 0)) {
    throw recipeError({
      where: "mix.proportions",
      key: ["mix", "proportions"],
      expected: "at least one share above 0",
      found: Object.keys(proportions).length === 0 ? "no shares" : "only zeros",
      fix: "give shares, or leave proportions out to take every row",
    });
  }
}

function remarksOn(options: {
  readonly names: readonly string[];
  readonly proportions: Readonly<Record<string, number>>;
  readonly weights: readonly number[];
  readonly temperature: number;
}): Shares["remarks"] {
  const { names, proportions, weights, temperature } = options;
  const remarks: { kind: "normalised" | "left_out" | "temperature"; source: string; text: string }[] = [];
  const sum = Object.values(proportions).reduce((a, b) => a + b, 0);
  const total = weights.reduce((a, b) => a + b, 0);
  const shown = names
    .map((name, i) => ({ name, weight: weights[i] }))
    .filter(({ weight }) => weight > 0)
    .map(({ name, weight }) => `${name} ${percent(weight / total)}`)
    .join(", ");
  if (temperature !== 1) {
    remarks.push({ kind: "temperature", source: "", text: `temperature ${temperature} bends the given proportions; used: ${shown}` });
  } else if (Math.abs(sum - 1) > 1e-9) {
    remarks.push({
      kind: "normalised",
      source: "",
      text: `proportions sum to ${+sum.toPrecision(6)}, not 1; used in that relation: ${shown}`,
    });
  }
  for (const name of names) {
    if (!Object.hasOwn(proportions, name)) {
      remarks.push({ kind: "left_out", source: name, text: `source ${name} has no line in mix.proportions: its rows are not used` });
    }
  }
  return remarks;
}

function percent(share: number): string {
  return `${+(share * 100).toFixed(2)}%`;
}
