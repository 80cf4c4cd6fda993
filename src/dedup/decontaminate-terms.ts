// Cuts a text into what decontamination compares: words, for verbatim runs, and terms, for rewordings. Both are 32-bit hashes.
// - A word is a run of letters and digits in lower case, apostrophes dropped, or one character of a script without spaces, or a number
//   without its grouping commas. Underscores and all punctuation only part words.
// - A term is a part of a word that says what the text is about: no stop word, camelCase and snake_case in their parts, its ending taken
//   off, one of each group of synonyms. A number is a term of its own class; "three" is the number 3.
// It knows neither items nor rows.
import { isInert, putUnits } from "../core/unit-sets.ts";
import { buffer, finish, hashOf, prime, seed, termOf } from "./decontaminate-stems.ts";

/** The words and terms of one or more texts, in order. Arrays grow; only the first `words` and `terms` entries hold. */
export interface Scanned {
  words: number;
  /** word[words]: hashes. */
  word: Uint32Array;
  terms: number;
  /** term[terms]: hashes; the lowest bit tells a number. */
  term: Uint32Array;
  /** What the scanner's `find` told of each term: id[terms]. */
  id: Int32Array;
  /** The word each term stands in: at[terms]. */
  at: Uint32Array;
  /** First UTF-16 unit and end of each term in the text it was scanned from, in NFKC where that is not ASCII. */
  start: Uint32Array;
  end: Uint32Array;
}

export function createScanned(): Scanned {
  const array = (): Uint32Array => new Uint32Array(1024);
  return { words: 0, word: array(), terms: 0, term: array(), id: new Int32Array(1024), at: array(), start: array(), end: array() };
}

export function isNumber(term: number): boolean {
  return (term & 1) === 1;
}

const Class = { other: 0, lower: 1, upper: 2, digit: 3, single: 4, apostrophe: 5 } as const;

/** The WebAssembly kernel's class of a unit that NFKC may change. */
export const changingUnit = 6;

const asciiKinds = new Uint8Array(128);
for (let code = 0; code < 128; code++) asciiKinds[code] = asciiKind(code);
const asciiLower = Uint16Array.from({ length: 128 }, (_, code) => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code));

function asciiKind(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return Class.lower;
  if (code >= 0x41 && code <= 0x5a) return Class.upper;
  if (code >= 0x30 && code <= 0x39) return Class.digit;
  return code === 0x27 ? Class.apostrophe : Class.other;
}

/** Classes of `Class` and lower case of all UTF-16 units. */
export interface UnitTables {
  readonly kinds: Uint8Array;
  readonly lower: Uint16Array;
  /** 1 where NFKC may change the unit, by itself or with its neighbours. */
  readonly changing: Uint8Array;
}

let wide: UnitTables | undefined;

/** Made on the first text that is not ASCII. */
export function unitTables(): UnitTables {
  return (wide ??= createUnitTables());
}

function createUnitTables(): UnitTables {
  const kinds = new Uint8Array(0x10000);
  putUnits(kinds, /[\p{L}\p{M}]+/gu, Class.lower);
  putUnits(kinds, /\p{Lu}+/gu, Class.upper);
  putUnits(kinds, /\p{Nd}+/gu, Class.digit);
  const unspaced =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;
  putUnits(kinds, unspaced, Class.single);
  kinds.set(asciiKinds);
  for (let code = 0xd800; code < 0xe000; code++) kinds[code] = code < 0xd83c || code >= 0xdc00 ? Class.lower : Class.other;
  for (const code of [0x2018, 0x2019, 0x02bc, 0xff07]) kinds[code] = Class.apostrophe;

  const changing = new Uint8Array(0x10000);
  putUnits(changing, /\p{M}+/gu, 1);
  changing.fill(1, 0x1100, 0x1200);
  const lower = Uint16Array.from({ length: 0x10000 }, (_, code) => code);
  for (let code = 0; code < 0x10000; code++) {
    if (isInert(code)) continue;
    const one = String.fromCharCode(code);
    if (one.normalize("NFKC") !== one) changing[code] = 1;
    const small = one.toLowerCase();
    if (small.length === 1) lower[code] = small.charCodeAt(0);
  }
  return { kinds, lower, changing };
}

