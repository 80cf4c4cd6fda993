// The first look at how much a text repeats itself, as ../repeats-words.ts takes it.
import { hashBytes, LIMIT, LOW, mark, marksFailed, OTHER_BITS, TEXT, WIDE, widen, WORD_BITS } from "../../core/assembly/units";
import { EDGES, ENDS, FIVES, IDS, PREVIOUS, REPEAT_CLASSES, RESULT, SEEN, SET_BYTES, STARTS } from "./memory";

/** Words of a window; the next begins half a window on. */
const WINDOW: i32 = 200;
/** A loop of characters has at least so many units without white space. */
const SOLID: i32 = 20;

/** Of the rolling hash of five words. */
const MULTIPLIER: u32 = 0x2c9277b5;
const TO_FIVE: u32 = MULTIPLIER * MULTIPLIER * MULTIPLIER * MULTIPLIER * MULTIPLIER;

/** Places in the sets from this one on are this text's. */
let base: u32 = 1;

/**
 * Measures TEXT[length] into RESULT: words, letters, distinct words, letters in repeated fives, start and end of the first of those,
 * and of windows: fewest distinct words, their sum, their number. Gives -1 for a text that it cannot read, 1 where characters may loop, else 0.
 */
export function measureWords(length: i32): i32 {
  const marks = mark(length, REPEAT_CLASSES, 0x20);
  if (marks == marksFailed) return -1;
  const edges = findEdges(length);
  if (marks == 0) countWords(edges, LOW, 0);
  else {
    widen(length);
    countWords(edges, WIDE, 1);
  }
  return mayLoop(length) ? 1 : 0;
}

/** Writes where words start and end; returns the words. */
function findEdges(length: i32): i32 {
  const end = WORD_BITS + ((<usize>((length >> 6) + 1)) << 3);
  let to = EDGES;
  let first: u32 = 0;
  let carry: u64 = 0;
  for (let at = WORD_BITS; at < end; at += 8) {
    const inside = load<u64>(at);
    let edges = inside ^ ((inside << 1) | carry);
    carry = inside >> 63;
    while (edges != 0) {
      store<u32>(to, first + <u32>ctz(edges));
      to += 4;
      edges &= edges - 1;
    }
    first += 64;
  }
  return <i32>((to - EDGES) >> 3);
}

/** Counts the words between `edges`; their letters are at units, 1 << shift bytes each. */
function countWords(words: i32, units: usize, shift: i32): void {
  let slots: u32 = 1024;
  while (slots < <u32>words * 8 && slots < <u32>LIMIT) slots *= 2;
  const mask = (slots - 1) << 3;
  if (base > 0xf0000000) {
    memory.fill(SEEN, 0, SET_BYTES);
    memory.fill(FIVES, 0, SET_BYTES);
    base = 1;
  }
  const from = base;
  base += <u32>words + 1;
  let count = 0;
  let letters = 0;
  let distinct = 0;
  // Words in a row that were there before; words up to the end of the last five of them.
  let repeated = 0;
  let repeatedEnd = 0;
  for (let word = 0; word < words; word++) {
    const edge = EDGES + ((<usize>word) << 3);
    const start = load<u32>(edge);
    const end = load<u32>(edge, 4);
    const first = <u32>load<u16>(TEXT + ((<usize>start) << 1));
    if (first - 0x30 < 10 && isEnumerator(start, end)) continue;
    const size = <i32>(end - start);
    const hash = hashBytes(units + ((<usize>start) << shift), size << shift);
    const at = (<usize>count) << 2;
    store<u32>(STARTS + at, start);
    store<u32>(ENDS + at, end);
    store<u32>(IDS + at, hash);
    letters += size;

    let slot = SEEN + <usize>((hash << 3) & mask);
    let held = load<u64>(slot);
    while (<u32>held >= from && <u32>(held >> 32) != hash) {
      slot = SEEN + ((slot - SEEN + 8) & <usize>mask);
      held = load<u64>(slot);
    }
    const previous = <u32>held >= from ? <u32>held - from + 1 : 0;
    const fresh = <i32>(previous == 0);
    distinct += fresh;
    repeated = select<i32>(0, repeated + 1, fresh);
    repeatedEnd = select<i32>(count + 1, repeatedEnd, repeated >= 5);
    store<u32>(PREVIOUS + at, previous);
    store<u64>(slot, ((<u64>hash) << 32) | <u64>(from + <u32>count));
    count++;
  }
  store<i32>(RESULT, count);
  store<i32>(RESULT, letters, 4);
  store<i32>(RESULT, distinct, 8);
  countFives(repeatedEnd, from, mask);
  measureWindows(count);
}

