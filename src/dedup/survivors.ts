// Which rows of a component of candidates survive, by exact Jaccard similarity of their texts' shingles. Knows nothing of files or sources.
//
// Rows are walked in keep order. A row is dropped for the first survivor before it in that order that is similar to it (>= threshold), else
// it survives. So nothing is dropped through a chain, each drop names a row that stays and how similar they are, a row similar to an
// undroppable (held-out) row is always told to be so, and the answer depends on nothing but the keep order.
//
// Components can hold 100,000 rows (prompts of one template), so survivors are found through prefix-index.ts, which misses no pair: two
// rows of one component are compared even where they share no MinHash band. Survivors fill a block of bounded bytes; rows that find
// nothing similar in a full block wait for the next round. A text is read once a round, and a sample of them once before.
import { Rarity } from "./rarity.ts";
import { shingles, type Shingles } from "./shingles.ts";
import type { Sketcher } from "./sketch.ts";
import { SurvivorBlock } from "./survivor-block.ts";

export interface Component {
  /** In keep order, undroppable rows first. */
  readonly rows: Uint32Array;
  /** undroppable[rows]: 1 where the row stays whatever it is similar to. */
  readonly undroppable: Uint8Array;
  readonly texts: { textOf(row: number): string };
  /** What the rows were sketched by: says how texts are cut into shingles. */
  readonly sketcher: Pick<Sketcher, "shingleOptions">;
  readonly threshold: number;
  /** Bytes of survivors' shingles and index held at a time. */
  readonly memoryLimit?: number;
}

export interface Drop {
  readonly row: number;
  readonly survivor: number;
  /** Exact Jaccard similarity of the two rows' texts, at or above the threshold. */
  readonly similarity: number;
}

/** Up to this many rows each is compared with every survivor: the plain method, and faster there than an index. */
const fewRows = 12;
/** Rows whose shingles are counted to tell rare ones from frequent ones. */
const sampleRows = 4096;

export function settleComponent(component: Component): Drop[] {
  const { rows, undroppable, sketcher, threshold, memoryLimit = 2 ** 26 } = component;
  const { shingleOptions } = sketcher;
  const rarity = rows.length > fewRows ? sampleRarity(component) : undefined;
  const drops: Drop[] = [];
  // Places in `rows`, ascending.
  let pending: ArrayLike<number> = Uint32Array.from(rows, (_, place) => place);
  while (pending.length > 0) {
    const block = new SurvivorBlock({ threshold, shingleOptions, rarity });
    const waiting: number[] = [];
    for (let i = 0; i < pending.length; i++) {
      const place = pending[i];
      const query = block.prepare(cut(component, rows[place]));
      const found = undroppable[place] === 1 ? undefined : block.find(query);
      if (found) drops.push({ row: rows[place], survivor: found.row, similarity: found.similarity });
      else if (block.size === 0 || block.bytes < memoryLimit) block.add(query, rows[place]);
      else waiting.push(place);
    }
    pending = waiting;
  }
  return drops;
}

function cut({ texts, sketcher }: Component, row: number): Shingles {
  return shingles(texts.textOf(row), sketcher.shingleOptions);
}

/** Counts shingles over rows spread evenly over the component. */
function sampleRarity(component: Component): Rarity {
  const { rows } = component;
  const sampled = Math.min(rows.length, sampleRows);
  const rarity = new Rarity(sampled * 64);
  for (let i = 0; i < sampled; i++) {
    const { short, long } = cut(component, rows[Math.floor((i * rows.length) / sampled)]);
    rarity.count(short);
    if (long) rarity.count(long);
  }
  return rarity;
}
