// Where in a text the tokens of the fallback stand: token to word, word to normalised text, normalised text to the text as it was given.
// Offsets are UTF-16 code units. Knows surfaces of tokens (## and \u2581, <0xE4>, the byte-level alphabet), not ids.
import { writeTokenBytes } from "./byte-level.ts";
import { createLibraryNormalizer } from "./huggingface.ts";
import { isObject, type Json } from "./tokenizer-json.ts";

/** A piece that the pre-tokeniser cut, and its tokens. */
export interface Word {
  readonly text: string;
  readonly tokens: readonly string[];
}

/** The offset in text of the first character of each token of the words, rising. */
export type Aligner = (text: string, normalized: string, words: readonly Word[]) => number[];

type Normalize = (text: string) => string;

export function createAligner(top: Json): Aligner {
  const normalize = characterNormalizer(top.normalizer);
  const isByteLevel = hasByteLevel(top.pre_tokenizer);
  const model = isObject(top.model) ? top.model : {};
  const prefix = typeof model.continuing_subword_prefix === "string" ? model.continuing_subword_prefix : "";
  const suffix = typeof model.end_of_word_suffix === "string" ? model.end_of_word_suffix : "";
  const unknown = typeof model.unk_token === "string" ? model.unk_token : undefined;
  return (text, normalized, words) => {
    const origins = originsOf(text, normalized, normalize);
    const starts: number[] = [];
    let at = 0;
    for (const word of words) {
      // A word as it stands in the normalised text, and for each of its characters the offset there.
      const plain = isByteLevel ? fromByteLevel(word.text) : { text: word.text, units: undefined };
      const surface = plain.text.replaceAll("\u2581", " ");
      const found = locate(normalized, surface, at);
      for (const inside of tokenStarts(word, { prefix, suffix, unknown })) {
        const unit = plain.units === undefined ? inside : plain.units[inside];
        starts.push(origins[Math.max(at, Math.min(found.start + unit - found.added, found.end))]);
      }
      at = found.end;
    }
    for (let i = 1; i < starts.length; i++) starts[i] = Math.max(starts[i], starts[i - 1]);
    return starts;
  };
}

interface Located {
  readonly start: number;
  readonly end: number;
  /** Characters before the word's own that the pre-tokeniser added: 1 for a space put in front, else 0. */
  readonly added: number;
}

/** The word in the normalised text from `at` on, where white space may have been dropped. */
function locate(normalized: string, surface: string, at: number): Located {
  const same = (start: number, wanted: string): boolean => {
    for (let i = 0; i < wanted.length; i++) {
      const character = normalized[start + i] === "\u2581" ? " " : normalized[start + i];
      if (character !== wanted[i]) return false;
    }
    return true;
  };
  for (let start = at; start <= normalized.length; start++) {
    if (same(start, surface)) return { start, end: start + surface.length, added: 0 };
    if (surface.length > 1 && surface.startsWith(" ") && same(start, surface.slice(1)))
      return { start, end: start + surface.length - 1, added: 1 };
    if (surface === " " && start === at) return { start, end: start, added: 1 };
    if (!/\s/.test(normalized[start] ?? "")) break;
  }
  // A pre-tokeniser that rewrites: as far as it goes.
  return { start: at, end: Math.min(normalized.length, at + surface.length), added: 0 };
}

interface Surfaces {
  /** Of every token of a word but the first. */
  readonly prefix: string;
  /** Of a word's last token. */
  readonly suffix: string;
  readonly unknown: string | undefined;
}

