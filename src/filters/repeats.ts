// How much of a text repeats itself: words, word n-grams, lines. Counts over typed arrays, no strings. It knows no thresholds.
// Shares are of the letters inside words (UTF-16 code units), so that markup and white space neither help nor harm.
import { createWordSpans, scanWords } from "../core/text.ts";
import { HashCounts, HashSet32 } from "./hash-counts.ts";

/** Repetition of one text. */
export interface Repeats {
  words: number;
  /** Code units inside words. */
  letters: number;
  distinct: number;
  /** Share of distinct words in windows of `windowWords` words: the smallest and the mean; the whole text's where it is shorter. */
  lowestDistinctShare: number;
  meanDistinctShare: number;
  /** topShare[n], n = 2..4: letters in all uses of the most used n-gram, as a share. */
  readonly topShare: Float64Array;
  /** Uses of that n-gram. */
  readonly topCount: Uint32Array;
  /** Where that n-gram starts and ends in the text, code units. */
  readonly topStart: Uint32Array;
  readonly topEnd: Uint32Array;
  /** duplicateShare[n], n = 5..10: letters in n-grams that were there before (the first use is not counted), as a share. */
  readonly duplicateShare: Float64Array;
  /** Lines of at least `lineWords` words, and how many of them were there before. */
  lines: number;
  duplicateLines: number;
  /** Letters in lines that were there before, as a share. */
  duplicateLineShare: number;
  /** Where the first repeated 5-gram stands. */
  duplicateStart: number;
  duplicateEnd: number;
}

/** The longest stretch in which one sequence of words follows itself again and again. */
export interface Loop {
  /** Words of the sequence; 0 where nothing loops. */
  readonly period: number;
  /** Words of the stretch. */
  readonly words: number;
  /** The first copy, code units. */
  readonly start: number;
  readonly end: number;
}

/** Words of a window for the share of distinct words. Longer texts use fewer distinct words by nature (Heaps' law). */
export const windowWords = 200;

/** Shorter lines (a closing bracket, "Yes", a table's cell) repeat in good texts. */
const lineWords = 3;

const spans = createWordSpans();
const table = new HashCounts();
const wordsSeen = new HashSet32();
const fivesSeen = new HashSet32();
/** Of the rolling hash of five words. */
const multiplier = 0x2c9277b5;
const multiplierToFive = [1, 2, 3, 4, 5].reduce((power) => Math.imul(power, multiplier), 1);
let ids = new Int32Array(1024);
let grams = new Uint32Array(1024);
let lengths = new Uint32Array(1024);
/** Words of the text measured last. */
let measured = 0;

export function createRepeats(): Repeats {
  return {
    words: 0,
    letters: 0,
    distinct: 0,
    lowestDistinctShare: 1,
    meanDistinctShare: 1,
    topShare: new Float64Array(5),
    topCount: new Uint32Array(5),
    topStart: new Uint32Array(5),
    topEnd: new Uint32Array(5),
    duplicateShare: new Float64Array(11),
    lines: 0,
    duplicateLines: 0,
    duplicateLineShare: 0,
    duplicateStart: 0,
    duplicateEnd: 0,
  };
}

/** The first look at a text, cheap enough for every row: words, distinct words and repeated 5-grams, into `out`. */
export function measureWords(text: string, out: Repeats): Repeats {
  const { count: scanned, starts, ends, hashes } = scanWords(text, spans);
  if (ids.length < scanned) grow(scanned);
  let letters = 0;
  // Probing is written out here: this loop is most of the filter's time.
  wordsSeen.reset(scanned);
  fivesSeen.reset(scanned);
  const { mask, slots: wordSlots, stamp: wordStamp } = wordsSeen;
  const { slots: fiveSlots, stamp: fiveStamp } = fivesSeen;
  let distinct = 0;
  let count = 0;
  let rolling = 0;
  let free = 0;
  let covered = 0;
  out.duplicateStart = 0;
  out.duplicateEnd = 0;
  for (let i = 0; i < scanned; i++) {
    const end = ends[i];
    const start = starts[i];
    const first = text.charCodeAt(start);
    if (first >= 0x30 && first <= 0x39 && isEnumerator(text, start, end)) continue;
    const hash = mixed(hashes[i]) | 0;
    ids[count] = hash;
    starts[count] = start;
    ends[count] = end;
    lengths[count] = end - start;
    letters += end - start;
    let slot = (hash & mask) << 1;
    while (wordSlots[slot] === wordStamp && wordSlots[slot + 1] !== hash) slot = (slot + 2) & ((mask << 1) | 1);
    if (wordSlots[slot] !== wordStamp) {
      wordSlots[slot] = wordStamp;
      wordSlots[slot + 1] = hash;
      distinct++;
    }
    rolling = (Math.imul(rolling, multiplier) + hash) | 0;
    if (count >= 5) rolling = (rolling - Math.imul(ids[count - 5], multiplierToFive)) | 0;
    if (count >= 4) {
      slot = ((rolling ^ (rolling >>> 15)) & mask) << 1;
      while (fiveSlots[slot] === fiveStamp && fiveSlots[slot + 1] !== rolling) slot = (slot + 2) & ((mask << 1) | 1);
      if (fiveSlots[slot] !== fiveStamp) {
        fiveSlots[slot] = fiveStamp;
        fiveSlots[slot + 1] = rolling;
      } else if (count - 4 >= free) {
        // Copies are counted once where they overlap, the first use not at all (as datatrove does).
        if (covered === 0) {
          out.duplicateStart = starts[count - 4];
          out.duplicateEnd = end;
        }
        for (let j = count - 4; j <= count; j++) covered += lengths[j];
        free = count + 1;
      }
    }
    count++;
  }
  measured = count;
  out.words = count;
  out.letters = letters;
  out.distinct = distinct;
  out.lowestDistinctShare = count === 0 ? 1 : distinct / count;
  out.meanDistinctShare = out.lowestDistinctShare;
  out.duplicateShare[5] = letters === 0 ? 0 : covered / letters;
  if (count > windowWords) measureWindows(count, out);
  return out;
}

