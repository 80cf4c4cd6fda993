// The one normal form that deduplication compares texts in. UTF-16 units in, UTF-16 units out; knows nothing of rows.
// NFKC, lower case, one kind of quote and dash, invisible characters gone, whitespace runs as one space, ends trimmed.

/** A text in normal form: units[0, length). The buffer is shared: valid until the next call. */
export interface Folded {
  units: Uint16Array;
  length: number;
}

const space = 0x20;
const removed = 0;

/** What each unit becomes: itself, lower case, a plain quote or dash, a space, or nothing. */
const folds = createFolds();

function createFolds(): Uint16Array {
  const table = Uint16Array.from({ length: 0x10000 }, (_, code) => code);
  for (let code = 0x41; code <= 0x5a; code++) table[code] = code + 0x20;
  const put = (characters: string, to: number): void => {
    for (let i = 0; i < characters.length; i++) table[characters.charCodeAt(i)] = to;
  };
  for (let code = 0; code <= 0x20; code++) table[code] = space;
  for (let code = 0x7f; code <= 0xa0; code++) table[code] = space;
  put("\u1680\u2028\u2029\u202f\u205f\u3000", space);
  for (let code = 0x2000; code <= 0x200a; code++) table[code] = space;
  put("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", removed);
  put("\u2018\u2019\u201a\u201b\u2039\u203a\u00b4\u02bc`", 0x27);
  put("\u201c\u201d\u201e\u201f\u00ab\u00bb", 0x22);
  put("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", 0x2d);
  return table;
}

/** The folds of ASCII, for the WebAssembly kernel: folds[128]. */
export function asciiFolds(): Uint8Array {
  return Uint8Array.from(folds.subarray(0, 128));
}

const folded: Folded = { units: new Uint16Array(1 << 16), length: 0 };

/** Brings a text into normal form in a shared buffer. */
export function foldText(text: string): Folded {
  // NFKC can lengthen a text (one ligature gives up to 18 letters), so the slow path sizes the buffer again.
  if (fold(text) > 0x7f) fold(text.normalize("NFKC").toLowerCase());
  return folded;
}

/** Folds unit by unit; returns the bitwise or of all units, which tells ASCII from the rest. */
function fold(text: string): number {
  if (folded.units.length < text.length) folded.units = new Uint16Array(text.length * 2);
  const { units } = folded;
  let length = 0;
  let all = 0;
  let last = space;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    all |= code;
    const unit = folds[code];
    if (unit === removed || (unit === space && last === space)) continue;
    units[length++] = unit;
    last = unit;
  }
  folded.length = length > 0 && last === space ? length - 1 : length;
  return all;
}

const enders: readonly number[] = [..." .?!,;:\u3002\u3001\u061f\u0964"].map((character) => character.charCodeAt(0));

/** Where a folded text ends once closing punctuation is taken off; a text of nothing else keeps it. */
export function endWithoutPunctuation({ units, length }: { readonly units: ArrayLike<number>; readonly length: number }): number {
  let end = length;
  while (end > 0 && enders.includes(units[end - 1])) end--;
  return end === 0 ? length : end;
}
