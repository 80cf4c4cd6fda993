// Is a text certainly not in a language? By script for languages with their own, by the commonest words for the large Latin-script ones.
import { characterAt, countCommonWords, languageBits, looked } from "./common-words.ts";
import { filterKernel } from "./kernel.ts";

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

/** A language in Latin letters has at least this share of them among its letters. */
const latinShare = 0.3;
/** Fewer letters or words cannot be judged. */
const fewLetters = 12;
const fewWords = 12;

/** 1 is a letter, 3 a Latin one. */
const letterKinds = Uint8Array.from({ length: looked }, (_, code) => kindOf(String.fromCharCode(code)));

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
  // A quotation may be the answer within a sentence about it.
  if (language === "english" || languageBits[language] === undefined || /["“”«»]|\(.*\)/.test(part)) return false;
  return isEnglish(part.toLowerCase(), languageBits[language]);
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
function isEnglish(lower: string, other: number): boolean {
  const { english } = languageBits;
  const { words, first, second } = filterKernel()?.countCommonWords(lower, english, other) ?? countCommonWords(lower, english, other);
  return words >= fewWords && first >= words * 0.25 && second <= words * 0.05;
}
