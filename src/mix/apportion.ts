// Largest-remainder apportionment (Hamilton's method): whole counts that add up to a total exactly, each within one of its exact share.
// Weights are read as the decimals they were written as (0.35 is 35/100), so that floors and ties never hang on binary rounding.

/** Whole counts[weights] that sum to total; ties go to the earlier weight. Weights must be finite, >= 0 and not all 0. */
export function apportion(total: number, weights: readonly number[]): number[] {
  const { parts, sum } = exactWeights(weights);
  const whole = BigInt(total);
  const counts = parts.map((part) => (whole * part) / sum);
  const remainders = parts.map((part) => (whole * part) % sum);
  const given = counts.reduce((a, b) => a + b, 0n);
  const byRemainder = parts.map((_, i) => i).sort((a, b) => compare(remainders[b], remainders[a]) || a - b);
  for (let i = 0; i < Number(whole - given); i++) counts[byRemainder[i]]++;
  return counts.map(Number);
}

/** The largest total whose exact shares all fit: share i of it is at most capacities[i]. Weights of 0 bind nothing. */
export function largestFittingTotal(capacities: readonly number[], weights: readonly number[]): number {
  const { parts, sum } = exactWeights(weights);
  let least: bigint | undefined;
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] === 0n) continue;
    const total = (BigInt(capacities[i]) * sum) / parts[i];
    if (least === undefined || total < least) least = total;
  }
  const total = Number(least ?? 0n);
  return Math.min(total, Number.MAX_SAFE_INTEGER);
}

/** Weights as integers over a common power of ten. */
function exactWeights(weights: readonly number[]): { readonly parts: readonly bigint[]; readonly sum: bigint } {
  const decimals = weights.map((weight) => {
    if (!(weight >= 0 && weight < Infinity)) throw new RangeError(`a weight must be a finite number >= 0, got ${weight}`);
    const [mantissa, exponent = "0"] = String(weight).split("e");
    const [whole, fraction = ""] = mantissa.split(".");
    return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
  });
  const scale = Math.min(...decimals.map(({ exponent }) => exponent));
  const parts = decimals.map(({ digits, exponent }) => digits * 10n ** BigInt(exponent - scale));
  const sum = parts.reduce((a, b) => a + b, 0n);
  if (sum === 0n) throw new RangeError("weights must not all be 0");
  return { parts, sum };
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
