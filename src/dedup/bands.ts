// How a MinHash signature is cut into LSH bands. Two texts of Jaccard J share a band with probability 1 - (1 - J^rows)^bands.

/** bands x rows of a signature. */
export interface Bands {
  readonly bands: number;
  readonly rows: number;
  /** The share of pairs at exactly the threshold that meet in a band, by the formula; more above it. */
  readonly recall: number;
}

/** What the issue asks is 0.99; the rest is for chance. */
const leastRecall = 0.995;

/** The longest bands, so the fewest false candidates, that still find pairs at the threshold. */
export function chooseBands(threshold: number, permutations: number): Bands {
  if (!(threshold >= 0.2 && threshold <= 1)) throw new RangeError(`threshold must be in 0.2..1, got ${threshold}`);
  for (let rows = permutations; rows > 1; rows--) {
    const bands = Math.floor(permutations / rows);
    const recall = meetingChance(threshold, bands, rows);
    if (recall >= leastRecall) return { bands, rows, recall };
  }
  return { bands: permutations, rows: 1, recall: meetingChance(threshold, permutations, 1) };
}

export function meetingChance(jaccard: number, bands: number, rows: number): number {
  return 1 - (1 - jaccard ** rows) ** bands;
}
