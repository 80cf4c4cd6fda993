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

/** The commonest words that English does not share. */
const common: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
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
  }).map(([name, words]) => [name, new Set(words.split(" "))]),
);

/** Fewer letters or words cannot be judged. */
const fewLetters = 12;
const fewWords = 12;

export function isOtherLanguage(text: string, language: string): boolean {
  let letters = 0;
  let latin = 0;
  let own = 0;
  const script = scripts[language];
  const part = text.slice(0, 2000);
  for (const character of part) {
    const code = character.charCodeAt(0);
    if (code < 0x80) {
      // Most are ASCII; looking each up in Unicode's tables is slow.
      if ((code | 0x20) < 0x61 || (code | 0x20) > 0x7a) continue;
      letters++;
      latin++;
      continue;
    }
    if (!/\p{L}/u.test(character)) continue;
    letters++;
    if (/\p{Script=Latin}/u.test(character)) latin++;
    else if (script?.test(character)) own++;
  }
  if (letters < fewLetters) return false;
  if (script) return own === 0;
  // A language in Latin letters, written without them.
  if (latin < letters * 0.3) return true;
  const target = common[language];
  // A quotation may be the answer within a sentence about it.
  if (language === "english" || target === undefined || /["“«”»]|\(.*\)/.test(part)) return false;
  const words = part.toLowerCase().match(/[\p{L}'’]+/gu) ?? [];
  if (words.length < fewWords) return false;
  let english = 0;
  let wanted = 0;
  for (const word of words) {
    if (common.english.has(word)) english++;
    if (target.has(word)) wanted++;
  }
  return english >= words.length * 0.25 && wanted <= words.length * 0.05;
}
