// The grammar of refusals: rules over words, composed from the classes of refusal-words.ts. Data only; the pattern language is described
// in refusal-pattern.ts. A rule's name appears in the evidence, so that its precision can be told apart in review.
//
// Where a rule may match: "start" is the first sentence, "opening" a sentence that begins in the answer's opening, "short" any sentence of
// a short answer or of the opening, "anywhere" the whole answer.

export type RefusalReason = "refusal" | "ai_disclaimer" | "no_access" | "apology_opening";

/** Words without which no rule matches, by kind: a sentence is looked at only where it holds a word of every kind that a rule needs. */
export const triggers = {
  self: "i we me my our us",
  negation:
    "not no never unable without insufficient inadequate decline refuse declining impossible lack lacks lacking unclear unknown rather inappropriate unethical illegal irresponsible immoral against beyond outside violates violate prohibited missing unavailable undisclosed uncomfortable abstain refrain unlawful incapable neither nor forbidden restricted prevented wrong harmful dangerous unacceptable difficult hard nothing absent stop object limited insensitive disrespectful offensive contrary absence",
  ai: "ai artificial model chatbot bot assistant robot chatgpt openai llm program machine computer software",
  sorry: "sorry apologize apologise apologies apology regret regretfully regrettably forgive pardon",
  own: "my opinions opinion feelings emotions training cutoff beliefs preferences experiences",
} as const;
export type Trigger = keyof typeof triggers;

export interface RefusalRule {
  readonly name: string;
  readonly reason: RefusalReason;
  readonly where: "start" | "opening" | "short" | "anywhere";
  readonly needs: readonly Trigger[];
  readonly pattern: string;
}

const not = ["negation"] as const;
const selfNot = ["self", "negation"] as const;

export const rules: readonly RefusalRule[] = [
  // --- refusal ---
  {
    name: "i_cannot_help", reason: "refusal", where: "opening", needs: selfNot,
    pattern: "I ADV{0,3} CANNOT !(help (but|feeling|myself|it|thinking|wondering|noticing)|(tell|say) you how|recommend ..3 enough|do (it|anything)) HELP_ACT",
  },
  { name: "i_cannot", reason: "refusal", where: "start", needs: selfNot,
    pattern: "^ ((sorry|apologies|unfortunately|no) ,? but?)? (i am ADV{0,2} sorry ,? but?)? I ADV{0,2} (can|will) not (do (that|this|so))? $" },
  { name: "i_decline", reason: "refusal", where: "opening", needs: selfNot,
    pattern: "I ADV{0,3} MUST? DECLINE ADV{0,2} (to|from|your|this|that|the|such|any|answering|,|$)" },
  { name: "i_would_rather_not", reason: "refusal", where: "opening", needs: selfNot,
    pattern: "I (would|will) ADV{0,2} (rather|prefer|choose|like) (to )?not" },
  { name: "i_do_not_help", reason: "refusal", where: "opening", needs: selfNot,
    pattern: "I ADV{0,3} do not ADV{0,3} (condone|HELP (with|OBJECT)|(want|wish|intend) to HELP_ACT|feel (comfortable|right)|(think|believe|feel) (it|that|this) ..4 (RIGHT|WRONG))" },
  { name: "i_am_not_comfortable", reason: "refusal", where: "opening", needs: selfNot,
    pattern: "I (am|would|feel|would be|would feel) ADV{0,3} (not ADV{0,3} (be|feel)? ADV{0,2} comfortable|uncomfortable) (with|HELP|HELP_WITH_OBJECT|answering|doing|sharing|discussing)" },
  { name: "not_something_i_can", reason: "refusal", where: "opening", needs: selfNot,
    pattern: "not ADV{0,2} (something|anything|a (topic|subject|question|request|task|matter)|what) ..2 I ADV{0,2} (can|am|will|would|do|feel|should)" },
  { name: "it_is_not_right_to", reason: "refusal", where: "opening", needs: not,
    pattern: "(it|this|that) (is|would be|would|will be) ADV{0,3} (not ADV{0,3} (be ADV{0,2})?RIGHT|never ADV{0,2} RIGHT) ((,|or|and|nor) ..2 (RIGHT|WRONG)){0,3} (for (me|us|anyone|an ai|any ai|a model) ..4)? ,? to ADV{0,3} (HELP_ACT|use|ask|joke|steal|kill|harm)" },
  { name: "it_is_wrong_to", reason: "refusal", where: "opening", needs: not,
    pattern: "(it|this|that) (is|would be|will be) ADV{0,3} WRONG ((,|or|and) ..2 WRONG){0,3} (for (me|us|an ai|a model) ..4)? ,? to ADV{0,3} HELP_ACT" },
  { name: "against_my", reason: "refusal", where: "opening", needs: not,
    pattern: "((goes|go|is|are|would be|would go|be) ADV{0,2} against|violates?|(is|are|falls|fall|be|lies) ADV{0,2} (beyond|outside)|contrary to|not ADV{0,2} (within|in line with|aligned? with|part of)) ADV{0,2} (of )?(the )?(my|our|openai ..1) ..4 (programming|guidelines?|polic(y|ies)|policy|policies|principles|values|capabilities|capability|abilities|ability|scope|rules|ethics|ethical|purpose|design|terms|training|code|expertise|knowledge|function)" },
];
