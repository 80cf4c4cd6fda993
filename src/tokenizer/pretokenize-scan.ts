// Hand-written scanners for the pre-tokenising patterns in wide use: each gives the end of the piece that starts at
// bytes[i], as the regular expression beside it would, alternatives in its order. Text is valid UTF-8; the scanner sees
// nothing beyond `end`. Knows nothing of vocabularies.
import { Flag, flagsAt, skipRun } from "./pretokenize-classes.ts";
import { characterBytes } from "./utf8.ts";

/** The end of the piece that starts at bytes[i]; i < end, the result is in (i, end]. */
export type Scanner = (bytes: Uint8Array, i: number, end: number) => number;

const { letter, number, blank, newline, other, upper, lower } = Flag;
const white = blank | newline;
const [space, apostrophe, lineFeed, carriageReturn, slash] = [0x20, 0x27, 0x0a, 0x0d, 0x2f];

/** 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
export const scanGpt2: Scanner = (bytes, i, end) => {
  const lead = bytes[i];
  if (lead === apostrophe) {
    const after = contraction(bytes, i, end);
    // This pattern's contractions are lower case only.
    if (after > i && isLowerAscii(bytes, i + 1, after)) return after;
  }
  const body = lead === space && i + 1 < end ? i + 1 : i;
  const kind = flagsAt(bytes, body) & (letter | number | other);
  if (kind !== 0) return skipRun(bytes, body, end, kind);
  return whiteRun(bytes, i, end);
};

/**
 * (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,D}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * with D = 3 (cl100k, Llama 3) or 1 (Qwen 2).
 */
export function createCl100kScanner({ digits }: { readonly digits: number }): Scanner {
  return (bytes, i, end) => {
    const lead = bytes[i];
    const kind = flagsAt(bytes, i);
    const next = i + characterBytes(lead);
    if ((kind & letter) !== 0) return skipRun(bytes, next, end, letter);
    if ((kind & number) !== 0) return skipNumbers(bytes, next, end, digits - 1);
    if (lead === apostrophe) {
      const after = contraction(bytes, i, end);
      if (after > i) return after;
    }
    if ((kind & newline) === 0 && next < end) {
      const following = flagsAt(bytes, next);
      if ((following & letter) !== 0) return skipRun(bytes, next, end, letter);
      if (lead === space && (following & other) !== 0) return symbolRun(bytes, next, end);
    }
    return (kind & other) !== 0 ? symbolRun(bytes, i, end) : lineRun(bytes, i, end);
  };
}

/**
 * [^\r\n\p{L}\p{N}]?[U]*[W]+C?|[^\r\n\p{L}\p{N}]?[U]+[W]*C?|\p{N}{1,D}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * with U = \p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}, W = \p{Ll}\p{Lm}\p{Lo}\p{M}; C = the contractions (o200k) or nothing (Tekken).
 */
export function createO200kScanner({ digits, contractions }: { readonly digits: number; readonly contractions: boolean }): Scanner {
  return (bytes, i, end) => {
    const lead = bytes[i];
    const kind = flagsAt(bytes, i);
    const next = i + characterBytes(lead);
    if ((kind & number) !== 0) return skipNumbers(bytes, next, end, digits - 1);
    // The optional first character is tried before none; a mark can be either.
    const prefixed = (kind & (letter | newline)) === 0 && next < end;
    let word = prefixed ? capitalsThenLower(bytes, next, end) : -1;
    if (word < 0) word = capitalsThenLower(bytes, i, end);
    if (word < 0 && prefixed) word = capitals(bytes, next, end);
    if (word < 0) word = capitals(bytes, i, end);
    if (word >= 0) return contractions && word < end && bytes[word] === apostrophe ? contraction(bytes, word, end) : word;
    if ((kind & other) !== 0) return pathRun(bytes, i, end);
    if (lead === space && next < end && (flagsAt(bytes, next) & other) !== 0) return pathRun(bytes, next, end);
    return lineRun(bytes, i, end);
  };
}

