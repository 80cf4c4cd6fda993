// The training order of all uses. It knows sources and row numbers, not what rows hold.
//
// Within a source: the selection order, round and round, where every use may slip back by up to a third of a pass. So two uses of one row
// have at least a third of the source between them, and no two passes are alike.
// Between sources: use j of the n of a source stands at a random point of the j-th n-th of the epoch (stratified sampling). In every prefix
// each source is then within (number of sources) of its share, where a plain shuffle strays by the root of the prefix's length; and the random
// point keeps periods out, with which readers that take every k-th row would see one source only.
import { createRandom, mix32 } from "../core/random.ts";
import { sortByKeys } from "./radix.ts";

export interface ScheduledSource {
  /** Row numbers in selection order. */
  readonly order: ArrayLike<number>;
  /** Uses of order[i], as chooseUses gives them: never rising, differing by at most one. */
  readonly times: ArrayLike<number>;
}

/** Use i of the epoch is copy repeats[i] (from 0) of row rows[i]. */
export interface Schedule {
  readonly rows: Uint32Array;
  readonly repeats: Uint16Array;
}

export function schedule(options: { readonly sources: readonly ScheduledSource[]; readonly seed: number }): Schedule {
  const counts = options.sources.map(usesOf);
  const total = counts.reduce((a, b) => a + b, 0);
  const keys = new Uint32Array(total);
  const places = new Uint32Array(total);
  const laps = new Uint32Array(total);
  let start = 0;
  options.sources.forEach((source, index) => {
    const random = createRandom(mix32(options.seed ^ mix32(index + 1)));
    const end = start + counts[index];
    walk({ length: source.order.length, uses: laps.subarray(start, end), random });
    const width = 2 ** 32 / counts[index];
    for (let i = start; i < end; i++) {
      keys[i] = Math.min((i - start + random.float()) * width, 0xffff_ffff); // rounding could reach 2^32, which would wrap to 0
      places[i] = i;
    }
    start = end;
  });
  sortByKeys(keys, places);
  return named(options.sources, { counts, laps, places });
}

/** Fills uses[n] with the numbers 0 .. n - 1 (use u is copy floor(u / length) of row u % length), each slipped by less than length / 3. */
function walk(options: { readonly length: number; readonly uses: Uint32Array; readonly random: { float(): number } }): void {
  const { length, uses, random } = options;
  for (let u = 0; u < uses.length; u++) uses[u] = u;
  if (uses.length <= length) return; // nothing repeats, and the selection order is random already
  const slip = length / 3;
  const scale = 2 ** 32 / (uses.length + slip);
  const keys = new Uint32Array(uses.length);
  for (let u = 0; u < uses.length; u++) keys[u] = (u + random.float() * slip) * scale;
  sortByKeys(keys, uses);
}

function named(
  sources: readonly ScheduledSource[],
  { counts, laps, places }: { readonly counts: readonly number[]; readonly laps: Uint32Array; readonly places: Uint32Array },
): Schedule {
  // laps becomes row numbers in place, its copies go beside it, and places brings both into the order of the epoch.
  const copies = new Uint16Array(laps.length);
  let start = 0;
  sources.forEach(({ order }, index) => {
    const end = start + counts[index];
    for (let i = start; i < end; i++) {
      const use = laps[i];
      laps[i] = order[use % order.length];
      copies[i] = use / order.length;
    }
    start = end;
  });
  const rows = new Uint32Array(laps.length);
  const repeats = new Uint16Array(laps.length);
  for (let i = 0; i < places.length; i++) {
    rows[i] = laps[places[i]];
    repeats[i] = copies[places[i]];
  }
  return { rows, repeats };
}

function usesOf({ order, times }: ScheduledSource): number {
  if (order.length !== times.length) throw new RangeError(`times must have a number a row: ${order.length} rows, ${times.length} times`);
  let uses = 0;
  for (let i = 0; i < times.length; i++) {
    if (i > 0 && (times[i] > times[i - 1] || times[i] + 1 < times[0])) {
      throw new RangeError(`times must never rise and differ by at most one; times[${i}] is ${times[i]}, the first ${times[0]}`);
    }
    uses += times[i];
  }
  return uses;
}
