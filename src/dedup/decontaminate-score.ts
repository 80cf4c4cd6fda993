// How alike a row and an evaluation text are: verbatim coverage, and a score for rewordings. Knows nothing of thresholds' consequences.
import { type GramSet, gramWords } from "./decontaminate-grams.ts";
import type { EvaluationIndex, EvaluationText } from "./decontaminate-index.ts";
import { isNumber, type Scanned } from "./decontaminate-terms.ts";

/** Verbatim: which share of a text's weighted words stands in the row in runs of 8 words or more. */
export interface Coverage {
  /** 0..1 */
  readonly share: number;
  /** Longest run in words. */
  readonly run: number;
  /** Which words stand in such runs: covered[words] is 1. */
  readonly covered: Uint8Array;
  /** Of a held-out row: weighted share of its terms that the row does not have at all, 0..1. */
  readonly absent: number;
  /** Of a held-out prompt: more than half of every line that has terms is covered. */
  readonly everyLine: boolean;
}

/** A rewording: the best stretch of the row, and what it shares with the text. All shares are weighted, 0..1. */
export interface Likeness {
  /** Log odds by the fitted weights below. */
  readonly score: number;
  /** Different terms that the stretch shares with the text. */
  readonly terms: number;
  /** Share of the text's different words that the stretch holds. */
  readonly words: number;
  /** The same for its numbers; undefined where it has none. */
  readonly numbers: number | undefined;
  /** Share of the stretch's different numbers that are the text's; undefined where it has none. */
  readonly numbersBack: number | undefined;
  /** Summed weight of the shared words, and of the shared numbers. */
  readonly mass: number;
  readonly numberMass: number;
  /** Longest common subsequence of terms. */
  readonly order: number;
  /** Share of pairs of neighbouring terms. */
  readonly pairs: number;
  /** The stretch: terms of the row, first and last. */
  readonly first: number;
  readonly last: number;
}

/**
 * Features of a pair of row and text to log odds of a rewording: logistic regression over the paraphrased GSM8K and HumanEval items of
 * LLM decontaminator (Yang et al. 2023) and altered GSM8K items, against other items and ordinary instruction rows; items with even
 * numbers only. What it finds of the others, the test tells; the limits beside it were chosen with an eye on the others' false alarms.
 */
const likenessWeights = { base: -12.1, numbers: 8.2, order: 8.7, pairs: 2.8, mass: 4.6 } as const;

/** The items fitted on are short; what long texts share beyond this much weight is no further evidence. */
const mostMass = 6;
/** Sums in another order may differ by less than this. */
const slack = 1e-6;
/** Longest texts and stretches whose order is compared, in terms. */
const longest = 384;
const numberWeight = 0.4;

/** What is compared of a row. */
type ScannedRow = Pick<Scanned, "terms" | "term" | "id">;

/** What a likeness must reach. */
export interface LeastLikeness {
  readonly score: number;
  readonly terms: number;
  readonly mass: number;
  readonly words: number;
}

/** `least` is the lowest score of interest: where it is out of reach, what is told is lower still. */
export interface Scorer {
  /** Takes a row's scan, its terms numbered by the vocabulary, -1 for others. It must stay as it is until the next row. */
  take(row: ScannedRow): void;
  /** `grams` holds the hashes of those of the row's 8-grams that stand in any text. */
  coverage(text: EvaluationText, grams: GramSet): Coverage;
  /** May the likeness of the whole text reach so much? No stretch shares more than all of the row. */
  mayReach(text: EvaluationText, least: LeastLikeness): boolean;
  /** `covered` leaves out terms of a held-out text that stand in the row verbatim. */
  likeness(text: EvaluationText, covered?: Uint8Array): Likeness;
}

