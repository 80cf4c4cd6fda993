// Which sets could be similar to a set at hand, without comparing it with all of them: prefix filtering, the exact method of set similarity
// joins (Chaudhuri et al. 2006; Bayardo et al. 2007). All sets are put in one order, rarest member first. Two sets of sizes a >= b with
// Jaccard similarity >= t share at least t * a members, and at least 2t / (1 + t) * b, so they share one among
// the first a - ceil(t * a) + 1 members of the larger and the first b - ceil(2t / (1 + t) * b) + 1 members of the smaller.
//
// Texts made from one template share their frequent members and differ in their rare ones, so they do not meet here though they
// share most of their MinHash bands. Nothing is missed, whatever the order; only speed depends on it.
import { shuffled32 } from "./rarity.ts";

/** Prefix lengths of a set of `size` members. */
export interface Prefixes {
  /** Members looked at where the other set is no larger. */
  readonly asLarger: number;
  /** Members looked at where the other set is no smaller. */
  readonly asSmaller: number;
}

/** Rounding must not cost a pair at exactly the threshold. */
const slack = 1e-9;

function prefixesOf(size: number, threshold: number): Prefixes {
  const length = (share: number): number => Math.min(size, size - Math.ceil(share * size - slack) + 1);
  return { asLarger: length(threshold), asSmaller: length((2 * threshold) / (1 + threshold)) };
}

/** Least number of shared members of two sets, sizes a and b, of at least this Jaccard similarity. */
export function leastShared(a: number, b: number, threshold: number): number {
  return Math.ceil((threshold / (1 + threshold)) * (a + b) - slack);
}

/** Sets that have been added, found by the rare members of another. Owners are the caller's numbers. */
export class PrefixIndex {
  readonly #threshold: number;
  readonly #smaller = new Postings();
  readonly #larger = new Postings();

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  get bytes(): number {
    return this.#smaller.bytes + this.#larger.bytes;
  }

  /** `ordered` is a set's members, rarest first (rarity.ts). */
  add(ordered: Float64Array, owner: number): void {
    const { asLarger, asSmaller } = prefixesOf(ordered.length, this.#threshold);
    for (let i = 0; i < asSmaller; i++) this.#smaller.add(shuffled32(ordered[i]), owner);
    for (let i = 0; i < asLarger; i++) this.#larger.add(shuffled32(ordered[i]), owner);
  }

  /** Visits owners of sets that could be similar, some of them more than once, and now and then one that could not. */
  visit(ordered: Float64Array, visitor: (owner: number) => void): void {
    const { asLarger, asSmaller } = prefixesOf(ordered.length, this.#threshold);
    for (let i = 0; i < asLarger; i++) this.#smaller.visit(shuffled32(ordered[i]), visitor);
    for (let i = 0; i < asSmaller; i++) this.#larger.visit(shuffled32(ordered[i]), visitor);
  }
}

/** Lists of owners by 32-bit key: chains in typed arrays. Entry 0 ends a chain. */
class Postings {
  #heads = new Uint32Array(64);
  #keys = new Uint32Array(64);
  #owners = new Uint32Array(64);
  #next = new Uint32Array(64);
  #count = 1;

  get bytes(): number {
    return this.#heads.byteLength * 4;
  }

  add(key: number, owner: number): void {
    if (this.#count === this.#keys.length) this.#grow();
    const entry = this.#count++;
    this.#keys[entry] = key;
    this.#owners[entry] = owner;
    this.#link(entry);
  }

  visit(key: number, visitor: (owner: number) => void): void {
    for (let entry = this.#heads[key & (this.#heads.length - 1)]; entry !== 0; entry = this.#next[entry]) {
      if (this.#keys[entry] === key) visitor(this.#owners[entry]);
    }
  }

  #link(entry: number): void {
    const place = this.#keys[entry] & (this.#heads.length - 1);
    this.#next[entry] = this.#heads[place];
    this.#heads[place] = entry;
  }

  #grow(): void {
    const size = this.#keys.length * 2;
    this.#keys = grown(this.#keys, size);
    this.#owners = grown(this.#owners, size);
    this.#next = new Uint32Array(size);
    this.#heads = new Uint32Array(size);
    for (let entry = 1; entry < this.#count; entry++) this.#link(entry);
  }
}

function grown(values: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size);
  larger.set(values);
  return larger;
}