/** The text that offsets of `scan` count in. */
export function scannedText(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return text.normalize("NFKC");
  return text;
}

const checkSeed = 0x2545f491;
const checkPrime = 0x9e3779b1;
/** The text at hand as UTF-16 units, and a 0 after it that ends every run. */
let units = new Uint16Array(1 << 16);
/** Room for ASCII on its way there: encoding is the fastest way out of a string. */
let bytes = new Uint8Array(1 << 16);
const encoder = new TextEncoder();

/** Appends a text's words and terms to `into`; start over with `into.words = into.terms = 0`. */
export type TermScanner = (text: string, into: Scanned) => void;

/** A text's words and terms, and where in the words each of its parts begins; the next text overwrites them. */
export interface ScannedText extends Pick<Scanned, "words" | "word" | "terms" | "term" | "at"> {
  readonly starts: readonly number[];
}

/** Scans a text in parts: no word goes over their ends. */
export type TextScanner = (parts: readonly string[]) => ScannedText;

export function createTypeScriptTextScanner(): TextScanner {
  const scan = createTermScanner(() => -1);
  const scanned = createScanned();
  return (parts) => {
    scanned.words = scanned.terms = 0;
    const starts = parts.map((part) => {
      const from = scanned.words;
      scan(part, scanned);
      return from;
    });
    return { ...scanned, starts };
  };
}

/** `find` numbers terms by their hash; it must give the same answer always, for answers are kept. */
export function createTermScanner(find: (term: number) => number): TermScanner {
  const known = new Int32Array(4 * knownTerms);
  return (text, into) => {
    if (bytes.length <= text.length) bytes = new Uint8Array(text.length * 2);
    const { read, written } = encoder.encodeInto(text, bytes);
    if (read === text.length && written === read) {
      if (units.length <= written) units = new Uint16Array(written * 2);
      units.set(bytes.subarray(0, written));
      units[written] = 0;
      scanUnits(units, written, asciiKinds, asciiLower, known, find, into);
      return;
    }
    const { kinds, lower, changing } = unitTables();
    const length = load16(text, changing) ? load16(text.normalize("NFKC"), undefined) : text.length;
    scanUnits(units, length, kinds, lower, known, find, into);
  };
}

/** Copies a text into `units` and tells whether it holds a unit that NFKC may change; without `changing`, its length. */
function load16(text: string, changing: Uint8Array | undefined): number {
  const { length } = text;
  if (units.length <= length) units = new Uint16Array(length * 2);
  let changes = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    units[i] = code;
    if (changing) changes |= changing[code];
  }
  units[length] = 0;
  return changing ? changes : length;
}

/**
 * known[knownTerms, 4] keeps parts of words that were met before, the latest in a slot: two hashes of the part, its term (0: none) and
 * what `find` says of it.
 */
