// Filter "length": instructions and responses within token limits. Unit: tokens of the recipe's tokenizer, without special tokens.
// Maxima hold for each user or assistant turn, minima for the conversation's totals; system and tool turns count for neither.
import { defineFilter } from "../core/filter.ts";
import type { Finding } from "../core/verdict.ts";

type Reason = "instruction_short" | "instruction_long" | "response_short" | "response_long";

export const length = defineFilter({
  name: "length",
  version: 1,
  reasons: ["instruction_short", "instruction_long", "response_short", "response_long"],
  action: "drop",
  defaults: { min_instruction_tokens: 5, max_instruction_tokens: 512, min_response_tokens: 20, max_response_tokens: 2048 },
  help: {
    min_instruction_tokens: "Fewest tokens that the user turns have together.",
    max_instruction_tokens: "Most tokens of one user turn.",
    min_response_tokens: "Fewest tokens that the assistant turns have together.",
    max_response_tokens: "Most tokens of one assistant turn.",
  },
  create(options) {
    checkRange(options.min_instruction_tokens, options.max_instruction_tokens, "instruction_tokens");
    checkRange(options.min_response_tokens, options.max_response_tokens, "response_tokens");
    const user = { min: options.min_instruction_tokens, max: options.max_instruction_tokens };
    const assistant = { min: options.min_response_tokens, max: options.max_response_tokens };

    return ({ messages, tokenCounts }) => {
      // The longest turn of each side, by its place from 1; 0 where the side has no turn.
      let asked = 0;
      let answered = 0;
      let longestQuestion = 0;
      let longestAnswer = 0;
      for (let i = 0; i < messages.length; i++) {
        const { role } = messages[i];
        const tokens = tokenCounts[i];
        if (role === "user") {
          asked += tokens;
          if (longestQuestion === 0 || tokens > tokenCounts[longestQuestion - 1]) longestQuestion = i + 1;
        } else if (role === "assistant") {
          answered += tokens;
          if (longestAnswer === 0 || tokens > tokenCounts[longestAnswer - 1]) longestAnswer = i + 1;
        }
      }
      const findings: Finding<Reason>[] = [];
      if (asked < user.min) findings.push({ reason: "instruction_short", evidence: { value: asked, limit: user.min } });
      const question = longestQuestion === 0 ? 0 : tokenCounts[longestQuestion - 1];
      if (question > user.max)
        findings.push({ reason: "instruction_long", evidence: { value: question, limit: user.max, turn: longestQuestion } });
      if (answered < assistant.min) findings.push({ reason: "response_short", evidence: { value: answered, limit: assistant.min } });
      const answer = longestAnswer === 0 ? 0 : tokenCounts[longestAnswer - 1];
      if (answer > assistant.max)
        findings.push({ reason: "response_long", evidence: { value: answer, limit: assistant.max, turn: longestAnswer } });
      return findings.length === 0 ? undefined : findings;
    };
  },
});

function checkRange(min: number, max: number, of: string): void {
  if (!Number.isInteger(min) || min < 0) throw new RangeError(`min_${of} must be a whole number from 0, not ${min}`);
  if (!Number.isInteger(max) || max < min) throw new RangeError(`max_${of} must be a whole number from min_${of} (${min}), not ${max}`);
}
