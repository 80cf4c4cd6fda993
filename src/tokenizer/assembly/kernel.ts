// From UTF-8 text to token ids: cut some words, then look them up, again and again.
import { cut, endsEnd, long, prepareCutter, startText } from "./cutter";
import { IDS, IDS_CAPACITY, LONGEST, RESULTS, WORDS } from "./layout";
import { prepareMerges } from "./merges";
import { appendWord, appendWords, prepareWordTable } from "./word-table";

/** Says how words are cut; pattern 0 takes all text as one. Call once, first. */
export function configure(pattern: i32, digits: i32, contractions: bool, splitDigits: i32): void {
  prepareCutter(pattern, digits, contractions, splitDigits);
  prepareWordTable();
}

export { prepareMerges };

/**
 * Makes the ids of text[at, end), where words begin, and returns where it stopped: at `end`, where the ids' buffer might overflow, or at a
 * word longer than LONGEST, whose length is in the results.
 */
export function encode(at: usize, end: usize): usize {
  // A cut gives at most WORDS words, then one more and what a window of plain text holds, which together have fewer ids than two words may.
  const full = IDS + (IDS_CAPACITY - (WORDS + 2) * LONGEST) * 4;
  let out = IDS;
  startText();
  do {
    const next = cut(at, end);
    out = appendWords(at, endsEnd, out);
    at = next;
  } while (at < end && long == 0 && out < full);
  store<u32>(RESULTS, <u32>((out - IDS) >> 2));
  store<u32>(RESULTS, <u32>long, 4);
  return at;
}

/** Makes the ids of one word of 1..LONGEST bytes; returns how many. */
export function encodeWord(at: usize, length: usize): usize {
  return (appendWord(at, length, IDS) - IDS) >> 2;
}