function scanUnits(
  text: Uint16Array,
  length: number,
  kinds: Uint8Array,
  lower: Uint16Array,
  known: Int32Array,
  find: (term: number) => number,
  into: Scanned,
): void {
  // No text has more words than characters, or more terms.
  if (into.word.length < into.words + length + 1) into.word = grown(into.word, into.words + length + 1);
  if (into.term.length < into.terms + length + 1) {
    for (const key of ["term", "at", "start", "end"] as const) into[key] = grown(into[key], into.terms + length + 1);
    const larger = new Int32Array(into.term.length);
    larger.set(into.id);
    into.id = larger;
  }
  const { word, term, id, at, start, end } = into;
  let { words, terms } = into;
  let i = 0;
  while (i < length) {
    let code = text[i];
    let kind = kinds[code];
    if (kind === Class.other || kind === Class.apostrophe) {
      i++;
      continue;
    }
    let whole: number = seed;
    const first = i;
    const single = kind === Class.single;
    // A word: parts, each of one class and perhaps a term.
    for (;;) {
      const from = i;
      let found = 0;
      let number = 0;
      if (kind === Class.digit) {
        i = scanNumber(text, i, kinds);
        found = (hashOf(scannedDigits) | 1) >>> 0;
        number = find(found);
        whole = Math.imul(whole ^ found, prime);
      } else if (single) {
        whole = Math.imul(whole ^ code, prime);
        // One character says little: a term is two in a row, where there are two.
        const pair = i > 0 && kinds[text[i - 1]] === Class.single ? Math.imul((seed + text[i - 1]) ^ code, prime) : whole;
        found = finish(Math.imul(pair ^ (pair >>> 13), checkPrime));
        number = find(found);
        i++;
      } else {
        let check = checkSeed;
        let part: number = seed;
        for (;;) {
          let last: number;
          do {
            const small = lower[code];
            part = Math.imul(part ^ small, prime);
            check = Math.imul(check + small, checkPrime);
            last = kind;
            code = text[++i];
            kind = kinds[code];
          } while (kind === Class.lower || (kind === Class.upper && last !== Class.lower));
          if (kind !== Class.apostrophe) break;
          // "don't" is one word and one term.
          const after = kinds[text[i + 1]];
          if (i + 1 >= length || (after !== Class.lower && after !== Class.upper)) break;
          code = text[++i];
          kind = after;
        }
        if (first === from) whole = part;
        else {
          for (let j = from; j < i; j++) if (kinds[text[j]] !== Class.apostrophe) whole = Math.imul(whole ^ lower[text[j]], prime);
        }
        if (i > from + 1) {
          const slot = ((part ^ (part >>> 16)) & (knownTerms - 1)) << 2;
          if (known[slot] === part && known[slot + 1] === check) {
            found = known[slot + 2];
            number = known[slot + 3];
          } else {
            let used = 0;
            for (let j = from; j < i && used < buffer.length; j++) {
              if (kinds[text[j]] !== Class.apostrophe) buffer[used++] = lower[text[j]];
            }
            found = termOf(used);
            number = found === 0 ? 0 : find(found);
            known[slot] = part;
            known[slot + 1] = check;
            known[slot + 2] = found;
            known[slot + 3] = number;
          }
        }
      }
      if (found !== 0) {
        term[terms] = found;
        id[terms] = number;
        at[terms] = words;
        start[terms] = from;
        end[terms++] = i;
      }
      code = text[i];
      kind = kinds[code];
      if (single || (kind !== Class.lower && kind !== Class.upper && kind !== Class.digit)) break;
    }
    word[words++] = whole;
  }
  into.words = words;
  into.terms = terms;
}

/** Parts of words that a scanner keeps. */
const knownTerms = 1 << 16;

let scannedDigits = 0;

/** Reads a number with grouping commas and a fraction into the buffer; returns its end. "2.00" is 2. */
function scanNumber(text: Uint16Array, from: number, kinds: Uint8Array): number {
  let i = from;
  let used = 0;
  let fraction = -1;
  let zeros = true;
  for (; ; i++) {
    const code = text[i];
    if (kinds[code] === Class.digit) {
      if (fraction >= 0 && code !== 0x30) zeros = false;
    } else if (code === 0x2c) {
      if (!groups(text, i, kinds)) break;
      continue;
    } else {
      if (code !== 0x2e || fraction >= 0 || kinds[text[i + 1]] !== Class.digit) break;
      fraction = used;
    }
    if (used < buffer.length) buffer[used++] = code;
  }
  scannedDigits = fraction >= 0 && zeros ? fraction : used;
  return i;
}

/** Is the comma at `i` one of "12,345": three digits after it, then no more? The 0 after the text ends the look ahead. */
function groups(text: Uint16Array, i: number, kinds: Uint8Array): boolean {
  for (let j = i + 1; j <= i + 3; j++) if (kinds[text[j]] !== Class.digit) return false;
  return kinds[text[i + 4]] !== Class.digit;
}

function grown(values: Uint32Array, least: number): Uint32Array {
  const larger = new Uint32Array(Math.max(values.length * 2, least));
  larger.set(values);
  return larger;
}
