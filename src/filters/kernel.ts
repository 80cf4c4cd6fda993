// Counts and finds words in WebAssembly (assembly/), where this machine's has SIMD. What a word is, the TypeScript twins say.
import { wordClasses } from "../core/text.ts";
import { putUnits } from "../core/unit-sets.ts";
import { createUnitKernel, longestUnits, putClasses, putWord, UnitClass, type UnitKernel, type WordExports } from "../core/unit-kernel.ts";
import { isSpace } from "./character-loops.ts";
import { type CommonCounts, commonWords } from "./common-words.ts";
import { wasm } from "./kernel.wasm.ts";
import { demandKinds, DemandWord, quotes } from "./demand-words.ts";
import { Kind, kinds } from "./refusal-characters.ts";
import { refusalGrammar } from "./refusal-grammar.ts";
import { abbreviations, type Reading } from "./refusal-scan.ts";
import { createWordCounts, type WordCounts } from "./repeats-words.ts";

interface Exports {
  measureWords(length: number): number;
  setTriggerBits(all: number, inAside: number): void;
  beginSentences(length: number, whole: boolean): void;
  nextSentence(table: number, until: number): number;
  mayDisclaim(): number;
  demandWords(length: number, number: number, quote: number): number;
  countCommonWords(length: number, first: number, second: number): number;
}

export interface FilterKernel {
  /** As countWords of repeats-words.ts; undefined for a text that it does not read: a long one, or one in a script without spaces. */
  countWords(text: string): WordCounts | undefined;
  /** Begins to read a text that `reading` begins with, sentence by sentence; false for a long text. No other text may come in between. */
  beginReading(text: string, reading: Reading): boolean;
  /** As nextSentence of refusal-scan.ts; `later`: once something is found. */
  nextSentence(later: boolean, until: number, reading: Reading): boolean;
  /** As mayDisclaim of refusal.ts, from where reading stopped. */
  mayDisclaim(): boolean;
  /** As demandWords of demand-words.ts. */
  demandWords(text: string, longest: number): number;
  /** As countCommonWords of common-words.ts; undefined for a text that it does not read: a long one, or one with characters beyond the first plane. */
  countCommonWords(lower: string, first: number, second: number): CommonCounts | undefined;
}

/** Places in memory, as in assembly/memory.ts, bytes. */
const place = {
  repeatClasses: 0x40000,
  refusalClasses: 0x50100,
  demandClasses: 0x60200,
  result: 0x70300,
  triggers: 0x70400,
  demands: 0x7c400,
  wanted: 0x88400,
  starts: 0xb1000,
  ends: 0xc1000,
  ids: 0xd1000,
  commonClasses: 0x180000,
  common: 0x190100,
} as const;
/** Bytes of a table of wanted trigger bits. */
const wantedBytes = 1 << 13;
const abbreviationBit = 1 << 29;
const pages = 26;
const mostWords = longestUnits / 2;

