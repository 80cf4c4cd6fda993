// Decontamination: a training row that holds an evaluation item, as it is (eval_overlap) or reworded (eval_reworded), is found.
//
// 1. Every row is cut into words and terms once. Some of their 8-grams and rarest terms find candidates; most rows find none and are done.
// 2. Verbatim: runs of 8 words or more cover half of what sets the item apart, and one run has 13 words (GPT-3's n-gram); or they cover
//    three quarters (a text split over turns). An item of 8 to 12 words must be there whole. A shorter one is only known where a user
//    turn, or all of them, is that text and nothing else. An item's question is a text beside its prompt, which holds choices, too; and a
//    question with all of its choices is known in any arrangement. Of a prompt about a passage what it asks must be there: the passage
//    alone, or with another question, is another row.
// 3. Else the stretch of the row that is most like the item is scored: shared words, their order and neighbours, and numbers where all
//    agree. Changed numbers or names lower the score but do not decide.
//
// Held-out rows come from the same sources as training rows and share templates and passages with them word for word. Of a held-out row
// nearly everything must be there, and most of every line: another question about the same passage is another row. And it is only
// recognised reworded by what is not there word for word.
import type { Message } from "../core/row.ts";
import type { Evidence } from "../core/verdict.ts";
import { GramSet, gramWords } from "./decontaminate-grams.ts";
import { createEvaluationIndex, type EvaluationText, heldOutCoverage } from "./decontaminate-index.ts";
import { holdsArranged, holdsAsked } from "./decontaminate-parts.ts";
import type { EvaluationItem, PromptParts } from "./decontaminate-texts.ts";
import type { Candidate, LoadedRow } from "./decontaminate-row.ts";
import { createRowReader } from "./decontaminate-row-wasm.ts";
import { type Coverage, createScorer, type LeastLikeness, type Likeness } from "./decontaminate-score.ts";
import { createTurnFinder } from "./decontaminate-turns.ts";
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

const decontaminateDefaults = { min_coverage: 0.5, min_run_words: 13, min_reworded_score: 0 } as const;

export interface Contamination {
  readonly reason: "eval_overlap" | "eval_reworded";
  readonly evidence: Evidence;
}

export interface Decontaminator {
  /** What the row holds of the items; undefined where nothing. */
  judge(messages: readonly Message[]): Contamination | undefined;
}

