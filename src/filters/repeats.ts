// How much of a text repeats itself: words, word n-grams, lines. Counts over typed arrays, no strings. It knows no thresholds.
// Shares are of the letters inside words (UTF-16 code units), so that markup and white space neither help nor harm.
import { HashCounts } from "./hash-counts.ts";
import { filterKernel } from "./kernel.ts";
import { countWords, createWordCounts, mixed, type WordCounts, windowWords } from "./repeats-words.ts";

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
  /** False where no stretch without white space is long enough to be a loop of characters. */
  mayLoop: boolean;
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

/** Shorter lines (a closing bracket, "Yes", a table's cell) repeat in good texts. */
const lineWords = 3;

const table = new HashCounts();
let grams = new Uint32Array(1024);
/** Of the text measured last. */
let measured: WordCounts = createWordCounts();

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
    mayLoop: true,
  };
}

/** The first look at a text, cheap enough for every row: words, distinct words and repeated 5-grams, into `out`. */
export function measureWords(text: string, out: Repeats): Repeats {
  measured = filterKernel()?.countWords(text) ?? countWords(text);
  const { words, letters, distinct, windows } = measured;
  out.words = words;
  out.letters = letters;
  out.distinct = distinct;
  out.lowestDistinctShare = windows > 0 ? measured.lowestDistinct / windowWords : words === 0 ? 1 : distinct / words;
  out.meanDistinctShare = windows > 0 ? measured.sumDistinct / windows / windowWords : out.lowestDistinctShare;
  out.duplicateShare[5] = letters === 0 ? 0 : measured.duplicateLetters / letters;
  out.duplicateStart = measured.duplicateStart;
  out.duplicateEnd = measured.duplicateEnd;
  out.mayLoop = measured.mayLoop;
  return out;
}

/** The closer look at the text measured last: all n-grams and lines. */
export function measureGrams(text: string, out: Repeats): Repeats {
  const { starts, ends, ids, words: count } = measured;
  out.topShare.fill(0);
  out.topCount.fill(0);
  out.duplicateShare.fill(0);
  if (grams.length < count) grams = new Uint32Array(count * 2);
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
        for (let j = i; j < i + n; j++) covered += ends[j] - starts[j];
        free = i + n;
      }
    }
    if (repeated === 0) break;
    if (n <= 4) {
      let size = 0;
      for (let j = mostAt; j < mostAt + n; j++) size += ends[j] - starts[j];
      out.topCount[n] = most + 1;
      out.topShare[n] = Math.min(1, ((most + 1) * size) / out.letters);
      out.topStart[n] = starts[mostAt];
      out.topEnd[n] = ends[mostAt + n - 1];
    } else out.duplicateShare[n] = covered / out.letters;
  }
  return out;
}

function measureLines(text: string, out: Repeats): void {
  const { starts, ends, ids, words } = measured;
  out.lines = 0;
  out.duplicateLines = 0;
  let covered = 0;
  table.reset(words);
  let first = 0;
  for (let i = 1; i <= words; i++) {
    if (i < words && !hasLineEnd(text, ends[i - 1], starts[i])) continue;
    if (i - first >= lineWords) {
      let hash = 0;
      let size = 0;
      for (let j = first; j < i; j++) {
        hash = mixed(hash ^ Math.imul(ids[j], 0x9e3779b1));
        size += ends[j] - starts[j];
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

/** The longest loop of the text measured last: words that equal the word one period before, the period being the way to the last equal 3-gram. */
export function longestLoop(): Loop {
  const { starts, ends, ids, words: count } = measured;
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
