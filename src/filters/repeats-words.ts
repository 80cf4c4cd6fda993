// Words of a text, distinct words and five words in a row that were there before: the first look at a text, in TypeScript. The kernel
// (assembly/repeats.ts) counts the same; this reads what it cannot. Unit: UTF-16 code units.
import { createWordSpans, scanWords } from "../core/text.ts";
import { HashCounts, HashSet32 } from "./hash-counts.ts";

/** Words of a window for the share of distinct words. Longer texts use fewer distinct words by nature (Heaps' law). */
export const windowWords = 200;

/** Counts of one text, and its words: word i is text.slice(starts[i], ends[i]); equal ids are equal words. Overwritten by the next text. */
export interface WordCounts {
  words: number;
  letters: number;
  distinct: number;
  /** Letters in sequences of five words that were there before, the first use not counted; where the first of them stands. */
  duplicateLetters: number;
  duplicateStart: number;
  duplicateEnd: number;
  /** Windows of `windowWords` words that step by half a window, none for shorter texts: the fewest distinct words of one, and their sum. */
  windows: number;
  lowestDistinct: number;
  sumDistinct: number;
  /** False where no stretch without white space is long enough to be a loop of characters. */
  mayLoop: boolean;
  starts: Uint32Array;
  ends: Uint32Array;
  ids: Int32Array;
}

export function createWordCounts(): WordCounts {
  const none = new Uint32Array(0);
  return {
    words: 0,
    letters: 0,
    distinct: 0,
    duplicateLetters: 0,
    duplicateStart: 0,
    duplicateEnd: 0,
    windows: 0,
    lowestDistinct: 0,
    sumDistinct: 0,
    mayLoop: true,
    starts: none,
    ends: none,
    ids: new Int32Array(0),
  };
}

const spans = createWordSpans();
const counts = createWordCounts();
const window = new HashCounts();
const wordsSeen = new HashSet32();
const fivesSeen = new HashSet32();
/** Of the rolling hash of five words. */
const multiplier = 0x2c9277b5;
const multiplierToFive = [1, 2, 3, 4, 5].reduce((power) => Math.imul(power, multiplier), 1);

export function countWords(text: string): WordCounts {
  const { count: scanned, starts, ends, hashes } = scanWords(text, spans);
  if (counts.ids.length < starts.length) counts.ids = new Int32Array(starts.length);
  const { ids } = counts;
  let letters = 0;
  wordsSeen.reset(scanned);
  fivesSeen.reset(scanned);
  const { mask, slots: wordSlots, stamp: wordStamp } = wordsSeen;
  const { slots: fiveSlots, stamp: fiveStamp } = fivesSeen;
  let distinct = 0;
  /** Words in a row that were there before. */
  let repeated = 0;
  let count = 0;
  let rolling = 0;
  let free = 0;
  let covered = 0;
  counts.duplicateStart = 0;
  counts.duplicateEnd = 0;
  for (let i = 0; i < scanned; i++) {
    const end = ends[i];
    const start = starts[i];
    const first = text.charCodeAt(start);
    if (first >= 0x30 && first <= 0x39 && isEnumerator(text, start, end)) continue;
    const hash = mixed(hashes[i]) | 0;
    ids[count] = hash;
    starts[count] = start;
    ends[count] = end;
    letters += end - start;
    let slot = (hash & mask) << 1;
    while (wordSlots[slot] === wordStamp && wordSlots[slot + 1] !== hash) slot = (slot + 2) & ((mask << 1) | 1);
    if (wordSlots[slot] !== wordStamp) {
      wordSlots[slot] = wordStamp;
      wordSlots[slot + 1] = hash;
      distinct++;
      repeated = 0;
    } else repeated++;
    rolling = (Math.imul(rolling, multiplier) + hash) | 0;
    if (count >= 5) rolling = (rolling - Math.imul(ids[count - 5], multiplierToFive)) | 0;
    if (count >= 4) {
      slot = ((rolling ^ (rolling >>> 15)) & mask) << 1;
      while (fiveSlots[slot] === fiveStamp && fiveSlots[slot + 1] !== rolling) slot = (slot + 2) & ((mask << 1) | 1);
      if (fiveSlots[slot] !== fiveStamp) {
        fiveSlots[slot] = fiveStamp;
        fiveSlots[slot + 1] = rolling;
      } else if (repeated >= 5 && count - 4 >= free) {
        // Copies are counted once where they overlap, the first use not at all (as datatrove does).
        if (covered === 0) {
          counts.duplicateStart = starts[count - 4];
          counts.duplicateEnd = end;
        }
        for (let j = count - 4; j <= count; j++) covered += ends[j] - starts[j];
        free = count + 1;
      }
    }
    count++;
  }
  counts.words = count;
  counts.letters = letters;
  counts.distinct = distinct;
  counts.duplicateLetters = covered;
  counts.starts = starts;
  counts.ends = ends;
  countWindows();
  return counts;
}

/** The last window ends with the text. */
function countWindows(): void {
  const { ids, words } = counts;
  const last = words - windowWords;
  counts.lowestDistinct = windowWords;
  counts.sumDistinct = 0;
  counts.windows = 0;
  for (let from = 0; last > 0; from += windowWords / 2) {
    const start = Math.min(from, last);
    window.reset(windowWords);
    let distinct = 0;
    for (let i = start; i < start + windowWords; i++) if (window.add(ids[i] >>> 0) === 0) distinct++;
    counts.lowestDistinct = Math.min(counts.lowestDistinct, distinct);
    counts.sumDistinct += distinct;
    counts.windows++;
    if (start === last) break;
  }
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
export function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
