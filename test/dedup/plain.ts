// What near-duplicates are, written a second time from the words of src/dedup's heads with strings, regular expressions and sets, to check
// src/dedup by. Slow; shares no code with it.

/** The normal form that texts are compared in. */
export function plainNormal(text: string): string {
  return text
    .replace(/[\ud800-\udfff]/gu, "\ufffd")
    .replaceAll("\u00b4", "'")
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\ufe00-\ufe0f]/g, "")
    .replace(/[\u2018\u2019\u201a\u201b\u2039\u203a\u02bc`]/g, "'")
    .replace(/[\u201c\u201d\u201e\u201f\u00ab\u00bb]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/[\0-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g, " ")
    .trim();
}

/** The normal form without closing punctuation: texts that share it are exact duplicates. Undefined for no text. */
export function plainKey(text: string): string | undefined {
  const normal = plainNormal(text);
  return normal.replace(/(?:[ .?,;:\u3002\u3001\u061f\u0964]|(?<![0-9])!)+$/u, "") || normal || undefined;
}

const picture = "[\\u2600-\\u27bf\\u{1f000}-\\u{1fbff}]";
const unspaced = `(?:${picture}|[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\u30fc])`;
const letter = `(?:(?!${picture})[\\u{10000}-\\u{10ffff}]|(?!${unspaced})[\\p{L}\\p{N}\\p{M}_])`;
const signs = "(?:(?![|~\\u2600-\\u27bf])[\\p{Sm}\\p{Sc}%&^@])+";
const word = new RegExp(
  [`${letter}+(?:'${letter}+)*`, unspaced, signs, "[*/\\-](?= ?[0-9])", `(?<=${letter})#`, "!(?==)", "(?<=[0-9])!"].join("|"),
  "gu",
);

export function plainWords(text: string): string[] {
  return plainNormal(text).match(word) ?? [];
}

export function plainShingles(words: readonly string[], size: number): Set<string> {
  const n = Math.min(size, words.length);
  const found = new Set<string>();
  for (let i = 0; n > 0 && i + n <= words.length; i++) found.add(words.slice(i, i + n).join(" "));
  return found;
}

/** A text cut once, for many comparisons. */
export interface PlainText {
  readonly short: Set<string>;
  readonly long: Set<string> | undefined;
}

export function plainText(text: string): PlainText {
  const words = plainWords(text);
  const short = plainShingles(words, 2);
  return { short, long: short.size < 64 ? undefined : plainShingles(words, 5) };
}

export function plainSimilarity(a: PlainText, b: PlainText): number {
  return a.long && b.long ? plainJaccard(a.long, b.long) : plainJaccard(a.short, b.short);
}

export function plainJaccard<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  let shared = 0;
  for (const item of a) if (b.has(item)) shared++;
  const union = a.size + b.size - shared;
  return union === 0 ? 0 : shared / union;
}

/** What must become of texts in keep order: each is dropped for the first kept before it that is similar, or is kept. drops[i]: [text, kept text]. */
export function plainSurvivors(texts: readonly string[], threshold: number): { kept: number[]; drops: [number, number][] } {
  const cut = texts.map(plainText);
  const kept: number[] = [];
  const drops: [number, number][] = [];
  for (let i = 0; i < texts.length; i++) {
    const survivor = kept.find((k) => plainSimilarity(cut[i], cut[k]) >= threshold);
    if (survivor === undefined) kept.push(i);
    else drops.push([i, survivor]);
  }
  return { kept, drops };
}
