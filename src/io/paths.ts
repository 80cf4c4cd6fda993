// Paths with wildcards: *, **, ?, [abc], {a,b}. Matching and sorting of names; it opens nothing.

/** True where a path is an address on the network. */
export function isRemote(path: string): boolean {
  return /^(?:hf|s3|https?):\/\//.test(path);
}

/** True where a path holds wildcards. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The folder part before the first wildcard, and the pattern below it. */
export function splitGlob(path: string): { readonly base: string; readonly pattern: string } {
  const parts = path.split("/");
  const first = parts.findIndex(isGlob);
  return { base: parts.slice(0, first).join("/") || (path.startsWith("/") ? "/" : "."), pattern: parts.slice(first).join("/") };
}

/** A test for paths with forward slashes, relative to the pattern's base. */
export function globTest(pattern: string): (path: string) => boolean {
  const expressions = expandBraces(pattern).map((text) => new RegExp(`^${toExpression(text)}$`, "u"));
  return (path) => expressions.some((expression) => expression.test(path));
}

const bracesLimit = 1000;

function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf("{");
  const close = open < 0 ? -1 : pattern.indexOf("}", open);
  if (close < 0) return [pattern];
  // The innermost pair first.
  const inner = pattern.lastIndexOf("{", close);
  const choices = pattern.slice(inner + 1, close).split(",");
  const expanded = choices.flatMap((choice) => expandBraces(pattern.slice(0, inner) + choice + pattern.slice(close + 1)));
  return [...new Set(expanded)].slice(0, bracesLimit);
}

function toExpression(pattern: string): string {
  let result = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === "*") {
      let stars = 1;
      while (pattern[i + 1] === "*") {
        stars++;
        i++;
      }
      if (stars === 1) result += "[^/]*";
      else if (pattern[i + 1] === "/") {
        result += "(?:[^/]+/)*";
        i++;
      } else result += ".*";
    } else if (character === "?") result += "[^/]";
    else if (character === "[") {
      const close = pattern.indexOf("]", i + 2);
      if (close < 0) result += "\\[";
      else {
        const inside = pattern
          .slice(i + 1, close)
          .replace(/[\\\]^]/g, "\\$&")
          .replace(/^(?:\\\^|!)/, "^");
        result += `[${inside}]`;
        i = close;
      }
    } else result += /[\\^$.|+(){}\]/]/.test(character) ? `\\${character}` : character;
  }
  return result;
}

/** Orders names as people count: part-2 before part-10. Equal only for equal names. */
export function compareNatural(a: string, b: string): number {
  const left = a.split(/(\d+)/);
  const right = b.split(/(\d+)/);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] === right[i]) continue;
    if (i % 2 === 1) {
      const difference = compareDigits(left[i], right[i]);
      if (difference !== 0) return difference;
      continue;
    }
    return left[i] < right[i] ? -1 : 1;
  }
  if (left.length !== right.length) return left.length - right.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+(?=\d)/, "");
  const right = b.replace(/^0+(?=\d)/, "");
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
