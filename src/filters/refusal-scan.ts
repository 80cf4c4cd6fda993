// Cuts an answer into sentences and tells which kinds of trigger words each holds: one pass over the UTF-16 units, each word hashed as it
// is read. What is not the assistant's own running text is left out or marked: quoted speech, code, block quotes, dialogue, list items.
// It knows words' trigger bits, not rules. Offsets are UTF-16 units. The kernel (assembly/sentences.ts) reads the same; this reads what it cannot.
import { hashPrime, hashStart, Kind, kinds, quotationEnd, wholeQuotation } from "./refusal-characters.ts";

/** Words in a sentence; a longer run of words is cut. */
const sentenceWords = 120;

/** A set of words with trigger bits, found by hash. */
export interface TriggerTable {
  /** filter[hash >>> 19]: 1 where a word of the table may have the hash. */
  readonly filter: Uint8Array;
  /** Trigger bits of a word's hash, 0 for other words. */
  find(hash: number): number;
  /** Bits of all trigger kinds, and of those that count in a dialogue or list. */
  readonly bits: number;
  readonly asideBits: number;
}

/** Bit of a word that, before a colon at the start of a line, names the answer and not a speaker. */
export const labelBit = 1 << 30;

/** The reading of one text; the first group is the sentence that `nextSentence` found. */
export interface Reading {
  start: number;
  end: number;
  /** Trigger bits of its words together. */
  triggers: number;
  /** Its number among the text's sentences, from 0. */
  index: number;

  at: number;
  /** Sentences so far. */
  sentences: number;
  /** Place of the mark that closes a quotation of the whole text, or -1. */
  whole: number;
  /** In a dialogue ("Anna: ...") or a list: not said by the assistant for itself. */
  aside: boolean;
  /** Words since the line began, a large number once a sentence or label has ended in the line. */
  lineWords: number;
}

export function createReading(): Reading {
  return { start: 0, end: 0, triggers: 0, index: 0, aside: false, at: 0, sentences: 0, whole: -1, lineWords: 0 };
}

export function beginReading(text: string, reading: Reading): void {
  reading.at = reading.sentences = reading.lineWords = 0;
  reading.aside = false;
  reading.whole = wholeQuotation(text);
}

/** More words than a label or list mark has. */
const many = 1000;

/**
 * Finds the next sentence whose trigger bits are wanted (wanted[bits] = 1; the first sentence: wantedFirst) and that begins before `until`;
 * false where there is none.
 */
