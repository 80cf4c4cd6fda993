// Does a text stop in the middle of a sentence? It knows trimmed texts of prose; code and JSON are open-ends.ts's.
// What ends a sentence in any script ends a text. A text without such an end is cut only where its own earlier lines show that it uses
// full stops, or where its last word or mark cannot end anything ("of the", ",", "(").

/** The longest part from the end that is looked at, UTF-16 code units. */
const reach = 6000;
/** A last line of fewer words is a heading, a name, a date: only a mark or word that cannot end anything tells. */
const fewWords = 5;

/** Words after which an English sentence goes on. */
const goesOn = new Set(
  (
    "a an the and or but nor of to in into onto with without from for by at as is are was were be been being has have had will would can could " +
    "should may might must shall than because if when while although though whereas unless since which who whose whom your my our their its his " +
    "these those every each very such between among during through via per versus including until upon toward towards about against within " +
    "el la los las un una de del y o que con por para en le les des du et ou dans avec pour sur der die das und oder mit von zu ein eine il e di"
  ).split(" "),
);
/** Last words of a sentence that may stand before nothing ("What is it made of", "turn it on"): told only with a text that uses full stops. */
const mayEnd = new Set(
  "of to in with from for by at as is are was were has have had will would can could should may might must about through on per e o a i la il".split(
    " ",
  ),
);

