// Oniguruma patterns (what tokenizer.json files hold) as JavaScript regular expressions with the u flag, for the patterns
// that have no hand-written scanner. What cannot be said with the same meaning is refused by name, never guessed.
import { Unsupported } from "./unsupported.ts";

/** Classes whose meaning differs between the two, spelled out. \w as in Oniguruma, \s as Unicode White_Space. */
const classEscapes: Readonly<Record<string, string>> = {
  s: "\\p{White_Space}",
  S: "\\P{White_Space}",
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}",
};
const controlEscapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v", a: "\x07", e: "\x1b" };

/** Properties that letter case does not change: safe inside (?i:...). */
const caselessProperty = /^(?:L|N|Nd|Nl|No|M|Mn|Mc|Me|P.?|S.?|Z.?|C.?|Han|Hiragana|Katakana|White_Space)$/;
/** Letter pairs that one character folds to (U+00DF, U+FB00..U+FB06): case-insensitive literals with them are refused. */
const manyToOneFolds = /ss|st|f[fil]/;

/** The pattern as a JavaScript one with flags gu; throws Unsupported. */
export function translatePattern(pattern: string): RegExp {
  const source = new Translator(pattern).translate();
  try {
    return new RegExp(source, "gu");
  } catch (error) {
    throw new Unsupported(`the pattern ${pattern}: ${(error as Error).message}`);
  }
}

class Translator {
  private readonly characters: readonly string[];
  private readonly pattern: string;
  private at = 0;
  private atomics = 0;
  private ignoreCase = false;
  /** Literals in a row inside (?i:...), to find folds over several characters. */
  private literals = "";

  constructor(pattern: string) {
    this.pattern = pattern;
    this.characters = [...pattern];
  }

  translate(): string {
    const source = this.alternatives();
    if (this.at < this.characters.length) this.refuse("an unmatched )");
    return source;
  }

  private refuse(what: string): never {
    throw new Unsupported(`${what} in the pattern ${this.pattern}`);
  }

  private peek(text: string): boolean {
    return [...text].every((character, i) => this.characters[this.at + i] === character);
  }

  private take(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at += [...text].length;
    return true;
  }

  /** Alternatives up to a ) or the end. */
  private alternatives(): string {
    const ignoreCase = this.ignoreCase;
    let source = "";
    while (this.at < this.characters.length && !this.peek(")")) {
      if (this.take("|")) {
        source += "|";
        this.literals = "";
      } else source += this.quantified();
    }
    this.ignoreCase = ignoreCase;
    this.literals = "";
    return source;
  }

  private quantified(): string {
    let source = this.atom();
    for (;;) {
      const braces = this.braces();
      const sign = braces ?? ["*", "+", "?"].find((mark) => this.take(mark));
      if (sign === undefined) return source;
      if (source === "") this.refuse("a quantifier of nothing");
      this.literals = "";
      source = `(?:${source})${sign}`;
      if (this.take("?")) {
        // After {n,m} a ? is lazy, after {n} it is a quantifier of its own.
        if (braces !== undefined && !braces.includes(",")) this.refuse("{n}?");
        source += "?";
      } else if (braces === undefined && this.take("+")) source = this.atomic(source);
    }
  }

  private braces(): string | undefined {
    const found = /^\{(\d*)(,?)(\d*)\}/.exec(this.characters.slice(this.at, this.at + 16).join(""));
    if (!found || (found[1] === "" && found[3] === "")) return undefined;
    this.at += found[0].length;
    return `{${found[1] || "0"}${found[2]}${found[3]}}`;
  }

  private atom(): string {
    if (this.take("(")) return this.group();
    if (this.take("[")) return this.set();
    const character = this.characters[this.at++];
    if (character === "\\") {
      const escaped = this.escape();
      return escaped.literal === undefined ? escaped.classes : this.literal(escaped.literal);
    }
    if (character === ".") return "[^\\n]";
    if (character === "$") return "(?![^\\n])";
    if (character === "^" || character === "*" || character === "+" || character === "?") this.refuse(`a ${character} there`);
    return this.literal(character);
  }

  private group(): string {
    for (const open of ["?:", "?=", "?!", "?<=", "?<!"]) if (this.take(open)) return this.closed(`(${open}`);
    if (this.take("?>")) return this.atomic(this.inner());
    if (this.take("?i:")) {
      const outer = this.ignoreCase;
      this.ignoreCase = true;
      const source = this.closed("(?:");
      this.ignoreCase = outer;
      return source;
    }
    if (this.take("?i)")) {
      this.ignoreCase = true;
      return "";
    }
    if (this.peek("?")) this.refuse(`the group (${this.characters.slice(this.at, this.at + 3).join("")}`);
    return this.closed("(?:");
  }

  /** Matches once and is never gone back into: a lookahead's capture, then the same text. */
  private atomic(source: string): string {
    const name = `a${++this.atomics}`;
    return `(?=(?<${name}>${source}))\\k<${name}>`;
  }

