// Reads an instruction once, as ../task-scan.ts does, which says what it means (WebAssembly SIMD).
import { events, eventsFrom, findWord, hashBytes, LOW, mark, TEXT, WORD_BITS, wordEndIn } from "../../core/assembly/units";
import { CLASSES, COLONS, GAPS, LEXICON, NUMBERS, RESULT, SENTENCES, WATCH, WATCHED } from "./memory";

/** Characters that are read at the two ends of an instruction, and how far on a word may reach there. */
const HEAD: i32 = 600;
const TAIL: i32 = 300;
const EDGE: i32 = 40;

/** Classes of units. */
const OTHER: u32 = 0;
const LETTER: u32 = 1;
const DIGIT: u32 = 2;
const SPACE: u32 = 4;

/** Gaps before words. */
export const NONE: u32 = 0;
export const COMMA: u32 = 1;
export const COLON: u32 = 2;
export const SENTENCE: u32 = 3;
export const LINE: u32 = 4;

export let count: i32 = 0;
/** Words in WATCHED. */
export let watched: i32 = 0;
export let sentences: i32 = 0;
export let digits: i32 = 0;
export let questions: i32 = 0;
export let asking: i32 = 0;
export let asksLast: bool = false;
/** In halves. */
export let codeMarks: i32 = 0;
export let operations: i32 = 0;
export let formulas: i32 = 0;
export let choices: i32 = 0;

/** Reads TEXT[from, length): its words, and what is counted above. */
export function scanInstruction(length: i32, from: i32): void {
  count = watched = sentences = digits = questions = codeMarks = operations = formulas = choices = 0;
  asking = -1;
  asksLast = false;
  // A control character is of the class OTHER and nothing else.
  mark(length, CLASSES, 1);
  if (length - from <= HEAD + TAIL) readPart(from, length, length, LINE);
  else {
    readPart(from, wordEdge(from + HEAD, length), length, LINE);
    readPart(wordEdge(length - TAIL, length), length, length, <u32>load<u8>(GAPS + <usize>count));
  }
}

/** Writes what was found where ../task-kernel.ts reads it: count, sentences, ... as they stand above. */
export function tellScan(): void {
  store<i32>(RESULT, count);
  store<i32>(RESULT, sentences, 4);
  store<i32>(RESULT, digits, 8);
  store<i32>(RESULT, questions, 12);
  store<i32>(RESULT, asking, 16);
  store<i32>(RESULT, <i32>asksLast, 20);
  store<i32>(RESULT, codeMarks, 24);
  store<i32>(RESULT, operations, 28);
  store<i32>(RESULT, formulas, 32);
  store<i32>(RESULT, choices, 36);
}

/** The next place, at most EDGE on, where no word is cut. */
function wordEdge(at: i32, length: i32): i32 {
  for (let i = at; i < at + EDGE && i < length; i++) if (classAt(i) == SPACE) return i;
  return at;
}

function unitAt(i: i32): u32 {
  return <u32>load<u16>(TEXT + ((<usize>i) << 1));
}

function classAt(i: i32): u32 {
  return <u32>load<u8>(CLASSES + <usize>unitAt(i)) >> 4;
}

/** Reads TEXT[from, to). */
function readPart(from: i32, to: i32, length: i32, before: u32): void {
  let gap = before;
  let read = from;
  let group = from >> 6;
  let left = eventsFrom(from);
  let words = load<u64>(WORD_BITS + <usize>(group << 3));
  let word = count;
  let watching = watched;
  while (true) {
    while (left == 0) {
      left = events(++group);
      words = load<u64>(WORD_BITS + <usize>(group << 3));
    }
    const bit = ctz(left);
    const start = (group << 6) + <i32>bit;
    left &= left - 1;
    if (start >= to) break;
    if (start < read) continue;
    if (((words >> bit) & 1) == 0) {
      count = word;
      gap = max(gap, readMark(start, length));
      continue;
    }
    let end = min(wordEndIn(words, start), to);
    let colon = false;
    if (unitAt(end) != 0x20) {
      if (end - start == 1 && classAt(start) == LETTER) read = end = pastSigns(end);
      colon = unitAt(end) == 0x3a;
    }
    if (unitAt(start) - 0x30 < 10 && !colon && isNumber(start, end) && !isYear(start, end)) digits++;
    if (gap >= SENTENCE) {
      store<u16>(SENTENCES + <usize>(sentences << 1), <u16>word);
      sentences++;
      asksLast = false;
    }
    const found = findWord(LEXICON, hashBytes(LOW + <usize>start, end - start));
    store<u8>(GAPS + <usize>word, <u8>gap);
    store<u8>(COLONS + <usize>word, <u8>(colon && end < to));
    store<u16>(NUMBERS + <usize>(word << 1), <u16>found);
    store<u32>(WATCHED + <usize>(watching << 2), word | ((sentences - 1) << 16));
    watching += i32((gap | (found & WATCH)) != 0);
    word++;
    gap = NONE;
  }
  count = word;
  watched = watching;
  store<u8>(GAPS + <usize>count, <u8>gap);
}

