// Packing: which documents share a training row. Knows lengths in tokens, not the tokens. Best-fit-decreasing as TRL's "bfd"
// (Ding et al. 2024, "Fewer Truncations Improve Language Modeling"): longest first, each into the fullest row that still has room.

/** Row b holds the documents order[binOffsets[b], binOffsets[b + 1]), in that order. */
export interface Packing {
  /** Document numbers, rows one after another: order[documents]. */
  readonly order: Uint32Array;
  /** binOffsets[rows + 1] */
  readonly binOffsets: Uint32Array;
}

const none = 0xffffffff;

/**
 * Packs lengths[documents] (tokens) into rows of at most `capacity` tokens. Equal lengths stay in order, and of equally full
 * rows the one that reached that space first is filled first, so the result depends on the lengths alone.
 * O(documents * log capacity) time, O(documents + capacity) memory.
 */
export function packBestFit(lengths: Uint32Array, capacity: number): Packing {
  if (!(Number.isInteger(capacity) && capacity > 0 && capacity < 2 ** 31))
    throw new RangeError(`capacity must be an integer in 1..2^31-1, got ${capacity}`);
  const count = lengths.length;
  const byLength = sortDescending(lengths, capacity);
  const spaces = createSpaceTree(capacity);
  // Rows with the same space left wait in line: firstRow[space] -> nextRow[row] ... lastRow[space].
  const firstRow = new Uint32Array(capacity + 1).fill(none);
  const lastRow = new Uint32Array(capacity + 1);
  const nextRow = new Uint32Array(count);
  const rowOf = new Uint32Array(count);
  const sizes = new Uint32Array(count);
  let rows = 0;
  for (let i = 0; i < count; i++) {
    const document = byLength[i];
    const length = lengths[document];
    let space = spaces.atLeast(length);
    let row: number;
    if (space === 0) {
      row = rows++;
      space = capacity;
    } else {
      row = firstRow[space];
      firstRow[space] = row === lastRow[space] ? none : nextRow[row];
      if (firstRow[space] === none) spaces.remove(space);
    }
    rowOf[document] = row;
    sizes[row]++;
    const left = space - length;
    if (left === 0) continue;
    if (firstRow[left] === none) {
      firstRow[left] = row;
      spaces.add(left);
    } else nextRow[lastRow[left]] = row;
    lastRow[left] = row;
  }
  const binOffsets = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) binOffsets[row + 1] = binOffsets[row] + sizes[row];
  const order = new Uint32Array(count);
  const filled = binOffsets.slice(0, rows);
  for (let i = 0; i < count; i++) order[filled[rowOf[byLength[i]]]++] = byLength[i];
  return { order, binOffsets };
}

/** Document numbers by falling length, equal lengths in order: a counting sort, lengths are in 1..capacity. */
function sortDescending(lengths: Uint32Array, capacity: number): Uint32Array {
  const starts = new Uint32Array(capacity + 2);
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i];
    if (length < 1 || length > capacity)
      throw new RangeError(`document ${i} has ${length} tokens; packing takes documents of 1..${capacity} tokens, cut before`);
    starts[capacity - length + 1]++;
  }
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const sorted = new Uint32Array(lengths.length);
  for (let i = 0; i < lengths.length; i++) sorted[starts[capacity - lengths[i]]++] = i;
  return sorted;
}

interface SpaceTree {
  add(space: number): void;
  remove(space: number): void;
  /** The smallest space present that is at least this, or 0. */
  atLeast(space: number): number;
}

/** A set of numbers in 1..capacity as a tree of 32-way bit words: the smallest member >= n in O(log32 capacity). */
function createSpaceTree(capacity: number): SpaceTree {
  const levels: Int32Array[] = [];
  for (let size = capacity + 1; ; size = Math.ceil(size / 32)) {
    levels.push(new Int32Array(Math.ceil(size / 32)));
    if (size <= 32) break;
  }
  const add = (space: number): void => {
    let at = space;
    for (const words of levels) {
      words[at >>> 5] |= 1 << (at & 31);
      at >>>= 5;
    }
  };
  const remove = (space: number): void => {
    let at = space;
    for (const words of levels) {
      words[at >>> 5] &= ~(1 << (at & 31));
      if (words[at >>> 5] !== 0) return;
      at >>>= 5;
    }
  };
  const atLeast = (space: number): number => {
    let at = space;
    for (let level = 0; level < levels.length; level++) {
      const word = at >>> 5;
      const rest = word < levels[level].length ? levels[level][word] & (-1 << (at & 31)) : 0;
      if (rest !== 0) {
        at = word * 32 + lowestBit(rest);
        while (level-- > 0) at = at * 32 + lowestBit(levels[level][at]);
        return at;
      }
      at = word + 1;
    }
    return 0;
  };
  return { add, remove, atLeast };
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
