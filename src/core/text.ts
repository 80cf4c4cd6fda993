// Words of a text by Unicode rules, fast for text with spaces and right for text without (Han, kana, Thai ...).
// Offsets are UTF-16 code units.
import { UnitClass } from "./unit-kernel.ts";
import { putUnits } from "./unit-sets.ts";

/** Word spans of a text: word i is text.slice(starts[i], ends[i]). Buffers are reused by the next scan into them. */
export interface WordSpans {
  count: number;
  starts: Uint32Array;
  ends: Uint32Array;
  /** hashes[count]: FNV-1a of each word's code units, ASCII capitals as small letters. */
  hashes: Int32Array;
}

export function createWordSpans(): WordSpans {
  return { count: 0, starts: new Uint32Array(1024), ends: new Uint32Array(1024), hashes: new Int32Array(1024) };
}

/** Classes of UTF-16 units. */
const Class = {
  other: 0,
  word: 1,
  /** A script written without spaces: word boundaries come from the Unicode dictionary segmenter. */
  unspaced: 2,
  /** Joins two word characters: apostrophes. */
  joiner: 3,
} as const;

const classes = new Uint8Array(0x10000);
let classesReady = false;
const unspacedRuns =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30fc]+/gu;

function prepareClasses(): void {
  putUnits(classes, /[\p{L}\p{N}\p{M}_]+/gu, Class.word);
  putUnits(classes, unspacedRuns, Class.unspaced);
  // Letters beyond the first plane come as surrogates: count them as word characters unless they are emoji or other symbols, whose lead units are below.
  for (let code = 0xd800; code < 0xe000; code++) classes[code] = Class.word;
  for (let code = 0xd83c; code <= 0xd83e; code++) classes[code] = Class.other;
  for (const code of [0x27, 0x2019, 0x2bc]) classes[code] = Class.joiner;
  classesReady = true;
}

/** What scanWords takes a UTF-16 unit for, in the words of a kernel. Words of unspaced scripts need a dictionary: none for a kernel. */
export function wordClasses(): Uint8Array {
  if (!classesReady) prepareClasses();
  const { word, joiner, lead, refused } = UnitClass;
  const table = Uint8Array.from(classes, (kind) => [0, word, refused, joiner][kind]);
  for (let code = 0xd83c; code <= 0xd83e; code++) table[code] = lead;
  return table;
}

let segmenter: Intl.Segmenter | undefined;

/** Finds the words of text[from, to): letter, digit and mark runs, joined by inner apostrophes. */
export function scanWords(text: string, spans: WordSpans, from = 0, to = text.length): WordSpans {
  if (!classesReady) prepareClasses();
  spans.count = 0;
  let i = from;
  while (i < to) {
    let code = text.charCodeAt(i);
    const kind = classes[code];
    if (kind === Class.word) {
      const start = i++;
      let hash = hashed(hashStart, code);
      while (i < to) {
        code = text.charCodeAt(i);
        const next = classes[code];
        if (next !== Class.word) {
          if (next === Class.joiner) {
            const after = i + 1 < to ? text.charCodeAt(i + 1) : 0;
            if (classes[after] !== Class.word) break;
            hash = hashed(hash, code);
            code = after;
            i++;
          } else if (!isLowSurrogateOf(text, i)) break;
        }
        hash = hashed(hash, code);
        i++;
      }
      push(spans, start, i, hash);
    } else if (kind === Class.unspaced) {
      const start = i++;
      while (i < to && classes[text.charCodeAt(i)] === Class.unspaced) i++;
      segmentUnspaced(text, start, i, spans);
    } else i += isEmojiLead(text, i) ? 2 : 1;
  }
  return spans;
}

function isLowSurrogateOf(text: string, i: number): boolean {
  const code = text.charCodeAt(i);
  return code >= 0xdc00 && code <= 0xdfff && classes[text.charCodeAt(i - 1)] === Class.word;
}

function isEmojiLead(text: string, i: number): boolean {
  const code = text.charCodeAt(i);
  return code >= 0xd83c && code <= 0xd83e;
}

function segmentUnspaced(text: string, start: number, end: number, spans: WordSpans): void {
  segmenter ??= new Intl.Segmenter("und", { granularity: "word" });
  // Bounded pieces: the segmenter copies what it is given.
  for (let piece = start; piece < end; piece += 4096) {
    const stop = Math.min(end, piece + 4096);
    for (const { index, segment, isWordLike } of segmenter.segment(text.slice(piece, stop))) {
      if (isWordLike === false) continue;
      let hash: number = hashStart;
      for (let i = 0; i < segment.length; i++) hash = hashed(hash, segment.charCodeAt(i));
      push(spans, piece + index, piece + index + segment.length, hash);
    }
  }
}

const hashStart = 0x811c9dc5;

function hashed(hash: number, code: number): number {
  return Math.imul(hash ^ (code >= 0x41 && code <= 0x5a ? code | 0x20 : code), 0x01000193);
}

function push(spans: WordSpans, start: number, end: number, hash: number): void {
  if (spans.count === spans.starts.length) grow(spans);
  spans.starts[spans.count] = start;
  spans.ends[spans.count] = end;
  spans.hashes[spans.count++] = hash;
}

function grow(spans: WordSpans): void {
  const { starts, ends, hashes } = spans;
  spans.starts = new Uint32Array(starts.length * 2);
  spans.starts.set(starts);
  spans.ends = new Uint32Array(ends.length * 2);
  spans.ends.set(ends);
  spans.hashes = new Int32Array(hashes.length * 2);
  spans.hashes.set(hashes);
}

/** The words of a text as strings; for tests and small texts. */
export function wordsOf(text: string): string[] {
  const spans = scanWords(text, createWordSpans());
  return Array.from({ length: spans.count }, (_, i) => text.slice(spans.starts[i], spans.ends[i]));
}

/** True where the text holds at least this many code points; stops counting there. */
export function hasCodePoints(text: string, least: number): boolean {
  if (text.length < least) return false;
  if (text.length >= least * 2) return true;
  let count = text.length;
  for (let i = 0; i < text.length && count >= least; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xdc00 && code <= 0xdfff && i > 0 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) count--;
  }
  return count >= least;
}
