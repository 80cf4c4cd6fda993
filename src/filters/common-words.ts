// The commonest words of the large languages in Latin letters, and how many of them a text holds. The kernel (assembly/common-words.ts) counts
// the same. It knows words, not what they tell.

const words: Readonly<Record<string, string>> = {
  english:
    "the of and is that it was for are with as his they be this have from had by but what were we when your can said there use an each which she do how their if will",
  french:
    "le la les de des du et est une un en que qui dans pour pas sur au aux avec ce il elle je vous nous se sont par plus mon ma c'est d'un l'on ne cette être à où été",
  spanish: "el la los las de del y que es un una en por para con no se su lo como más pero este está son al mi muy yo hay ser",
  german:
    "der die das und ist ein eine nicht ich zu den von mit sich des auf für im dem es sie er wir dass auch als an werden aus wie bei oder sind",
  italian: "il lo la i gli le di e è un una che non in per con del della sono si da al come più questo ho anche ma nel",
  portuguese: "o a os as de do da e é um uma que não em para com no na se por mais como seu sua eu está são ao dos das muito",
  dutch: "de het een en van is dat niet ik in op te zijn voor met die aan er om maar als ook bij naar je wij heeft worden",
};

/** Each language has a bit. */
export const languageBits: Readonly<Record<string, number>> = Object.fromEntries(Object.keys(words).map((name, i) => [name, 1 << i]));

/** The bits of the languages that a word is one of the commonest in; in other languages than English those that English does not share. */
export const commonWords: ReadonlyMap<string, number> = bitsOfWords();

function bitsOfWords(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [name, list] of Object.entries(words)) {
    for (const word of list.split(" ")) found.set(word, (found.get(word) ?? 0) | languageBits[name]);
  }
  return found;
}

const hashStart = 0x811c9dc5 | 0;

/** FNV-1a: words are told apart by 32 bits alone. */
function hashStep(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

const hashed: ReadonlyMap<number, number> = new Map(
  Array.from(commonWords, ([word, bits]) => {
    let hash: number = hashStart;
    for (let i = 0; i < word.length; i++) hash = hashStep(hash, word.charCodeAt(i));
    return [hash, bits];
  }),
);

export interface CommonCounts {
  words: number;
  /** Words that are common in the one language, and in the other. */
  first: number;
  second: number;
}

/** Used again by the next text. */
const counts: CommonCounts = { words: 0, first: 0, second: 0 };

/** Units below this one are looked up. */
export const looked = 0x250;
/** Letters and apostrophes: 1. */
const wordKinds = Uint8Array.from({ length: looked }, (_, code) => (code === 0x27 || isLetter(String.fromCharCode(code)) ? 1 : 0));

function isLetter(character: string): boolean {
  return /\p{L}/u.test(character);
}

/** Counts the words of a text in lower case, and those with the one bit and the other. Words are runs of letters and apostrophes. */
export function countCommonWords(lower: string, first: number, second: number): CommonCounts {
  counts.words = counts.first = counts.second = 0;
  let hash: number = hashStart;
  let start = 0;
  for (let i = 0; i <= lower.length; i++) {
    const code = i < lower.length ? lower.charCodeAt(i) : 0;
    const width = code < looked ? wordKinds[code] : letterAt(lower, i);
    if (width > 0) {
      hash = hashStep(hash, code);
      if (width === 2) hash = hashStep(hash, lower.charCodeAt(++i));
      continue;
    }
    if (i > start) {
      counts.words++;
      const bits = hashed.get(hash) ?? 0;
      if ((bits & first) !== 0) counts.first++;
      if ((bits & second) !== 0) counts.second++;
      hash = hashStart;
    }
    start = i + 1;
  }
  return counts;
}

/** The units of the letter or apostrophe beyond `looked` at a place, 0 where there is none. */
function letterAt(text: string, i: number): number {
  if (text.charCodeAt(i) === 0x2019) return 1;
  const character = characterAt(text, i);
  return isLetter(character) ? character.length : 0;
}

export function characterAt(text: string, i: number): string {
  return String.fromCodePoint(text.codePointAt(i) ?? 0);
}
