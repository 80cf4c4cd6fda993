// Cuts an answer into sentences of word units for the refusal rules: one pass over its UTF-16 units, each word hashed as it is read.
// Knows what to leave out: quoted speech, code, block quotes. It knows words and their kinds, not rules.
import { comma, quotation, unknownWord } from "./refusal-pattern.ts";

/** Words in a sentence that are looked at; a longer run of words is cut. */
export const sentenceWords = 120;

/** What the scanner needs of the vocabulary. */
export interface WordTable {
  /** hash -> entry number, 0 for a word that no rule names. */
  find(hash: number): number;
  /** units[2 * entry], units[2 * entry + 1]: the word's units; the second is 0 unless the word is a contraction. */
  readonly units: Uint16Array;
  /** triggers[entry]: bits of the trigger kinds its words belong to. */
  readonly triggers: Uint32Array;
  /** True for words that, before a colon at the start of a line, name the answer and not a speaker. */
  readonly isLabel: Uint8Array;
}

/** A sentence: units[0, count) with their places in the text. Reused for the next one. */
export interface Sentence {
  count: number;
  readonly units: Uint16Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Trigger bits of its words together. */
  triggers: number;
  /** Number of the sentence in the text, from 0; pieces of code and quotations alone do not count. */
  index: number;
  /** Said by somebody in a dialogue ("Anna: ..."), not by the assistant. */
  spoken: boolean;
}

/** What a whole answer looks like, gathered on the way. */
export interface Shape {
  /** Lines that begin with a bullet or a number. */
  listLines: number;
  /** UTF-16 units inside code fences. */
  codeUnits: number;
  sentences: number;
}

export function createSentence(): Sentence {
  const size = sentenceWords + 4;
  return {
    count: 0, units: new Uint16Array(size), starts: new Uint32Array(size), ends: new Uint32Array(size), triggers: 0, index: 0, spoken: false,
  }; // prettier-ignore
}

const Kind = { space: 0, word: 1, apostrophe: 2, newline: 3, stop: 4, pause: 5, quote: 6, open: 7, close: 8, code: 9, hyphen: 10, mark: 11 } as const;

const kinds = new Uint8Array(0x10000);
const lower = new Uint8Array(128);
for (let code = 0; code < 0x10000; code++) {
  if (code >= 0xc0 && (code < 0x2000 || code > 0x206f) && code !== 0x3000) kinds[code] = Kind.word;
}
for (let code = 0; code < 128; code++) {
  const letter = String.fromCharCode(code);
  if (/[a-z0-9_]/i.test(letter)) kinds[code] = Kind.word;
  lower[code] = letter.toLowerCase().charCodeAt(0);
}
const assign = (characters: string, kind: number): void => {
  for (const character of characters) kinds[character.charCodeAt(0)] = kind;
};
assign("'\u2019\u2018\u02bc\u00b4", Kind.apostrophe);
assign("\n\r\u2028\u2029", Kind.newline);
assign(".!?\u2026\u3002\uff01\uff1f", Kind.stop);
assign(",;:\u2014\u2013\u2015\uff0c\uff1b\uff1a", Kind.pause);
assign('"', Kind.quote);
assign("\u201c\u201e\u00ab", Kind.open);
assign("\u201d\u00bb", Kind.close);
assign("`", Kind.code);
assign("-\u2010\u2011\u2212", Kind.hyphen);
assign("*#>+()[]{}/\\|", Kind.mark);

/** Short forms that end in a full stop without ending the sentence. */
const abbreviations = new Set(["inc", "corp", "co", "ltd", "mr", "mrs", "ms", "dr", "vs", "etc", "st", "jr", "sr", "no", "e", "i", "u", "s", "g"]);

const hashStart = 0x811c9dc5;

export function hashOf(word: string): number {
  let hash = hashStart;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash;
}

