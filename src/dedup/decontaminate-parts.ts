// Whether a row holds a prompt's question with all of its choices, however they are labelled and in whatever order. It looks words up one by
// one, so it is for rows in which something else already speaks for the prompt.
import type { PromptParts } from "./decontaminate-texts.ts";

/** Words of a row, and where its messages begin, then the end. */
interface RowWords {
  readonly word: Uint32Array;
  readonly starts: Uint32Array;
}

/**
 * Least different words of such a question with its choices, "Is this true? Yes or no?" stands in other rows; more of them where it is about
 * a passage, which other passages may be asked, too.
 */
const leastDifferent = { alone: 6, ofPassage: 20 };
/** Least words of a choice that tells which item a question of one or two words is. */
const tellingChoice = 3;
/** Words that may stand among question and choices: a label of each choice, and "Options:", "Choose one of these answers:". */
const among = { choice: 2, all: 12 };

/** May the prompt be known by its question and choices? */
export function isArrangeable({ word, starts }: PromptParts): boolean {
  if (starts[1] === starts[2] || choiceCount(starts) < 2) return false;
  const least = starts[1] === 0 ? leastDifferent.alone : leastDifferent.ofPassage;
  const different: number[] = [];
  for (let i = starts[1]; i < word.length && different.length < least; i++) if (!different.includes(word[i])) different.push(word[i]);
  return different.length === least;
}

/** Choices that have words. */
function choiceCount(starts: Uint32Array): number {
  let count = 0;
  for (let part = 2; part + 1 < starts.length; part++) if (starts[part + 1] > starts[part]) count++;
  return count;
}

/** Question, and right behind it in the same message every choice. */
export function holdsArranged(parts: PromptParts, row: RowWords, messages: number): boolean {
  if (!isArrangeable(parts)) return false;
  const { word, starts } = parts;
  const most = word.length - starts[1] + among.all + among.choice * (starts.length - 3);
  for (let message = 0; message < messages; message++) {
    const end = row.starts[message + 1];
    for (let at = find(parts, 1, row.word, row.starts[message], end); at >= 0; at = find(parts, 1, row.word, at + 1, end)) {
      if (holdsChoices(parts, row.word, at + starts[2] - starts[1], Math.min(end, at + most))) return true;
    }
  }
  return false;
}

/** Of a prompt about a passage: what is asked about it is there too, its question or all of its choices. */
export function holdsAsked(parts: PromptParts, row: RowWords, messages: number): boolean {
  const end = row.starts[messages];
  return find(parts, 1, row.word, 0, end) >= 0 || (choiceCount(parts.starts) >= 2 && holdsChoices(parts, row.word, 0, end));
}

/** Any choice of some words, anywhere in the row. */
export function holdsTellingChoice(parts: PromptParts, row: RowWords, messages: number): boolean {
  const { starts } = parts;
  for (let part = 2; part + 1 < starts.length; part++) {
    if (starts[part + 1] - starts[part] < tellingChoice) continue;
    if (find(parts, part, row.word, 0, row.starts[messages]) >= 0) return true;
  }
  return false;
}

function holdsChoices(parts: PromptParts, word: Uint32Array, from: number, to: number): boolean {
  for (let part = 2; part + 1 < parts.starts.length; part++) if (find(parts, part, word, from, to) < 0) return false;
  return true;
}

/** Where a part first stands in word[from, to), or -1; one without words stands anywhere. */
function find({ word: text, starts }: PromptParts, part: number, word: Uint32Array, from: number, to: number): number {
  const begin = starts[part];
  const length = starts[part + 1] - begin;
  if (length === 0) return from;
  const first = text[begin];
  for (let i = from; i + length <= to; i++) {
    if (word[i] !== first) continue;
    let same = 1;
    while (same < length && word[i + same] === text[begin + same]) same++;
    if (same === length) return i;
  }
  return -1;
}