export function nextSentence(
  text: string,
  table: TriggerTable,
  wantedFirst: Uint8Array,
  wanted: Uint8Array,
  reading: Reading,
  until: number,
): boolean {
  const length = text.length;
  const { filter } = table;
  const { whole } = reading;
  let { lineWords, aside } = reading;
  let start = -1;
  let wordStart = 0;
  let wordEnd = 0;
  let words = 0;
  let triggers = 0;
  let ends = false;
  let lineEnds = false;
  let i = reading.at;

  while (true) {
    if (ends || i >= length || words >= sentenceWords) {
      const inAside = aside;
      if (lineEnds) {
        lineEnds = aside = false;
        lineWords = 0;
      }
      if (words > 0) {
        const index = reading.sentences++;
        triggers &= inAside ? table.asideBits : table.bits;
        if ((index === 0 ? wantedFirst : wanted)[triggers] !== 0) {
          reading.start = start;
          reading.end = i;
          reading.triggers = triggers;
          reading.index = index;
          reading.aside = aside;
          reading.lineWords = lineWords;
          reading.at = i;
          return true;
        }
      }
      if (i >= until) {
        reading.aside = aside;
        reading.lineWords = lineWords;
        reading.at = i;
        return false;
      }
      ends = false;
      start = -1;
      words = triggers = 0;
    }
    const unit = text.charCodeAt(i);
    const kind = kinds[unit];
    if (kind === Kind.space) {
      i++;
      continue;
    }
    if (kind === Kind.word) {
      wordStart = i;
      let hash = Math.imul(hashStart ^ (unit | 0x20), hashPrime);
      let base = 0; // hash before the first apostrophe
      let next: number = Kind.word;
      while (++i < length) {
        const code = text.charCodeAt(i);
        next = kinds[code];
        if (next === Kind.word) hash = Math.imul(hash ^ (code | 0x20), hashPrime);
        else if (next === Kind.apostrophe && i + 1 < length && kinds[text.charCodeAt(i + 1)] === Kind.word) {
          if (base === 0) base = hash;
          hash = Math.imul(hash ^ 0x27, hashPrime);
        } else break;
      }
      wordEnd = i;
      if (next === Kind.space) i++; // most words: one step less for the outer loop
      if (start < 0) start = wordStart;
      words++;
      lineWords++;
      if (filter[hash >>> 19] !== 0) triggers |= table.find(hash);
      if (base !== 0 && filter[base >>> 19] !== 0) triggers |= table.find(base);
      continue;
    }
    switch (kind) {
      case Kind.newline:
        i += unit === 0x0d && text.charCodeAt(i + 1) === 0x0a ? 2 : 1;
        if (words > 0 && i < length && isLower(text.charCodeAt(i))) lineWords = many; // a wrapped line: the sentence goes on
        else ends = lineEnds = true;
        break;
      case Kind.stop: {
        const from = i;
        while (i < length && kinds[text.charCodeAt(i)] === Kind.stop) i++;
        const plain = unit === 0x2e && i === from + 1;
        if (i < length && kinds[text.charCodeAt(i)] === Kind.word && unit < 0x2fff) break; // 3.5, example.com
        if (plain && wordEnd === from && isAbbreviation(text, wordStart, wordEnd)) break;
        if (plain && lineWords === 1 && words === 1 && isNumber(text, wordStart, from)) {
          // "1. Item": a list's mark
          aside = true;
          lineWords = words = triggers = 0;
          start = -1;
        } else {
          ends = true;
          lineWords = many;
        }
        break;
      }
      case Kind.pause:
        i++;
        if (
          (unit === 0x3a || unit === 0xff1a) &&
          lineWords > 0 &&
          lineWords <= 3 &&
          (i === length || kinds[text.charCodeAt(i)] !== Kind.word)
        ) {
          if (isUpper(text, start)) {
            aside = (triggers & labelBit) === 0;
            words = triggers = 0;
            start = -1;
            lineWords = many;
          }
        }
        break;
      case Kind.quote:
      case Kind.open:
      case Kind.apostrophe:
      case Kind.code: {
        if (kind === Kind.code && text.startsWith("```", i)) {
          const close = text.indexOf("```", i + 3);
          i = close < 0 ? length : close + 3;
          ends = true;
          break;
        }
        const end = whole >= 0 && kind !== Kind.code && kind !== Kind.apostrophe ? i : quotationEnd(text, i);
        if (end === i) {
          i++;
          break;
        }
        // Speech that ends with a stop ends the sentence before it, too.
        ends = kinds[text.charCodeAt(end - 2)] === Kind.stop;
        if (lineWords === 0) lineWords = many;
        i = end;
        break;
      }
      case Kind.hyphen:
      case Kind.mark:
        if (lineWords === 0) {
          if (unit === 0x3e) {
            // a block quote: somebody else's words
            const line = text.indexOf("\n", i);
            i = line < 0 ? length : line;
            break;
          }
          if ((kind === Kind.hyphen || unit === 0x2a || unit === 0x2b || unit === 0x2022) && kinds[text.charCodeAt(i + 1)] === Kind.space)
            aside = true;
        }
        i++;
        break;
      default:
        i++;
    }
  }
}

/** Short forms that end in a full stop without ending the sentence. */
export const abbreviations: ReadonlySet<string> = new Set("inc corp co ltd mr mrs ms dr vs st jr sr e i u s g".split(" "));

function isAbbreviation(text: string, start: number, stop: number): boolean {
  return stop - start <= 4 && stop + 2 < text.length && abbreviations.has(text.slice(start, stop).toLowerCase());
}

function isNumber(text: string, start: number, end: number): boolean {
  if (end - start > 3) return false;
  for (let i = start; i < end; i++) if (text.charCodeAt(i) < 0x30 || text.charCodeAt(i) > 0x39) return false;
  return true;
}

function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

function isUpper(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a;
}
