// Filter "format": an answer that lacks a form which its instruction demands in unmistakable words and which can be checked: valid JSON,
// code, a list, a number of items, words, sentences or paragraphs, a language, another form (form-demands.ts). Judged is each answer that directly follows a user turn,
// against that turn alone. Wrong drops cost more than missed ones: what is not certain is kept.
import { defineFilter } from "../core/filter.ts";
import type { Finding } from "../core/verdict.ts";
import { readDemands } from "./demands.ts";
import { checkDemand, type FormatReason } from "./demand-checks.ts";

export const format = defineFilter({
  name: "format",
  version: 2,
  reasons: [
    "not_json",
    "no_code",
    "no_list",
    "wrong_item_count",
    "wrong_word_count",
    "wrong_sentence_count",
    "wrong_paragraph_count",
    "wrong_language",
    "wrong_form",
  ],
  action: "drop",
  defaults: {},
  help: {},
  create() {
    return ({ messages }) => {
      let findings: Finding<FormatReason>[] | undefined;
      for (let i = 1; i < messages.length; i++) {
        if (messages[i].role !== "assistant" || messages[i - 1].role !== "user") continue;
        const demands = readDemands(messages[i - 1].content);
        if (demands.length === 0) continue;
        const answer = messages[i].content.trim();
        if (answer.length === 0) continue;
        for (const demand of demands) {
          const failed = checkDemand(demand, answer);
          if (failed)
            (findings ??= []).push({ reason: failed.reason, evidence: { demanded: demand.text, found: failed.found, turn: i + 1 } });
        }
      }
      return findings;
    };
  },
});
