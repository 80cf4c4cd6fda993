// Cuts an answer into sentences and tells which kinds of trigger words each holds, as ../refusal-scan.ts does, which says what it means.
import { events, eventsFrom, findWord, hashBytes, LOW, mark, TEXT, wordEnd } from "../../core/assembly/units";
import { REFUSAL_CLASSES, RESULT, TRIGGERS, WANTED } from "./memory";

/** Kinds of units: the upper four bits of their class. Numbers as in ../refusal-characters.ts. */
const SPACE: u32 = 0;
const KIND_WORD: u32 = 1;
const APOSTROPHE: u32 = 2;
const NEWLINE: u32 = 3;
const STOP: u32 = 4;
const PAUSE: u32 = 5;
const QUOTE: u32 = 6;
const OPEN: u32 = 7;
const CLOSE: u32 = 8;
const CODE: u32 = 9;
const HYPHEN: u32 = 10;
const MARK: u32 = 11;

/** Words in a sentence; a longer run of words is cut. */
const SENTENCE_WORDS: i32 = 120;
const LONGEST_QUOTATION: i32 = 2000;
const LONGEST_SINGLE_QUOTATION: i32 = 300;
/** More words than a label or list mark has. */
const MANY: i32 = 1000;
const ABBREVIATION: u32 = 1 << 29;
const LABEL: u32 = 1 << 30;

/** The reading of TEXT. */
let length: i32 = 0;
let place: i32 = 0;
let sentences: i32 = 0;
let whole: bool = false;
let aside: bool = false;
let lineWords: i32 = 0;
/** Trigger bits that count, and those that count in a dialogue or list. */
let allBits: u32 = 0;
let asideBits: u32 = 0;

export function setTriggerBits(all: u32, inAside: u32): void {
  allBits = all;
  asideBits = inAside;
}

/** Begins to read TEXT[units]. `quoted`: it is one quotation as a whole. */
export function beginSentences(units: i32, quoted: bool): void {
  length = units;
  place = sentences = lineWords = 0;
  aside = false;
  whole = quoted;
  // A closing bracket: neither space nor word nor the end of anything.
  mark(units, REFUSAL_CLASSES, 0x29);
}

function unitAt(i: i32): u32 {
  return <u32>load<u16>(TEXT + ((<usize>i) << 1));
}

function kindAt(i: i32): u32 {
  return <u32>load<u8>(REFUSAL_CLASSES + <usize>unitAt(i)) >> 4;
}

/**
 * Finds the next sentence that begins before `until` and whose trigger bits are wanted by the table of that number (the first sentence: table 0):
 * RESULT is its start, end, bits and number. False where there is none; RESULT[1] is where reading stopped.
 */
