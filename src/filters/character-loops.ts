// Loops of characters: "hahahaha", "!!!!!!", "0000", a phrase repeated without spaces. Word counts do not see them. Unit: UTF-16 code units.

/** A stretch that repeats the characters one period before. */
export interface CharacterLoop {
  readonly period: number;
  readonly length: number;
  readonly start: number;
}

const longestPeriod = 32;
/** A stretch that fills the text (`fills`) is a loop from here on ... */
const shortest = 20;
const fills = 0.8;
/** ... one that makes up a good part of it (`part`) from here on ... */
const middle = 60;
const part = 0.4;
/** ... and one of letters, digits, "!" or "?" from here on, whatever is around it. Rules of dashes, dots or underscores may be long. */
const long = 250;

/** The loop that makes up too much of a text, if there is one. */
export function characterLoop(text: string): CharacterLoop | undefined {
  let best: CharacterLoop | undefined;
  // Stretches of at least `shortest` characters without white space: look where such a stretch would end, and back from there.
  let from = 0;
  while (from + shortest <= text.length) {
    let i = from + shortest - 1;
    while (i >= from && !isSpace(text.charCodeAt(i))) i--;
    if (i >= from) {
      from = i + 1;
      continue;
    }
    let end = from + shortest;
    while (end < text.length && !isSpace(text.charCodeAt(end))) end++;
    best = longer(best, loopOf(text, from, end));
    from = end + 1;
  }
  if (best === undefined) return undefined;
  let solid = 0;
  for (let i = 0; i < text.length; i++) if (!isSpace(text.charCodeAt(i))) solid++;
  if (best.length >= solid * fills) return best;
  if (best.length >= middle && best.length >= solid * part) return best;
  return best.length >= long && /[\p{L}\p{N}!?]/u.test(text.slice(best.start, best.start + best.period)) ? best : undefined;
}

export function isSpace(code: number): boolean {
  return code <= 0x20 || code === 0xa0 || code === 0x3000;
}

function longer(a: CharacterLoop | undefined, b: CharacterLoop | undefined): CharacterLoop | undefined {
  return a === undefined || (b !== undefined && b.length > a.length) ? b : a;
}

/** The longest loop in text[from, to): at least four copies. */
function loopOf(text: string, from: number, to: number): CharacterLoop | undefined {
  let best: CharacterLoop | undefined;
  const most = Math.min(longestPeriod, (to - from) >> 2);
  for (let period = 1; period <= most; period++) {
    let run = 0;
    for (let i = from + period; i <= to; i++) {
      if (i < to && text.charCodeAt(i) === text.charCodeAt(i - period)) run++;
      else {
        const length = run + period;
        if (length >= shortest && length >= period * 4 && (best === undefined || length > best.length)) {
          best = { period, length, start: i - length };
        }
        run = 0;
      }
    }
    // A longer period cannot find more where this one holds throughout.
    if (best !== undefined && best.length === to - from) break;
  }
  return best;
}
