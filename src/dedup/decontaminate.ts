// Decontamination: a training row that holds an evaluation item, as it is (eval_overlap) or reworded (eval_reworded), is found.
//
// 1. Every row is cut into words and terms once. Some of their 8-grams and rarest terms find candidates; most rows find none and are done.
// 2. Verbatim: runs of 8 words or more cover half of what sets the item apart, and one run has 13 words (GPT-3's n-gram); or they cover
//    three quarters (a text split over turns). An item of 8 to 12 words must be there whole. A shorter one is only known where a user
//    turn, or all of them, is that text and nothing else.
// 3. Else the stretch of the row that is most like the item is scored: shared words, their order and neighbours, and numbers where all
//    agree. Changed numbers or names lower the score but do not decide.
//
// Held-out rows come from the same sources as training rows and share templates and passages with them word for word. Of a held-out row
// nearly everything must be there, and most of every line: another question about the same passage is another row. And it is only
// recognised reworded by what is not there word for word.
import type { Message } from "../core/row.ts";
import type { Evidence } from "../core/verdict.ts";
import { GramSet, sequenceKey } from "./decontaminate-grams.ts";
import { createEvaluationIndex, type EvaluationText } from "./decontaminate-index.ts";
import type { EvaluationItem } from "./decontaminate-texts.ts";
import type { LoadedRow } from "./decontaminate-row.ts";
import { createRowReader } from "./decontaminate-row-wasm.ts";
import { type Coverage, createScorer, type LeastLikeness, type Likeness } from "./decontaminate-score.ts";
import { scannedText } from "./decontaminate-terms.ts";

export { type EvaluationItem, tooShortItems } from "./decontaminate-texts.ts";

export interface DecontaminateOptions {
  /** The recipe's evaluation files; read elsewhere. */
  readonly against?: readonly string[];
  /** Least share of an item's weighted words in verbatim runs, 0..1. OLMo 2 and Tulu 3 take half. */
  readonly min_coverage?: number;
  /** Least words of one verbatim run; 13 as GPT-3. */
  readonly min_run_words?: number;
  /** Least log odds of a rewording; higher finds fewer. Infinity turns rewordings off. */
  readonly min_reworded_score?: number;
}

export const decontaminateDefaults = { min_coverage: 0.5, min_run_words: 13, min_reworded_score: 0 } as const;

export interface Contamination {
  readonly reason: "eval_overlap" | "eval_reworded";
  readonly evidence: Evidence;
}

export interface Decontaminator {
  /** What the row holds of the items; undefined where nothing. */
  judge(messages: readonly Message[]): Contamination | undefined;
}

/** Stricter limits of held-out rows, see above. */
const heldOutLimits = { coverage: 0.8, absent: 0.05, extraScore: 3, shared: { terms: 8, mass: 2, words: 0.5 } };
/** Least words of a benchmark's prompt that is known by being a whole user turn. */
const wholeWords = 3;
/** Coverage that needs no long run. */
const splitCoverage = 0.75;
/** An item of 8 to 12 words counts inside a longer text from this many content words on. */
const shortContent = 4;
/** A rewording shares at least so many different terms, so much weight of words, and this part of all words' weight. */
const shared = { terms: 6, mass: 1.3, words: 0.25 };
/** Candidates for a rewording that are looked at in a row, best first. */
const maxCandidates = 12;
/** Characters of quoted text in evidence. */
const quoted = 240;

