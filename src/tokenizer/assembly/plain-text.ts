// Starts of pieces in plain text: ASCII letters, single spaces and signs, of which most text is. All scanners cut it by the same few rules,
// so 64 characters are cut at once, without a branch a word. What is not plain is left to the scanners. WebAssembly SIMD.

const SPACE: i8 = 0x20;
const APOSTROPHE: i8 = 0x27;
const ZERO: i8 = 0x30;
const CAPITAL_A: i8 = 0x41;
const SMALL_A: i8 = 0x61;

/** All bits where a sign goes with the letters behind it; none where it does not (GPT-2). */
let joinsSigns: u64 = 0;
/** All bits where a capital behind a small letter starts a piece (o200k). */
let splitsCase: u64 = 0;

export function preparePlainText(usesSigns: bool, usesCase: bool): void {
  joinsSigns = usesSigns ? -1 : 0;
  splitsCase = usesCase ? -1 : 0;
}

/** Of the text findStarts was given last: bit i for the character at + i that starts a piece, if i > 0. */
export let starts: u64 = 0;
/** True where the last of these pieces is not known to be plain up to its end. */
export let isLastOpen: bool = false;

/** Looks at text[at, at + 64) up to `end`; a piece starts at `at`. */
export function findStarts(at: usize, end: usize): void {
  let letters: u64 = 0;
  let capitals: u64 = 0;
  let spaces: u64 = 0;
  let signs: u64 = 0;
  for (let i: usize = 0; i < 64; i += 16) {
    const bytes = v128.load(at + i);
    const isCapital = isWithin(bytes, CAPITAL_A, 26);
    const isLetter = v128.or(isCapital, isWithin(bytes, SMALL_A, 26));
    const isSpace = i8x16.eq(bytes, i8x16.splat(SPACE));
    // An apostrophe may begin a contraction.
    const isNone = v128.or(i8x16.eq(bytes, i8x16.splat(APOSTROPHE)), isWithin(bytes, ZERO, 10));
    const isSign = v128.andnot(isWithin(bytes, SPACE, 0x5f), v128.or(isNone, v128.or(isLetter, isSpace)));
    letters |= bits(isLetter) << i;
    capitals |= bits(isCapital) << i;
    spaces |= bits(isSpace) << i;
    signs |= bits(isSign) << i;
  }
  const behindSpace = spaces << 1;
  // Of several spaces in a row all but the last are one piece, unless the text ends with them.
  let other = ~(letters | spaces | signs) | (spaces & behindSpace);
  if (end - at < 64) other |= (<u64>-1) << (end - at);

  const firstSigns = signs & ~(signs << 1) & ~behindSpace;
  const firstLetters = letters & ~(letters << 1) & ~behindSpace & ~((firstSigns & joinsSigns) << 1);
  const innerCapitals = capitals & ((letters & ~capitals) << 1) & splitsCase;
  const found = (spaces & ((letters | signs) >> 1)) | firstSigns | firstLetters | innerCapitals;
  // Up to the first character that is not plain.
  starts = found & ((other & (0 - other)) - 1) & ~1;
  isLastOpen = other != 0;
}

/** True where a piece starts whatever stands before: at a space before a letter. */
export function isPlainStart(at: usize): bool {
  return <i8>load<u8>(at) == SPACE && (<u32>load<u8>(at, 1) | 0x20) - 0x61 < 26;
}

function isWithin(bytes: v128, first: i8, count: i8): v128 {
  return i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(first)), i8x16.splat(count));
}

function bits(mask: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(mask));
}
