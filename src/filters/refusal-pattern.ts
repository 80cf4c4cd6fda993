// A small pattern language over words, compiled to regular expressions over one code unit a word.
//
//   word            that word (lower case, contractions taken apart)        NAME      a class of refusal-words.ts, wherever it stands
//   a b | c d       sequence, alternatives                                  ( ) ? {a,b}   as in regular expressions
//   word/s          the word or its plural in s (the "?" above makes a whole word optional)
//   ..4             up to four words of any kind                            !( )      what may not follow here
//   ,  "  ^  $      a comma, colon or dash; a quotation; the sentence's two ends
//
// Every repeat has a bound and sentences are cut at a fixed number of words, so that the time a text takes is in proportion to its length.

/** Code unit of the first word of the vocabulary; units below it are the marks below. */
const firstWord = 0x4e00;
export const unknownWord = 0x5f; // _
export const comma = 0x2c;
export const quotation = 0x22;

const token = /\s+|[a-z0-9]+(?:\/s)?|[A-Z_]+|\.\.\d|\{\d(?:,\d)?\}|!\(|[()|?,^$"]/y;

/** Numbers words as patterns name them. */
export class Vocabulary {
  readonly words = new Map<string, number>();

  /** The code unit that stands for a word in sentences and patterns. */
  unitOf(word: string): number {
    let unit = this.words.get(word);
    if (unit === undefined) this.words.set(word, (unit = firstWord + this.words.size));
    return unit;
  }
}

/** The source of the regular expression for a pattern; words it names join the vocabulary. */
export function patternSource(pattern: string, classes: Readonly<Record<string, string>>, vocabulary: Vocabulary): string {
  const unit = (word: string): string => String.fromCharCode(vocabulary.unitOf(word));
  let source = "";
  for (token.lastIndex = 0; token.lastIndex < pattern.length;) {
    const at = token.lastIndex;
    const part = token.exec(pattern)?.[0];
    if (part === undefined) throw new Error(`pattern "${pattern}": nothing fits at character ${at}`);
    if (part.endsWith("/s")) source += `[${[part.slice(0, -2), part.replace("/", "")].map(unit).join("")}]`;
    else if (/^[a-z0-9]/.test(part)) source += unit(part);
    else if (/^[A-Z_]/.test(part)) {
      if (classes[part] === undefined) throw new Error(`pattern "${pattern}": no class ${part}`);
      source += `(?:${patternSource(classes[part], classes, vocabulary)})`;
      token.lastIndex = at + part.length;
    } else if (part.startsWith("..")) source += `[^]{0,${part.slice(2)}}`;
    else if (part === "!(") source += "(?!";
    else if (part === "(") source += "(?:";
    else if (part.trim() !== "") source += part;
  }
  return source;
}
