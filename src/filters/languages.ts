// Is a text certainly not in a language? By script for languages with their own, by the commonest words for the large Latin-script ones.
import { characterAt, type CommonCounts, countCommonWords, languageBits, looked } from "./common-words.ts";
import { filterKernel } from "./kernel.ts";

const scripts: Readonly<Record<string, RegExp>> = {
  chinese: /\p{Script=Han}/u,
  // Neither goes on for long in Han alone.
  japanese: /[\p{Script=Hiragana}\p{Script=Katakana}]/u,
  korean: /\p{Script=Hangul}/u,
  russian: /\p{Script=Cyrillic}/u,
  ukrainian: /\p{Script=Cyrillic}/u,
  bulgarian: /\p{Script=Cyrillic}/u,
  arabic: /\p{Script=Arabic}/u,
  persian: /\p{Script=Arabic}/u,
  urdu: /\p{Script=Arabic}/u,
  hindi: /\p{Script=Devanagari}/u,
  marathi: /\p{Script=Devanagari}/u,
  nepali: /\p{Script=Devanagari}/u,
  bengali: /\p{Script=Bengali}/u,
  gujarati: /\p{Script=Gujarati}/u,
  tamil: /\p{Script=Tamil}/u,
  telugu: /\p{Script=Telugu}/u,
  kannada: /\p{Script=Kannada}/u,
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
  if (script) return isOtherScript(part, script) || (language === "chinese" && isJapanese(part));
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
  if (languageBits[language] === undefined || /["“”«»]|\(.*\)/.test(part)) return false;
  const lower = part.toLowerCase();
  if (language !== "english" && isEnglish(lower, languageBits[language])) return true;
  return Object.keys(languageBits).some(
    (other) => other !== "english" && other !== language && isWrittenIn(lower, languageBits[other], languageBits[language]),
  );
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

/** Kana are more than a name or a quotation within Chinese. */
function isJapanese(part: string): boolean {
  const kana = part.match(/\p{Script=Hiragana}/gu)?.length ?? 0;
  return kana >= fewLetters && kana >= part.length * 0.2;
}

/** Holds a text in lower case many of the commonest English words and hardly one of the other language's? */
function isEnglish(lower: string, other: number): boolean {
  const { english } = languageBits;
  const { words, first, second } = count(lower, english, other);
  return words >= fewWords && first >= words * 0.25 && second <= words * 0.05;
}

/** Is a text in lower case in a language rather than in the one wanted? Related languages share common words: those of only one tell. */
function isWrittenIn(lower: string, language: number, wanted: number): boolean {
  const { words, first, second } = count(lower, language, wanted);
  if (words < fewWords || first < words * 0.25 || first <= second) return false;
  const either = count(lower, language | wanted, 0).first;
  const only = either - second;
  return only >= words * 0.15 && either - first <= only / 3;
}

function count(lower: string, first: number, second: number): CommonCounts {
  // The counts are used again by the next text.
  return { ...(filterKernel()?.countCommonWords(lower, first, second) ?? countCommonWords(lower, first, second)) };
}