export function nextSentence(table: i32, until: i32): bool {
  let start = -1;
  let wordStart = 0;
  let wordStop = 0;
  let word: u32 = 0;
  let words = 0;
  let triggers: u32 = 0;
  let ends = false;
  let lineEnds = false;
  let i = place;
  let group = i >> 6;
  let left = eventsFrom(i);
  while (true) {
    if (ends || i >= length || words >= SENTENCE_WORDS) {
      const counted = aside ? asideBits : allBits;
      if (lineEnds) {
        lineEnds = aside = false;
        lineWords = 0;
      }
      if (words > 0) {
        const index = sentences++;
        triggers &= counted;
        if (isWanted(index == 0 ? 0 : table, triggers)) {
          store<i32>(RESULT, start);
          store<i32>(RESULT, i, 4);
          store<u32>(RESULT, triggers, 8);
          store<i32>(RESULT, index, 12);
          place = i;
          return true;
        }
      }
      if (i >= until) {
        store<i32>(RESULT, i, 4);
        place = i;
        return false;
      }
      ends = false;
      start = -1;
      words = 0;
      triggers = 0;
    }
    while (left == 0) left = events(++group);
    i = (group << 6) + <i32>ctz(left);
    left &= left - 1;
    if (i >= length) continue;
    const unit = unitAt(i);
    const kind = kindAt(i);
    if (kind == KIND_WORD) {
      wordStart = i;
      wordStop = i = wordEnd(i);
      word = findWord(TRIGGERS, hashBytes(LOW + <usize>wordStart, i - wordStart));
      triggers |= word | beforeApostrophe(wordStart, i);
      i += <i32>(kindAt(i) == SPACE);
      if (start < 0) start = wordStart;
      words++;
      lineWords++;
    } else if (kind == NEWLINE) {
      i++;
      if (unit == 0x0d && unitAt(i) == 0x0a) {
        i++;
        left = eventsFrom(i);
        group = i >> 6;
      }
      // A wrapped line: the sentence goes on.
      if (words > 0 && i < length && unitAt(i) - 0x61 < 26) lineWords = MANY;
      else ends = lineEnds = true;
    } else if (kind == STOP) {
      const from = i;
      i++;
      if (kindAt(i) == STOP) {
        while (i < length && kindAt(i) == STOP) i++;
        left = eventsFrom(i);
        group = i >> 6;
      }
      const plain = unit == 0x2e && i == from + 1;
      if (i < length && kindAt(i) == KIND_WORD && unit < 0x2fff) continue; // 3.5, example.com
      if (plain && wordStop == from && i + 1 < length && (word & ABBREVIATION) != 0) continue;
      if (plain && lineWords == 1 && words == 1 && isNumber(wordStart, from)) {
        // "1. Item": a list's mark
        aside = true;
        lineWords = words = 0;
        triggers = 0;
        start = -1;
      } else {
        ends = true;
        lineWords = MANY;
      }
    } else if (kind == PAUSE) {
      i++;
      if (
        (unit == 0x3a || unit == 0xff1a) &&
        lineWords > 0 &&
        lineWords <= 3 &&
        (i == length || kindAt(i) != KIND_WORD) &&
        start >= 0 &&
        unitAt(start) - 0x41 < 26
      ) {
        aside = (triggers & LABEL) == 0;
        words = 0;
        triggers = 0;
        start = -1;
        lineWords = MANY;
      }
    } else if (kind == QUOTE || kind == OPEN || kind == APOSTROPHE || kind == CODE) {
      if (kind == CODE && isFence(i)) {
        i += 3;
        while (i < length && !isFence(i)) i++;
        i = min(length, i + 3);
        left = eventsFrom(i);
        group = i >> 6;
        ends = true;
        continue;
      }
      const end = whole && kind != CODE && kind != APOSTROPHE ? i : quotationEnd(i, kind);
      if (end == i) {
        i++;
        continue;
      }
      // Speech that ends with a stop ends the sentence before it, too.
      ends = kindAt(end - 2) == STOP;
      if (lineWords == 0) lineWords = MANY;
      i = end;
      left = eventsFrom(i);
      group = i >> 6;
    } else {
      if ((kind == HYPHEN || kind == MARK) && lineWords == 0) {
        if (unit == 0x3e) {
          // a block quote: somebody else's words
          while (i < length && unitAt(i) != 0x0a) i++;
          left = eventsFrom(i);
          group = i >> 6;
          continue;
        }
        if ((kind == HYPHEN || unit == 0x2a || unit == 0x2b || unit == 0x2022) && kindAt(i + 1) == SPACE) aside = true;
      }
      i++;
    }
  }
}

function isWanted(table: i32, triggers: u32): bool {
  return ((<u32>load<u8>(WANTED + ((<usize>table) << 13) + <usize>(triggers >> 3)) >> (triggers & 7)) & 1) != 0;
}

/** The trigger bits of a word's part before its first apostrophe, 0 for a word without. */
function beforeApostrophe(start: i32, end: i32): u32 {
  const units = v128.load(LOW + <usize>start);
  const at = <i32>ctz(<u32>i8x16.bitmask(i8x16.eq(units, i8x16.splat(0x27))) | 0x10000);
  if (at >= end - start || at == 16) return 0;
  return findWord(TRIGGERS, hashBytes(LOW + <usize>start, at));
}

