// Connected components of rows that share an LSH band key, one band at a time: memory is a few bytes a row whatever the number of bands.
// Knows keys and row numbers only. Components hold candidates; survivors.ts checks each pair by exact similarity.
//
// 32-bit keys meet by chance: n rows give n^2 / 2^33 false pairs a band (466 at 2,000,000 rows, 0.02 % of them). They cost a check each.

export interface ClusterOptions {
  readonly rowCount: number;
  readonly slots: number;
  /** Calls visit with a slot's keys of rows firstRow, firstRow + 1 ...; 0 is no key. May be asked for the same slot again. */
  readonly readBand: (slot: number, visit: (keys: Uint32Array, firstRow: number) => void) => void;
  /** Bytes of scratch beside 8 bytes a row of result; a smaller limit means more passes over a slot. */
  readonly memoryLimit?: number;
  readonly takesPart?: (row: number) => boolean;
}

/** Components of two and more rows, by their first row: component i is rows[offsets[i], offsets[i + 1]), ascending. */
export interface Clusters {
  readonly rows: Uint32Array;
  readonly offsets: Uint32Array;
}

/** A key and a row, twice: the radix sort goes to and fro. */
const bytesPerEntry = 16;
const leastEntries = 1 << 16;

export function clusterBands({ rowCount, slots, readBand, memoryLimit = 2 ** 28, takesPart = () => true }: ClusterOptions): Clusters {
  if (!(memoryLimit > 0)) throw new RangeError(`memoryLimit must be over 0 bytes, got ${memoryLimit}`);
  const parents = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) parents[row] = takesPart(row) ? row : absent;
  // Keys are uniform: a part of the key range as large as the memory allows overflows it with a margin of an eighth almost never.
  const capacity = Math.min(Math.max(leastEntries, Math.floor(memoryLimit / bytesPerEntry)), Math.max(rowCount, 1));
  const passes = capacity >= rowCount ? 1 : Math.ceil((rowCount * 1.125) / capacity);
  const scratch = createScratch(capacity);
  for (let slot = 0; slot < slots; slot++) {
    for (let pass = 0; pass < passes; pass++) joinRange({ slot, readBand, parents, scratch }, rangeOf(pass, passes));
  }
  return components(parents);
}

const absent = 0xffff_ffff;

interface Scratch {
  keys: Uint32Array;
  rows: Uint32Array;
  otherKeys: Uint32Array;
  otherRows: Uint32Array;
}

function createScratch(capacity: number): Scratch {
  const make = (): Uint32Array => new Uint32Array(capacity);
  return { keys: make(), rows: make(), otherKeys: make(), otherRows: make() };
}

interface Join {
  readonly slot: number;
  readonly readBand: ClusterOptions["readBand"];
  readonly parents: Uint32Array;
  readonly scratch: Scratch;
}

/** Keys in [low, high). */
interface KeyRange {
  readonly low: number;
  readonly high: number;
}

function rangeOf(pass: number, passes: number): KeyRange {
  const bound = (at: number): number => Math.floor((2 ** 32 * at) / passes);
  return { low: bound(pass), high: bound(pass + 1) };
}

/** Joins the rows whose keys in a range are equal. A range that does not fit (many equal keys) is halved; one key alone is joined as it streams. */
function joinRange(join: Join, range: KeyRange): void {
  const { slot, readBand, parents, scratch } = join;
  const { low, high } = range;
  const capacity = scratch.keys.length;
  const single = high - low <= 1;
  let first = absent;
  let count = 0;
  readBand(slot, (keys, firstRow) => {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key === 0 || key < low || key >= high) continue;
      const row = firstRow + i;
      if (parents[row] === absent) continue;
      if (single) {
        if (first === absent) first = row;
        else unite(parents, first, row);
      } else {
        if (count < capacity) {
          scratch.keys[count] = key;
          scratch.rows[count] = row;
        }
        count++;
      }
    }
  });
  if (single) return;
  if (count > capacity) {
    const middle = low + Math.floor((high - low) / 2);
    joinRange(join, { low, high: middle });
    joinRange(join, { low: middle, high });
    return;
  }
  sortEntries(scratch, count);
  const { keys, rows } = scratch;
  for (let i = 1; i < count; i++) if (keys[i] === keys[i - 1]) unite(parents, rows[i - 1], rows[i]);
}

/** Stable radix sort of entries [0, count) by key; swaps the two halves of the scratch as it goes. */
function sortEntries(scratch: Scratch, count: number): void {
  const bits = count < 1 << 14 ? 8 : 11;
  const ends = new Uint32Array(1 << bits);
  const mask = ends.length - 1;
  for (let shift = 0; shift < 32; shift += bits) {
    const { keys, rows, otherKeys, otherRows } = scratch;
    ends.fill(0);
    for (let i = 0; i < count; i++) ends[(keys[i] >>> shift) & mask]++;
    let start = 0;
    for (let digit = 0; digit < ends.length; digit++) {
      const size = ends[digit];
      ends[digit] = start;
      start += size;
    }
    for (let i = 0; i < count; i++) {
      const place = ends[(keys[i] >>> shift) & mask]++;
      otherKeys[place] = keys[i];
      otherRows[place] = rows[i];
    }
    scratch.keys = otherKeys;
    scratch.rows = otherRows;
    scratch.otherKeys = keys;
    scratch.otherRows = rows;
  }
}

/** Joins two rows' components; the lower root wins, so a component's root is its first row. */
function unite(parents: Uint32Array, a: number, b: number): void {
  const x = rootOf(parents, a);
  const y = rootOf(parents, b);
  if (x < y) parents[y] = x;
  else parents[x] = y;
}

function rootOf(parents: Uint32Array, row: number): number {
  let at = row;
  while (parents[at] !== at) at = parents[at] = parents[parents[at]];
  return at;
}

/** Lays components out in order of their first rows; `parents` is used up. */
function components(parents: Uint32Array): Clusters {
  const sizes = new Uint32Array(parents.length);
  for (let row = 0; row < parents.length; row++) if (parents[row] !== absent) sizes[rootOf(parents, row)]++;
  let clusters = 0;
  let total = 0;
  for (let row = 0; row < sizes.length; row++) {
    if (sizes[row] < 2) continue;
    clusters++;
    total += sizes[row];
  }
  const offsets = new Uint32Array(clusters + 1);
  const rows = new Uint32Array(total);
  let cluster = 0;
  let at = 0;
  // sizes[root] becomes the place where the component's next row goes.
  for (let row = 0; row < parents.length; row++) {
    if (parents[row] === absent) continue;
    const root = rootOf(parents, row);
    if (root === row) {
      if (sizes[row] < 2) {
        parents[row] = absent;
        continue;
      }
      offsets[cluster++] = at;
      const size = sizes[row];
      sizes[row] = at;
      at += size;
    }
    rows[sizes[root]++] = row;
  }
  offsets[clusters] = total;
  return { rows, offsets };
}