export function createScorer(index: EvaluationIndex, least: number): Scorer {
  const { weight, number } = index;
  const vocabulary = weight.length;
  /** Whether a term is in the text at hand, and how often in the stretch at hand. */
  const inText = new Uint32Array(vocabulary);
  const inStretch = new Uint32Array(vocabulary);
  const occurs = new Uint32Array(vocabulary);
  /** Terms of the row at hand, marked when first asked for. */
  const inRow = new Uint32Array(vocabulary);
  let rowStamp = 0;
  let marked = false;
  let stamp = 0;
  let row: ScannedRow;
  let ids: Int32Array;
  let lcs = new Float64Array(longest * 2 + 2);
  let next = new Float64Array(longest * 2 + 2);

  function coverage(text: EvaluationText, grams: GramSet): Coverage {
    const { word, gram, weight: weights } = text;
    const covered = new Uint8Array(word.length);
    const none = { share: 0, run: 0, covered, absent: 1, everyLine: false };
    if (grams.size === 0 || word.length < gramWords) return none;
    let run = 0;
    let current = 0;
    for (let i = 0; i < gram.length; i++) {
      current = grams.has(gram[i]) ? current + 1 : 0;
      if (current === 0) continue;
      run = Math.max(run, current);
      if (current === 1) covered.fill(1, i, i + gramWords);
      else covered[i + gramWords - 1] = 1;
    }
    if (run === 0) return none;
    let got = 0;
    let total = 0;
    for (let i = 0; i < word.length; i++) {
      total += weights[i];
      if (covered[i] === 1) got += weights[i];
    }
    return { share: got / total, run: run + gramWords - 1, covered, ...missingTerms(text, covered) };
  }

  /** What of a held-out text the row does not have. */
  function missingTerms({ term, at, lines }: EvaluationText, covered: Uint8Array): Pick<Coverage, "absent" | "everyLine"> {
    if (at === undefined) return { absent: 0, everyLine: true };
    markRow();
    let absent = 0;
    let total = 0;
    let everyLine = true;
    let i = 0;
    for (let line = 1; i < term.length; line++) {
      const end = lines?.[line] ?? Infinity;
      let lineCovered = 0;
      let lineTotal = 0;
      for (; i < term.length && at[i] < end; i++) {
        const value = number[term[i]] === 1 ? weight[term[i]] * numberWeight : weight[term[i]];
        lineTotal += value;
        if (covered[at[i]] === 1) lineCovered += value;
        else if (inRow[term[i]] !== rowStamp) absent += value;
      }
      if (lineCovered < lineTotal && lineCovered <= lineTotal / 2) everyLine = false;
      total += lineTotal;
    }
    return { absent: total > 0 ? absent / total : 0, everyLine };
  }

  function markRow(): void {
    if (marked) return;
    marked = true;
    rowStamp++;
    for (let i = 0; i < row.terms; i++) if (ids[i] >= 0) inRow[ids[i]] = rowStamp;
  }

  function mayReach({ term }: EvaluationText, least: LeastLikeness): boolean {
    markRow();
    stamp++;
    let terms = 0;
    let words = 0;
    let wordTotal = 0;
    let numbers = 0;
    let numberTotal = 0;
    let all = 0;
    let common = 0;
    for (let i = 0; i < term.length; i++) {
      const one = term[i];
      const value = weight[one];
      const here = inRow[one] === rowStamp;
      all += value;
      if (here) common += value;
      if (inText[one] === stamp) continue;
      inText[one] = stamp;
      if (here) terms++;
      if (number[one] === 1) {
        numberTotal += value;
        if (here) numbers += value;
      } else {
        wordTotal += value;
        if (here) words += value;
      }
    }
    if (terms < least.terms || words + slack < least.mass || words + slack < least.words * wordTotal) return false;
    const w = likenessWeights;
    const most =
      w.base +
      (numberTotal > 0 ? (w.numbers * numbers * Math.log(1 + Math.min(numbers, mostMass))) / numberTotal : 0) +
      w.mass * Math.log(1 + Math.min(words, mostMass)) +
      w.pairs +
      // Of a longer text only the beginning is compared.
      w.order * (term.length > longest ? 1 : common / all);
    return most + slack >= least.score;
  }

  function likeness(text: EvaluationText, covered?: Uint8Array): Likeness {
    const { at } = text;
    const term = covered && at ? text.term.filter((_, i) => covered[at[i]] === 0) : text.term;
    const n = Math.min(term.length, longest);
    stamp++;
    let wordTotal = 0;
    let numberTotal = 0;
    for (let i = 0; i < term.length; i++) {
      const one = term[i];
      if (inText[one] === stamp) continue;
      inText[one] = stamp;
      occurs[one] = 0;
      if (number[one] === 1) numberTotal += weight[one];
      else wordTotal += weight[one];
    }

    // The stretch of the row, at most one and a half times as long as the text, that shares most with it.
    const length = Math.max(12, Math.ceil(term.length * 1.5));
    let current = 0;
    let best = -1;
    let last = 0;
    for (let end = 0; end < row.terms; end++) {
      const one = ids[end];
      if (one >= 0 && inText[one] === stamp && occurs[one]++ === 0) current += number[one] === 1 ? weight[one] * numberWeight : weight[one];
      if (end >= length) {
        const gone = ids[end - length];
        if (gone >= 0 && inText[gone] === stamp && --occurs[gone] === 0)
          current -= number[gone] === 1 ? weight[gone] * numberWeight : weight[gone];
      }
      if (current > best + 1e-6) {
        best = current;
        last = end;
      }
    }
    let first = Math.max(0, last - length + 1);
    while (first < last && (ids[first] < 0 || inText[ids[first]] !== stamp)) first++;

    // What the stretch shares, each term once.
    let terms = 0;
    let words = 0;
    let numbers = 0;
    let numbersOfRow = 0;
    let others: Set<number> | undefined;
    for (let i = first; i <= last && i < row.terms; i++) {
      const one = ids[i];
      if (one < 0 || inText[one] !== stamp) {
        const hash = row.term[i];
        if (!isNumber(hash) || others?.has(hash)) continue;
        (others ??= new Set()).add(hash);
        numbersOfRow += one < 0 ? 1 : weight[one];
        continue;
      }
      if (inStretch[one] === stamp) continue;
      inStretch[one] = stamp;
      terms++;
      if (number[one] === 1) {
        numbers += weight[one];
        numbersOfRow += weight[one];
      } else words += weight[one];
    }

    let all = 0;
    let common = 0;
    for (let i = 0; i < term.length; i++) {
      all += weight[term[i]];
      if (inStretch[term[i]] === stamp) common += weight[term[i]];
    }

    const shareOfNumbers = numberTotal > 0 ? numbers / numberTotal : undefined;
    const shareBack = numbersOfRow > 0 ? numbers / numbersOfRow : undefined;
    const w = likenessWeights;
    // Numbers count where all agree: those of a reworded text stay, and those of two texts about the same thing differ.
    let base =
      w.base +
      w.numbers * (shareOfNumbers ?? 0) * (shareBack ?? 0) * Math.log(1 + Math.min(numbers, mostMass)) +
      w.mass * Math.log(1 + Math.min(words, mostMass));
    // Neighbours and order cost most to know, and the order is at most all that is shared: not where even that would not do.
    const mostOrder = (w.order * common) / all;
    let pairs = 0;
    let order = 0;
    if (base + w.pairs + mostOrder >= least) {
      pairs = commonPairs(term, first, last);
      base += w.pairs * pairs;
      if (base + mostOrder >= least) order = commonOrder(term, n, first, Math.min(last + 1, first + longest * 2, row.terms), all);
    }
    return {
      score: base + w.order * order,
      terms,
      words: wordTotal > 0 ? words / wordTotal : 0,
      numbers: shareOfNumbers,
      numbersBack: shareBack,
      mass: words,
      numberMass: numbers,
      order,
      pairs,
      first,
      last,
    };
  }

  /** Share of the text's pairs of neighbouring terms that are neighbours in the row's terms first..last. */
  function commonPairs(term: Uint32Array, first: number, last: number): number {
    if (term.length < 2) return 0;
    const neighbours = new Set<number>();
    for (let i = first; i < last; i++) if (ids[i] >= 0 && ids[i + 1] >= 0) neighbours.add(ids[i] * vocabulary + ids[i + 1]);
    let pairs = 0;
    for (let i = 0; i + 1 < term.length; i++) if (neighbours.has(term[i] * vocabulary + term[i + 1])) pairs++;
    return pairs / (term.length - 1);
  }

  /** Weighted longest common subsequence of term[0, n) and the row's terms [from, to), as a share of the text. */
  function commonOrder(term: Uint32Array, n: number, from: number, to: number, all: number): number {
    const m = Math.max(0, to - from);
    lcs.fill(0, 0, m + 1);
    let compared = 0;
    for (let i = 0; i < n; i++) {
      const one = term[i];
      const value = weight[one];
      compared += value;
      next[0] = 0;
      for (let j = 0; j < m; j++) {
        const up = lcs[j + 1];
        const left = next[j];
        next[j + 1] = ids[from + j] === one ? lcs[j] + value : up > left ? up : left;
      }
      [lcs, next] = [next, lcs];
    }
    const total = n < term.length ? compared : all;
    return total > 0 ? lcs[m] / total : 0;
  }

  return {
    take(scanned) {
      row = scanned;
      ids = scanned.id;
      marked = false;
    },
    coverage,
    mayReach,
    likeness,
  };
}
