// How often a model's answers behave in ways that a data team looks for: refusals, disclaimers, apology openings ... by the rules that flag
// training rows. Knows texts, not models.
import type { Message } from "../core/row.ts";
import { refusal } from "../filters/refusal.ts";

export interface Answer {
  readonly prompt: readonly Message[];
  readonly text: string;
}

/** Answers with each behaviour: rates[reason], a share of all answers; every reason of the refusal filter is there. */
export function behaviourRates(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const judge = refusal.create(refusal.defaults);
  const counts = new Map<string, number>(refusal.reasons.map((reason) => [reason, 0]));
  for (const { prompt, text } of answers) {
    const found = judge({ messages: [...prompt, { role: "assistant", content: text }], tokenCounts: [] });
    const findings = Array.isArray(found) ? found : found ? [found] : [];
    for (const reason of new Set(findings.map((finding) => finding.reason as string))) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].map(([reason, count]) => [reason, answers.length === 0 ? 0 : count / answers.length]));
}
