// The one normal form that deduplication compares texts in. UTF-16 units in, UTF-16 units out; knows nothing of rows.
// NFKC, lower case, one kind of quote and dash, invisible characters gone, whitespace runs as one space, ends trimmed.

import { utf8Scratch } from "../core/hash.ts";
import { acute, folds, isPicture, notPlain, plainFolds, removed, space } from "./fold-table.ts";

/** A text in normal form: units[0, length). The buffer is shared: valid until the next call. */
export interface Folded {
  units: Uint16Array;
  length: number;
}

const folded: Folded = { units: new Uint16Array(1 << 16), length: 0 };

/** The text in the buffer. */
let last: string | undefined;

/** Brings a text into normal form in a shared buffer. Asked for the same text again it does nothing. */
export function foldText(text: string): Folded {
  if (text === last) return folded;
  // Reading UTF-8 bytes is several times faster than charCodeAt. A byte a unit is ASCII. A lone surrogate becomes U+FFFD.
  const bytes = utf8Scratch(text);
  if (bytes.length === text.length) foldBytes(bytes, folds);
  else if (!foldBytes(bytes, plainFolds())) foldBytes(utf8Scratch(text.replaceAll(acute, "'").normalize("NFKC").toLowerCase()), folds);
  last = text;
  return folded;
}

/** Folds the characters of UTF-8 by a table; false where one of them is notPlain. */
function foldBytes(bytes: Uint8Array, table: Uint16Array): boolean {
  // An ellipsis is three bytes and three units; no other character gives more units than it has bytes.
  if (folded.units.length < bytes.length) folded.units = new Uint16Array(bytes.length * 2);
  const { units } = folded;
  let length = 0;
  let before = space;
  for (let i = 0; i < bytes.length;) {
    let code = bytes[i++];
    if (code >= 0xf0) {
      code = ((code & 7) << 18) | ((bytes[i++] & 63) << 12) | ((bytes[i++] & 63) << 6) | (bytes[i++] & 63);
      const high = 0xd7c0 + (code >>> 10);
      const low = 0xdc00 | (code & 0x3ff);
      if (table[high] === notPlain && !isPicture(high, low)) return false;
      units[length++] = high;
      units[length++] = before = low;
      continue;
    }
    if (code >= 0xe0) code = ((code & 15) << 12) | ((bytes[i++] & 63) << 6) | (bytes[i++] & 63);
    else if (code >= 0x80) code = ((code & 31) << 6) | (bytes[i++] & 63);
    const unit = table[code];
    if (unit === removed || (unit === space && before === space)) continue;
    before = unit;
    if (unit !== notPlain) units[length++] = unit;
    else if (code === ellipsis) {
      units[length++] = dot;
      units[length++] = dot;
      units[length++] = dot;
    } else if (table === folds) units[length++] = unit;
    else return false;
  }
  folded.length = length > 0 && before === space ? length - 1 : length;
  return true;
}

const ellipsis = 0x2026;
const dot = 0x2e;

const bang = 0x21;
const enders: readonly number[] = [..." .?!,;:\u3002\u3001\u061f\u0964"].map((character) => character.charCodeAt(0));

/** Where a folded text ends once closing punctuation is taken off; a text of nothing else keeps it, and so does "5!". */
export function endWithoutPunctuation({ units, length }: { readonly units: ArrayLike<number>; readonly length: number }): number {
  let end = length;
  while (end > 0 && enders.includes(units[end - 1])) {
    if (units[end - 1] === bang && end > 1 && units[end - 2] >= 0x30 && units[end - 2] <= 0x39) break;
    end--;
  }
  return end === 0 ? length : end;
}