/** The closer look at the text measured last: all n-grams and lines. */
export function measureGrams(text: string, out: Repeats): Repeats {
  const { starts, ends } = spans;
  const count = measured;
  out.topShare.fill(0);
  out.topCount.fill(0);
  out.duplicateShare.fill(0);
  grams.set(ids.subarray(0, count));
  measureLines(text, out);
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
      if (n >= 5 && i >= free) {
        for (let j = i; j < i + n; j++) covered += lengths[j];
        free = i + n;
      }
    }
    if (repeated === 0) break;
    if (n <= 4) {
      let size = 0;
      for (let j = mostAt; j < mostAt + n; j++) size += lengths[j];
      out.topCount[n] = most + 1;
      out.topShare[n] = Math.min(1, ((most + 1) * size) / out.letters);
      out.topStart[n] = starts[mostAt];
      out.topEnd[n] = ends[mostAt + n - 1];
    } else out.duplicateShare[n] = covered / out.letters;
  }
  return out;
}

function measureLines(text: string, out: Repeats): void {
  const { starts, ends } = spans;
  out.lines = 0;
  out.duplicateLines = 0;
  let covered = 0;
  table.reset(measured);
  let first = 0;
  for (let i = 1; i <= measured; i++) {
    if (i < measured && !hasLineEnd(text, ends[i - 1], starts[i])) continue;
    if (i - first >= lineWords) {
      let hash = 0;
      let size = 0;
      for (let j = first; j < i; j++) {
        hash = mixed(hash ^ Math.imul(ids[j], 0x9e3779b1));
        size += lengths[j];
      }
      out.lines++;
      if (table.add(hash) > 0) {
        out.duplicateLines++;
        covered += size;
      }
    }
    first = i;
  }
  out.duplicateLineShare = out.letters === 0 ? 0 : covered / out.letters;
}

function hasLineEnd(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) === 0x0a) return true;
  return false;
}

/** Windows of `windowWords` step by half a window; the last one ends with the text. */
function measureWindows(count: number, out: Repeats): void {
  const last = count - windowWords;
  let lowest = windowWords;
  let sum = 0;
  let windows = 0;
  for (let from = 0; ; from += windowWords / 2) {
    const start = Math.min(from, last);
    table.reset(windowWords);
    let distinct = 0;
    for (let i = start; i < start + windowWords; i++) if (table.add(ids[i] >>> 0) === 0) distinct++;
    if (distinct < lowest) lowest = distinct;
    sum += distinct;
    windows++;
    if (start === last) break;
  }
  out.lowestDistinctShare = lowest / windowWords;
  out.meanDistinctShare = sum / windows / windowWords;
}

/** The longest loop of the text measured last: words that equal the word one period before, the period being the way to the last equal 3-gram. */
export function longestLoop(): Loop {
  const { starts, ends } = spans;
  const count = measured;
  const lastAt = new Map<number, number>();
  let best: Loop = { period: 0, words: 0, start: 0, end: 0 };
  let period = 0;
  let run = 0;
  for (let i = 2; i < count; i++) {
    if (period > 0 && ids[i] === ids[i - period]) run++;
    else {
      period = 0;
      run = 0;
    }
    const key = mixed(mixed(ids[i] ^ Math.imul(ids[i - 1], 31)) ^ Math.imul(ids[i - 2], 0x9e3779b1));
    const before = lastAt.get(key);
    lastAt.set(key, i);
    if (period === 0 && before !== undefined) {
      period = i - before;
      run = Math.min(3, period);
    }
    if (period > 0 && run + period > best.words) {
      const first = i + 1 - run - period;
      best = { period, words: run + period, start: starts[first], end: ends[first + period - 1] };
    }
  }
  return best;
}

/** Of a word that starts with a digit: true for the number at the front of a list line ("12. ", "3) "): it would hide that the lines are the same. */
function isEnumerator(text: string, start: number, end: number): boolean {
  if (end - start > 4) return false;
  const next = text.charCodeAt(end);
  if (next !== 0x2e && next !== 0x29 && next !== 0x3a) return false;
  let before = start - 1;
  while (before >= 0 && (text.charCodeAt(before) === 0x20 || text.charCodeAt(before) === 0x09)) before--;
  return before < 0 || text.charCodeAt(before) === 0x0a;
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
  ids = new Int32Array(size);
  grams = new Uint32Array(size);
  lengths = new Uint32Array(size);
}
