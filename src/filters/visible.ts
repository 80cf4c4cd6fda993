// Which characters of a text can be seen? Zero-width and other format characters, controls, fillers and blanks show nothing, however many
// there are. White space between words counts as a character, at the ends it does not.
import { putUnits } from "../core/unit-sets.ts";

const Kind = { shown: 0, white: 1, invisible: 2, surrogate: 3 } as const;

/** By UTF-16 unit. */
const kinds = new Uint8Array(0x10000);
putUnits(kinds, /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]+/gu, Kind.invisible);
putUnits(kinds, /[\s\p{Z}]+/gu, Kind.white);
kinds[0xfeff] = Kind.invisible;
kinds.fill(Kind.surrogate, 0xd800, 0xe000);
/** Of tags and variation selectors, U+E0000-U+E0FFF, that show nothing. */
const ignorableLead = 0xdb40;

/** An ASCII letter, digit or mark. */
function isPlain(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}

/** A text without what cannot be seen at its ends. */
export function trimInvisible(text: string): string {
  if (isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(text.length - 1))) return text;
  let start = 0;
  let end = text.length;
  while (start < end && isNothing(text, start)) start++;
  while (end > start && isNothing(text, end - 1)) end--;
  return end - start === text.length ? text : text.slice(start, end);
}

function isNothing(text: string, i: number): boolean {
  const code = text.charCodeAt(i);
  const kind = kinds[code];
  if (kind === Kind.surrogate) return code === ignorableLead || (isLow(code) && i > 0 && text.charCodeAt(i - 1) === ignorableLead);
  return kind !== Kind.shown;
}

/** Code points that can be seen, and white space; counts no further than to `most`. */
export function visibleCodePoints(text: string, most: number): number {
  let count = 0;
  for (let i = 0; i < text.length && count < most; i++) {
    const code = text.charCodeAt(i);
    const kind = kinds[code];
    if (kind < Kind.invisible) count++;
    else if (kind === Kind.surrogate) {
      if (isLow(text.charCodeAt(i + 1)) && !isLow(code)) i++;
      if (code !== ignorableLead) count++;
    }
  }
  return count;
}

function isLow(code: number): boolean {
  return (code & 0xfc00) === 0xdc00;
}
