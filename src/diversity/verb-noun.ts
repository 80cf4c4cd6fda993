// The verb that an instruction begins with and what it wants: "write story", "summarise article", as in the figure of Self-Instruct (Wang
// et al. 2023). By rule instead of a parser: the first verb of a list that stands where an order can begin, and the last word of the noun
// phrase behind it, in the singular. English; other texts give no pair.
import { createWordSpans, scanWords } from "../core/text.ts";
import { adjectives, noNouns, particles, phraseEnds, phraseStarts, plurals, verbs, verbStarts } from "./verb-noun-words.ts";

/** Characters of an instruction that are looked at; an order stands at its beginning. */
const limit = 400;

export interface VerbNounCount {
  /** "verb noun". */
  readonly pair: string;
  readonly count: number;
}

/** Pairs of all texts, most frequent first, then by name. */
export function countVerbNouns(texts: readonly string[]): VerbNounCount[] {
  return countPairs(texts.map(verbNounOf));
}

/** What verbNounOf found in texts: most frequent first, then by name. */
export function countPairs(pairs: readonly (string | undefined)[]): VerbNounCount[] {
  const counts = new Map<string, number>();
  for (const pair of pairs) if (pair !== undefined) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  return [...counts].map(([pair, count]) => ({ pair, count })).sort((a, b) => b.count - a.count || (a.pair < b.pair ? -1 : 1));
}

interface Word {
  readonly text: string;
  /** What stands between this word and the one before: 0 nothing of weight, 1 a comma, 2 a mark that ends a phrase. */
  readonly gap: 0 | 1 | 2;
}

const spans = createWordSpans();

/** A text has one pair at most. */
export function verbNounOf(text: string): string | undefined {
  const words = wordsOf(text);
  for (let i = 0; i < words.length; i++) {
    const { text: verb, gap } = words[i];
    if (!verbs.has(verb) || !(i === 0 || gap > 0 || verbStarts.has(words[i - 1].text))) continue;
    const particle = particles.get(verb);
    const behind = particle?.every((part, j) => words[i + 1 + j]?.text === part) ? particle : [];
    const noun = nounAfter(words, i + 1 + behind.length);
    return noun === undefined ? undefined : [verb, ...behind, noun].join(" ");
  }
  return undefined;
}

/** The last word of the noun phrase that begins here: "a short story about" -> "story". */
function nounAfter(words: readonly Word[], from: number): string | undefined {
  let noun: string | undefined;
  let started = false;
  for (let i = from; i < words.length; i++) {
    const { text: word, gap } = words[i];
    // "a short, funny story" goes on behind its comma.
    if (gap === 2 || (gap === 1 && !(noun !== undefined && adjectives.has(noun)))) break;
    if (!started && word === "and" && verbs.has(words[i + 1]?.text ?? "")) {
      i++;
      continue;
    }
    if (noun !== undefined && word === "that") break;
    if (phraseStarts.has(word)) {
      // A second phrase goes on: "give the user a list" wants a list.
      started = true;
      continue;
    }
    if (phraseEnds.has(word) || (noun !== undefined && !adjectives.has(noun) && isParticiple(word))) break;
    started = true;
    if (!isNumber(word)) noun = word;
  }
  if (noun === undefined || noNouns.has(noun) || adjectives.has(noun)) return undefined;
  return singular(noun);
}

function wordsOf(text: string): Word[] {
  const { count, starts, ends } = scanWords(text, spans, 0, Math.min(text.length, limit));
  // The last word may be cut.
  const whole = text.length > limit ? count - 1 : count;
  const words: Word[] = [];
  for (let i = 0; i < whole; i++) {
    words.push({ text: text.slice(starts[i], ends[i]).toLowerCase(), gap: i === 0 ? 0 : gapOf(text, ends[i - 1], starts[i]) });
  }
  return words;
}

function gapOf(text: string, from: number, to: number): 0 | 1 | 2 {
  let gap: 0 | 1 | 2 = 0;
  for (let i = from; i < to; i++) {
    const mark = text[i];
    if (mark === ",") gap = 1;
    else if (!' \t-/"“”‘’*_+#'.includes(mark)) return 2;
  }
  return gap;
}

/** "describing", "written": what follows a noun and tells more of it. */
function isParticiple(word: string): boolean {
  return word.length > 5 && (word.endsWith("ing") || word.endsWith("ed"));
}

function isNumber(word: string): boolean {
  const code = word.charCodeAt(0);
  return code >= 0x30 && code <= 0x39;
}

function singular(noun: string): string {
  const known = plurals.get(noun);
  if (known !== undefined) return known;
  if (noun.length < 4 || !noun.endsWith("s") || /(?:ss|us|is|'s)$/.test(noun)) return noun;
  if (noun.endsWith("ies") && noun.length > 4) return `${noun.slice(0, -3)}y`;
  return /(?:sses|xes|ches|shes|oes)$/.test(noun) ? noun.slice(0, -2) : noun.slice(0, -1);
}
