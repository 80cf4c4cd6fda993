// Is a text certainly not in a language? By script for languages with their own, by the commonest words for the large Latin-script ones.

const scripts: Readonly<Record<string, RegExp>> = {
  chinese: /\p{Script=Han}/u,
  japanese: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
  korean: /[\p{Script=Hangul}\p{Script=Han}]/u,
  russian: /\p{Script=Cyrillic}/u,
  ukrainian: /\p{Script=Cyrillic}/u,
  arabic: /\p{Script=Arabic}/u,
  hindi: /\p{Script=Devanagari}/u,
  hebrew: /\p{Script=Hebrew}/u,
  greek: /\p{Script=Greek}/u,
  thai: /\p{Script=Thai}/u,
};

const hashStart = 0x811c9dc5 | 0;

/** FNV-1a: words are told apart by 32 bits alone. */
function hashStep(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

function hashOf(word: string): number {
  let hash: number = hashStart;
  for (let i = 0; i < word.length; i++) hash = hashStep(hash, word.charCodeAt(i));
  return hash;
}

/** Hashes of the commonest words, in other languages than English those that English does not share. */
const common: Readonly<Record<string, readonly number[]>> = Object.fromEntries(
  Object.entries({
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
  }).map(([name, words]) => [name, words.split(" ").map(hashOf)]),
);

/** Of a language other than English: by a common word's hash, 1 for an English word and 2 for one of its own. */
const commonBits: ReadonlyMap<string, ReadonlyMap<number, number>> = new Map(
  Object.entries(common).map(([name, hashes]) => {
    const bits = new Map<number, number>();
    for (const hash of common.english) bits.set(hash, 1);
    for (const hash of hashes) bits.set(hash, (bits.get(hash) ?? 0) | 2);
    return [name, bits];
  }),
);

/** A language in Latin letters has at least this share of them among its letters. */
const latinShare = 0.3;
/** Fewer letters or words cannot be judged. */
const fewLetters = 12;
const fewWords = 12;

/** Units below this one are looked up: 1 is a letter, 3 a Latin one. */
const looked = 0x250;
const letterKinds = Uint8Array.from({ length: looked }, (_, code) => kindOf(String.fromCharCode(code)));

/** Letters and apostrophes: 1. */
const wordKinds = letterKinds.map((kind, code) => (code === 0x27 ? 1 : kind & 1));

function kindOf(character: string): number {
  return !/\p{L}/u.test(character) ? 0 : /\p{Script=Latin}/u.test(character) ? 3 : 1;
}

export function isOtherLanguage(text: string, language: string): boolean {
  const part = text.slice(0, 2000);
  const script = scripts[language];
  if (script) return isOtherScript(part, script);
  let letters = 0;
  let latin = 0;
  // Not further than until it is certain that they are enough, however the text goes on.
  for (let i = 0; i < part.length && (letters < fewLetters || latin < part.length * latinShare); i++) {
    const code = part.charCodeAt(i);
    let kind: number;
    if (code < looked) kind = letterKinds[code];
    else {
      const character = characterAt(part, i);
      i += character.length - 1;
      kind = kindOf(character);
    }
    letters += kind & 1;
    latin += kind >> 1;
  }
  if (letters < fewLetters) return false;
  // A language in Latin letters, written without them.
  if (latin < letters * latinShare) return true;
  const target = commonBits.get(language);
  // A quotation may be the answer within a sentence about it.
  if (language === "english" || target === undefined || /["“”«»]|\(.*\)/.test(part)) return false;
  return isEnglish(part.toLowerCase(), target);
}

/** Letters, but none of a script. */
function isOtherScript(part: string, script: RegExp): boolean {
  // Marks and digits of a script are no letters of it.
  const mayHold = script.test(part);
  let letters = 0;
  for (let i = 0; i < part.length && (mayHold || letters < fewLetters); i++) {
    const code = part.charCodeAt(i);
    if (code < looked) {
      letters += letterKinds[code] & 1;
      continue;
    }
    const character = characterAt(part, i);
    i += character.length - 1;
    const kind = kindOf(character);
    letters += kind & 1;
    if (kind === 1 && script.test(character)) return false;
  }
  return letters >= fewLetters;
}

/** Holds a text in lower case many of the commonest English words and hardly one of the other language's? */
function isEnglish(lower: string, target: ReadonlyMap<number, number>): boolean {
  let words = 0;
  let english = 0;
  let wanted = 0;
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
      words++;
      const bits = target.get(hash) ?? 0;
      english += bits & 1;
      wanted += bits >> 1;
      hash = hashStart;
    }
    start = i + 1;
  }
  return words >= fewWords && english >= words * 0.25 && wanted <= words * 0.05;
}

/** The units of the letter or apostrophe beyond `looked` at a place, 0 where there is none. */
function letterAt(text: string, i: number): number {
  if (text.charCodeAt(i) === 0x2019) return 1;
  const character = characterAt(text, i);
  return kindOf(character) === 0 ? 0 : character.length;
}

function characterAt(text: string, i: number): string {
  return String.fromCodePoint(text.codePointAt(i) ?? 0);
}
