// Which kinds of words that demands are made with an instruction holds: one pass, a hash a word. It says too much rather than too little:
// a demand's pattern (demands.ts) can only match where words of its kinds are there. The kernel (assembly/demands.ts) finds the same.

/** Kinds of words, as bits. */
export const DemandWord = {
  json: 1,
  /** What is written in code. */
  code: 2,
  list: 4,
  word: 8,
  sentence: 16,
  paragraph: 32,
  /** In digits or letters. */
  number: 64,
  language: 128,
  /** Asks for items. */
  asking: 256,
  /** No word: a mark that words may be quoted with. */
  quote: 512,
  /** Asks for code. */
  making: 1024,
  /** Names a form: XML, a table, capitals, yes or no. */
  form: 2048,
} as const;

const words: Readonly<Record<Exclude<keyof typeof DemandWord, "quote">, string>> = {
  json: "json",
  code: "function program script code class method query snippet liner statement command algorithm loop",
  list: "bullet bullets bulleted bulleteded numbered",
  word: "word words",
  sentence: "sentence sentences",
  paragraph: "paragraph paragraphs",
  number: "one two three four five six seven eight nine ten twelve fifteen twenty",
  language:
    "french spanish german italian portuguese dutch english chinese mandarin japanese korean russian ukrainian bulgarian arabic persian urdu hindi marathi nepali bengali gujarati tamil telugu kannada hebrew greek thai",
  asking:
    "give list name provide suggest write generate create come offer identify brainstorm propose recommend share tell find think make produce compile",
  form: "xml yaml csv table tabular caps capitals letters uppercase yes",
  making: "write create implement develop generate build code construct compose make give provide",
};

/** What the patterns let stand before a word without a space: "afunction", "in aboutten words", "fivetoten words". */
const prefixes: Readonly<Partial<Record<keyof typeof words, readonly string[]>>> = {
  code: ["a", "an", "the", "some"],
  number: [
    ..."about around approximately roughly exactly".split(" "),
    ...words.number.split(" ").flatMap((number) => [`${number}and`, `${number}to`]),
  ],
};

export const quotes: ReadonlySet<number> = new Set(Array.from("\"'`\u2018\u201c\u201d\u00ab\u00bb", (mark) => mark.charCodeAt(0)));

const hashStart = 0x811c9dc5;
const hashPrime = 0x01000193;
/** Open addressing by hash: kinds[slot] of the word with hashes[slot]; 0 for none. */
const slots = 2048;
const hashes = new Int32Array(slots);
const kinds = new Uint16Array(slots);

/** The words and their kinds. */
export const demandKinds: ReadonlyMap<string, number> = kindsOfWords();
for (const [word, kind] of demandKinds) put(word, kind);

function kindsOfWords(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const kind of Object.keys(words) as (keyof typeof words)[]) {
    for (const prefix of ["", ...(prefixes[kind] ?? [])]) {
      for (const word of words[kind].split(" ")) found.set(prefix + word, (found.get(prefix + word) ?? 0) | DemandWord[kind]);
    }
  }
  return found;
}

function put(word: string, kind: number): void {
  let hash: number = hashStart;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), hashPrime);
  let slot = slotOf(hash);
  while (kinds[slot] !== 0) slot = (slot + 1) & (slots - 1);
  hashes[slot] = hash;
  kinds[slot] = kind;
}

/** The kinds that the first `longest` UTF-16 units of a text hold. Words are runs of ASCII letters, in any case. */
export function demandWords(text: string, longest: number): number {
  const end = Math.min(text.length, longest);
  let found = 0;
  for (let i = 0; i < end; i++) {
    let code = text.charCodeAt(i);
    let letter = code | 0x20;
    if (letter < 0x61 || letter > 0x7a) {
      if (code >= 0x30 && code <= 0x39) found |= DemandWord.number;
      else if (code !== 0x20 && quotes.has(code)) found |= DemandWord.quote;
      continue;
    }
    let hash: number = hashStart;
    do {
      hash = Math.imul(hash ^ letter, hashPrime);
      code = ++i < end ? text.charCodeAt(i) : 0;
      letter = code | 0x20;
    } while (letter >= 0x61 && letter <= 0x7a);
    let slot = slotOf(hash);
    while (kinds[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) & (slots - 1);
    found |= kinds[slot];
    i--;
  }
  return found;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (slots - 1);
}
