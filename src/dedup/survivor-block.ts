// Survivors of a component as far as they fit into memory, and the question put to them: which is the first that a text is similar to?
import { leastShared, PrefixIndex } from "./prefix-index.ts";
import type { Rarity } from "./rarity.ts";
import { overlap, type ShingleOptions, type Shingles, tooManyForShort } from "./shingles.ts";

export interface SurvivorBlockOptions {
  readonly threshold: number;
  readonly shingleOptions: ShingleOptions;
  /** The order of shingles for the index; without it every survivor is compared, the plain method. */
  readonly rarity: Rarity | undefined;
}

/** A text made ready to be looked for and added. */
export interface Query {
  /** Short shingles; undefined in a long text that can be similar to no short one. */
  readonly short: Float64Array | undefined;
  /** Long shingles; undefined in a short text. */
  readonly long: Float64Array | undefined;
  /** The same, rarest first; undefined in the plain method. */
  readonly shortOrdered: Float64Array | undefined;
  readonly longOrdered: Float64Array | undefined;
}

export interface Found {
  readonly row: number;
  readonly similarity: number;
}

export class SurvivorBlock {
  readonly #threshold: number;
  readonly #tooMany: number;
  readonly #rarity: Rarity | undefined;
  readonly #rows: number[] = [];
  readonly #queries: Query[] = [];
  /** Undefined in the plain method. */
  readonly #shortIndex: PrefixIndex | undefined;
  readonly #longIndex: PrefixIndex | undefined;
  #setBytes = 0;
  /** stamps[survivor]: the number of the search that compared it last. */
  #stamps = new Uint32Array(16);
  #stamp = 0;

  constructor({ threshold, shingleOptions, rarity }: SurvivorBlockOptions) {
    this.#threshold = threshold;
    this.#tooMany = tooManyForShort(shingleOptions, threshold);
    this.#rarity = rarity;
    this.#shortIndex = rarity && new PrefixIndex(threshold);
    this.#longIndex = rarity && new PrefixIndex(threshold);
  }

  get size(): number {
    return this.#rows.length;
  }

  get bytes(): number {
    return this.#setBytes + (this.#shortIndex?.bytes ?? 0) + (this.#longIndex?.bytes ?? 0);
  }

  prepare({ short, long }: Shingles): Query {
    const meetsShort = long === undefined || short.length < this.#tooMany;
    return {
      short: meetsShort ? short : undefined,
      long,
      shortOrdered: meetsShort ? this.#rarity?.order(short) : undefined,
      longOrdered: long && this.#rarity?.order(long),
    };
  }

  /** The first survivor added that the text is similar to. */
  find(query: Query): Found | undefined {
    let first = this.#rows.length;
    let similarity = 0;
    const stamp = ++this.#stamp;
    const compare = (survivor: number): void => {
      if (survivor >= first || this.#stamps[survivor] === stamp) return;
      this.#stamps[survivor] = stamp;
      const found = this.#similar(query, this.#queries[survivor]);
      if (found === 0) return;
      first = survivor;
      similarity = found;
    };
    if (this.#rarity) {
      if (query.longOrdered) this.#longIndex?.visit(query.longOrdered, compare);
      if (query.shortOrdered) this.#shortIndex?.visit(query.shortOrdered, compare);
    } else for (let survivor = 0; survivor < first; survivor++) compare(survivor);
    return similarity === 0 ? undefined : { row: this.#rows[first], similarity };
  }

  add(query: Query, row: number): void {
    const survivor = this.#rows.length;
    this.#rows.push(row);
    this.#queries.push({ short: query.short, long: query.long, shortOrdered: undefined, longOrdered: undefined });
    this.#setBytes += (query.short?.byteLength ?? 0) + (query.long?.byteLength ?? 0);
    if (query.longOrdered) this.#longIndex?.add(query.longOrdered, survivor);
    if (query.shortOrdered) this.#shortIndex?.add(query.shortOrdered, survivor);
    if (survivor < this.#stamps.length) return;
    const larger = new Uint32Array(this.#stamps.length * 2);
    larger.set(this.#stamps);
    this.#stamps = larger;
  }

  /** Jaccard similarity of two texts, or 0 where it is under the threshold. */
  #similar(a: Query, b: Query): number {
    const x = a.long && b.long ? a.long : a.short;
    const y = a.long && b.long ? b.long : b.short;
    if (!x || !y || x.length === 0 || y.length === 0) return 0;
    const shared = overlap(x, y, leastShared(x.length, y.length, this.#threshold));
    const similarity = shared / (x.length + y.length - shared);
    return shared > 0 && similarity >= this.#threshold ? similarity : 0;
  }
}
