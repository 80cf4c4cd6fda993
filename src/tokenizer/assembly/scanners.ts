// Scanners for the pre-tokenising patterns in wide use: each gives the end of the piece that starts at `at`, as the regular expression
// beside it would, alternatives in its order. They see nothing beyond `end`; at < end, the result is in (at, end].
import {
  BLANK,
  characterStart,
  flagsAt,
  LETTER,
  LOWER,
  NEWLINE,
  NUMBER,
  OTHER,
  skipLetters,
  skipRun,
  UPPER,
  WHITE,
  width,
} from "./characters";

const LINE_FEED: u32 = 0x0a;
const CARRIAGE_RETURN: u32 = 0x0d;
const SPACE: u32 = 0x20;
const APOSTROPHE: u32 = 0x27;
const SLASH: u32 = 0x2f;

/** 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
export function scanGpt2(at: usize, end: usize): usize {
  const lead = <u32>load<u8>(at);
  if (lead == APOSTROPHE) {
    const after = contraction(at, end);
    // This pattern's contractions are lower case only.
    if (after > at && isLowerAscii(at + 1, after)) return after;
  }
  const body = lead == SPACE && at + 1 < end ? at + 1 : at;
  const kind = flagsAt(body) & (LETTER | NUMBER | OTHER);
  if (kind == LETTER) return skipLetters(body, end);
  return kind != 0 ? skipRun(body, end, kind) : whiteRun(at, end);
}

/**
 * (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,D}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * with D = 3 (cl100k, Llama 3) or 1 (Qwen 2).
 */
export function scanCl100k(at: usize, end: usize, digits: i32): usize {
  const lead = <u32>load<u8>(at);
  const kind = flagsAt(at);
  const next = at + width(lead);
  if ((kind & LETTER) != 0) return skipLetters(next, end);
  if ((kind & NUMBER) != 0) return skipNumbers(next, end, digits - 1);
  if (lead == APOSTROPHE) {
    const after = contraction(at, end);
    if (after > at) return after;
  }
  if ((kind & NEWLINE) == 0 && next < end) {
    const following = flagsAt(next);
    if ((following & LETTER) != 0) return skipLetters(next, end);
    if (lead == SPACE && (following & OTHER) != 0) return symbolRun(next, end);
  }
  return (kind & OTHER) != 0 ? symbolRun(at, end) : lineRun(at, end);
}

/**
 * [^\r\n\p{L}\p{N}]?[U]*[W]+C?|[^\r\n\p{L}\p{N}]?[U]+[W]*C?|\p{N}{1,D}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * with U = \p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}, W = \p{Ll}\p{Lm}\p{Lo}\p{M}; C = the contractions (o200k) or nothing (Tekken).
 */
export function scanO200k(at: usize, end: usize, digits: i32, contractions: bool): usize {
  const lead = <u32>load<u8>(at);
  const kind = flagsAt(at);
  const next = at + width(lead);
  if ((kind & NUMBER) != 0) return skipNumbers(next, end, digits - 1);
  // The optional first character is tried before none; a mark can be either. 0: no match.
  const prefixed = (kind & (LETTER | NEWLINE)) == 0 && next < end;
  let word: usize = prefixed ? capitalsThenLower(next, end) : 0;
  if (word == 0) word = capitalsThenLower(at, end);
  if (word == 0 && prefixed) word = capitals(next, end);
  if (word == 0) word = capitals(at, end);
  if (word != 0) return contractions && word < end && load<u8>(word) == APOSTROPHE ? contraction(word, end) : word;
  if ((kind & OTHER) != 0) return pathRun(at, end);
  if (lead == SPACE && next < end && (flagsAt(next) & OTHER) != 0) return pathRun(next, end);
  return lineRun(at, end);
}

/** \p{N} split off every other text, one by one or run by run: the Digits pre-tokenizer before a scanner. */
export function scanDigits(at: usize, end: usize, individual: bool): usize {
  if ((flagsAt(at) & NUMBER) == 0) return skipRun(at, end, LETTER | BLANK | NEWLINE | OTHER);
  return individual ? at + width(load<u8>(at)) : skipRun(at, end, NUMBER);
}

/** [U]*[W]+ with the pattern's backtracking; 0 where it does not match. */
function capitalsThenLower(at: usize, end: usize): usize {
  const tail = skipRun(at, end, UPPER);
  const done = skipRun(tail, end, LOWER);
  if (done > tail) return done;
  // Give back characters of [U]* until one of them is of [W] too.
  for (let after = tail; after > at;) {
    const start = characterStart(after - 1);
    if ((flagsAt(start) & LOWER) != 0) return after;
    after = start;
  }
  return 0;
}

/** [U]+[W]* where [U]*[W]+ did not match: no [W] can follow. 0 where it does not match. */
function capitals(at: usize, end: usize): usize {
  const done = skipRun(at, end, UPPER);
  return done > at ? done : 0;
}

/** Where (?i:'s|'t|'re|'ve|'m|'ll|'d) ends at an apostrophe; `at` where it does not match. */
function contraction(at: usize, end: usize): usize {
  if (at + 1 >= end) return at;
  const first = <u32>load<u8>(at, 1) | 0x20;
  // s, t, m, d.
  if (first == 0x73 || first == 0x74 || first == 0x6d || first == 0x64) return at + 2;
  if (at + 2 >= end) return at;
  const second = <u32>load<u8>(at, 2) | 0x20;
  // re, ve, ll.
  if (second == 0x65 && (first == 0x72 || first == 0x76)) return at + 3;
  if (second == 0x6c && first == 0x6c) return at + 3;
  // U+017F folds to s.
  return load<u8>(at, 1) == 0xc5 && load<u8>(at, 2) == 0xbf ? at + 3 : at;
}

function isLowerAscii(at: usize, end: usize): bool {
  for (; at < end; at++) if (load<u8>(at) < 0x61 || load<u8>(at) > 0x7a) return false;
  return true;
}

function skipNumbers(at: usize, end: usize, most: i32): usize {
  for (; most > 0 && at < end && (flagsAt(at) & NUMBER) != 0; most--) at += width(load<u8>(at));
  return at;
}

/** [^\s\p{L}\p{N}]+[\r\n]* */
function symbolRun(at: usize, end: usize): usize {
  at = skipRun(at, end, OTHER);
  while (at < end && isLineEnd(load<u8>(at))) at++;
  return at;
}

/** [^\s\p{L}\p{N}]+[\r\n/]* */
function pathRun(at: usize, end: usize): usize {
  at = skipRun(at, end, OTHER);
  while (at < end && (isLineEnd(load<u8>(at)) || load<u8>(at) == SLASH)) at++;
  return at;
}

/** \s*[\r\n]+|\s+(?!\S)|\s+ at white space. */
function lineRun(at: usize, end: usize): usize {
  const after = skipRun(at, end, WHITE);
  for (let last = after; last > at; last--) if (isLineEnd(load<u8>(last - 1))) return last;
  return withoutLast(at, after, end);
}

/** \s+(?!\S)|\s+ at white space. */
function whiteRun(at: usize, end: usize): usize {
  return withoutLast(at, skipRun(at, end, WHITE), end);
}

/** White space at..after: all of it at the text's end, else all but the last character, which goes with what follows. */
function withoutLast(at: usize, after: usize, end: usize): usize {
  if (after == end) return after;
  const last = characterStart(after - 1);
  return last > at ? last : after;
}

function isLineEnd(byte: u32): bool {
  return byte == LINE_FEED || byte == CARRIAGE_RETURN;
}
