// How much of a text repeats itself: words, word n-grams, lines. Counts over typed arrays, no strings. It knows no thresholds.
// Shares are of the letters inside words (UTF-16 code units), so that markup and white space neither help nor harm.
import { createWordSpans, scanWords } from "../core/text.ts";

/** Repetition of one text. */
export interface Repeats {
  words: number;
  /** Code units inside words. */
  letters: number;
  distinct: number;
  /** Smallest share of distinct words in any window of `windowWords` words; the whole text's where it is shorter. */
  lowestDistinctShare: number;
  /** topShare[n], n = 2..4: letters in all uses of the most used n-gram, as a share. */
  readonly topShare: Float64Array;
  /** Uses of that n-gram. */
  readonly topCount: Uint32Array;
  /** Where that n-gram starts and ends in the text, code units. */
  readonly topStart: Uint32Array;
  readonly topEnd: Uint32Array;
  /** duplicateShare[n], n = 5..10: letters in n-grams that were there before (the first use is not counted), as a share. */
  readonly duplicateShare: Float64Array;
  /** Where the first repeated 5-gram stands. */
  duplicateStart: number;
  duplicateEnd: number;
}

/** Words of a window for the share of distinct words. Longer texts use fewer distinct words by nature (Heaps' law). */
export const windowWords = 200;

/** Open addressing: slots hold a hash and its count; a slot is alive where its stamp is the table's. */
class Table {
  hashes = new Uint32Array(2048);
  counts = new Uint32Array(2048);
  stamps = new Uint32Array(2048);
  stamp = 0;
  mask = 2047;

  /** Empties the table and makes room for this many hashes. */
  reset(items: number): void {
    let size = this.hashes.length;
    while (size < items * 2) size *= 2;
    if (size > this.hashes.length) {
      this.hashes = new Uint32Array(size);
      this.counts = new Uint32Array(size);
      this.stamps = new Uint32Array(size);
      this.stamp = 0;
    }
    // A small text uses the front of a large table only: it stays in the cache.
    let used = 256;
    while (used < items * 2) used *= 2;
    this.mask = used - 1;
    if (++this.stamp === 0xffff_ffff) {
      this.stamps.fill(0);
      this.stamp = 1;
    }
  }

  /** Counts a hash; returns how often it was there before. */
  add(hash: number): number {
    const { hashes, stamps, counts, stamp, mask } = this;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (stamps[slot] === stamp) {
      if (hashes[slot] === hash) return counts[slot]++;
      slot = (slot + 1) & mask;
    }
    stamps[slot] = stamp;
    hashes[slot] = hash;
    counts[slot] = 1;
    return 0;
  }
}

const spans = createWordSpans();
const table = new Table();
let ids = new Uint32Array(1024);
let grams = new Uint32Array(1024);
let lengths = new Uint32Array(1024);

export function createRepeats(): Repeats {
  return {
    words: 0,
    letters: 0,
    distinct: 0,
    lowestDistinctShare: 1,
    topShare: new Float64Array(5),
    topCount: new Uint32Array(5),
    topStart: new Uint32Array(5),
    topEnd: new Uint32Array(5),
    duplicateShare: new Float64Array(11),
    duplicateStart: 0,
    duplicateEnd: 0,
  };
}

/** Measures a text into `out`, which is given back. */
export function measureRepeats(text: string, out: Repeats): Repeats {
  const { count, starts, ends } = scanWords(text, spans);
  if (ids.length < count) grow(count);
  let letters = 0;
  table.reset(count);
  let distinct = 0;
  for (let i = 0; i < count; i++) {
    const end = ends[i];
    let hash = 0x811c9dc5;
    for (let j = starts[i]; j < end; j++) {
      const code = text.charCodeAt(j);
      // ASCII capitals count as their small letters.
      hash = Math.imul(hash ^ (code >= 0x41 && code <= 0x5a ? code | 0x20 : code), 0x01000193);
    }
    hash = mixed(hash);
    ids[i] = hash;
    grams[i] = hash;
    lengths[i] = end - starts[i];
    letters += end - starts[i];
    if (table.add(hash) === 0) distinct++;
  }
  out.words = count;
  out.letters = letters;
  out.distinct = distinct;
  out.lowestDistinctShare = count === 0 ? 1 : count <= windowWords ? distinct / count : lowestWindow(count);
  out.topShare.fill(0);
  out.topCount.fill(0);
  out.duplicateShare.fill(0);
  out.duplicateStart = 0;
  out.duplicateEnd = 0;

  for (let n = 2; n <= 10; n++) {
    const last = count - n;
    if (last < 1) break;
    table.reset(last + 1);
    let most = 0;
    let mostAt = 0;
    let free = 0;
    let covered = 0;
    let repeated = 0;
    for (let i = 0; i <= last; i++) {
      const hash = mixed(grams[i] ^ Math.imul(ids[i + n - 1], 0x9e3779b1 + n));
      grams[i] = hash;
      const before = table.add(hash);
      if (before === 0) continue;
      repeated++;
      if (before > most) {
        most = before;
        mostAt = i;
      }
      // Copies are counted once where they overlap, the first use not at all (as datatrove does).
      if (n >= 5 && i >= free) {
        if (covered === 0 && n === 5) {
          out.duplicateStart = starts[i];
          out.duplicateEnd = ends[i + n - 1];
        }
        for (let j = i; j < i + n; j++) covered += lengths[j];
        free = i + n;
      }
    }
    if (repeated === 0) break;
    if (n <= 4) {
      let size = 0;
      for (let j = mostAt; j < mostAt + n; j++) size += lengths[j];
      out.topCount[n] = most + 1;
      out.topShare[n] = Math.min(1, ((most + 1) * size) / letters);
      out.topStart[n] = starts[mostAt];
      out.topEnd[n] = ends[mostAt + n - 1];
    } else out.duplicateShare[n] = covered / letters;
  }
  return out;
}

/** The smallest share of distinct words in windows of `windowWords` that step by half a window; the last one ends with the text. */
function lowestWindow(count: number): number {
  let lowest = windowWords;
  for (let from = 0; ; from += windowWords / 2) {
    const start = Math.min(from, count - windowWords);
    table.reset(windowWords);
    let distinct = 0;
    for (let i = start; i < start + windowWords; i++) if (table.add(ids[i]) === 0) distinct++;
    if (distinct < lowest) lowest = distinct;
    if (start === count - windowWords) return lowest / windowWords;
  }
}

/** MurmurHash3's finaliser. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function grow(count: number): void {
  let size = ids.length;
  while (size < count) size *= 2;
  ids = new Uint32Array(size);
  grams = new Uint32Array(size);
  lengths = new Uint32Array(size);
}
