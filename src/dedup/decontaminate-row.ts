// What decontamination asks of every row before it looks closer, in plain TypeScript: the row's words and terms, those of its 8-grams that
// evaluation texts may hold, and the texts whose rarest terms it shares. decontaminate-row-wasm.ts gives bit for bit the same answers.
import type { Message } from "../core/row.ts";
import { gramHashes, mayHold } from "./decontaminate-grams.ts";
import { type EvaluationIndex, keyTerms } from "./decontaminate-index.ts";
import { createScanned, createTermScanner, type Scanned } from "./decontaminate-terms.ts";

/** Takes one row at a time; what it gives is valid until the next load. */
export interface RowReader {
  readonly kind: "wasm" | "typescript";
  /** Reads a row's messages. */
  load(messages: readonly Message[]): LoadedRow;
  /** Hashes of those of the row's 8-grams that may stand in a text, none of which stand in it missing: grams[count]. */
  heldGrams(): { readonly grams: Uint32Array; readonly count: number };
  /** Texts of whose rarest terms the row holds enough, with the share of their weight. */
  candidates(): Candidate[];
}

export interface LoadedRow extends Scanned {
  /** Where each message's words begin, then the end: starts[messages + 1]. */
  readonly starts: number[];
  /** Where each message's terms begin: termStarts[messages]. */
  readonly termStarts: number[];
}

export interface Candidate {
  /** Its place among the texts. */
  readonly text: number;
  /** 0..1 */
  readonly share: number;
}

/**
 * A candidate shares so many of a text's rarest terms, all of whose terms are among them or not, and so much of their weight. Two of them
 * find it.
 */
export const candidate = { terms: 4, allTerms: 6, share: 0.33 } as const;

/** Least of a text's rarest terms that a candidate shares. */
export function leastTerms({ keyFrom }: EvaluationIndex, text: number): number {
  return keyFrom[text + 1] - keyFrom[text] < keyTerms.most ? candidate.allTerms : candidate.terms;
}

export function createTypeScriptRowReader(index: EvaluationIndex): RowReader {
  const { texts, from, posting, weight, key, keyFrom, keyWeight, gramBits } = index;
  const row: LoadedRow = { ...createScanned(), starts: [], termStarts: [] };
  const scan = createTermScanner(index.find);
  const seen = new Uint32Array(weight.length);
  /** How many of the row's terms find each text. */
  const hits = new Uint8Array(texts.length);
  const touched = new Uint32Array(texts.length + 1);
  let stamp = 0;
  let grams = new Uint32Array(1024);

  return {
    kind: "typescript",
    load(messages) {
      row.words = row.terms = 0;
      row.starts.length = row.termStarts.length = 0;
      for (const { content } of messages) {
        row.starts.push(row.words);
        row.termStarts.push(row.terms);
        scan(content, row);
      }
      row.starts.push(row.words);
      return row;
    },
    heldGrams() {
      if (grams.length < row.words) grams = new Uint32Array(row.words * 2);
      const all = gramHashes(row.word, row.words, grams);
      let count = 0;
      for (let i = 0; i < all; i++) if (mayHold(gramBits, grams[i])) grams[count++] = grams[i];
      return { grams, count };
    },
    candidates() {
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
      const found: Candidate[] = [];
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
        if (shared >= leastTerms(index, text) && share >= candidate.share) found.push({ text, share });
      }
      return found;
    },
  };
}
