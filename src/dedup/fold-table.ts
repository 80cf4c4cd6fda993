// What each UTF-16 unit becomes in normal form, where that can be said of a unit alone: nearly all texts are made of such units, and
// `String.normalize` costs ten times as much as a table. normalise.ts says what the normal form is.
import { isInert } from "../core/unit-sets.ts";

export const space = 0x20;
export const removed = 0;
/** In plainFolds: what becomes of the unit depends on its neighbours, or is not one unit. */
export const notPlain = 0xffff;

/** NFKC makes a space and a combining mark of it; far more often it stands for a quote. */
export const acute = "\u00b4";

/** folds[0x10000] of lower-case units in NFKC: themselves, a plain quote or dash, a space, or nothing. ASCII capitals too. */
export const folds = createFolds();

function createFolds(): Uint16Array {
  const table = Uint16Array.from({ length: 0x10000 }, (_, code) => code);
  const put = (characters: string, to: number): void => {
    for (let i = 0; i < characters.length; i++) table[characters.charCodeAt(i)] = to;
  };
  for (let code = 0x41; code <= 0x5a; code++) table[code] = code + 0x20;
  for (let code = 0; code <= 0x20; code++) table[code] = space;
  for (let code = 0x7f; code <= 0xa0; code++) table[code] = space;
  for (let code = 0x2000; code <= 0x200a; code++) table[code] = space;
  put("\u1680\u2028\u2029\u202f\u205f\u3000", space);
  put("\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff", removed);
  for (let code = 0x2060; code <= 0x206f; code++) table[code] = removed;
  // Variation selectors: the same sign as text or as a picture.
  for (let code = 0xfe00; code <= 0xfe0f; code++) table[code] = removed;
  put(`\u2018\u2019\u201a\u201b\u2039\u203a${acute}\u02bc\``, 0x27);
  put("\u201c\u201d\u201e\u201f\u00ab\u00bb", 0x22);
  put("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", 0x2d);
  return table;
}

let plain: Uint16Array | undefined;

/** folds[0x10000] of any units, or notPlain; made on first use (some 20 ms). */
export function plainFolds(): Uint16Array {
  if (plain) return plain;
  const table = folds.slice();
  for (let code = 0x80; code < 0x10000; code++) {
    if (table[code] !== code || isInert(code)) continue;
    const character = String.fromCharCode(code);
    const lower = character.toLowerCase();
    // A mark or a half syllable may join what stands before it; a capital sigma's lower case depends on what follows.
    const alone =
      lower.length === 1 && character.normalize("NFKC") === character && !/[\p{M}\u03a3\u1100-\u11ff\ud800-\udfff\uffff]/u.test(character);
    table[code] = alone ? folds[lower.charCodeAt(0)] : notPlain;
  }
  plain = table;
  return table;
}

/** Is this surrogate pair an emoji or other picture that is its own normal form? */
export function isPicture(high: number, low: number): boolean {
  if ((low & 0xfc00) !== 0xdc00) return false;
  return high === 0xd83d || (high === 0xd83e && low < 0xdff0) || (high === 0xd83c && low >= 0xdf00);
}