/** Reads a text and calls `each` for every sentence that holds a trigger word; false stops the reading. */
export function scanSentences(text: string, table: WordTable, sentence: Sentence, shape: Shape, each: () => boolean): void {
  const length = text.length;
  const { units, starts, ends } = sentence;
  shape.listLines = shape.codeUnits = shape.sentences = 0;
  sentence.count = sentence.triggers = sentence.index = 0;
  sentence.spoken = false;
  const last = lastPlace(text);
  const whole = quotesWhole(text, last);

  let lineStart = true; // nothing but space, bullets and marks since the line began
  let lineWords = 0; // words since the line began, while all stand in one sentence
  let labels = 0; // of these, words that may name the answer
  let words = 0; // of the sentence, known and unknown

  const finish = (): boolean => {
    let more = true;
    if (words > 0) {
      sentence.index = shape.sentences++;
      if (sentence.triggers !== 0) more = each();
    }
    sentence.count = sentence.triggers = words = 0;
    return more;
  };
  const add = (unit: number, start: number, end: number): void => {
    units[sentence.count] = unit;
    starts[sentence.count] = start;
    ends[sentence.count++] = end;
  };

  for (let i = 0; i < length; ) {
    const kind = kinds[text.charCodeAt(i)];
    if (kind === Kind.word) {
      const start = i;
      let hash = hashStart;
      let base = 0; // hash before the first apostrophe
      let baseEnd = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        const next = kinds[code];
        if (next === Kind.word) hash = Math.imul(hash ^ (code < 128 ? lower[code] : code), 0x01000193);
        else if (next === Kind.apostrophe && i + 1 < length && kinds[text.charCodeAt(i + 1)] === Kind.word) {
          if (baseEnd === 0) {
            base = hash;
            baseEnd = i;
          }
          hash = Math.imul(hash ^ 0x27, 0x01000193);
        } else break;
      }
      let entry = table.find(hash);
      if (entry === 0 && baseEnd > 0) entry = table.find(base);
      lineStart = false;
      lineWords++;
      words++;
      if (entry === 0) add(unknownWord, start, i);
      else {
        labels += table.isLabel[entry];
        sentence.triggers |= table.triggers[entry];
        add(table.units[2 * entry], start, i);
        if (table.units[2 * entry + 1] !== 0) add(table.units[2 * entry + 1], start, i);
      }
      if (sentence.count >= sentenceWords && !finish()) return;
      continue;
    }
    switch (kind) {
      case Kind.stop: {
        const from = i;
        while (i < length && kinds[text.charCodeAt(i)] === Kind.stop) i++;
        const closing = i < length ? kinds[text.charCodeAt(i)] : Kind.newline;
        const plain = text.charCodeAt(from) === 0x2e && i === from + 1;
        if (text.charCodeAt(from) > 0x2fff || (closing !== Kind.word && !(plain && isAbbreviation(text, sentence, from)))) {
          // "1. Item": a number alone is a list's mark, not a sentence
          if (plain && words === 1 && isNumber(text, starts[0], from)) {
            if (lineWords === 1) shape.listLines++;
            sentence.count = words = 0;
            lineStart = true;
            lineWords = 0;
          } else {
            if (!finish()) return;
            lineWords = 100;
          }
        }
        break;
      }
      case Kind.newline:
        if (!finish()) return;
        sentence.spoken = false;
        lineStart = true;
        lineWords = labels = 0;
        i++;
        break;
      case Kind.pause: {
        const colon = text.charCodeAt(i) === 0x3a || text.charCodeAt(i) === 0xff1a;
        if (colon && lineWords > 0 && lineWords <= 3 && i + 1 < length && kinds[text.charCodeAt(i + 1)] !== Kind.word && isUpper(text, starts[0])) {
          sentence.spoken = labels === 0;
          sentence.count = sentence.triggers = words = 0;
          lineWords = 100;
        } else if (sentence.count > 0 && units[sentence.count - 1] !== comma) add(comma, i, i + 1);
        if (sentence.count >= sentenceWords && !finish()) return;
        i++;
        break;
      }
      case Kind.hyphen: {
        const inner = i > 0 && kinds[text.charCodeAt(i - 1)] === Kind.word && i + 1 < length && kinds[text.charCodeAt(i + 1)] === Kind.word;
        if (lineStart && i + 1 < length && text.charCodeAt(i + 1) === 0x20) {
          shape.listLines++;
          lineStart = false;
        } else if (!inner && sentence.count > 0 && units[sentence.count - 1] !== comma) add(comma, i, i + 1);
        if (sentence.count >= sentenceWords && !finish()) return;
        i++;
        break;
      }
      case Kind.quote:
      case Kind.open:
        if (whole && (i < 4 || i === last)) i++;
        else {
          const end = quotationEnd(text, i, kind === Kind.open ? Kind.close : Kind.quote);
          if (end > i + 1) {
            add(quotation, i, end);
            lineStart = false;
          }
          // Speech that ends a sentence: the next words begin another.
          if (end > i + 2 && kinds[text.charCodeAt(end - 2)] === Kind.stop && words > 0 && !finish()) return;
          i = end;
          if (sentence.count >= sentenceWords && !finish()) return;
        }
        break;
      case Kind.apostrophe: {
        const end = singleQuotationEnd(text, i);
        if (end > i) {
          add(quotation, i, end);
          if (sentence.count >= sentenceWords && !finish()) return;
          i = end;
        } else i++;
        break;
      }
      case Kind.code: {
        if (text.startsWith("```", i)) {
          if (!finish()) return;
          const close = text.indexOf("```", i + 3);
          const end = close < 0 ? length : close + 3;
          shape.codeUnits += end - i;
          i = end;
          break;
        }
        const end = quotationEnd(text, i, Kind.code);
        if (end > i + 1) add(quotation, i, end);
        if (sentence.count >= sentenceWords && !finish()) return;
        i = end;
        break;
      }
      case Kind.mark: {
        const code = text.charCodeAt(i);
        if (lineStart && code === 0x3e) {
          // a block quote: somebody else's words
          const line = text.indexOf("\n", i);
          i = line < 0 ? length : line;
          break;
        }
        if (lineStart && (code === 0x2a || code === 0x2b) && text.charCodeAt(i + 1) === 0x20) shape.listLines++;
        else if (code === 0x28 && sentence.count > 0 && units[sentence.count - 1] !== comma) add(comma, i, i + 1);
        if (sentence.count >= sentenceWords && !finish()) return;
        i++;
        break;
      }
      default:
        if (text.charCodeAt(i) === 0x2022 && lineStart) shape.listLines++;
        i++;
    }
  }
  finish();
}

