// Turns a sentence into one code unit a word, the form the rules' regular expressions read: contractions taken apart, fillers left out,
// quotations and pauses each one mark. Only sentences that may match come here. Offsets are UTF-16 units of the whole text.
import { hashPrime, hashStart, Kind, kinds, quotationEnd } from "./refusal-characters.ts";
import { comma, quotation, unknownWord } from "./refusal-pattern.ts";

/** The words rules know. */
export interface WordTable {
  /** hash -> entry number, 0 for a word that no rule names. */
  find(hash: number): number;
  /** units[2 * entry], units[2 * entry + 1]: the word's units; the second is 0 unless it is a contraction, both are 0 for a filler. */
  readonly units: Uint16Array;
}

/** An encoded sentence: units[0, count), each with its place in the text. Reused for the next one. */
export interface Encoded {
  count: number;
  readonly units: Uint16Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Marks count, too: a cut sentence loses its tail. */
const capacity = 256;

export function createEncoded(): Encoded {
  return { count: 0, units: new Uint16Array(capacity), starts: new Uint32Array(capacity), ends: new Uint32Array(capacity) };
}

export function encodeSentence(text: string, from: number, to: number, whole: number, table: WordTable, encoded: Encoded): void {
  const { units, starts, ends } = encoded;
  let count = 0;
  let i = from;
  while (i < to && count < capacity - 2) {
    const kind = kinds[text.charCodeAt(i)];
    const start = i;
    let unit = 0;
    let second = 0;
    if (kind === Kind.word) {
      let hash: number = hashStart;
      let base = 0;
      for (; i < to; i++) {
        const code = text.charCodeAt(i);
        const next = kinds[code];
        if (next === Kind.word) hash = Math.imul(hash ^ (code | 0x20), hashPrime);
        else if (next === Kind.apostrophe && i + 1 < to && kinds[text.charCodeAt(i + 1)] === Kind.word) {
          if (base === 0) base = hash;
          hash = Math.imul(hash ^ 0x27, hashPrime);
        } else break;
      }
      let entry = table.find(hash);
      if (entry === 0 && base !== 0) entry = table.find(base);
      unit = entry === 0 ? unknownWord : table.units[2 * entry];
      second = table.units[2 * entry + 1];
    } else if (kind === Kind.pause || text.charCodeAt(i) === 0x28) {
      i++;
      unit = comma;
    } else if (kind === Kind.hyphen) {
      // real-time is two words, " - " a pause
      i++;
      if (start === 0 || kinds[text.charCodeAt(start - 1)] !== Kind.word || kinds[text.charCodeAt(i)] !== Kind.word) unit = comma;
    } else {
      const end = whole >= 0 && kind !== Kind.code && kind !== Kind.apostrophe ? i : quotationEnd(text, i);
      if (end > i) unit = quotation;
      i = Math.max(end, i + 1);
    }
    if (unit === 0 || (unit === comma && (count === 0 || units[count - 1] === comma))) continue;
    units[count] = unit;
    starts[count] = start;
    ends[count++] = i;
    if (second !== 0) {
      units[count] = second;
      starts[count] = start;
      ends[count++] = i;
    }
  }
  encoded.count = count;
}
