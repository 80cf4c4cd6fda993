// The rows of a run's training shards, epoch by epoch, in an order that the seed and the epoch decide: shards are shuffled, and rows within a
// shard (the mix has shuffled all of them once). Two shards are in memory at most: the one being read and the next.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { dataError } from "../core/errors.ts";
import { createRandom, mix32, shuffle } from "../core/random.ts";
import { openTrainingShard, type TrainingShardView } from "../arrow/training-rows.ts";
import type { RowFeed } from "../train/loop.ts";
import type { ShardFigures } from "./manifest.ts";

export interface FeedOptions {
  /** The run's folder. */
  readonly folder: string;
  readonly shards: readonly ShardFigures[];
  /** Undefined: rows come in the order in which they were written. */
  readonly shuffleSeed: number | undefined;
}

export function createFeed({ folder, shards, shuffleSeed }: FeedOptions): RowFeed {
  const load = async ({ tokenized, rows }: ShardFigures): Promise<TrainingShardView> => {
    const path = join(folder, tokenized);
    const view = openTrainingShard(await readFile(path), path);
    if (view.rows !== rows) {
      throw dataError({
        where: path,
        expected: `${rows} rows, as run.json says`,
        found: `${view.rows}`,
        fix: "run the recipe again: shards that are not whole are written anew",
      });
    }
    return view;
  };
  return {
    rows: shards.reduce((sum, { rows }) => sum + rows, 0),
    async *epoch(epoch, from) {
      const order = Array.from(shards.keys());
      if (shuffleSeed !== undefined) shuffle(order, createRandom(mix32(shuffleSeed + epoch)));
      let skip = from;
      let first = 0;
      while (first < order.length && skip >= shards[order[first]].rows) skip -= shards[order[first++]].rows;
      const wanted = order.slice(first);
      for (let next = wanted.length > 0 ? load(shards[wanted[0]]) : undefined, i = 0; next; i++) {
        const view = await next;
        next = i + 1 < wanted.length ? load(shards[wanted[i + 1]]) : undefined;
        next?.catch(() => {}); // told when it is awaited
        const places = Uint32Array.from({ length: view.rows }, (_, place) => place);
        if (shuffleSeed !== undefined) shuffle(places, createRandom(mix32(shuffleSeed + epoch) ^ mix32(wanted[i] + 1)));
        for (const place of places.subarray(i === 0 ? skip : 0)) yield view.row(place);
      }
    },
  };
}