/** [U]*[W]+ with the pattern's backtracking; -1 where it does not match. */
function capitalsThenLower(bytes: Uint8Array, i: number, end: number): number {
  const tail = skipRun(bytes, i, end, upper);
  const done = skipRun(bytes, tail, end, lower);
  if (done > tail) return done;
  // Give back characters of [U]* until one of them is of [W] too.
  for (let after = tail; after > i;) {
    const start = characterStart(bytes, after - 1);
    if ((flagsAt(bytes, start) & lower) !== 0) return after;
    after = start;
  }
  return -1;
}

/** [U]+[W]* where [U]*[W]+ did not match: no [W] can follow. */
function capitals(bytes: Uint8Array, i: number, end: number): number {
  const done = skipRun(bytes, i, end, upper);
  return done > i ? done : -1;
}

/** \p{N} split off every other text, then another scanner on what lies between: the Digits pre-tokenizer before it. */
export function createDigitsSplitter({ individual }: { readonly individual: boolean }): Scanner {
  const rest = letter | blank | newline | other;
  return (bytes, i, end) => {
    if ((flagsAt(bytes, i) & number) === 0) return skipRun(bytes, i, end, rest);
    return individual ? i + characterBytes(bytes[i]) : skipRun(bytes, i, end, number);
  };
}

/** Where (?i:'s|'t|'re|'ve|'m|'ll|'d) ends at bytes[i], an apostrophe; i where it does not match. */
function contraction(bytes: Uint8Array, i: number, end: number): number {
  if (i + 1 >= end) return i;
  const first = bytes[i + 1] | 0x20;
  // s, t, m, d.
  if (first === 0x73 || first === 0x74 || first === 0x6d || first === 0x64) return i + 2;
  if (i + 2 >= end) return i;
  const second = bytes[i + 2] | 0x20;
  // re, ve, ll.
  if (second === 0x65 && (first === 0x72 || first === 0x76)) return i + 3;
  if (second === 0x6c && first === 0x6c) return i + 3;
  // U+017F folds to s.
  return bytes[i + 1] === 0xc5 && bytes[i + 2] === 0xbf ? i + 3 : i;
}

function isLowerAscii(bytes: Uint8Array, i: number, end: number): boolean {
  for (; i < end; i++) if (bytes[i] < 0x61 || bytes[i] > 0x7a) return false;
  return true;
}

function skipNumbers(bytes: Uint8Array, i: number, end: number, most: number): number {
  for (; most > 0 && i < end && (flagsAt(bytes, i) & number) !== 0; most--) i += characterBytes(bytes[i]);
  return i;
}

/** [^\s\p{L}\p{N}]+[\r\n]* */
function symbolRun(bytes: Uint8Array, i: number, end: number): number {
  i = skipRun(bytes, i, end, other);
  while (i < end && (bytes[i] === lineFeed || bytes[i] === carriageReturn)) i++;
  return i;
}

/** [^\s\p{L}\p{N}]+[\r\n/]* */
function pathRun(bytes: Uint8Array, i: number, end: number): number {
  i = skipRun(bytes, i, end, other);
  while (i < end && (bytes[i] === lineFeed || bytes[i] === carriageReturn || bytes[i] === slash)) i++;
  return i;
}

/** \s*[\r\n]+|\s+(?!\S)|\s+ at white space. */
function lineRun(bytes: Uint8Array, i: number, end: number): number {
  const after = skipRun(bytes, i, end, white);
  for (let k = after - 1; k >= i; k--) if (bytes[k] === lineFeed || bytes[k] === carriageReturn) return k + 1;
  return withoutLast(bytes, i, after, end);
}

/** \s+(?!\S)|\s+ at white space. */
function whiteRun(bytes: Uint8Array, i: number, end: number): number {
  return withoutLast(bytes, i, skipRun(bytes, i, end, white), end);
}

/** White space i..after: all of it at the text's end, else all but the last character, which goes with what follows. */
function withoutLast(bytes: Uint8Array, i: number, after: number, end: number): number {
  if (after === end) return after;
  const last = characterStart(bytes, after - 1);
  return last > i ? last : after;
}

function characterStart(bytes: Uint8Array, i: number): number {
  while ((bytes[i] & 0xc0) === 0x80) i--;
  return i;
}