export function createFilterKernel(): FilterKernel | undefined {
  const kernel = createUnitKernel<Exports>(wasm, pages);
  if (kernel === undefined) return undefined;
  const { exports, memory } = kernel;
  putClasses(kernel, place.repeatClasses, repeatClasses());
  const result = new Int32Array(memory, place.result, 16);
  const counts = createWordCounts();
  counts.starts = new Uint32Array(memory, place.starts, mostWords);
  counts.ends = new Uint32Array(memory, place.ends, mostWords);
  counts.ids = new Int32Array(memory, place.ids, mostWords);
  putGrammar(kernel);
  putClasses(kernel, place.demandClasses, demandClasses());
  for (const [word, kind] of demandKinds) putWord(kernel, place.demands, word, kind);
  // Few rows ask for a language: its tables are made for the first.
  let common: CommonCounts | undefined;
  return {
    beginReading(text, { whole }) {
      if (text.length > longestUnits) return false;
      exports.beginSentences(kernel.load(text), whole >= 0);
      return true;
    },
    nextSentence(later, until, reading) {
      const found = exports.nextSentence(later ? 2 : 1, until);
      reading.at = result[1];
      if (found === 0) return false;
      reading.start = result[0];
      reading.end = result[1];
      reading.triggers = result[2];
      reading.index = result[3];
      return true;
    },
    demandWords: (text, longest) => exports.demandWords(kernel.load(text, longest), DemandWord.number, DemandWord.quote),
    countCommonWords(lower, first, second) {
      if (lower.length > longestUnits) return undefined;
      common ??= putCommonWords(kernel);
      if (exports.countCommonWords(kernel.load(lower), first, second) === 0) return undefined;
      common.words = result[0];
      common.first = result[1];
      common.second = result[2];
      return common;
    },
    mayDisclaim: () => exports.mayDisclaim() !== 0,
    countWords(text) {
      if (text.length > longestUnits) return undefined;
      const found = exports.measureWords(kernel.load(text));
      if (found < 0) return undefined;
      counts.mayLoop = found !== 0;
      counts.words = result[0];
      counts.letters = result[1];
      counts.distinct = result[2];
      counts.duplicateLetters = result[3];
      counts.duplicateStart = result[4];
      counts.duplicateEnd = result[5];
      counts.lowestDistinct = result[6];
      counts.sumDistinct = result[7];
      counts.windows = result[8];
      return counts;
    },
  };
}

/** Words, and white space as character-loops.ts sees it. */
function repeatClasses(): Uint8Array {
  return wordClasses().map((kind, unit) => (isSpace(unit) ? kind | UnitClass.other : kind));
}

/** The trigger words of the refusal rules, and which of their bits make a sentence worth a look. */
function putGrammar(kernel: UnitKernel<Exports & WordExports>): void {
  const { triggerWords, triggers, wantedFirst, wanted, wantedLater } = refusalGrammar();
  putClasses(kernel, place.refusalClasses, refusalClasses());
  for (const [word, bits] of triggerWords) putWord(kernel, place.triggers, word, bits);
  for (const word of abbreviations) putWord(kernel, place.triggers, word, abbreviationBit);
  kernel.exports.setTriggerBits(triggers.bits, triggers.asideBits);
  [wantedFirst, wanted, wantedLater].forEach((table, number) => {
    const bits = new Uint8Array(kernel.memory, place.wanted + number * wantedBytes, wantedBytes);
    for (let triggerBits = 0; triggerBits < table.length; triggerBits++) bits[triggerBits >> 3] |= table[triggerBits] << (triggerBits & 7);
  });
}

/** The kind of a unit above what it is to units.ts: part of a word, or a space. */
function refusalClasses(): Uint8Array {
  const bits: Partial<Record<number, number>> = {
    [Kind.word]: UnitClass.word,
    [Kind.apostrophe]: UnitClass.joiner,
    [Kind.space]: UnitClass.other,
  };
  return kinds.map((kind) => (kind << 4) | (bits[kind] ?? 0));
}

/** Words of ASCII letters; digits and quotation marks. */
function demandClasses(): Uint8Array {
  const classes = new Uint8Array(0x10000);
  for (let letter = 0x61; letter <= 0x7a; letter++) classes[letter] = classes[letter - 0x20] = UnitClass.word;
  for (let digit = 0x30; digit <= 0x39; digit++) classes[digit] = UnitClass.other;
  for (const quote of quotes) classes[quote] = UnitClass.other;
  return classes;
}

/** The commonest words; words are runs of letters and apostrophes. */
function putCommonWords(kernel: UnitKernel<WordExports>): CommonCounts {
  const classes = new Uint8Array(0x10000);
  putUnits(classes, /[\p{L}'\u2019]+/gu, UnitClass.word);
  putClasses(kernel, place.commonClasses, classes.fill(UnitClass.refused, 0xd800, 0xe000));
  for (const [word, bits] of commonWords) putWord(kernel, place.common, word, bits);
  return { words: 0, first: 0, second: 0 };
}

let kernel: FilterKernel | undefined;
let made = false;

/** One a thread, made on first use. */
export function filterKernel(): FilterKernel | undefined {
  if (!made) {
    made = true;
    kernel = createFilterKernel();
  }
  return kernel;
}