export function endsMidSentence(text: string): boolean {
  // A quotation, a bracket or a fence that is closed there may end anything.
  if (text.length === 0 || closers.has(text.charCodeAt(text.length - 1))) return false;
  const last = codePointBefore(text, text.length);
  if (isFinal(last)) return false;
  const from = Math.max(0, text.length - reach);
  const lineStart = Math.max(from, text.lastIndexOf("\n", text.length - 1) + 1);
  const line = text.slice(lineStart).trim();

  if (isNoProse(line)) return false;
  const words = line.split(/\s+/);
  // Han, kana and the like: two characters make a word on average.
  const size = isLetter(last) && isUnspaced(last) ? Math.max(words.length, line.length / 2) : words.length;

  if (last === 0x2c || last === 0x2d || last === 0x2013 || last === 0x2014 || last === 0x3001 || last === 0xff0c) {
    // "Sincerely," before a name that was left out; a list in which each item ends with a comma.
    if (size < fewWords) return false;
    const habit = habitOf(text, from, lineStart, line.length);
    return !(habit.lines >= 2 && habit.sameMark(last));
  }
  if (last === 0x3a || last === 0xff1a) return size >= fewWords && (!isListLine(line) || innerStops(line) > 0);
  if (!isLetter(last) && !isDigit(last)) return last === 0x28 && size >= fewWords;
  if (withoutStops(last) || isAttributed(line)) return false;

  const habit = habitOf(text, from, lineStart, line.length);
  const inner = innerStops(line);
  const ends = inner + habit.ends;
  const tail = /[\p{L}'’]+$/u.exec(line.slice(-40))?.[0] ?? "";
  if (goesOn.has(tail)) {
    if (!mayEnd.has(tail)) return size >= 4 || ends > 0;
    if (ends > 0 || (size >= 8 && !looksLikeTitle(words))) return true;
  }
  if (hasOpenBracket(line) && size >= fewWords) return true;
  if (isListLine(line)) return inner > 0 || habit.listStops;
  // "Sincerely,\nYour past self"
  if (isSignature(line, words) || (size <= 6 && habit.lastMark === 0x2c)) return false;
  // A sentence after a sentence on the same line; of a text with one more sentence only where it is long.
  if (inner > 0 && (ends >= 2 || size >= 8)) return true;
  if (habit.verse) return false;
  // A short last line is a name, a date, a heading.
  if (size < fewWords + 1 && line.length < 40)
    return habit.stops && ends >= 3 && size >= 2 && /^\p{Lu}\p{Ll}*\s+\p{Ll}|^[\p{L}]+,\s\p{Ll}/u.test(line);
  return habit.stops && ends >= 2 && !looksLikeTitle(words);
}

/** How the lines before the last one end. */
interface Habit {
  readonly lines: number;
  /** Ends of sentences in them, as far as line ends and the last few lines tell. */
  readonly ends: number;
  /** Most lines of some length end with a full stop or the like. */
  readonly stops: boolean;
  /** All list lines that are sentences do. */
  readonly listStops: boolean;
  /** Many short lines without full stops. */
  readonly verse: boolean;
  /** The mark or letter that the line before the last ends with. */
  readonly lastMark: number | undefined;
  sameMark(mark: number): boolean;
}

/** `length` is the last line's: much shorter lines without a stop say nothing of it. */
function habitOf(text: string, from: number, to: number, length: number): Habit {
  let lines = 0;
  let stopped = 0;
  let listed = 0;
  let listedStopped = 0;
  let short = 0;
  let ends = 0;
  const marks: number[] = [];
  for (const raw of text.slice(from, to).split("\n")) {
    const line = raw.trim();
    if (line.length === 0) continue;
    const end = withoutClosers(line, line.length);
    if (end === 0) continue;
    const last = codePointBefore(line, end);
    marks.push(last);
    const stop = isFinal(last);
    if (stop) ends++;
    if (line.length < 60 && !stop) short++;
    // Headings and lines that lead into a list say nothing of how sentences end here.
    if (last === 0x3a || last === 0xff1a) continue;
    if (isListLine(line)) {
      if (!stop && line.length < 30 && line.length * 2 < length) continue;
      listed++;
      if (stop) listedStopped++;
    } else if (line.length >= 40 || stop) {
      lines++;
      if (stop) stopped++;
    }
  }
  return {
    lines: marks.length,
    ends,
    stops: lines > 0 && stopped >= lines * 0.75,
    listStops: listed >= 1 && listedStopped >= listed - (listed >> 3),
    verse: short >= 4 && short > marks.length * 0.6,
    lastMark: marks.at(-1),
    sameMark: (mark) => marks.filter((other) => other === mark).length * 2 >= marks.length,
  };
}

/** Ends of sentences inside a line: a mark, white space, and then a capital or a letter of a script without capitals. */
function innerStops(line: string): number {
  const body = isListLine(line) ? line.replace(/^\S+\s+/, "") : line;
  let count = 0;
  for (const { index } of body.matchAll(/[.!?。！？।؟](?=\s+["“'(]?[\p{Lu}\p{Lo}])|[。！？]/gu)) {
    // "Dr. Smith", "e.g. Paris", "1. Item", "J. K. Rowling" are no ends.
    const before = /(\S+)$/.exec(body.slice(Math.max(0, index - 12), index))?.[1] ?? "";
    if (/^(?:(?:[A-Z]\.)*[A-Z]|\d+|(?:dr|mr|mrs|ms|st|vs|no|jr|sr|prof|inc|etc|e\.g|i\.e|fig|approx|vol|pp|ed))$/i.test(before)) continue;
    count++;
  }
  return count;
}

/** Lines that are no sentences: table rows, headings, addresses, formulas, tags, code. */
function isNoProse(line: string): boolean {
  if (line.startsWith("#") || line.startsWith("|") || line.startsWith(">>>")) return true;
  if (line.includes(" | ") || line.includes("\t")) return true;
  // An address, a hashtag or a handle at the end.
  const lastWord = line.slice(Math.max(line.lastIndexOf(" ") + 1, line.length - 300));
  if (/https?:\/\/|www\.|ftp:\/\/|^[#@]|.@.+\../i.test(lastWord)) return true;
  let signs = 0;
  // Markdown's bold, italics and code within a sentence are no signs of code.
  const plain = line.replace(/\*\*|__|`[^`]*`|\*(?=\S[^*]*\*)|(?<=\S)\*/g, "");
  for (let i = 0; i < plain.length; i++) {
    const code = plain.charCodeAt(i);
    if (code < 0x80 && codeSign[code] === 1) signs++;
  }
  return signs > 1 && signs > plain.length * 0.03;
}

const codeSign = new Uint8Array(0x80);
for (const sign of "{}[]<>=+*/\\|&$@^~_;`%#") codeSign[sign.charCodeAt(0)] = 1;

function isListLine(line: string): boolean {
  return (
    /^(?:[-*•·‣◦–—+]|\(?\d{1,3}[.):、]|\(?[a-zA-Z][.)]|[ivxIVX]{1,4}[.)]|step \d+)\s*\S/i.test(line) ||
    /^[\p{L}\p{N}][^.:!?]{0,40}:\s/u.test(line)
  );
}

/** A name or a few words under a letter or a quotation. */
function isSignature(line: string, words: readonly string[]): boolean {
  return (
    /^[-–—~]\s*\S/.test(line) ||
    (words.length <= 6 && words.every((word) => /^[\p{Lu}\p{N}[("'&]|^(?:of|and|the|de|van|von|da|la)$/u.test(word)))
  );
}

/** A quotation and who said it: "..." - Maya Angelou. */
function isAttributed(line: string): boolean {
  return /["”’」.!?]\s*[-–—~(]\s*\p{Lu}[\p{L}.'’-]*(?:,?\s+[\p{L}\p{N}.'’-]+){0,5}$/u.test(line);
}

/** Most words of some length start with a capital. */
function looksLikeTitle(words: readonly string[]): boolean {
  const long = words.filter((word) => word.length > 3);
  return words.length <= 16 && long.filter((word) => /^["“'(]?\p{Lu}/u.test(word)).length >= long.length * 0.8;
}

/** True where the line's last round bracket is left open, faces such as ":(" aside. */
function hasOpenBracket(line: string): boolean {
  const open = line.lastIndexOf("(");
  return open > 0 && line.indexOf(")", open) < 0 && !/[:;=]-?$/.test(line.slice(0, open));
}

function isUnspaced(code: number): boolean {
  return code >= 0x2e80 && /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(String.fromCodePoint(code));
}

/** Scripts that use no full stops (Thai, Lao, Khmer, Myanmar). */
function withoutStops(code: number): boolean {
  return (code >= 0x0e00 && code <= 0x0eff) || (code >= 0x1000 && code <= 0x109f) || (code >= 0x1780 && code <= 0x17ff);
}

/** The place after the last character that is not a closing quote, bracket, markup or white space. */
function withoutClosers(text: string, to: number): number {
  let end = to;
  while (end > 0 && closers.has(text.charCodeAt(end - 1))) end--;
  return end;
}

const closers = new Set([..." \t\n\r\"'”’»«›」』】）)]}>*_`~", "\u00a0", "\ufe0f", "\u200d", "\u200b"].map((mark) => mark.charCodeAt(0)));

function codePointBefore(text: string, end: number): number {
  const low = text.charCodeAt(end - 1);
  if ((low & 0xfc00) === 0xdc00 && end > 1) return text.codePointAt(end - 2) ?? low;
  return low;
}

/** Ends a sentence or a text: full stops and question marks of any script, "...", emoji and other symbols. */
function isFinal(code: number): boolean {
  if (code < 0x80) return code === 0x2e || code === 0x21 || code === 0x3f;
  if (finals.has(code)) return true;
  return !isLetter(code) && /[\p{Sentence_Terminal}\p{So}\p{Sk}\p{Emoji_Presentation}]/u.test(String.fromCodePoint(code));
}

const finals = new Set(Array.from("。！？｡．…।॥؟۔։።፧၊။។៕‼⁇⁈⁉～♪♥★☆✓✔", (mark) => mark.codePointAt(0) ?? 0));

function isLetter(code: number): boolean {
  if (code < 0x80) return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return /\p{L}|\p{M}/u.test(String.fromCodePoint(code));
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
