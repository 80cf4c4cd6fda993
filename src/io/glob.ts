// Patterns of paths: * and ? within a name, ** over folders, [a-z] and {a,b}. Text in, text out: no disk.

/** True where a path holds pattern characters. */
export function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The folders before the first pattern character, with a trailing slash; empty where the pattern begins at once. */
export function fixedFolder(pattern: string): string {
  const first = pattern.search(/[*?[{]/);
  return pattern.slice(0, pattern.lastIndexOf("/", first < 0 ? pattern.length : first) + 1);
}

/** A pattern as a regular expression over whole paths with forward slashes. */
export function patternToRegExp(pattern: string): RegExp {
  let source = "";
  let braces = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === "*" && pattern[i + 1] === "*") {
      // "**/" also stands for no folder at all.
      if (pattern[i + 2] === "/") {
        source += "(?:[^/]+/)*";
        i += 2;
      } else {
        source += ".*";
        i += 1;
      }
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "[" && pattern.indexOf("]", i + 2) > 0) {
      const end = pattern.indexOf("]", i + 2);
      source += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, "^")
        .replace(/[\\\]]/g, "\\$&")}]`;
      i = end;
    } else if (character === "{" && pattern.includes("}", i)) {
      source += "(?:";
      braces++;
    } else if (character === "}" && braces > 0) {
      source += ")";
      braces--;
    } else if (character === "," && braces > 0) source += "|";
    else source += character.replace(/[.+^${}()|[\]\\]/, "\\$&");
  }
  return new RegExp(`^${source}$`, "u");
}

/** part-2 before part-10; the same order on every machine. */
export function compareNaturally(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] === right[i]) continue;
    const difference = Number(left[i]) - Number(right[i]);
    if (Number.isFinite(difference) && difference !== 0) return difference;
    return left[i] < right[i] ? -1 : 1;
  }
  return left.length - right.length;
}