export function createDecontaminator({
  items,
  options,
}: {
  readonly items: readonly EvaluationItem[];
  readonly options: DecontaminateOptions;
}): Decontaminator {
  const { min_coverage, min_run_words, min_reworded_score } = { ...decontaminateDefaults, ...options };
  if (!(min_coverage > 0 && min_coverage <= 1)) throw new RangeError(`min_coverage must be over 0 and at most 1, got ${min_coverage}`);
  if (!(Number.isInteger(min_run_words) && min_run_words >= 8))
    throw new RangeError(`min_run_words must be an integer of at least 8, got ${min_run_words}`);
  if (Number.isNaN(min_reworded_score)) throw new RangeError("min_reworded_score must be a number, got NaN");
  const index = createEvaluationIndex(items);
  const { texts } = index;
  const scorer = createScorer(index, min_reworded_score);
  const reader = createRowReader(index);
  let row: LoadedRow;
  let joinedRoom = new Uint32Array(1024);

  const wholePrompts = new Map<number, number>();
  /** mayBeWhole[hash of length, first and last word]: nearly all turns are turned away by it. */
  const mayBeWhole = new Uint8Array(1 << 16);
  texts.forEach(({ kind, word }, text) => {
    if (kind !== "prompt") return;
    wholePrompts.set(sequenceKey(word, 0, word.length), text);
    mayBeWhole[endsHash(word, 0, word.length)] = 1;
  });

  /** The prompt that words are, if any. */
  function promptOf(word: Uint32Array, from: number, to: number): number | undefined {
    if (from === to || mayBeWhole[endsHash(word, from, to)] === 0) return undefined;
    const text = wholePrompts.get(sequenceKey(word, from, to));
    return text !== undefined && same(texts[text], word, from) ? text : undefined;
  }

  /** Hashes of those of the row's 8-grams that stand in a text: of most rows, none. */
  const heldGrams = new GramSet();
  const found = new Set<number>();
  /** What is known of the row's coverage of texts, by their place. */
  const coverages = new Map<number, Coverage>();

  function coverageOf(number: number): Coverage {
    let known = coverages.get(number);
    if (known === undefined) coverages.set(number, (known = scorer.coverage(texts[number], heldGrams)));
    return known;
  }

  /** Texts that may stand in the row verbatim. */
  function verbatimCandidates(): Set<number> {
    heldGrams.clear();
    found.clear();
    coverages.clear();
    const { grams, gram } = row;
    for (let i = 0; i < grams; i++) {
      heldGrams.add(gram[i]);
      index.textsOf(gram[i], found);
    }
    return found;
  }

  /** Texts of whose rarest terms the row holds enough, best first. */
  function rewordedCandidates(): number[] {
    const list = reader.candidates();
    list.sort((a, b) => b.share - a.share || a.text - b.text);
    return list.slice(0, maxCandidates).map(({ text }) => text);
  }

  /** A short item that is all of what a user says, in one turn or in all. */
  function wholePrompt(messages: readonly Message[]): number | undefined {
    const { starts } = row;
    let users = 0;
    for (const { role } of messages) if (role === "user") users++;
    for (let i = 0; i < messages.length; i++) {
      if (messages[i].role !== "user") continue;
      const text = promptOf(row.word, starts[i], starts[i + 1]);
      if (text === undefined) continue;
      // A held-out "yes" or "go on" is no reason to drop every conversation with such a turn.
      if (texts[text].heldOut ? users === 1 : starts[i + 1] - starts[i] >= wholeWords) return text;
    }
    if (users < 2) return undefined;
    if (joinedRoom.length < row.words) joinedRoom = new Uint32Array(row.words * 2);
    let length = 0;
    for (let i = 0; i < messages.length; i++) {
      if (messages[i].role === "user") for (let j = starts[i]; j < starts[i + 1]; j++) joinedRoom[length++] = row.word[j];
    }
    return length >= wholeWords ? promptOf(joinedRoom, 0, length) : undefined;
  }

  function overlaps(text: EvaluationText, { share, run, absent, everyLine }: Coverage): boolean {
    if (text.word.length < min_run_words) return run === text.word.length && text.content >= shortContent && !text.heldOut;
    if (text.heldOut) return share >= Math.max(heldOutLimits.coverage, min_coverage) && absent <= heldOutLimits.absent && everyLine;
    return (share >= min_coverage && run >= min_run_words) || share >= Math.max(splitCoverage, min_coverage);
  }

  const leastBenchmark: LeastLikeness = { score: min_reworded_score, ...shared };
  const leastHeldOut: LeastLikeness = { score: min_reworded_score + heldOutLimits.extraScore, ...heldOutLimits.shared };

  /** How a text stands in the row reworded, if it does. */
  function reworded(number: number): Likeness | undefined {
    const text = texts[number];
    const least = text.heldOut ? leastHeldOut : leastBenchmark;
    const whole = !text.heldOut || heldGrams.size === 0;
    if (whole && !scorer.mayReach(text, least)) return undefined;
    const found = whole ? scorer.likeness(text) : likenessOfRest(number);
    if (found === undefined) return undefined;
    const { score, terms, mass, words } = found;
    return score >= least.score && terms >= least.terms && mass >= least.mass && words >= least.words ? found : undefined;
  }

  /**
   * A held-out row shares its template, or its passage, with training rows word for word. So of such a text only what is not there word
   * for word can be found reworded, and must be enough by itself.
   */
  function likenessOfRest(number: number): Likeness | undefined {
    const text = texts[number];
    const { term, at } = text;
    if (at === undefined) return undefined;
    const { run, covered } = coverageOf(number);
    if (run === 0) return scorer.likeness(text);
    const rest = term.filter((_, i) => covered[at[i]] === 0);
    return index.isRewordable(rest) ? scorer.likeness(text, covered) : undefined;
  }

  return {
    judge(messages) {
      row = reader.load(messages);
      const whole = wholePrompt(messages);
      if (whole !== undefined) return overlapFound(messages, texts[whole], { share: 1, run: texts[whole].word.length });
      return row.grams === 0 && row.candidates === 0 ? undefined : lookCloser(messages);
    },
  };

  /** Of a row that shares something with some text: few do. */
  function lookCloser(messages: readonly Message[]): Contamination | undefined {
    scorer.take(row);
    let overlap: { text: EvaluationText; coverage: Coverage } | undefined;
    for (const number of verbatimCandidates()) {
      const text = texts[number];
      const coverage = coverageOf(number);
      if (!overlaps(text, coverage)) continue;
      const { share } = coverage;
      if (
        overlap === undefined ||
        share > overlap.coverage.share ||
        (share === overlap.coverage.share && number < texts.indexOf(overlap.text))
      )
        overlap = { text, coverage };
    }
    if (overlap) return overlapFound(messages, overlap.text, overlap.coverage);

    let best: { text: EvaluationText; likeness: Likeness } | undefined;
    for (const number of rewordedCandidates()) {
      const likeness = reworded(number);
      if (likeness && (best === undefined || likeness.score > best.likeness.score)) best = { text: texts[number], likeness };
    }
    return best && rewordingFound(messages, best.text, best.likeness);
  }

  function overlapFound(
    messages: readonly Message[],
    text: EvaluationText,
    { share, run }: Pick<Coverage, "share" | "run">,
  ): Contamination {
    scorer.take(row);
    const { first, last } = scorer.likeness(text);
    const evidence = { ...sides(messages, text, first, last), coverage: rounded(share), limit: min_coverage, run_words: run };
    return { reason: "eval_overlap", evidence };
  }

  function rewordingFound(messages: readonly Message[], text: EvaluationText, found: Likeness): Contamination {
    const { score, words, numbers, order, pairs, first, last } = found;
    const figures = { words_shared: rounded(words), order: rounded(order), pairs: rounded(pairs) };
    const evidence: Evidence = {
      ...sides(messages, text, first, last),
      score: rounded(score),
      limit: min_reworded_score + (text.heldOut ? heldOutLimits.extraScore : 0),
      ...figures,
      ...(numbers === undefined ? {} : { numbers_shared: rounded(numbers) }),
    };
    return { reason: "eval_reworded", evidence };
  }

  /** The item and the stretch of the row that is like it, side by side. */
  function sides(messages: readonly Message[], { item, kind }: EvaluationText, first: number, last: number): Evidence {
    const itemText = kind === "prompt" ? item.prompt : kind === "answer" ? item.answer : `${item.prompt}\n${item.answer}`;
    return { item: item.id, file: item.file, part: kind, item_text: shortened(itemText), matched: matchedText(messages, first, last) };
  }

  function matchedText(messages: readonly Message[], first: number, last: number): string {
    const { termStarts } = row;
    if (row.terms === 0) return shortened(messages.map(({ content }) => content).join("\n"));
    let from = messages.length - 1;
    let to = from;
    while (termStarts[from] > first) from--;
    while (termStarts[to] > last) to--;
    if (from === to) return shortened(scannedText(messages[from].content).slice(row.start[first], row.end[last]));
    const parts = [scannedText(messages[from].content).slice(row.start[first])];
    for (let i = from + 1; i < to; i++) parts.push(messages[i].content);
    parts.push(scannedText(messages[to].content).slice(0, row.end[last]));
    return shortened(parts.join("\n"));
  }
}

function endsHash(word: Uint32Array, from: number, to: number): number {
  return (Math.imul(word[from] + to - from, 0x9e3779b1) ^ word[to - 1]) >>> 16;
}

function same({ word }: EvaluationText, other: Uint32Array, from: number): boolean {
  for (let i = 0; i < word.length; i++) if (word[i] !== other[from + i]) return false;
  return true;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function shortened(text: string): string {
  if (text.length <= quoted) return text;
  // Not between the halves of a surrogate pair.
  const high = text.charCodeAt(quoted - 1);
  return `${text.slice(0, high >= 0xd800 && high < 0xdc00 ? quoted - 1 : quoted)}...`;
}