/** Stricter limits of held-out rows, see above. */
const heldOutLimits = { coverage: heldOutCoverage, absent: 0.05, extraScore: 3, shared: { terms: 8, mass: 2, words: 0.5 } };
/** Coverage that needs no long run. */
const splitCoverage = 0.75;
/** An item of 8 to 12 words counts inside a longer text from this many content words on. */
const shortContent = 4;
/** Coverage of what a prompt with a passage asks, where neither its question nor its choices are there whole. */
const askedCoverage = 0.8;
/** A rewording shares at least so many different terms, so much weight of words, and this part of all words' weight. */
const shared = { terms: 6, mass: 1.3, words: 0.25 };
/** A question without its choices is shorter than what the score was fitted on: it must be so much surer. */
const questionScore = 1;
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
  const index = createEvaluationIndex(items, { minCoverage: min_coverage });
  const { texts } = index;
  const scorer = createScorer(index, min_reworded_score);
  const reader = createRowReader(index);
  const wholeTurn = createTurnFinder(index);
  let row: LoadedRow;
  let messageCount = 0;

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

  function overlaps(text: EvaluationText, { share, run, absent, everyLine }: Coverage): boolean {
    // What is asked about a passage may quote it.
    if (text.about) return run === text.word.length && run >= min_run_words;
    if (text.word.length < min_run_words) return run === text.word.length && text.content >= shortContent && !text.heldOut;
    if (text.heldOut) return share >= Math.max(heldOutLimits.coverage, min_coverage) && absent <= heldOutLimits.absent && everyLine;
    if (!((share >= min_coverage && run >= min_run_words) || share >= Math.max(splitCoverage, min_coverage))) return false;
    return text.parts === undefined || text.parts.starts[1] === 0 || isAsked(text, text.parts);
  }

  /** Of a prompt that holds a passage: is what it asks there, and not the passage alone? Questions may quote their passage. */
  function isAsked({ word, gram, weight }: EvaluationText, parts: PromptParts): boolean {
    if (holdsAsked(parts, row, messageCount)) return true;
    const passage = parts.starts[1];
    const ofPassage = new Set(gram.subarray(0, Math.max(0, passage - gramWords + 1)));
    const covered = new Uint8Array(word.length);
    for (let i = passage; i < gram.length; i++) if (heldGrams.has(gram[i]) && !ofPassage.has(gram[i])) covered.fill(1, i, i + gramWords);
    let got = 0;
    let total = 0;
    for (let i = passage; i < word.length; i++) {
      total += weight[i];
      if (covered[i] === 1) got += weight[i];
    }
    return got >= total * askedCoverage;
  }

  const leastBenchmark: LeastLikeness = { score: min_reworded_score, ...shared };
  const leastQuestion: LeastLikeness = { score: min_reworded_score + questionScore, ...shared };
  const leastHeldOut: LeastLikeness = { score: min_reworded_score + heldOutLimits.extraScore, ...heldOutLimits.shared };

  function leastOf({ heldOut, kind }: EvaluationText): LeastLikeness {
    return heldOut ? leastHeldOut : kind === "question" ? leastQuestion : leastBenchmark;
  }

  /** How a text stands in the row reworded, if it does. */
  function reworded(number: number): Likeness | undefined {
    const text = texts[number];
    const least = leastOf(text);
    // Whose passage is there word for word shares the words of its question, whatever is asked.
    if (text.parts && text.parts.starts[1] > 0 && coverageOf(number).run > 0) return undefined;
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
      messageCount = messages.length;
      const whole = wholeTurn(row, messages);
      if (whole) return overlapFound(messages, whole, { share: 1, run: whole.word.length });
      return row.grams === 0 && row.candidates === 0 ? undefined : lookCloser(messages);
    },
  };

  /** Of a row that shares something with some text: few do. */
  function lookCloser(messages: readonly Message[]): Contamination | undefined {
    scorer.take(row);
    let overlap: { number: number; coverage: Coverage } | undefined;
    for (const number of verbatimCandidates()) {
      const text = texts[number];
      const coverage = coverageOf(number);
      if (!overlaps(text, coverage)) continue;
      const { share } = coverage;
      const more = overlap === undefined ? 1 : share - overlap.coverage.share;
      if (more > 0 || (more === 0 && overlap !== undefined && number < overlap.number)) overlap = { number, coverage };
    }
    if (overlap) return overlapFound(messages, texts[overlap.number], overlap.coverage);

    const candidates = reader.candidates();
    const arranged = arrangedOf(candidates);
    if (arranged) return overlapFound(messages, arranged, { share: 1, run: longestPart(arranged) });

    let best: { text: EvaluationText; likeness: Likeness } | undefined;
    for (const number of rewordedOf(candidates)) {
      for (const one of [number, texts[number].question]) {
        const likeness = one === undefined ? undefined : reworded(one);
        if (likeness && (best === undefined || likeness.score > best.likeness.score)) best = { text: texts[one!], likeness };
      }
    }
    return best && rewordingFound(messages, best.text, best.likeness);
  }

  /** The first text whose question and choices stand in the row, labelled and arranged in another way. */
  function arrangedOf(candidates: readonly Candidate[]): EvaluationText | undefined {
    let first: number | undefined;
    const look = (number: number): void => {
      const { parts } = texts[number];
      if (parts && (first === undefined || number < first) && holdsArranged(parts, row, messageCount)) first = number;
    };
    for (const number of found) look(number);
    // Where all of a prompt's words are, all of its terms are.
    for (const { text, share } of candidates) if (share > 0.999) look(text);
    return first === undefined ? undefined : texts[first];
  }

  /** Texts of whose rarest terms the row holds enough, best first. */
  function rewordedOf(candidates: readonly Candidate[]): number[] {
    const list = candidates.filter(({ text }) => texts[text].rewordable);
    list.sort((a, b) => b.share - a.share || a.text - b.text);
    return list.slice(0, maxCandidates).map(({ text }) => text);
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
      limit: leastOf(text).score,
      ...figures,
      ...(numbers === undefined ? {} : { numbers_shared: rounded(numbers) }),
    };
    return { reason: "eval_reworded", evidence };
  }

  /** The item and the stretch of the row that is like it, side by side. */
  function sides(messages: readonly Message[], { item, kind }: EvaluationText, first: number, last: number): Evidence {
    const itemTexts = {
      prompt: item.prompt,
      question: item.parts?.question ?? "",
      answer: item.answer,
      both: `${item.prompt}\n${item.answer}`,
    };
    return {
      item: item.id,
      file: item.file,
      part: kind,
      item_text: shortened(itemTexts[kind]),
      matched: matchedText(messages, first, last),
    };
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

/** Words of the longest of question and choices: so many stand in a row wherever these do. */
function longestPart({ parts, word }: EvaluationText): number {
  const { starts } = parts ?? { starts: [0, word.length] };
  let longest = 0;
  for (let i = 1; i + 1 < starts.length; i++) longest = Math.max(longest, starts[i + 1] - starts[i]);
  return longest;
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