/**
 * Counts the letters of fives that were there before among the first words: what is repeated is made of repeated words, and six of seven
 * answers have no five of those in a row.
 */
function countFives(words: i32, from: u32, mask: u32): void {
  let rolling: u32 = 0;
  let repeated = 0;
  let covered = 0;
  let free = 0;
  let duplicateStart: u32 = 0;
  let duplicateEnd: u32 = 0;
  for (let word = 0; word < words; word++) {
    const at = (<usize>word) << 2;
    rolling = rolling * MULTIPLIER + load<u32>(IDS + at);
    repeated = load<u32>(PREVIOUS + at) == 0 ? 0 : repeated + 1;
    if (word >= 5) rolling -= load<u32>(IDS + at - 20) * TO_FIVE;
    if (word < 4) continue;
    let slot = FIVES + <usize>(((rolling ^ (rolling >> 15)) << 3) & mask);
    let held = load<u64>(slot);
    while (<u32>held >= from && <u32>(held >> 32) != rolling) {
      slot = FIVES + ((slot - FIVES + 8) & <usize>mask);
      held = load<u64>(slot);
    }
    if (<u32>held < from) store<u64>(slot, ((<u64>rolling) << 32) | <u64>from);
    else if (repeated >= 5 && word - 4 >= free) {
      // Copies are counted once where they overlap, the first use not at all.
      if (covered == 0) {
        duplicateStart = load<u32>(STARTS + at - 16);
        duplicateEnd = load<u32>(ENDS + at);
      }
      for (let back: usize = 0; back <= 16; back += 4) covered += load<i32>(ENDS + at - back) - load<i32>(STARTS + at - back);
      free = word + 1;
    }
  }
  store<i32>(RESULT, covered, 12);
  store<u32>(RESULT, duplicateStart, 16);
  store<u32>(RESULT, duplicateEnd, 20);
}

/** Of texts longer than a window: how many words of each window do not stand in it before. */
function measureWindows(count: i32): void {
  const last = count - WINDOW;
  let lowest = WINDOW;
  let sum = 0;
  let windows = 0;
  for (let from = 0; last > 0; from += WINDOW / 2) {
    const start = min(from, last);
    const place = i32x4.splat(start);
    let repeated = i32x4.splat(0);
    const end = PREVIOUS + ((<usize>(start + WINDOW)) << 2);
    for (let at = PREVIOUS + ((<usize>start) << 2); at < end; at += 16) repeated = i32x4.sub(repeated, i32x4.gt_s(v128.load(at), place));
    const distinct =
      WINDOW -
      (i32x4.extract_lane(repeated, 0) +
        i32x4.extract_lane(repeated, 1) +
        i32x4.extract_lane(repeated, 2) +
        i32x4.extract_lane(repeated, 3));
    lowest = min(lowest, distinct);
    sum += distinct;
    windows++;
    if (start == last) break;
  }
  store<i32>(RESULT, lowest, 24);
  store<i32>(RESULT, sum, 28);
  store<i32>(RESULT, windows, 32);
}

/** Whether SOLID units follow one another without white space. */
function mayLoop(length: i32): bool {
  const end = OTHER_BITS + ((<usize>((length >> 6) + 1)) << 3);
  let run = 0;
  for (let at = OTHER_BITS; at < end; at += 8) {
    const spaces = load<u64>(at);
    if (run + <i32>ctz(spaces) >= SOLID) return true;
    // Bit i of runN: N units from i on.
    const run2 = ~spaces & (~spaces >> 1);
    const run4 = run2 & (run2 >> 2);
    const run8 = run4 & (run4 >> 4);
    if ((run8 & (run8 >> 8) & (run4 >> 16)) != 0) return true;
    run = <i32>clz(spaces);
  }
  return false;
}

/** Of a word that starts with a digit: true for the number at the front of a list line. */
function isEnumerator(start: u32, end: u32): bool {
  if (end - start > 4) return false;
  const next = load<u16>(TEXT + ((<usize>end) << 1));
  if (next != 0x2e && next != 0x29 && next != 0x3a) return false;
  let at = TEXT + ((<usize>start) << 1);
  while (at > TEXT) {
    at -= 2;
    const unit = load<u16>(at);
    if (unit != 0x20 && unit != 0x09) return unit == 0x0a;
  }
  return true;
}
