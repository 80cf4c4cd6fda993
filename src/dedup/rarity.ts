// One order for the members of many sets, rarest first, from counts over some of the sets. Any order is a right one for prefix-index.ts;
// a good one keeps what all texts of a template share out of the prefixes. Members are the 48-bit shingle hashes of shingles.ts.
import { mix32 } from "../core/random.ts";

const members = 2 ** 48;

/** Counts members in a table without collision handling: a collision makes a member seem more frequent, which costs time only. */
export class Rarity {
  readonly #counts: Uint32Array;

  /** `expected`: members to be counted, for the size of the table (at most 4 MiB). */
  constructor(expected: number) {
    this.#counts = new Uint32Array(2 ** Math.min(20, Math.max(8, Math.ceil(Math.log2(expected * 2 + 1)))));
  }

  count(set: Float64Array): void {
    const mask = this.#counts.length - 1;
    for (let i = 0; i < set.length; i++) this.#counts[shuffled32(set[i]) & mask]++;
  }

  /** The set's members in the common order: by the power of two of their counts, then by their value. A copy. */
  order(set: Float64Array): Float64Array {
    const mask = this.#counts.length - 1;
    const keyed = new Float64Array(set.length);
    // 5 bits of level above 48 bits of hash are exact in a double.
    for (let i = 0; i < set.length; i++) keyed[i] = (32 - Math.clz32(this.#counts[shuffled32(set[i]) & mask])) * members + set[i];
    keyed.sort();
    for (let i = 0; i < keyed.length; i++) keyed[i] %= members;
    return keyed;
  }
}

/** 32 well-mixed bits of a 48-bit member. */
export function shuffled32(member: number): number {
  return mix32(member ^ Math.imul(member / 2 ** 32, 0x9e3779b1));
}
