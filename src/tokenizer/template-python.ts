// Python's ideas of strings and equality where they differ from JavaScript's: chat templates are written for Python's Jinja.

/** str.isspace() (CPython 3.11, Unicode 14): unlike JavaScript it has U+001C..U+001F and U+0085, and lacks U+FEFF. */
const pythonSpaces: ReadonlySet<string> = new Set(
  "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
);

/** Which end of a text is stripped. */
export type Side = "left" | "right";

/** str.lstrip or str.rstrip: of whitespace, or of any of the given characters. */
export function strip(text: string, side: Side, characters: string | undefined): string {
  const unwanted = characters === undefined ? pythonSpaces : new Set(characters);
  let start = 0;
  let end = text.length;
  if (side === "left") {
    while (start < end) {
      const size = isPair(text, start) ? 2 : 1;
      if (!unwanted.has(text.slice(start, start + size))) break;
      start += size;
    }
  } else {
    while (end > start) {
      const size = end - 2 >= start && isPair(text, end - 2) ? 2 : 1;
      if (!unwanted.has(text.slice(end - size, end))) break;
      end -= size;
    }
  }
  return text.slice(start, end);
}

function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

/** str.split(separator, maxsplit); a missing or negative maxsplit splits everywhere. */
export function split(text: string, separator: string, maxSplit: number): string[] {
  const pieces = text.split(separator);
  if (maxSplit < 0 || pieces.length <= maxSplit + 1) return pieces;
  return [...pieces.slice(0, maxSplit), pieces.slice(maxSplit).join(separator)];
}

/** A value of the template library. */
interface Valued {
  readonly value: unknown;
}

/** ==: numbers by value (true is 1), texts with texts, lists and dicts by what they hold, none only with none. */
export function isEqual(left: Valued, right: Valued): boolean {
  const [a, b] = [left.value, right.value];
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false;
    for (const [key, value] of a) {
      const other = b.get(key) as Valued | undefined;
      if (other === undefined || !isEqual(value as Valued, other)) return false;
    }
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item as Valued, b[i] as Valued));
  if (isNumeric(a) && isNumeric(b)) return Number(a) === Number(b);
  return a === b;
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean";
}
