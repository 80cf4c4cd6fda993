// Filter "refusal": answers that refuse, disclaim, know nothing or apologise. It flags and never drops by itself: whether a refusal is
// wanted depends on the question, and a person decides that in review.
//
// Each assistant turn is read once, word by word (refusal-scan.ts). A sentence with the trigger words of a rule is matched against that
// rule's grammar (refusal-rules.ts). User, system and tool turns, quoted speech, dialogue lines, letters and code are not judged.
// Evidence: the matched words, the turn (from 1, all messages counted) and the rule's name. Unit of lengths: UTF-16 units.
import { defineFilter } from "../core/filter.ts";
import type { Finding } from "../core/verdict.ts";
import { patternSource, Vocabulary } from "./refusal-pattern.ts";
import { type RefusalReason, type RefusalRule, rules, triggers } from "./refusal-rules.ts";
import { createSentence, hashOf, scanSentences, type Shape, type WordTable } from "./refusal-scan.ts";
import { answerLabels, classes, contractions } from "./refusal-words.ts";

interface CompiledRule {
  readonly rule: RefusalRule;
  readonly expression: RegExp;
  /** Trigger bits a sentence must all have. */
  readonly needs: number;
}

/** A rule's match in a turn. */
interface Match {
  readonly rule: RefusalRule;
  readonly start: number;
  readonly end: number;
}

const reasons = ["refusal", "ai_disclaimer", "no_access", "apology_opening"] as const;

const bits = new Map(Object.keys(triggers).map((name, i) => [name, 1 << i]));

let compiled: { readonly rules: readonly CompiledRule[]; readonly table: WordTable } | undefined;

/** Built on first use: recipes without this filter do not pay for it. */
function grammar(): { readonly rules: readonly CompiledRule[]; readonly table: WordTable } {
  if (compiled) return compiled;
  const vocabulary = new Vocabulary();
  const compiledRules = rules.map((rule) => ({
    rule,
    expression: new RegExp(patternSource(rule.pattern, classes, vocabulary)),
    needs: rule.needs.reduce((all, name) => all | (bits.get(name) ?? 0), 0),
  }));
  compiled = { rules: compiledRules, table: wordTable(vocabulary) };
  return compiled;
}

function wordTable(vocabulary: Vocabulary): WordTable {
  const triggerOf = new Map<string, number>();
  for (const [kind, words] of Object.entries(triggers)) {
    for (const word of words.split(" ")) triggerOf.set(word, (triggerOf.get(word) ?? 0) | (bits.get(kind) ?? 0));
  }
  const surfaces = new Map<string, readonly string[]>();
  const labels = new Set(answerLabels.split(" "));
  for (const word of [...vocabulary.words.keys(), ...triggerOf.keys(), ...labels]) surfaces.set(word, [word]);
  for (const [surface, words] of Object.entries(contractions)) surfaces.set(surface, words.split(" "));

  const slots = 1 << Math.ceil(Math.log2(surfaces.size * 4));
  const hashes = new Int32Array(slots);
  const entries = new Uint16Array(slots);
  const units = new Uint16Array(2 * surfaces.size + 2);
  const triggerBits = new Uint32Array(surfaces.size + 1);
  const isLabel = new Uint8Array(surfaces.size + 1);
  let entry = 0;
  for (const [surface, words] of surfaces) {
    entry++;
    const hash = hashOf(surface);
    let slot = hash & (slots - 1);
    while (entries[slot] !== 0) slot = (slot + 1) & (slots - 1);
    hashes[slot] = hash;
    entries[slot] = entry;
    words.forEach((word, i) => {
      units[2 * entry + i] = vocabulary.unitOf(word);
      triggerBits[entry] |= triggerOf.get(word) ?? 0;
    });
    if (labels.has(surface)) isLabel[entry] = 1;
  }
  return {
    units,
    triggers: triggerBits,
    isLabel,
    find(hash) {
      let slot = hash & (slots - 1);
      while (entries[slot] !== 0) {
        if (hashes[slot] === hash) return entries[slot];
        slot = (slot + 1) & (slots - 1);
      }
      return 0;
    },
  };
}

const selfBits = (bits.get("self") ?? 0) | (bits.get("sorry") ?? 0) | (bits.get("ai") ?? 0) | (bits.get("own") ?? 0);

/** The assistant's own words are not those of a letter it writes for somebody. */
const letter = /^\W{0,8}(?:dear\s(?!user|customer,? i am an ai)|subject\s?(?:line)?:|to whom it may concern)/i;

export const refusal = defineFilter({
  name: "refusal",
  version: 1,
  reasons,
  action: "flag",
  defaults: { opening_characters: 400, short_answer_characters: 600 },
  help: {
    opening_characters: "A refusal counts where its sentence begins within this many characters of the answer.",
    short_answer_characters: "Sentences that miss information count anywhere in an answer of at most this many characters, in the opening of a longer one.",
  },
  create({ opening_characters: opening, short_answer_characters: short }) {
    for (const [name, value] of [["opening_characters", opening], ["short_answer_characters", short]] as const) {
      if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number from 1, not ${value}`);
    } // prettier-ignore
    const { rules, table } = grammar();
    const sentence = createSentence();
    const shape: Shape = { listLines: 0, codeUnits: 0, sentences: 0 };

    /** The first match of each reason in a turn, by the order of `reasons`. */
    const judgeTurn = (text: string, matches: (Match | undefined)[]): void => {
      matches.fill(undefined);
      const reach = text.length <= short ? text.length : opening;
      const isLetter = letter.test(text.slice(0, 60));
      scanSentences(text, table, sentence, shape, () => {
        const bitsHere = sentence.spoken || isLetter ? sentence.triggers & ~selfBits : sentence.triggers;
        const from = sentence.starts[0];
        let encoded: string | undefined;
        for (const { rule, expression, needs } of rules) {
          if ((bitsHere & needs) !== needs) continue;
          const slot = reasons.indexOf(rule.reason);
          if (matches[slot] !== undefined) continue;
          if (rule.where === "start" ? sentence.index > 0 : rule.where === "opening" ? from > opening : rule.where === "short" && from > reach) continue;
          encoded ??= String.fromCharCode.apply(null, sentence.units.subarray(0, sentence.count) as unknown as number[]);
          const match = expression.exec(encoded);
          if (!match) continue;
          const last = Math.max(match.index, match.index + match[0].length - 1);
          matches[slot] = { rule, start: sentence.starts[match.index], end: sentence.ends[last] };
        }
        return true;
      });
    };

    const matches: (Match | undefined)[] = [undefined, undefined, undefined, undefined];
    return ({ messages }) => {
      let findings: Finding<RefusalReason>[] | undefined;
      for (let i = 0; i < messages.length; i++) {
        const { role, content } = messages[i];
        if (role !== "assistant") continue;
        judgeTurn(content, matches);
        for (const match of matches) {
          if (match === undefined) continue;
          const { reason, name } = match.rule;
          if (findings?.some((finding) => finding.reason === reason)) continue;
          findings ??= [];
          findings.push({ reason, evidence: { matched: shortened(content.slice(match.start, match.end)), turn: i + 1, rule: name } });
        }
      }
      return findings;
    };
  },
});

/** Matched words on one line, at most 160 UTF-16 units. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= 160 ? line : `${line.slice(0, 157)}...`;
}
