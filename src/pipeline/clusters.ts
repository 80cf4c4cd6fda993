// The rows that most others were dropped for as duplicates.
import { noSurvivor, type Settled } from "./stage-dedup.ts";

export interface Cluster {
  /** Row numbers. */
  readonly survivor: number;
  /** Of the rows dropped for it, the one that is least similar. */
  readonly leastSimilar: number;
  /** Rows dropped for it. */
  readonly rows: number;
}

/** The largest first; equal ones by row number. */
export function largestClusters({ survivor, similarity }: Settled, limit: number): Cluster[] {
  const clusters = new Map<number, { rows: number; leastSimilar: number }>();
  for (let row = 0; row < survivor.length; row++) {
    if (survivor[row] === noSurvivor) continue;
    const known = clusters.get(survivor[row]);
    if (!known) clusters.set(survivor[row], { rows: 1, leastSimilar: row });
    else {
      known.rows++;
      if (similarity[row] < similarity[known.leastSimilar]) known.leastSimilar = row;
    }
  }
  const sorted = [...clusters].sort((a, b) => b[1].rows - a[1].rows || a[0] - b[0]).slice(0, limit);
  return sorted.map(([row, cluster]) => ({ survivor: row, ...cluster }));
}
