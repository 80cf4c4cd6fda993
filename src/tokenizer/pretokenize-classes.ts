// Unicode classes of code points as pre-tokenising patterns see them: a byte of flags a code point. Slow: the kernel keeps what it was told.
// Classes are those of Unicode 16, which the native tokenizers library (0.23, Oniguruma) has, whichever newer version
// JavaScript has: same ids on every Node. \s is White_Space (U+0085 yes, U+FEFF no).

/** Flags of a code point. Exactly one of the first five is set, so that to the kernel 0 means "not asked yet". */
export const Flag = {
  letter: 1,
  number: 2,
  /** White space but for \r and \n. */
  blank: 4,
  newline: 8,
  /** [^\s\p{L}\p{N}]: punctuation, symbols, marks, controls, unassigned. */
  other: 16,
  /** [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], the first half of a word in o200k's pattern. */
  upper: 32,
  /** [\p{Ll}\p{Lm}\p{Lo}\p{M}], its second half. */
  lower: 64,
} as const;

const letter = /\p{L}/u;
const number = /\p{N}/u;
const space = /\p{White_Space}/u;
const upper = /[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]/u;
const lower = /[\p{Ll}\p{Lm}\p{Lo}\p{M}]/u;

/**
 * Letters, numbers and marks that came with Unicode 17: [first, last, first, last, ...], unassigned before.
 * Found by asking the native library for the class of every code point (test/tokenizer/pretokenize-classes.test.ts).
 */
const sinceUnicode17 = [
  0x88f, 0x88f, 0xc5c, 0xc5c, 0xcdc, 0xcdc, 0x1acf, 0x1add, 0x1ae0, 0x1aeb, 0xa7ce, 0xa7cf, 0xa7d2, 0xa7d2, 0xa7d4, 0xa7d4, 0xa7f1, 0xa7f1,
  0x10940, 0x10959, 0x10ec5, 0x10ec7, 0x10efa, 0x10efb, 0x11b60, 0x11b67, 0x11db0, 0x11ddb, 0x11de0, 0x11de9, 0x16ea0, 0x16eb8, 0x16ebb,
  0x16ed3, 0x16ff2, 0x16ff6, 0x187f8, 0x187ff, 0x18d09, 0x18d1e, 0x18d80, 0x18df2, 0x1e6c0, 0x1e6de, 0x1e6e0, 0x1e6f5, 0x1e6fe, 0x1e6ff,
  0x2b73a, 0x2b73f, 0x2cea2, 0x2cead, 0x323b0, 0x33479,
];
/** A small letter in Unicode 16, a letter without case since. */
const pharyngealStop = 0x295;

function isSinceUnicode17(codePoint: number): boolean {
  for (let i = 0; i < sinceUnicode17.length; i += 2) {
    if (codePoint >= sinceUnicode17[i] && codePoint <= sinceUnicode17[i + 1]) return true;
  }
  return false;
}

/** Flags of a code point. */
export function classify(codePoint: number): number {
  return isSinceUnicode17(codePoint) ? Flag.other : flagsOf(codePoint);
}

function flagsOf(codePoint: number): number {
  if (codePoint === pharyngealStop) return Flag.letter | Flag.lower;
  const character = String.fromCodePoint(codePoint);
  let found: number = Flag.other;
  if (letter.test(character)) found = Flag.letter;
  else if (number.test(character)) found = Flag.number;
  else if (character === "\r" || character === "\n") found = Flag.newline;
  else if (space.test(character)) found = Flag.blank;
  if (upper.test(character)) found |= Flag.upper;
  if (lower.test(character)) found |= Flag.lower;
  return found;
}
