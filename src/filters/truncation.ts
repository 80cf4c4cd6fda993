// Filter "truncation": an answer of some length that stops before its end: inside a code fence, JSON or a bracket, or in the middle of a
// sentence. Each assistant turn is judged. An answer cut exactly at the end of a sentence cannot be told from a whole one.
// A missing full stop alone says nothing: many whole answers lack it. Only positive signs of a cut count (sentence-end.ts).
import { defineFilter } from "../core/filter.ts";
import { hasCodePoints } from "../core/text.ts";
import type { Finding } from "../core/verdict.ts";
import { endsOpen } from "./open-ends.ts";
import { endsMidSentence } from "./sentence-end.ts";

type Reason = "open_code_fence" | "open_json" | "open_bracket" | "mid_sentence";

/** Last characters kept as evidence, UTF-16 code units. */
const shown = 80;

export const truncation = defineFilter({
  name: "truncation",
  version: 2,
  reasons: ["open_code_fence", "open_json", "open_bracket", "mid_sentence"],
  action: "drop",
  defaults: { min_characters: 50 },
  help: { min_characters: "Shorter answers are not judged. Code points, without white space at the ends." },
  create({ min_characters: min }) {
    if (!Number.isInteger(min) || min < 0) throw new RangeError(`min_characters must be a whole number from 0, not ${min}`);

    return ({ messages }): Finding<Reason> | undefined => {
      for (let i = 0; i < messages.length; i++) {
        if (messages[i].role !== "assistant") continue;
        const text = messages[i].content.trim();
        if (!hasCodePoints(text, min)) continue;
        const reason = endsOpen(text) ?? (endsMidSentence(text) ? "mid_sentence" : undefined);
        if (reason) return { reason, evidence: { matched: text.slice(-shown), turn: i + 1 } };
      }
      return undefined;
    };
  },
});
