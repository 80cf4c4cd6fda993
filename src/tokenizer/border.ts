// Whether a text may be encoded in two halves: where a pre-tokeniser that reads from left to right breaks at the border anyway,
// byte pairs never merge across it. Knows pre-tokenisers, not vocabularies.
import { type Form, normalizeText, readForms } from "./normalize.ts";
import { createPretokenizer, type Pretokenizer } from "./pretokenize.ts";
import type { TokenizerFiles } from "./types.ts";

/** True only where encode(before + after) = encode(before), encode(after). */
export type BorderCheck = (before: string, after: string) => boolean;

/** Characters of `after` that the check reads: the scanners look no further than two beyond a piece that ends in a newline. */
const readAhead = 8;

/** White space, controls and format characters: what they do at a border may depend on what follows much later. */
const unclear = /^[\p{White_Space}\p{Cc}\p{Cf}\p{Cs}]/u;

/** Characters that normalisation may join to what stands before them. */
const joining = /^[\p{M}\u1100-\u11ff\ud7b0-\ud7ff\u{16d63}-\u{16d6a}]/u;

/** The check for a tokenizer.json; undefined where its pre-tokeniser is not one with a scanner. */
export function createBorderCheck(files: TokenizerFiles): BorderCheck | undefined {
  const json = files.tokenizer as { readonly pre_tokenizer?: unknown; readonly normalizer?: unknown } | null;
  let pretokenizer: Pretokenizer;
  let forms: readonly Form[];
  try {
    pretokenizer = createPretokenizer(json?.pre_tokenizer);
    forms = readForms(json?.normalizer);
  } catch {
    // A kind that has no scanner: nothing is promised.
    return undefined;
  }
  const { scan, cut, prefixSpace } = pretokenizer;
  if (scan === undefined || prefixSpace) return undefined;

  const encoder = new TextEncoder();
  let bytes = new Uint8Array(256);
  /** Ends of the pieces of bytes[0, end) that begin before `limit`. */
  const endsOf = (end: number, limit: number): number[] => {
    const ends: number[] = [];
    for (let i = 0; i < limit;) {
      const part = cut === undefined ? end : cut(bytes, i, end);
      while (i < part && i < limit) ends.push((i = scan(bytes, i, part)));
    }
    return ends;
  };
  const write = (text: string): number => {
    if (bytes.length < text.length * 3) bytes = new Uint8Array(text.length * 6);
    return encoder.encodeInto(text, bytes).written;
  };
  const alone = new Map<string, { readonly length: number; readonly ends: readonly number[] }>();

  return (before, after) => {
    // Behind a newline no scanner's choice depends on more than the next few characters.
    if (!before.endsWith("\n") || unclear.test(after) || (forms.length > 0 && joining.test(after))) return false;
    let known = alone.get(before);
    if (known === undefined) {
      const length = write(normalizeText(before, forms));
      known = { length, ends: endsOf(length, length) };
      alone.set(before, known);
    }
    const text = before + after.slice(0, readAhead);
    const ends = endsOf(write(normalizeText(text, forms)), known.length);
    if (ends.length !== known.ends.length) return false;
    for (let i = 0; i < ends.length; i++) if (ends[i] !== known.ends[i]) return false;
    return true;
  };
}