  private closed(open: string): string {
    return `${open}${this.inner()})`;
  }

  private inner(): string {
    this.literals = "";
    const source = this.alternatives();
    if (!this.take(")")) this.refuse("an unmatched (");
    return source;
  }

  private literal(character: string): string {
    if (!this.ignoreCase) return quoted(character);
    this.literals += character.toLowerCase();
    if (manyToOneFolds.test(this.literals)) this.refuse("letters that fold to one character under (?i)");
    const cases = this.cases(character);
    return cases.length === 1 ? quoted(character) : `[${cases.map(quoted).join("")}]`;
  }

  /** The characters that equal this one without regard to case. */
  private cases(character: string): string[] {
    const lower = character.toLowerCase();
    const upper = character.toUpperCase();
    if (lower === upper) return [character];
    if (!/^[A-Za-z]$/.test(character)) this.refuse(`${character} under (?i)`);
    const others = lower === "s" ? ["\u017f"] : lower === "k" ? ["\u212a"] : [];
    return [lower, upper, ...others];
  }

  /** After a backslash: a literal character, or classes that may stand inside a set as well. */
  private escape(): { readonly literal?: string; readonly classes: string } {
    const character = this.characters[this.at++];
    if (character === "p" || character === "P") return { classes: this.property(character) };
    if (character in classEscapes) return { classes: character === "w" ? `[${classEscapes.w}]` : classEscapes[character] };
    if (character in controlEscapes) return { literal: controlEscapes[character], classes: "" };
    if (character === "A") return { classes: "(?<![^])" };
    if (character === "z") return { classes: "(?![^])" };
    if (character === "x" || character === "u") {
      const rest = this.characters.slice(this.at, this.at + 10).join("");
      const found = (character === "x" ? /^(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/ : /^()([0-9A-Fa-f]{4})/).exec(rest);
      if (!found) this.refuse(`\\${character}`);
      this.at += found[0].length;
      return { literal: String.fromCodePoint(Number.parseInt(found[1] || found[2], 16)), classes: "" };
    }
    if (character === undefined || /[A-Za-z0-9]/.test(character)) this.refuse(`\\${character ?? ""}`);
    return { literal: character, classes: "" };
  }

  private property(sign: string): string {
    const found = /^\{(\^?)([A-Za-z_]+)\}/.exec(this.characters.slice(this.at, this.at + 40).join(""));
    if (!found) this.refuse(`\\${sign} without {name}`);
    this.at += found[0].length;
    if (this.ignoreCase && !caselessProperty.test(found[2])) this.refuse(`\\${sign}{${found[2]}} under (?i)`);
    const negated = (sign === "P") !== (found[1] === "^");
    for (const name of [found[2], `Script=${found[2]}`]) {
      const source = `\\${negated ? "P" : "p"}{${name}}`;
      if (isValid(source)) return source;
    }
    return this.refuse(`\\${sign}{${found[2]}}`);
  }

  /** After a [. */
  private set(): string {
    let source = this.take("^") ? "[^" : "[";
    const start = this.at;
    for (;;) {
      if (this.at >= this.characters.length) this.refuse("an unmatched [");
      if (this.at > start && this.take("]")) return `${source}]`;
      if (this.peek("[") || this.peek("&&")) this.refuse("a set inside a set");
      const from = this.setItem();
      if (from.literal === undefined) {
        source += from.classes;
      } else if (this.peek("-") && this.characters[this.at + 1] !== "]") {
        this.at++;
        const to = this.setItem();
        if (to.literal === undefined) this.refuse("a range to a class");
        source += this.range(from.literal, to.literal);
      } else source += (this.ignoreCase ? this.cases(from.literal) : [from.literal]).map(quoted).join("");
    }
  }

  private setItem(): { readonly literal?: string; readonly classes: string } {
    const character = this.characters[this.at++];
    if (character !== "\\") return { literal: character, classes: "" };
    if (this.take("b")) return { literal: "\b", classes: "" };
    if (this.peek("A") || this.peek("z")) this.refuse("an anchor in a set");
    const escaped = this.escape();
    return escaped.classes.startsWith("[") ? { classes: classEscapes.w } : escaped;
  }

  private range(from: string, to: string): string {
    const source = `${quoted(from)}-${quoted(to)}`;
    if (!this.ignoreCase) return source;
    const [first, last] = [from.codePointAt(0) ?? 0, to.codePointAt(0) ?? 0];
    if (last >= 0x80) this.refuse("a range beyond ASCII under (?i)");
    let more = "";
    for (let code = first; code <= last; code++) more += this.cases(String.fromCharCode(code)).map(quoted).join("");
    return source + more;
  }
}

function isValid(source: string): boolean {
  try {
    return new RegExp(source, "u").unicode;
  } catch {
    return false;
  }
}

/** A literal character, safe inside and outside sets. */
function quoted(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return /^[A-Za-z0-9]$/.test(character) ? character : `\\u{${code.toString(16)}}`;
}
