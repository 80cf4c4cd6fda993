// One JSON text to a value. Python's NaN and Infinity, which JSON does not know, become null; everything else that JSON.parse refuses is refused.

export type Parsed = { readonly value: unknown } | { readonly detail: string };

export function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const mended = withoutNaN(text);
    if (mended !== undefined) {
      try {
        return { value: JSON.parse(mended) as unknown };
      } catch {
        // the first error is the one to tell
      }
    }
    return { detail: describe(error as Error) };
  }
}

/** The words of V8's messages differ between versions of Node; the position does not. Some tell the character it stopped at instead. */
function describe(error: Error): string {
  const position = /at position (\d+)/.exec(error.message);
  if (position) return `not valid JSON at character ${Number(position[1]) + 1}`;
  const token = /^Unexpected token '?(.+?)'?(?:, | in JSON)/su.exec(error.message);
  if (token) return `not valid JSON: unexpected ${shown(token[1])}`;
  return error instanceof SyntaxError ? "the JSON ends too early" : "too long to be one JSON text";
}

/** A character that can be seen as it is, another one by its number. */
function shown(character: string): string {
  if (/^[^\p{C}\p{Z}]/u.test(character)) return character;
  return `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The text with bare NaN, Infinity and -Infinity as null; undefined where it has none outside strings. */
function withoutNaN(text: string): string | undefined {
  if (!text.includes("NaN") && !text.includes("Infinity")) return undefined;
  let result = "";
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
      continue;
    }
    const word = ["NaN", "-Infinity", "Infinity"].find((candidate) => text.startsWith(candidate, i));
    if (word === undefined) continue;
    result += `${text.slice(copied, i)}null`;
    i += word.length - 1;
    copied = i + 1;
  }
  return copied === 0 ? undefined : result + text.slice(copied);
}