function lastPlace(text: string): number {
  let last = text.length - 1;
  while (last > 0 && (kinds[text.charCodeAt(last)] === Kind.space || kinds[text.charCodeAt(last)] === Kind.newline)) last--;
  return last;
}

/** True where one pair of double quotes encloses the whole text: then it is the answer, not speech inside it. */
function quotesWhole(text: string, last: number): boolean {
  let first = 0;
  while (first < 3 && kinds[text.charCodeAt(first)] === Kind.space) first++;
  const kind = kinds[text.charCodeAt(first)];
  if (kind !== Kind.quote && kind !== Kind.open) return false;
  const close = text.indexOf(kind === Kind.quote ? '"' : text[first] === "\u00ab" ? "\u00bb" : "\u201d", first + 1);
  return close === last;
}

/** Longest quotation that is taken for one, in UTF-16 units: an opening mark without its closing one must not cost the text's length. */
const longestQuotation = 2000;

/** The place after the mark that closes a quotation on the same line, or after the opening mark where none does. */
function quotationEnd(text: string, open: number, closing: number): number {
  const stop = Math.min(text.length, open + longestQuotation);
  for (let i = open + 1; i < stop; i++) {
    const kind = kinds[text.charCodeAt(i)];
    if (kind === closing) return i + 1;
    if (kind === Kind.newline || (kind === Kind.open && closing === Kind.close)) break;
  }
  return open + 1;
}

/** The place after a quotation in single quotes that opens here, or `open` where none does: 'twas and dogs' are no quotations. */
function singleQuotationEnd(text: string, open: number): number {
  const before = open === 0 ? Kind.space : kinds[text.charCodeAt(open - 1)];
  if (before === Kind.word || before === Kind.stop || open + 1 >= text.length || kinds[text.charCodeAt(open + 1)] !== Kind.word) return open;
  const stop = Math.min(text.length, open + 300);
  for (let i = open + 1; i < stop; i++) {
    const kind = kinds[text.charCodeAt(i)];
    if (kind === Kind.newline) return open;
    if (kind === Kind.apostrophe && text.charCodeAt(i) !== 0x2018) {
      const after = i + 1 < text.length ? kinds[text.charCodeAt(i + 1)] : Kind.space;
      if (after !== Kind.word) return i + 1;
    }
  }
  return open;
}

function isAbbreviation(text: string, sentence: Sentence, stop: number): boolean {
  if (sentence.count === 0 || sentence.ends[sentence.count - 1] !== stop) return false;
  const start = sentence.starts[sentence.count - 1];
  return stop - start <= 4 && abbreviations.has(text.slice(start, stop).toLowerCase()) && stop + 2 < text.length;
}

function isNumber(text: string, start: number, end: number): boolean {
  if (end - start > 3) return false;
  for (let i = start; i < end; i++) if (text.charCodeAt(i) < 0x30 || text.charCodeAt(i) > 0x39) return false;
  return true;
}

function isUpper(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a;
}
