// Filter "empty": answers that say nothing. Unit: code points that can be seen (visible.ts), white space at both ends not counted.
// An assistant turn that is empty or a placeholder is reported wherever it stands: it would be trained on as an answer. The minimum
// holds for all assistant turns together, since a chat may well hold a short turn ("You're welcome!").
import { defineFilter } from "../core/filter.ts";
import type { Finding } from "../core/verdict.ts";
import { isPlaceholder } from "./placeholder.ts";
import { trimInvisible, visibleCodePoints } from "./visible.ts";

type Reason = "response_empty" | "response_placeholder" | "response_few_characters" | "instruction_empty";

export const empty = defineFilter({
  name: "empty",
  version: 2,
  reasons: ["response_empty", "response_placeholder", "response_few_characters", "instruction_empty"],
  action: "drop",
  defaults: { min_response_characters: 20 },
  help: {
    min_response_characters: "Fewest visible code points that the assistant turns have together, without white space at their ends.",
  },
  create({ min_response_characters: min }) {
    if (!Number.isInteger(min) || min < 0) throw new RangeError(`min_response_characters must be a whole number from 0, not ${min}`);

    return ({ messages }): Finding<Reason> | undefined => {
      let answers = 0;
      let left = min;
      for (let i = 0; i < messages.length; i++) {
        const { role, content } = messages[i];
        if (role !== "assistant" && role !== "user") continue;
        if (role === "user") {
          if (trimInvisible(content).length === 0) return { reason: "instruction_empty", evidence: { value: 0, limit: 1, turn: i + 1 } };
          continue;
        }
        answers++;
        const text = trimInvisible(content.trim());
        if (text.length === 0) return { reason: "response_empty", evidence: { value: 0, limit: min, turn: i + 1 } };
        if (isPlaceholder(text)) return { reason: "response_placeholder", evidence: { matched: text, turn: i + 1 } };
        if (left > 0) left -= visibleCodePoints(text, left);
      }
      if (answers === 0) return { reason: "response_empty", evidence: { value: 0, limit: min } };
      if (left > 0) return { reason: "response_few_characters", evidence: { value: min - left, limit: min } };
      return undefined;
    };
  },
});
