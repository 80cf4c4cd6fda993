// Filter "repetition": answers that loop. Each assistant turn is judged by itself; words by Unicode rules, so texts without spaces are judged too.
//
// Limits of Gopher (Rae et al. 2021, https://arxiv.org/abs/2112.11446, table A1) and how they are used here. Gopher judged web pages;
// an answer is shorter and repeats itself for good reasons (choruses, lists, "Day 1: travel to ..."): at Gopher's limits one in twenty of 25,194
// answers of seventeen public instruction sets would be dropped. 0.03 % of them have more than 0.4 of their letters in repeated 10-grams, but
// 97.6 % of 252 answers of a base model that loops have more than 0.6. So the limits for prose are Gopher's times `factor`.
//
//   letters in the most used 2-, 3-, 4-gram        0.20  0.18  0.16        and at least 20 uses
//   letters in repeated 5- to 10-grams             0.15  0.14  0.13  0.12  0.11  0.10
//   repeated lines, share of lines / of letters    0.30 / 0.20             and at least 5 of them
//
// Code, tables, formulas and rows of numbers are made of repetition: they are judged by long repeats only (`symbolic`).
// The share of distinct words falls with length in any text, so that of a longer text is the mean over windows of 200 words; a single window
// counts where it lies under two thirds of the limit.
import { defineFilter, type Judge } from "../core/filter.ts";
import type { Finding } from "../core/verdict.ts";
import { characterLoop } from "./character-loops.ts";
import { createRepeats, longestLoop, measureGrams, measureWords, type Repeats } from "./repeats.ts";

type Reason = "few_distinct_words" | "looping_words" | "repeated_ngrams" | "repeated_lines" | "looping_characters";

/** By n. */
const topLimit = [1, 1, 0.2, 0.18, 0.16];
const duplicateLimit = [1, 1, 1, 1, 1, 0.15, 0.14, 0.13, 0.12, 0.11, 0.1];
const lineLimit = { lines: 0.3, letters: 0.2 };

/** What is asked of prose: Gopher's limits times `factor`; texts with fewer words are not judged by n-grams; a loop has so many copies and words. */
const prose = { factor: 5, topFactor: 2, topUses: 20, words: 20, duplicateLines: 5, copies: 4, loopWords: 30, loopShare: 0.2 };
/** What is asked of code, tables and numbers: a share of repeated 10-grams, or a long loop. */
const symbolic = { words: 80, duplicateShare: 0.75, copies: 10, loopWords: 120, loopShare: 0.5 };
/** What one window of a longer text may hold, as a share of min_unique_word_ratio. */
const windowShare = 2 / 3;
/** Longer turns are judged by their last part, where loops are. UTF-16 code units. */
const longestJudged = 1 << 20;
/** Matched text kept as evidence, code units. */
const shown = 120;

export const repetition = defineFilter({
  name: "repetition",
  version: 1,
  reasons: ["few_distinct_words", "looping_words", "repeated_ngrams", "repeated_lines", "looping_characters"],
  action: "drop",
  defaults: { min_unique_word_ratio: 0.3, min_words: 10 },
  help: {
    min_unique_word_ratio: "Lowest share of distinct words an answer may have; in longer answers the mean over stretches of 200 words.",
    min_words: "Answers of at most this many words are not judged by distinct words.",
  },
  create({ min_unique_word_ratio: ratio, min_words: minWords }): Judge<Reason> {
    if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`min_unique_word_ratio must be a number from 0 to 1, not ${ratio}`);
    if (!Number.isInteger(minWords) || minWords < 0) throw new RangeError(`min_words must be a whole number from 0, not ${minWords}`);
    const repeats = createRepeats();

    return ({ messages }) => {
      for (let i = 0; i < messages.length; i++) {
        if (messages[i].role !== "assistant") continue;
        const found = judgeTurn(messages[i].content, repeats, ratio, minWords);
        if (found) return { reason: found.reason, evidence: { ...found.evidence, turn: i + 1 } };
      }
      return undefined;
    };
  },
});

