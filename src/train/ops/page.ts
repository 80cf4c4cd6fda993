// A page says what an op computes: a plain float64 reference, cases to try, and how far an engine may be off. One contract test runs every
// op x engine x case (test/train/contract.test.ts). Arguments are the same for references and engines; only what stands for a tensor differs:
// F is Float64Array here and a tensor there, U (ids, positions, codes) is an unsigned integer array here and a tensor there.
import { createRandom, type Random } from "../../core/random.ts";

export interface OpPage<Args> {
  /** In plain loops over float64, in the order of the formula. */
  reference(args: Args): void;
  /** Fresh arguments each time; sizes are uneven on purpose. Outputs that the op overwrites hold rubbish, those it adds to hold values. */
  cases(random: Random): readonly OpCase<Args>[];
  /** An engine in f32 may be off by bound x (1 + the greatest |reference| of that tensor). */
  readonly bound: number;
}

export interface OpCase<Args> {
  readonly name: string;
  readonly args: Args;
}

/** values[length], normally distributed with this deviation. */
export function normal(random: Random, length: number, deviation = 1): Float64Array {
  return Float64Array.from({ length }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.float()));
    return deviation * radius * Math.cos(2 * Math.PI * random.float());
  });
}

/** What an op that overwrites finds in its outputs. */
export function rubbish(length: number): Float64Array {
  return new Float64Array(length).fill(-777);
}

export function integers(random: Random, length: number, limit: number): Uint32Array {
  return Uint32Array.from({ length }, () => random.below(limit));
}

/** Documents of these lengths, one behind the other: where each token's document begins and ends, and the token's place in it. */
export function layDocuments(lengths: readonly number[]): { firsts: Uint32Array; ends: Uint32Array; positions: Uint32Array } {
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const firsts = new Uint32Array(rows);
  const ends = new Uint32Array(rows);
  const positions = new Uint32Array(rows);
  let at = 0;
  for (const length of lengths) {
    for (let i = 0; i < length; i++) {
      firsts[at + i] = at;
      ends[at + i] = at + length;
      positions[at + i] = i;
    }
    at += length;
  }
  return { firsts, ends, positions };
}

/** The same cases in every run. */
export function casesOf<Args>(page: OpPage<Args>): readonly OpCase<Args>[] {
  return page.cases(createRandom(20));
}