/** Where each token starts in its word. */
function tokenStarts({ text, tokens }: Word, { prefix, suffix, unknown }: Surfaces): number[] {
  const starts: number[] = [];
  let at = 0;
  // Bytes of one character: its start is that of all of them.
  let bytesLeft = 0;
  for (const [i, token] of tokens.entries()) {
    starts.push(Math.min(at, text.length));
    const bare = i > 0 && prefix !== "" && token.startsWith(prefix) ? token.slice(prefix.length) : token;
    const own = i + 1 === tokens.length && suffix !== "" && bare.endsWith(suffix) ? bare.slice(0, -suffix.length) : bare;
    const width = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    const byte = /^<0x([0-9A-F]{2})>$/.exec(token);
    if (text.startsWith(own, at)) at += own.length;
    else if (byte !== null) {
      if (bytesLeft === 0) bytesLeft = bytesOf(text.codePointAt(at) ?? 0);
      if (--bytesLeft === 0) at += width;
    } else {
      // The unknown token: a character, or all up to where the next token can stand.
      const next = tokens.slice(i + 1).find((other) => other !== token && other !== unknown);
      const resume =
        next === undefined ? -1 : text.indexOf(prefix !== "" && next.startsWith(prefix) ? next.slice(prefix.length) : next, at + width);
      const isLast = tokens[i + 1] !== token;
      at = isLast && resume >= 0 ? resume : at + width;
    }
  }
  return starts;
}

function bytesOf(codePoint: number): number {
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}

/** Text of the byte-level alphabet as what it stands for, and for each of its characters (bytes) the unit there. */
function fromByteLevel(word: string): { readonly text: string; readonly units: Uint32Array } {
  const bytes = new Uint8Array(word.length);
  if (writeTokenBytes(word, bytes, 0) < 0) return { text: word, units: Uint32Array.from({ length: word.length + 1 }, (_, i) => i) };
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const units = new Uint32Array(word.length + 1);
  let at = 0;
  let unit = 0;
  for (const character of text) {
    for (let left = bytesOf(character.codePointAt(0) ?? 0); left > 0; left--) units[at++] = unit;
    unit += character.length;
  }
  units[word.length] = unit;
  return { text, units };
}

/** Runs of white space, letters with their marks: what normalisers look at together. */
const segments = /\s+|[^\p{M}]?\p{M}*/gsu;

/**
 * For every unit of the normalised text, and its end, the offset in the text that it came from. Normalisers work character by character
 * but for what they add or take away at the ends: the text normalised piece by piece is laid along from both sides.
 */
function originsOf(text: string, normalized: string, normalize: Normalize | undefined): Uint32Array {
  const origins: number[] = [];
  let joined = "";
  if (normalize === undefined) joined = text;
  else {
    for (const { 0: segment, index } of text.matchAll(segments)) {
      const made = normalize(segment);
      for (let unit = 0; unit < made.length; unit++) origins.push(made.length === segment.length ? index + unit : index);
      joined += made;
    }
  }
  const originOf = (unit: number): number => (normalize === undefined ? unit : (origins[unit] ?? text.length));
  const shorter = Math.min(joined.length, normalized.length);
  let before = 0;
  while (before < shorter && joined[before] === normalized[before]) before++;
  let after = 0;
  while (after < shorter - before && joined[joined.length - 1 - after] === normalized[normalized.length - 1 - after]) after++;
  const found = new Uint32Array(normalized.length + 1);
  for (let unit = 0; unit <= normalized.length; unit++) {
    if (unit < before) found[unit] = originOf(unit);
    else if (unit >= normalized.length - after) found[unit] = originOf(unit - normalized.length + joined.length);
    else found[unit] = originOf(Math.min(before, joined.length - after));
  }
  return found;
}

/** What a normalizer does inside a text: its steps but for those that only touch the ends. */
function characterNormalizer(json: unknown): Normalize | undefined {
  const steps = flatten(json, "normalizers").filter(({ type }) => type !== "Prepend" && type !== "Strip");
  return steps.length === 0 ? undefined : createLibraryNormalizer(steps);
}

function hasByteLevel(json: unknown): boolean {
  return flatten(json, "pretokenizers").some(({ type }) => type === "ByteLevel");
}

function flatten(json: unknown, inside: string): Json[] {
  if (!isObject(json)) return [];
  const { [inside]: steps } = json;
  return json.type === "Sequence" && Array.isArray(steps) ? steps.flatMap((step: unknown) => flatten(step, inside)) : [json];
}
