// Does a text stop in the middle of a sentence? It knows trimmed texts of prose; code and JSON are open-ends.ts's.
// Many whole answers lack only their last full stop, so its absence alone says nothing. What says that a text was cut: a mark that ends
// nothing (",", ":", "("), a bracket, quotation or bold that stays open, words that a sentence does not end with (broken-off.ts); and, in
// a text so long that answers of its size are seldom left without a stop but often cut at a limit, the text's own habit.
import { breaksOff } from "./broken-off.ts";

/** The longest part from the end that is looked at, UTF-16 code units. */
const reach = 6000;
/** Behind a line of fewer words a comma or colon may be meant: "Sincerely,", "Notes:". */
const fewWords = 5;
/**
 * Texts of this many UTF-16 code units and sentences, nearly all with a full stop, are cut where the last one lacks it. In 19 public sets
 * only this spoke of 108 such texts, one of which seems whole; of 33 shorter ones 31 were.
 */
const longText = { units: 1600, sentences: 8 };
/** A sentence of Han or kana is cut where it has gone on for so many characters, with and without a comma, after one with a full stop. */
const longUnspaced = { withComma: 20, plain: 30 };

export function endsMidSentence(text: string): boolean {
  // A quotation, a bracket or a fence that is closed there may end anything.
  if (text.length === 0 || closers.has(text.charCodeAt(text.length - 1))) return false;
  const last = codePointBefore(text, text.length);
  if (isFinal(last)) return last === 0x2e && isBareNumber(text);
  const from = Math.max(0, text.length - reach);
  const lineStart = Math.max(from, text.lastIndexOf("\n", text.length - 1) + 1);
  const line = text.slice(lineStart).trim();

  if (isNoProse(line)) return false;
  const words = line.split(/\s+/);
  // Han, kana and the like: two characters make a word on average.
  const size = hasUnspaced(line) ? Math.max(words.length, line.length / 2) : words.length;

  if (commas.has(last) || isDash(last)) {
    // "Sincerely," before a name that was left out; a list in which each item ends with a comma.
    if (size < fewWords) return false;
    const habit = habitOf(text, from, lineStart, line.length);
    return !(habit.lines >= 2 && habit.sameMark(last));
  }
  if (last === 0x3a || last === 0xff1a) return size >= fewWords && (!isListLine(line) || sentenceEnds(line).count > 0);
  if (!isLetter(last) && !isDigit(last)) return last === 0x28 && size >= fewWords && !isFace(line);
  if (withoutStops(last) || isAttributed(line)) return false;

  const inner = sentenceEnds(line);
  const sentence = line.slice(inner.last).trimStart();
  if (hasOpenBold(sentence) || (size >= fewWords && leavesOpen(sentence))) return true;
  const broken = isLetter(last) && (size >= 4 || inner.count > 0) && breaksOff(sentence, text);
  const unspaced = !broken && hasUnspaced(sentence);
  if (!broken && !unspaced && (text.length < longText.units || sentencesOf(text, from) < longText.sentences)) return false;

  const habit = habitOf(text, from, lineStart, line.length);
  if (broken) return !(habit.verse && line.length < verseLine && inner.count === 0);
  if (unspaced) {
    const least = /[，、,]/.test(sentence) ? longUnspaced.withComma : longUnspaced.plain;
    return inner.count + habit.ends > 0 && habit.stops !== false && sentence.length >= least;
  }
  // A last line without a sentence before it: a list's item, a signature, a heading, a title.
  if (isListLine(line)) return inner.count > 0 || habit.listStops;
  if (inner.count > 0) return true;
  if (isSignature(line, words) || habit.lastMark === 0x2c || habit.verse || looksLikeTitle(words)) return false;
  return habit.stops === true && size > fewWords;
}

/** A longer line is no verse, UTF-16 code units. */
const verseLine = 60;

