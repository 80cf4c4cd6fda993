// What decontamination asks of every row before it looks closer, in plain TypeScript: the row's words and terms, those of its 8-grams that
// stand in evaluation texts, and the texts whose rarest terms it shares. decontaminate-row-wasm.ts gives bit for bit the same answers.
import type { Message } from "../core/row.ts";
import { gramHashes, mayHold } from "./decontaminate-grams.ts";
import { candidate, type EvaluationIndex, keyTerms } from "./decontaminate-index.ts";
import { createScanned, createTermScanner, type Scanned } from "./decontaminate-terms.ts";

/** Takes one row at a time; what it gives is valid until the next load. */
export interface RowReader {
  readonly kind: "wasm" | "typescript";
  /** Reads a row's messages. */
  load(messages: readonly Message[]): LoadedRow;
  /** The loaded row's candidates. */
  candidates(): Candidate[];
}

/** Of its terms' hashes, only those of numbers are sure to be there. */
export interface LoadedRow extends Omit<Scanned, "at"> {
  /** Where each message's words begin, then the end: starts[messages + 1]. */
  starts: Uint32Array;
  /** Where each message's terms begin: termStarts[messages]. */
  termStarts: Uint32Array;
  /** Hashes of those of the row's 8-grams that stand in a text: gram[grams]. */
  grams: number;
  gram: Uint32Array;
  /** How many texts there are of whose rarest terms the row holds enough. */
  candidates: number;
}

/** A text of whose rarest terms a row holds enough. */
export interface Candidate {
  /** Its place among the texts. */
  readonly text: number;
  /** Which share of the terms' weight, 0..1. */
  readonly share: number;
}

/** Least of a text's rarest terms that a candidate shares. */
export function leastTerms({ keyFrom }: EvaluationIndex, text: number): number {
  const keys = keyFrom[text + 1] - keyFrom[text];
  return keys < keyTerms.most ? Math.min(candidate.allTerms, keys) : candidate.terms;
}

/** Room for where the messages of a row begin: twice as much where it is too little. */
export function grownStarts(starts: Uint32Array, messages: number): Uint32Array {
  return starts.length > messages ? starts : new Uint32Array(2 * messages + 2);
}

export function createTypeScriptRowReader(index: EvaluationIndex): RowReader {
  const { texts, from, posting, weight, key, keyFrom, keyWeight, gramBits } = index;
  const starts = new Uint32Array(16);
  const row: LoadedRow & Scanned = {
    ...createScanned(),
    starts,
    termStarts: starts.slice(),
    grams: 0,
    gram: new Uint32Array(1024),
    candidates: 0,
  };
  const scan = createTermScanner(index.find);
  const seen = new Uint32Array(weight.length);
  /** How many of the row's terms find each text. */
  const hits = new Uint8Array(texts.length);
  const touched = new Uint32Array(texts.length + 1);
  let stamp = 0;
  let found: Candidate[] = [];

  function heldGrams(): void {
    if (row.gram.length < row.words) row.gram = new Uint32Array(row.words * 2);
    const { gram } = row;
    const all = gramHashes(row.word, row.words, gram);
    row.grams = 0;
    for (let i = 0; i < all; i++) if (mayHold(gramBits, gram[i]) && index.holds(gram[i])) gram[row.grams++] = gram[i];
  }

  function findCandidates(): Candidate[] {
    if (stamp === 0xffff_ffff) seen.fill((stamp = 0));
    stamp++;
    const { terms, id } = row;
    let count = 0;
    for (let i = 0; i < terms; i++) {
      const one = id[i];
      if (one < 0 || seen[one] === stamp) continue;
      seen[one] = stamp;
      const end = from[one + 1];
      for (let j = from[one]; j < end; j++) {
        const text = posting[j];
        const before = hits[text];
        touched[count] = text;
        if (before === 0) count++;
        hits[text] = before + 1;
      }
    }
    const list: Candidate[] = [];
    for (let i = 0; i < count; i++) {
      const text = touched[i];
      const few = hits[text] < 2;
      hits[text] = 0;
      if (few) continue;
      const end = keyFrom[text + 1];
      let shared = 0;
      let share = 0;
      for (let j = keyFrom[text]; j < end; j++) {
        if (seen[key[j]] !== stamp) continue;
        shared++;
        share += weight[key[j]];
      }
      share /= keyWeight[text];
      if (shared >= leastTerms(index, text) && share >= candidate.share) list.push({ text, share });
    }
    return list;
  }

  return {
    kind: "typescript",
    load(messages) {
      row.words = row.terms = 0;
      row.starts = grownStarts(row.starts, messages.length);
      row.termStarts = grownStarts(row.termStarts, messages.length);
      messages.forEach(({ content }, i) => {
        row.starts[i] = row.words;
        row.termStarts[i] = row.terms;
        scan(content, row);
      });
      row.starts[messages.length] = row.words;
      heldGrams();
      found = findCandidates();
      row.candidates = found.length;
      return row;
    },
    candidates: () => found,
  };
}
