// Unicode normalisation before byte-level BPE, and the way back: where each character of the normalised text came from.
// JavaScript's tables, less what the native tokenizers library (0.23) does not know, so that ids are the same as there
// and on every Node. Offsets are UTF-16 code units.
import { Unsupported } from "./unsupported.ts";

const forms = ["NFC", "NFD", "NFKC", "NFKD"] as const;
export type Form = (typeof forms)[number];

type Json = Readonly<Record<string, unknown>>;

/** The forms that a tokenizer.json's normalizer applies, in order; throws Unsupported for any other normaliser. */
export function readForms(json: unknown): readonly Form[] {
  if (json === null || json === undefined) return [];
  const { type, normalizers } = json as Json;
  if (type === "Sequence" && Array.isArray(normalizers)) return normalizers.flatMap(readForms);
  const form = forms.find((name) => name === type);
  if (form === undefined) throw new Unsupported(`the normaliser ${String(type)}`);
  return [form];
}

/**
 * Marks and the parts of composed letters that are newer than the native library's tables: to it they neither reorder nor
 * compose. Found by asking it about every code point (test/tokenizer/normalize.test.ts).
 */
const inert =
  /([\u07fd\u0897-\u089f\u08ca-\u08d3\u09fe\u0c3c\u0d3b\u0d3c\u0eba\u1715\u1abf-\u1add\u1ae0-\u1aeb\u1df6-\u1dfa\ua82c\u{105c9}\u{105d2}\u{105da}\u{105e4}\u{10d24}-\u{10d27}\u{10d69}-\u{10d6d}\u{10eab}\u{10eac}\u{10efa}-\u{10eff}\u{10f46}-\u{10f50}\u{10f82}-\u{10f85}\u{11070}\u{1133b}\u{11380}-\u{113d0}\u{1145e}\u{11839}\u{1183a}\u{11930}-\u{1193e}\u{11943}\u{119e0}\u{11a34}\u{11a47}\u{11a99}\u{11d42}-\u{11d45}\u{11d97}\u{11f41}\u{11f42}\u{1611e}-\u{1612f}\u{16d63}-\u{16d6a}\u{16ff0}\u{16ff1}\u{1e08f}\u{1e130}-\u{1e136}\u{1e2ae}\u{1e2ec}-\u{1e2ef}\u{1e4ec}-\u{1e4ef}\u{1e5ee}\u{1e5ef}\u{1e6e3}\u{1e6e6}\u{1e6ee}\u{1e6ef}\u{1e6f5}])/u;

/** Of the compatibility forms: characters whose simpler twins the library's tables do not know yet. */
const compatibilityInert = new RegExp(
  inert.source.replace(
    "([",
    String.raw`([\u32ff\ua7f1-\ua7f4\uab69\u{10781}-\u{107ba}\u{1ccd6}-\u{1ccf9}\u{1e030}-\u{1e06d}\u{1f16c}\u{1fbf0}-\u{1fbf9}`,
  ),
  "u",
);

export function normalizeText(text: string, forms: readonly Form[]): string {
  for (const form of forms) {
    const kept = form.startsWith("NFK") ? compatibilityInert : inert;
    text = kept.test(text) ? normalizeAround(text, form, kept) : text.normalize(form);
  }
  return text;
}

/** Every second part of the split is a character that stays as it is. */
function normalizeAround(text: string, form: Form, kept: RegExp): string {
  return text
    .split(kept)
    .map((part, i) => (i % 2 === 1 ? part : part.normalize(form)))
    .join("");
}

/**
 * Characters that can change with what stands before them: marks, Hangul vowels and finals, Kirat Rai vowel signs.
 * A text cut before any other character normalises piece by piece.
 */
const joining = String.raw`\p{M}\u1160-\u11ff\ud7b0-\ud7ff\u{16d63}-\u{16d6a}`;
const segments = new RegExp(`[^${joining}]?[${joining}]*`, "gsu");

/**
 * For every unit of the normalised text, and its end, the offset in the original text of the character it came from;
 * rising. A character made of several is at the first of them.
 */
export function originalOffsets(text: string, normalized: string, forms: readonly Form[]): Uint32Array {
  const offsets = new Uint32Array(normalized.length + 1);
  let at = 0;
  for (const { 0: segment, index } of text.matchAll(segments)) {
    const made = normalizeText(segment, forms);
    if (made === segment) for (let i = 0; i < segment.length; i++) offsets[at++] = index + i;
    else at = placeSegment(index, decomposedOrigins(segment, forms), made, offsets, at);
  }
  offsets[at] = text.length;
  return offsets;
}

/**
 * A changed segment, given where its decomposed characters came from. As in the native library marks are told apart by
 * place, not by which became which: the first character made stands at the segment's first, the others fill it from its end.
 */
function placeSegment(start: number, origins: readonly number[], made: string, offsets: Uint32Array, at: number): number {
  const characters = [...made];
  const absorbed = origins.length - characters.length;
  for (const [i, { length }] of characters.entries()) {
    const origin = start + (i === 0 ? 0 : origins[Math.max(0, i + absorbed)]);
    for (let unit = 0; unit < length; unit++) offsets[at++] = origin;
  }
  return at;
}

/** For every character of the decomposed segment, the offset of the one that it is part of. */
function decomposedOrigins(segment: string, forms: readonly Form[]): number[] {
  const origins: number[] = [];
  const form = forms.some((name) => name.startsWith("NFK")) ? "NFKD" : "NFD";
  let offset = 0;
  for (const character of segment) {
    for (let left = [...normalizeText(character, [form])].length; left > 0; left--) origins.push(offset);
    offset += character.length;
  }
  return origins;
}