/** How the lines before the last one end. */
interface Habit {
  readonly lines: number;
  /** Ends of sentences in them, as far as line ends and the last few lines tell. */
  readonly ends: number;
  /** Most lines of some length end with a full stop or the like; undefined where there is none. */
  readonly stops: boolean | undefined;
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
    // Headings and lines that lead into a list say nothing of how sentences end here.
    if (last === 0x3a || last === 0xff1a) continue;
    if (isListLine(line)) {
      if (!stop && line.length < 30 && line.length * 2 < length) continue;
      listed++;
      if (stop) listedStopped++;
    } else {
      if (line.length < verseLine && !stop) short++;
      if (line.length >= 40 || stop) lines++;
      if (stop) stopped++;
    }
  }
  return {
    lines: marks.length,
    ends,
    stops: lines > 0 ? stopped >= lines * 0.75 : undefined,
    listStops: listed >= 1 && listedStopped >= listed - (listed >> 3),
    verse: short >= 2 && short > marks.length * 0.6,
    lastMark: marks.at(-1),
    sameMark: (mark) => marks.filter((other) => other === mark).length * 2 >= marks.length,
  };
}

/**
 * Ends of sentences inside a line, and the place after the last: a mark, white space, and then a capital or a letter of a script without
 * capitals.
 */
function sentenceEnds(line: string): { readonly count: number; readonly last: number } {
  const mark = isListLine(line) ? (/^\S+\s+/.exec(line)?.[0].length ?? 0) : 0;
  const body = line.slice(mark);
  let count = 0;
  let last = 0;
  for (const { index } of body.matchAll(/[.!?。！？।؟](?=\s+["“'(]?[\p{Lu}\p{Lo}])|[。！？]/gu)) {
    // "Dr. Smith", "e.g. Paris", "1. Item", "J. K. Rowling" are no ends.
    const before = /(\S+)$/.exec(body.slice(Math.max(0, index - 12), index))?.[1] ?? "";
    if (/^(?:(?:[A-Z]\.)*[A-Z]|\d+|(?:dr|mr|mrs|ms|st|vs|no|jr|sr|prof|inc|etc|e\.g|i\.e|fig|approx|vol|pp|ed))$/i.test(before)) continue;
    count++;
    last = index + 1;
  }
  return { count, last: last + mark };
}

/** Stops before white space, roughly a text's sentences. */
function sentencesOf(text: string, from: number): number {
  let count = 0;
  for (let i = from + 1; i < text.length; i++) {
    const before = text.charCodeAt(i - 1);
    if (text.charCodeAt(i) <= 0x20 && (before === 0x2e || before === 0x21 || before === 0x3f)) count++;
  }
  return count;
}

/** A list's number without its item: "2. Mix them.\n3." */
function isBareNumber(text: string): boolean {
  if (!isDigit(text.charCodeAt(text.length - 2))) return false;
  const number = /\n\s*(\d{1,3})\.$/.exec(text.slice(-12))?.[1];
  return number !== undefined && new RegExp(`(?:^|\\n)\\s*${Number(number) - 1}\\.\\s`).test(text.slice(-reach));
}

/** "**Note": stars that open bold, and none that close it. */
function hasOpenBold(sentence: string): boolean {
  const open = sentence.lastIndexOf("**");
  return (
    open >= 0 &&
    sentence.split("**").length % 2 === 0 &&
    /^(?:|.*[\s(])$/.test(sentence.slice(0, open)) &&
    /^\p{L}/u.test(sentence.slice(open + 2))
  );
}

/** A bracket or a quotation is opened in a sentence and not closed. */
function leavesOpen(sentence: string): boolean {
  if (hasOpenBracket(sentence)) return true;
  const curly = sentence.lastIndexOf("“");
  if (curly >= 0) return !/["”]/.test(sentence.slice(curly));
  const quote = sentence.lastIndexOf('"');
  if (quote < 0 || (quote > 0 && sentence.charCodeAt(quote - 1) !== 0x20)) return false;
  return sentence.split('"').length % 2 === 0 && /^\p{L}/u.test(sentence.slice(quote + 1));
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

/** ":(" */
function isFace(line: string): boolean {
  return /[:;=][-'o]?\($/.test(line);
}

/** True where the line's last round bracket is left open, faces such as ":(" aside. */
function hasOpenBracket(line: string): boolean {
  const open = line.lastIndexOf("(");
  return open > 0 && line.indexOf(")", open) < 0 && !/[:;=]-?$/.test(line.slice(0, open));
}

function hasUnspaced(text: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text);
}

function isDash(code: number): boolean {
  return code === 0x2d || code === 0x2013 || code === 0x2014;
}

/** Commas and enumeration commas of any script. */
const commas = new Set(Array.from(",、，،՝፣߸᠂᠈꓾︐︑﹐﹑､", (mark) => mark.charCodeAt(0)));

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