/** Behind the signs of C++ and C#. */
function pastSigns(i: i32): i32 {
  if (unitAt(i) == 0x23) return i + 1;
  return unitAt(i) == 0x2b && unitAt(i + 1) == 0x2b ? i + 2 : i;
}

/** Digits only. */
function isNumber(start: i32, end: i32): bool {
  for (let i = start; i < end; i++) if (unitAt(i) - 0x30 > 9) return false;
  return true;
}

/** 1000 to 2099, and no price. */
function isYear(from: i32, to: i32): bool {
  if (to - from != 4 || unitAt(from - 1) == 0x24) return false;
  const first = unitAt(from);
  return first == 0x31 || (first == 0x32 && unitAt(from + 1) == 0x30);
}

/** Counts a mark of punctuation; the gap that it makes. */
function readMark(i: i32, length: i32): u32 {
  const code = unitAt(i);
  const next = unitAt(i + 1);
  const before = unitAt(i - 1);
  switch (code) {
    case 0x0a: {
      const after = unitAt(i + 2);
      if ((next == 0x2d || next == 0x2a) && after == 0x20) choices++;
      else if (next == 0x28 && unitAt(i + 3) == 0x29) choices++;
      else if ((after == 0x3a || after == 0x29 || after == 0x2e) && classAt(i + 1) != OTHER) choices++;
      return LINE;
    }
    case 0x3f:
    case 0xff1f:
    case 0x61f:
      questions++;
      asking = sentences - 1;
      asksLast = true;
      return SENTENCE;
    case 0x2e:
      return classAt(i + 1) == LETTER || classAt(i + 1) == DIGIT ? NONE : SENTENCE;
    case 0x21:
    case 0x3002:
    case 0xff01:
      return SENTENCE;
    case 0x3a:
      return COLON;
    case 0x2c:
    case 0x22:
    case 0x201c:
    case 0x201d:
    case 0x2013:
    case 0x2014:
      return COMMA;
    case 0x3b:
      if (next == 0x0a || i + 1 == length) codeMarks += 2;
      return COMMA;
    case 0x60:
      if (next == 0x60 && unitAt(i + 2) == 0x60) codeMarks += 8;
      return COMMA;
    case 0x7b:
    case 0x7d:
      codeMarks += before == 0x29 || (before == 0x20 && unitAt(i - 2) == 0x29) ? 4 : 2;
      return COMMA;
    case 0x25:
      if (
        classAt(i - 1) == DIGIT &&
        next == 0x20 &&
        unitAt(i + 2) == 0x6f &&
        unitAt(i + 3) == 0x66 &&
        unitAt(i + 4) == 0x20 &&
        isAmount(i + 5, 1)
      )
        operations++;
      return NONE;
    case 0x28:
      if (next == 0x29) codeMarks += 4;
      else if (i > 1 && classAt(i - 1) == LETTER && classAt(i - 2) == LETTER && next != 0x73) codeMarks += 2;
      return COMMA;
    case 0x5f:
      if (classAt(i - 1) == LETTER && classAt(i + 1) == LETTER) codeMarks += 2;
      return NONE;
    case 0x24:
      if ((classAt(i - 1) == LETTER || before == 0x7d || before == 0x29) && next != 0x7b) formulas++;
      return NONE;
    case 0x3e:
      if (next == 0x3e && unitAt(i + 2) == 0x3e) codeMarks += 4;
      return COMMA;
    case 0x3c:
      if (classAt(i + 1) == LETTER || next == 0x2f) codeMarks += 2;
      return COMMA;
    case 0x5c:
      if (classAt(i + 1) != LETTER || classAt(i - 1) == LETTER || before == 0x5c) return COMMA;
      if (next != 0x6e && next != 0x72 && next != 0x74 && next != 0x75 && next != 0x78) formulas++;
      return COMMA;
    case 0x3d:
    case 0x2b:
    case 0x2a:
    case 0x5e:
    case 0xd7:
    case 0xf7:
      if (next == 0x3d || (code == 0x3d && next == 0x3e)) codeMarks += 2;
      else if (code == 0x3d && startsLine()) codeMarks += isLiteral(i + 1) ? 12 : 6;
      else if (isAmount(i - 1, -1) && isAmount(i + 1, 1)) operations++;
      else if (code == 0x3d && before != 0x3d) codeMarks++;
      return COMMA;
    default:
      return NONE;
  }
}

/** A list, a map or a string begins here, behind at most one space. */
function isLiteral(at: i32): bool {
  const code = unitAt(unitAt(at) == 0x20 ? at + 1 : at);
  return code == 0x5b || code == 0x7b || code == 0x22 || code == 0x27;
}

/** The last word began its line: "name = value". */
function startsLine(): bool {
  return count > 1 && <u32>load<u8>(GAPS + <usize>(count - 1)) == LINE;
}

/** A number, one letter or a bracket, with at most one space between. */
function isAmount(at: i32, step: i32): bool {
  const i = unitAt(at) == 0x20 ? at + step : at;
  const code = unitAt(i);
  if (code == 0x28 || code == 0x29) return true;
  const kind = classAt(i);
  return kind == DIGIT || (kind == LETTER && classAt(i + step) != LETTER);
}
