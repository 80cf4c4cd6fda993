// Kinds of UTF-16 units as the refusal filter reads them, and where quotations end. Offsets are UTF-16 units.

export const Kind = {
  space: 0,
  word: 1,
  apostrophe: 2,
  newline: 3,
  stop: 4,
  pause: 5,
  quote: 6,
  open: 7,
  close: 8,
  code: 9,
  hyphen: 10,
  mark: 11,
} as const;

/** kinds[unit] */
export const kinds = new Uint8Array(0x10000);

for (let code = 0xc0; code < 0x10000; code++) {
  if ((code < 0x2000 || code > 0x206f) && code !== 0x3000) kinds[code] = Kind.word;
}
for (let code = 0; code < 128; code++) {
  if (/\w/.test(String.fromCharCode(code))) kinds[code] = Kind.word;
}
assign("'\u2019\u2018\u02bc\u00b4", Kind.apostrophe);
assign("\n\r\u2028\u2029", Kind.newline);
assign(".!?\u2026\u3002\uff01\uff1f", Kind.stop);
assign(",;:\u2014\u2013\u2015\uff0c\uff1b\uff1a", Kind.pause);
assign('"', Kind.quote);
assign("\u201c\u201e\u00ab", Kind.open);
assign("\u201d\u00bb", Kind.close);
assign("`", Kind.code);
assign("-\u2010\u2011\u2212", Kind.hyphen);
assign("*#>+()[]{}/\\|\u2022", Kind.mark);

function assign(characters: string, kind: number): void {
  for (const character of characters) kinds[character.charCodeAt(0)] = kind;
}

export const hashStart = 0x811c9dc5 | 0;
export const hashPrime = 0x01000193;

/** FNV-1a of a word of lower-case letters, digits and straight apostrophes. In a text, `unit | 0x20` makes letters lower case and keeps digits. */
export function hashOf(word: string): number {
  let hash: number = hashStart;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), hashPrime);
  return hash;
}

/** Longest quotation that is taken for one: an opening mark without its closing one must not cost the text's length. */
const longestQuotation = 2000;
const longestSingleQuotation = 300;

/** The place after the mark that closes, on the same line, a quotation or inline code that opens here; `open` where none opens. */
export function quotationEnd(text: string, open: number): number {
  const opening = kinds[text.charCodeAt(open)];
  if (opening === Kind.apostrophe) return singleQuotationEnd(text, open);
  if (opening !== Kind.quote && opening !== Kind.open && opening !== Kind.code) return open;
  const closing = opening === Kind.open ? Kind.close : opening;
  const stop = Math.min(text.length, open + longestQuotation);
  for (let i = open + 1; i < stop; i++) {
    const kind = kinds[text.charCodeAt(i)];
    if (kind === closing) return i + 1;
    if (kind === Kind.newline || kind === Kind.open) break;
  }
  return open;
}

/** 'twas and dogs' open no quotation; 'yes', he said, does. */
function singleQuotationEnd(text: string, open: number): number {
  const before = open === 0 ? Kind.space : kinds[text.charCodeAt(open - 1)];
  if (before === Kind.word || before === Kind.stop || open + 1 >= text.length || kinds[text.charCodeAt(open + 1)] !== Kind.word)
    return open;
  const stop = Math.min(text.length, open + longestSingleQuotation);
  for (let i = open + 1; i < stop; i++) {
    const kind = kinds[text.charCodeAt(i)];
    if (kind === Kind.newline) return open;
    if (kind === Kind.apostrophe && text.charCodeAt(i) !== 0x2018 && (i + 1 === text.length || kinds[text.charCodeAt(i + 1)] !== Kind.word))
      return i + 1;
  }
  return open;
}

/** The place of the mark that closes a quotation of the whole text, or -1: then it is the answer that is quoted, not speech in it. */
export function wholeQuotation(text: string): number {
  let first = 0;
  while (first < 3 && kinds[text.charCodeAt(first)] === Kind.space) first++;
  const kind = kinds[text.charCodeAt(first)];
  if (kind !== Kind.quote && kind !== Kind.open) return -1;
  let last = text.length - 1;
  while (last > first && (kinds[text.charCodeAt(last)] === Kind.space || kinds[text.charCodeAt(last)] === Kind.newline)) last--;
  if (last === first || kinds[text.charCodeAt(last)] !== (kind === Kind.quote ? Kind.quote : Kind.close)) return -1;
  return text.indexOf(text[last], first + 1) === last ? last : -1;
}
