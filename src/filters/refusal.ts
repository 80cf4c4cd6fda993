// Filter "refusal": answers that refuse, disclaim, know nothing or apologise. It flags and never drops by itself: whether a refusal is
// wanted depends on the question, and a person decides that in review.
//
// Each assistant turn is read once, word by word (refusal-scan.ts). A sentence that holds the trigger words of a rule is encoded
// (refusal-encode.ts) and matched against that rule's grammar (refusal-rules.ts). User, system and tool turns, quoted speech, dialogue,
// list items, letters and code do not count. Evidence: the matched words, the turn (from 1, all messages counted) and the rule's name.
// Lengths are UTF-16 units.
import { defineFilter } from "../core/filter.ts";
import type { Finding } from "../core/verdict.ts";
import { filterKernel } from "./kernel.ts";
import { createEncoded, encodeSentence } from "./refusal-encode.ts";
import { refusalGrammar, refusalReasons } from "./refusal-grammar.ts";
import type { RefusalReason, RefusalRule } from "./refusal-rules.ts";
import { beginReading, createReading, nextSentence } from "./refusal-scan.ts";

/** A rule's match in a turn. */
interface Match {
  readonly rule: RefusalRule;
  readonly start: number;
  readonly end: number;
}

const noMatches: readonly (Match | undefined)[] = refusalReasons.map(() => undefined);

/** A letter is somebody else's words. */
const letter = /^\W{0,8}(?:dear\s(?!user)|subject\s?(?:line)?:|to whom it may concern)/i;

export const refusal = defineFilter({
  name: "refusal",
  version: 2,
  reasons: refusalReasons,
  action: "flag",
  defaults: { opening_characters: 400, short_answer_characters: 600 },
  help: {
    opening_characters: "A refusal counts where its sentence begins within this many characters of an answer.",
    short_answer_characters:
      "In an answer of at most this many characters, a concluding sentence (Therefore, I cannot ...) counts wherever it stands.",
  },
  create({ opening_characters: opening, short_answer_characters: short }) {
    checkLength("opening_characters", opening);
    checkLength("short_answer_characters", short);
    const { rulesOf, wantedFirst, wanted, wantedLater, words, triggers, verdictUnits, ownBits } = refusalGrammar();
    const reading = createReading();
    const encoded = createEncoded();
    const kernel = filterKernel();

    /** Of the turn at hand: the first match of each reason, by the order of `refusalReasons`; undefined while there is none at all. */
    let matches: (Match | undefined)[] | undefined;
    let isLetter: boolean | undefined;

    const judgeTurn = (text: string): (Match | undefined)[] | undefined => {
      const verdictReach = text.length <= short ? text.length : opening;
      matches = isLetter = undefined;
      let until = Math.min(text.length, Math.max(opening, verdictReach));
      beginReading(text, reading);
      const reader = kernel?.beginReading(text, reading) === true ? kernel : undefined;
      while (true) {
        const later = matches !== undefined;
        const found: boolean = reader
          ? reader.nextSentence(later, until, reading)
          : nextSentence(text, triggers, wantedFirst, later ? wantedLater : wanted, reading, until);
        if (!found) {
          // Behind the opening only disclaimers count, and what undoes a match: mostly there is nothing to read on for.
          if (until === text.length || (!later && !(reader ? reader.mayDisclaim() : mayDisclaim(text, reading.at)))) break;
          until = text.length;
          continue;
        }
        judgeSentence(text, verdictReach);
      }
      return matches;
    };

    /** The sentence that `reading` found. */
    const judgeSentence = (text: string, verdictReach: number): void => {
      const { start: from, index } = reading;
      let source: string | undefined;
      for (const { rule, slot, expression, needs } of rulesOf(reading.triggers)) {
        const earlier = matches?.[slot];
        // A rule that undoes is looked for only after what it would undo.
        if ((rule.undoes === undefined) === (earlier !== undefined)) continue;
        const { where } = rule;
        if (rule.after !== undefined && matches?.[refusalReasons.indexOf(rule.after)] === undefined) continue;
        if (where === "start" ? index > 0 : where === "opening" ? from > opening : where === "verdict" && from > verdictReach && index > 0)
          continue;
        if ((needs & ownBits) !== 0 && (isLetter ??= letter.test(text.slice(0, 60)))) continue;
        if (source === undefined) {
          encodeSentence(text, from, reading.end, reading.whole, words, encoded);
          source = String.fromCharCode.apply(null, encoded.units.subarray(0, encoded.count) as unknown as number[]);
        }
        if (where === "verdict" && index > 0 && !verdictUnits.has(encoded.units[0])) continue;
        const match = expression.exec(source);
        if (match !== null) noteMatch(text, slot, rule, match);
      }
    };

    /** A match in the encoded sentence: it stands, or undoes the one that stands. */
    const noteMatch = (text: string, slot: number, rule: RefusalRule, match: RegExpExecArray): void => {
      const start = encoded.starts[match.index];
      const end = encoded.ends[Math.max(match.index, match.index + match[0].length - 1)];
      matches ??= noMatches.slice();
      const earlier = matches[slot];
      if (earlier === undefined) matches[slot] = { rule, start, end };
      else if (earlier.end <= start && text.length - start >= (rule.least ?? 0) && !rule.except?.includes(earlier.rule.name))
        matches[slot] = undefined;
    };

    return ({ messages }) => {
      let findings: Finding<RefusalReason>[] | undefined;
      for (let i = 0; i < messages.length; i++) {
        const { role, content } = messages[i];
        if (role !== "assistant") continue;
        const matches = judgeTurn(content);
        if (matches === undefined) continue;
        for (let slot = 0; slot < matches.length; slot++) {
          const match = matches[slot];
          const reason = refusalReasons[slot];
          if (match === undefined || findings?.some((finding) => finding.reason === reason)) continue;
          findings ??= [];
          findings.push({
            reason,
            evidence: { matched: shortened(content.slice(match.start, match.end)), turn: i + 1, rule: match.rule.name },
          });
        }
      }
      return findings;
    };
  },
});

/** Words of which a disclaimer behind the opening holds one. */
const disclaimers = ["AI", "language model", "knowledge cut", "my training"];

/** As assembly/sentences.ts. */
export function mayDisclaim(text: string, from: number): boolean {
  for (const words of disclaimers) if (text.indexOf(words, from) >= 0) return true;
  return false;
}

function checkLength(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number from 1, not ${value}`);
}

/** Matched words on one line, at most 160 units. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= 160 ? line : `${line.slice(0, 157)}...`;
}