function isNumber(start: i32, end: i32): bool {
  if (end - start > 3) return false;
  for (let i = start; i < end; i++) if (unitAt(i) - 0x30 > 9) return false;
  return true;
}

function isFence(i: i32): bool {
  return unitAt(i) == 0x60 && unitAt(i + 1) == 0x60 && unitAt(i + 2) == 0x60;
}

/** The place after the mark that closes, on the same line, a quotation or inline code that opens here; `open` where none opens. */
function quotationEnd(open: i32, opening: u32): i32 {
  if (opening == APOSTROPHE) return singleQuotationEnd(open);
  const closing = opening == OPEN ? CLOSE : opening;
  const stop = min(length, open + LONGEST_QUOTATION);
  for (let i = open + 1; i < stop; i++) {
    const kind = kindAt(i);
    if (kind == closing) return i + 1;
    if (kind == NEWLINE || kind == OPEN) break;
  }
  return open;
}

/** 'twas and dogs' open no quotation; 'yes', he said, does. */
function singleQuotationEnd(open: i32): i32 {
  const before = open == 0 ? SPACE : kindAt(open - 1);
  if (before == KIND_WORD || before == STOP || kindAt(open + 1) != KIND_WORD) return open;
  const stop = min(length, open + LONGEST_SINGLE_QUOTATION);
  for (let i = open + 1; i < stop; i++) {
    const kind = kindAt(i);
    if (kind == NEWLINE) return open;
    if (kind == APOSTROPHE && unitAt(i) != 0x2018 && kindAt(i + 1) != KIND_WORD) return i + 1;
  }
  return open;
}

/** Whether one of ../refusal.ts's disclaimers stands behind the place where reading stopped: "AI", "language model", "knowledge cut", "my training". */
export function mayDisclaim(): bool {
  for (let i = place; i < length; i += 16) {
    const text = TEXT + ((<usize>i) << 1);
    const capitals = v128.or(
      v128.and(i16x8.eq(v128.load(text), i16x8.splat(0x41)), i16x8.eq(v128.load(text, 2), i16x8.splat(0x49))),
      v128.and(i16x8.eq(v128.load(text, 16), i16x8.splat(0x41)), i16x8.eq(v128.load(text, 18), i16x8.splat(0x49))),
    );
    if (v128.any_true(capitals)) return true;
    const low = v128.load(LOW + <usize>i);
    const next = v128.load(LOW + <usize>i, 1);
    const phrases = v128.or(
      v128.or(v128.and(is(low, 0x6d), is(next, 0x79)), v128.and(is(low, 0x6b), is(next, 0x6e))),
      v128.and(v128.and(is(low, 0x6c), is(next, 0x61)), is(v128.load(LOW + <usize>i, 3), 0x67)),
    );
    for (let found = <u32>i8x16.bitmask(phrases); found != 0; found &= found - 1) {
      const at = i + <i32>ctz(found);
      if (holds(at, LANGUAGE_MODEL, 14) || holds(at, KNOWLEDGE_CUT, 13) || holds(at, MY_TRAINING, 11)) return true;
    }
  }
  return false;
}

const LANGUAGE_MODEL = memory.data<u8>([0x6c, 0x61, 0x6e, 0x67, 0x75, 0x61, 0x67, 0x65, 0x20, 0x6d, 0x6f, 0x64, 0x65, 0x6c]);
const KNOWLEDGE_CUT = memory.data<u8>([0x6b, 0x6e, 0x6f, 0x77, 0x6c, 0x65, 0x64, 0x67, 0x65, 0x20, 0x63, 0x75, 0x74]);
const MY_TRAINING = memory.data<u8>([0x6d, 0x79, 0x20, 0x74, 0x72, 0x61, 0x69, 0x6e, 0x69, 0x6e, 0x67]);

function is(units: v128, unit: i8): v128 {
  return i8x16.eq(units, i8x16.splat(unit));
}

function holds(at: i32, phrase: usize, size: i32): bool {
  for (let i = 0; i < size; i++) if (unitAt(at + i) != <u32>load<u8>(phrase + <usize>i)) return false;
  return true;
}
