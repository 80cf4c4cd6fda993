// Cuts text into words as the pre-tokeniser's pattern does: a list of where they end.
import { ENDS, LONGEST, WORDS } from "./layout";
import { findStarts, isLastOpen, isPlainStart, preparePlainText, starts } from "./plain-text";
import { scanCl100k, scanDigits, scanGpt2, scanO200k } from "./scanners";

// Patterns; with none all text is one word.
const GPT2: i32 = 1;
const CL100K: i32 = 2;
const O200K: i32 = 3;
/** Digits are split off before, one by one; any other number than 0: run by run. */
const INDIVIDUAL: i32 = 1;

let pattern: i32 = 0;
let digits: i32 = 0;
let contractions: bool = false;
let splitDigits: i32 = 0;

/** The words that cut found end at ENDS, up to here. */
export let endsEnd: usize = ENDS;
/** Length of a word longer than LONGEST behind them, at which cut stopped; else 0. */
export let long: usize = 0;

export function prepareCutter(usedPattern: i32, maxDigits: i32, hasContractions: bool, usedDigits: i32): void {
  pattern = usedPattern;
  digits = maxDigits;
  contractions = hasContractions;
  splitDigits = usedDigits;
  if (ASC_FEATURE_SIMD) preparePlainText(pattern != GPT2, pattern == O200K);
}

/** Where the digits at hand, or the text between digits, end. */
let partEnd: usize = 0;

/** Before the first cut of a text. */
export function startText(): void {
  partEnd = 0;
}

/** Cuts text[at, end), which starts with a word, into the next WORDS words or some more, or all there are; returns where they end. */
export function cut(at: usize, end: usize): usize {
  endsEnd = ENDS;
  long = 0;
  while (at < end && !isFull()) {
    if (at >= partEnd) partEnd = splitDigits == 0 ? end : scanDigits(at, end, splitDigits == INDIVIDUAL);
    const next = cutPlain(at, partEnd);
    at = isLastOpen || next == at ? cutOthers(next, partEnd) : next;
  }
  return at;
}

function isFull(): bool {
  return long != 0 || endsEnd >= ENDS + WORDS * 4;
}

/** Cuts the plain words at `at`; returns the end of the last whose end is known. */
function cutPlain(at: usize, end: usize): usize {
  if (!ASC_FEATURE_SIMD || pattern == 0) return at;
  findStarts(at, end);
  let left = starts;
  let ends = endsEnd;
  endsEnd += (<usize>popcnt(left)) << 2;
  // Four at a time: how many there are is hard to foretell.
  for (; ends < endsEnd; ends += 16) {
    for (let i: usize = 0; i < 16; i += 4) {
      store<u32>(ends + i, <u32>(at + <usize>ctz(left)));
      left &= left - 1;
    }
  }
  return starts == 0 ? at : at + 63 - <usize>clz(starts);
}

/** Cuts words one by one up to a place where plain words may follow. */
function cutOthers(at: usize, end: usize): usize {
  do {
    const next = scan(at, end);
    if (next - at > LONGEST) {
      long = next - at;
      return at;
    }
    store<u32>(endsEnd, <u32>next);
    endsEnd += 4;
    at = next;
  } while (at < end && !isFull() && !(ASC_FEATURE_SIMD && isPlainStart(at)));
  return at;
}

function scan(at: usize, end: usize): usize {
  if (pattern == CL100K) return scanCl100k(at, end, digits);
  if (pattern == GPT2) return scanGpt2(at, end);
  if (pattern == O200K) return scanO200k(at, end, digits, contractions);
  return end;
}
