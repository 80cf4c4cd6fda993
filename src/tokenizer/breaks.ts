// Where a text may be cut so that its parts encode as the whole does, whatever is written around them: a pre-tokeniser that reads from
// left to right breaks there anyway, and byte pairs never merge across a break. Knows pre-tokenisers, not vocabularies.
//
// The breaks looked for are spaces between a character that is no white space and a letter. Every scanner ends its piece before such a
// space, starts the next with it, and decides both without looking further to the left. Normal forms join nothing across it. Between a line
// end and a letter there is a break as well, but what stands before it is cut otherwise at a text's end: encode it with a letter behind.
import { readForms } from "./normalize.ts";
import { createPretokenizer, type Pretokenizer } from "./pretokenize.ts";
import type { TokenizerFiles } from "./types.ts";

/** The part of a text between its first and its last break: text.slice(start, end). */
export interface Middle {
  readonly start: number;
  readonly end: number;
}

/** Shorter middles are not worth cutting out (UTF-16 units). */
const shortestMiddle = 48;
/** How far from the ends breaks are looked for (UTF-16 units). */
const reach = 256;

const space = 0x20;

/** Whether words of a tokenizer.json can be cut apart before a space; false where its pre-tokeniser is not one with a scanner. */
export function hasWordBreaks(files: TokenizerFiles): boolean {
  const json = files.tokenizer as { readonly pre_tokenizer?: unknown; readonly normalizer?: unknown } | null;
  let pretokenizer: Pretokenizer;
  try {
    pretokenizer = createPretokenizer(json?.pre_tokenizer);
    readForms(json?.normalizer);
  } catch {
    // A kind that has no scanner: nothing is promised.
    return false;
  }
  const { scan, prefixSpace } = pretokenizer;
  return scan !== undefined && scan.pattern !== "whole" && !prefixSpace;
}

/** Where text may be cut twice; undefined where there are no such places or little between them. */
export function findMiddle(text: string): Middle | undefined {
  if (text.length < shortestMiddle) return undefined;
  let start = 1;
  const lastStart = Math.min(reach, text.length - shortestMiddle);
  while (start < lastStart && !isBreak(text, start)) start++;
  let end = text.length - 1;
  const firstEnd = Math.max(start + shortestMiddle, text.length - reach);
  while (end > firstEnd && !isBreak(text, end)) end--;
  return start < lastStart && end > firstEnd ? { start, end } : undefined;
}

/** True where a text that ends a line may be cut from this one when it stands before it. */
export function beginsLine(text: string): boolean {
  return isLetter(text.charCodeAt(0));
}

/** True where text may be cut before text[i]; 0 < i. */
function isBreak(text: string, i: number): boolean {
  return text.charCodeAt(i) === space && isLetter(text.charCodeAt(i + 1)) && !isWhiteOrControl(text.charCodeAt(i - 1));
}

/** Letters of scripts that write spaces: Latin, Cyrillic, Hangul. NaN, at a text's end, is none. */
function isLetter(code: number): boolean {
  if (code < 0x80) return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return (code >= 0x410 && code <= 0x44f) || (code >= 0xac00 && code <= 0xd7a3);
}

/** White space, and controls with it. */
function isWhiteOrControl(code: number): boolean {
  if (code < 0x1680) return code <= space || (code >= 0x7f && code <= 0xa0);
  return code === 0x1680 || (code >= 0x2000 && code <= 0x205f) || code === 0x3000;
}
