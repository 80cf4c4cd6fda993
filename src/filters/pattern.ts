// Filter "pattern": rows that match a user's own patterns. RE2 syntax, matched in time linear in the text, so that no pattern can hang a run.
// A pattern is searched anywhere in each turn of its side; (?i) at its front ignores case, (?s) lets . match line ends.
import { RE2JS } from "re2js";
import { defineFilter } from "../core/filter.ts";

interface Patterns {
  readonly drop_if_response_matches: readonly string[];
  readonly drop_if_instruction_matches: readonly string[];
}

/** Matched text kept as evidence, UTF-16 code units. */
const shownMatch = 200;

export const pattern = defineFilter({
  name: "pattern",
  version: 1,
  reasons: ["response_matches", "instruction_matches"],
  action: "drop",
  optIn: true,
  defaults: { drop_if_response_matches: [], drop_if_instruction_matches: [] } as Patterns,
  help: {
    drop_if_response_matches: "RE2 patterns; a row with an assistant turn that holds a match is dropped.",
    drop_if_instruction_matches: "RE2 patterns; a row with a user turn that holds a match is dropped.",
  },
  create(options) {
    const response = compileAll("drop_if_response_matches", options.drop_if_response_matches);
    const instruction = compileAll("drop_if_instruction_matches", options.drop_if_instruction_matches);

    return ({ messages }) => {
      for (let i = 0; i < messages.length; i++) {
        const { role, content } = messages[i];
        const patterns = role === "assistant" ? response : role === "user" ? instruction : [];
        for (const compiled of patterns) {
          const matcher = compiled.matcher(content);
          if (!matcher.find()) continue;
          const matched = (matcher.group() ?? "").slice(0, shownMatch);
          const evidence = { pattern: compiled.pattern(), matched, turn: i + 1 };
          return { reason: role === "assistant" ? "response_matches" : "instruction_matches", evidence };
        }
      }
      return undefined;
    };
  },
});

function compileAll(option: string, given: unknown): readonly RE2JS[] {
  // The recipe's schema lets any list pass: its items are checked here.
  const patterns: readonly unknown[] = typeof given === "string" ? [given] : Array.isArray(given) ? given : [undefined];
  return patterns.map((text) => {
    if (typeof text !== "string" || text.length === 0) {
      throw new RangeError(`${option} must be a list of RE2 patterns, such as ["(?i)as an ai"], not ${JSON.stringify(given)}`);
    }
    try {
      return RE2JS.compile(text);
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      throw new RangeError(`${option}: ${JSON.stringify(text)} must be a RE2 pattern (no look-around, no back-references): ${fault}`);
    }
  });
}
