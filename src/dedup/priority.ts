// Which of two similar rows is kept: the recipe's keep order, over columns of rows. Ends in the content hash, so that the arrangement of
// input files decides nothing; rows of one hash hold the same messages, and their number only decides which id is told.

/** What a keep order may name. `first` is the least content hash; `position` is the order of the input files. */
export const keepOrders = ["source", "longest", "quality", "first", "position"] as const;
export type KeepOrder = (typeof keepOrders)[number];

/** Columns of length rows; hash[rows * 4]. */
export interface PriorityOptions {
  readonly keep: readonly KeepOrder[];
  /** A source's place in the recipe; the earlier is kept. */
  readonly source: ArrayLike<number>;
  /** Characters; the longer is kept. */
  readonly length: ArrayLike<number>;
  /** The higher is kept; NaN counts as lowest. */
  readonly quality: ArrayLike<number>;
  readonly hash: ArrayLike<number>;
}

/** Compares two rows: under 0 where the first is kept. Never 0 for two different rows. */
export function createPriority({ keep, source, length, quality, hash }: PriorityOptions): (a: number, b: number) => number {
  const byHash = (a: number, b: number): number => {
    for (let i = 0; i < 4; i++) {
      const difference = hash[a * 4 + i] - hash[b * 4 + i];
      if (difference !== 0) return difference;
    }
    return a - b;
  };
  const orders: Readonly<Record<KeepOrder, (a: number, b: number) => number>> = {
    source: (a, b) => source[a] - source[b],
    longest: (a, b) => length[b] - length[a],
    quality: (a, b) => rank(quality[b]) - rank(quality[a]),
    first: byHash,
    position: (a, b) => a - b,
  };
  const steps = keep.map((name) => orders[name]);
  return (a, b) => {
    for (const step of steps) {
      const difference = step(a, b);
      if (difference !== 0) return difference;
    }
    return byHash(a, b);
  };
}

/** A finite number for every quality, so that differences are never NaN. */
function rank(quality: number): number {
  return Number.isNaN(quality) ? -Number.MAX_VALUE / 2 : Math.max(-Number.MAX_VALUE / 2, Math.min(Number.MAX_VALUE / 2, quality));
}