function judgeTurn(content: string, repeats: Repeats, ratio: number, minWords: number): Finding<Reason> | undefined {
  const text = content.length > longestJudged ? content.slice(-longestJudged) : content;
  const { words, lowestDistinctShare, meanDistinctShare, duplicateShare, topShare, topCount, mayLoop } = measureWords(text, repeats);
  const characters = mayLoop ? characterLoop(text) : undefined;
  if (characters) {
    const { start, period, length } = characters;
    return {
      reason: "looping_characters",
      evidence: { value: length, period, matched: text.slice(start, start + Math.min(length, shown)) },
    };
  }
  const fewDistinct = words > minWords && (meanDistinctShare < ratio || lowestDistinctShare < ratio * windowShare);
  if (!fewDistinct && (words < prose.words || (duplicateShare[5] < 0.1 && lowestDistinctShare > 0.4))) return undefined;
  measureGrams(text, repeats);

  const isSymbolic = looksSymbolic(text);
  const limits = isSymbolic ? symbolic : prose;
  const loop = longestLoop();
  if (
    loop.period > 0 &&
    loop.words >= limits.loopWords &&
    loop.words >= loop.period * limits.copies &&
    loop.words >= words * limits.loopShare
  ) {
    const matched = text.slice(loop.start, Math.min(loop.end, loop.start + shown));
    return { reason: "looping_words", evidence: { value: Math.floor(loop.words / loop.period), limit: limits.copies, matched } };
  }
  const matched = text.slice(repeats.duplicateStart, Math.min(repeats.duplicateEnd, repeats.duplicateStart + shown));
  if (isSymbolic) {
    if (words < symbolic.words || duplicateShare[10] <= symbolic.duplicateShare) return undefined;
    return { reason: "repeated_ngrams", evidence: { n: 10, value: rounded(duplicateShare[10]), limit: symbolic.duplicateShare, matched } };
  }
  if (fewDistinct) {
    const [value, limit] = meanDistinctShare < ratio ? [meanDistinctShare, ratio] : [lowestDistinctShare, ratio * windowShare];
    return { reason: "few_distinct_words", evidence: { value: rounded(value), limit: rounded(limit), words } };
  }
  if (words < prose.words) return undefined;
  const lineShare = repeats.duplicateLines / Math.max(1, repeats.lines);
  if (
    repeats.duplicateLines >= prose.duplicateLines &&
    lineShare > lineLimit.lines * 2 &&
    repeats.duplicateLineShare > lineLimit.letters * 2
  ) {
    return { reason: "repeated_lines", evidence: { value: rounded(lineShare), limit: lineLimit.lines * 2, matched } };
  }
  for (let n = 10; n >= 5; n--) {
    const limit = duplicateLimit[n] * prose.factor;
    if (duplicateShare[n] > limit) return { reason: "repeated_ngrams", evidence: { n, value: rounded(duplicateShare[n]), limit, matched } };
  }
  for (let n = 4; n >= 2; n--) {
    const limit = topLimit[n] * prose.topFactor;
    if (topShare[n] <= limit || topCount[n] < prose.topUses) continue;
    const top = text.slice(repeats.topStart[n], Math.min(repeats.topEnd[n], repeats.topStart[n] + shown));
    return { reason: "repeated_ngrams", evidence: { n, value: rounded(topShare[n]), limit, matched: top } };
  }
  return undefined;
}

/** Code, tables, formulas, rows of numbers: a code fence, or many signs and digits among what is not white space. */
function looksSymbolic(text: string): boolean {
  if (text.includes("```")) return true;
  let solid = 0;
  let signs = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20) continue;
    solid++;
    if (code >= 0x30 && code <= 0x39) digits++;
    else if (code < 0x80 && signOf[code] === 1) signs++;
  }
  return signs > solid * 0.05 || digits > solid * 0.3 || signs + digits > solid * 0.3;
}

/** ASCII signs of code and tables. */
const signOf = new Uint8Array(0x80);
for (const sign of "{}()[]<>=+*/\\|&$#@^~_;%`") signOf[sign.charCodeAt(0)] = 1;

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
