// From UTF-8 text to token ids in one pass: cut words as the pre-tokeniser's pattern does and look each up in the word table. What a new
// word's ids are, the caller knows (../bpe-tokenizer.ts).
import { IDS, IDS_CAPACITY, RESULTS, TEXT } from "./layout";
import { scanCl100k, scanDigits, scanGpt2, scanO200k } from "./scanners";
import { appendWord, LONGEST, prepareMasks } from "./word-table";

// Patterns.
const GPT2: i32 = 1;
const CL100K: i32 = 2;
const O200K: i32 = 3;
/** Digits are split off before, one by one; any other number than 0: run by run. */
const INDIVIDUAL: i32 = 1;

let pattern: i32 = 0;
let digits: i32 = 0;
let contractions: bool = false;
let splitDigits: i32 = 0;

/** Says how words are cut; pattern 0 takes all text as one. Call once, first. */
export function configure(usedPattern: i32, maxDigits: i32, hasContractions: bool, usedDigits: i32): void {
  pattern = usedPattern;
  digits = maxDigits;
  contractions = hasContractions;
  splitDigits = usedDigits;
  prepareMasks();
}

/**
 * Makes the ids of text[from, to), where words begin, and returns where it stopped: at `to`, where the ids' buffer might overflow, or at a
 * word that is too long for the table, whose length is in the results.
 */
export function encode(from: usize, to: usize): usize {
  const end = TEXT + to;
  let at = TEXT + from;
  let out = IDS;
  const full = IDS + (IDS_CAPACITY - LONGEST) * 4;
  while (at < end) {
    const part = splitDigits == 0 ? end : scanDigits(at, end, splitDigits == INDIVIDUAL);
    while (at < part) {
      if (out > full) return stop(at, out, 0);
      const next = scan(at, part);
      if (next - at > LONGEST) return stop(at, out, next - at);
      out = appendWord(at, next - at, out);
      at = next;
    }
  }
  return stop(at, out, 0);
}

/** Leaves the results of a call: where it stopped, the end of its ids, the length of the long word there. */
function stop(at: usize, out: usize, long: usize): usize {
  store<u32>(RESULTS, <u32>((out - IDS) >> 2));
  store<u32>(RESULTS, <u32>long, 4);
  return at - TEXT;
}

/** Makes the ids of one word, text[from, from + length), at most as long as the table takes; returns how many. */
export function encodeWord(from: usize, length: usize): usize {
  return (appendWord(TEXT + from, length, IDS) - IDS) >> 2;
}

function scan(at: usize, end: usize): usize {
  if (pattern == CL100K) return scanCl100k(at, end, digits);
  if (pattern == GPT2) return scanGpt2(at, end);
  if (pattern == O200K) return scanO200k(at, end, digits, contractions);
  return end;
}
