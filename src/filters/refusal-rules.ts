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

  // --- ai_disclaimer ---
  { name: "as_an_ai", reason: "ai_disclaimer", where: "anywhere", needs: ["ai"],
    pattern: "(as|being|since i am|because i am|given that i am|while i am|although i am) ADV{0,2} (a|an) ..3 (ai|artificial intelligence|language model|chatbot|virtual assistant|(ai|digital|text based|computer) (assistant|program|model|system)) (language|model|assistant|chatbot|program|system|text|based|or|and|machine|bot|tool|software|,){0,5} (i|my|it is|developed|designed|created|trained|built|programmed|that|without|made|,|$)" },
  { name: "i_am_an_ai", reason: "ai_disclaimer", where: "anywhere", needs: ["self", "ai"],
    pattern: "i am ADV{0,4} (a|an) !(person|student|user|member|developer|customer|man|woman|fan) ..3 (ai|artificial intelligence|language model|chatbot|virtual assistant|computer program|machine learning model|digital assistant|bot|(text based|software|computer) (program|model|system))" },
  { name: "no_opinions", reason: "ai_disclaimer", where: "anywhere", needs: ["self", "negation", "own"],
    pattern: "i (do not|can not|am not|am unable|am incapable|lack|have no|never) ADV{0,2} (have|hold|possess|experience|feel|form|express|of|to|take|having|able|capable){0,4} (the ability to|the capacity (for|to)|have|hold|feel|experience|express|any|a|an|my|own|,|personal|human|physical|real|subjective|emotional|or|and|political|religious|particular|conscious){0,6} FEELING" },
  { name: "my_training", reason: "ai_disclaimer", where: "anywhere", needs: ["own"],
    pattern: "(my (training (data|cutoff|cut|set|does|did|only|was|is)|training (data )?,|knowledge (cutoff|cut off|base|is (limited|based)|only|stops|ends|was|update)|programming|algorithms?|dataset|developers|creators|last (update|training|knowledge)|training data|database)|knowledge (cutoff|cut off))" },

  // --- no_access ---
  { name: "i_have_no_access", reason: "no_access", where: "anywhere", needs: selfNot,
    pattern: "I ADV{0,2} (do not ADV{0,3} have|have no|lack|have not ADV{0,2} (been given|been provided|got|received)|(am|are) not ADV{0,2} (given|provided|privy|connected)|without) ADV{0,2} (the|a|any)? (ability to|capability to|way (of|to)|means (of|to)|real time|up to date|direct|live|MUCH{1,4}|with)? ..3 (access|INFO|know|knowing|browse|real time|internet|database|databases|capabilities|SEE)" },
  { name: "i_cannot_see", reason: "no_access", where: "short", needs: selfNot,
    pattern: "I ADV{0,3} CANNOT !(see (why|how|myself|any reason|you)|say (enough|that|i)|know (everything|all)|find (the words|a reason)|tell) SEE" },
  { name: "i_do_not_know", reason: "no_access", where: "start", needs: selfNot,
    pattern: "^ ((sorry|unfortunately|honestly|hm|well|oh|hi|hello) ,? but?)? (i am ADV{0,2} (sorry|afraid) ,? (but|that)?)? I ADV{0,2} (do not ADV{0,2} (know|recall|have (an|the|a) answer|have that)|am not ADV{0,2} (aware of|familiar with|sure (what|who|which|if|whether|how|about)|certain)|have no (idea|knowledge|record|clue|way of)|could not ADV{0,2} find)" },
  { name: "document_does_not_tell", reason: "no_access", where: "short", needs: not,
    pattern: "DOC ..7 (does|do|did|is|are) not ADV{0,3} TELL" },
  { name: "document_lacks", reason: "no_access", where: "short", needs: not,
    pattern: "DOC_STRONG ..5 (provides?|contains?|has|have|gives?|includes?|makes?|lacks?|is missing|are missing|omits?) (no|lack|little|insufficient|limited|any|specific|the|necessary|sufficient){0,3} (mention|INFO)" },
  { name: "not_told", reason: "no_access", where: "short", needs: not,
    pattern: "(is|are|was|were|been|being|be) (not|neither|nor) ADV{0,4} TOLD (,|or|and|TOLD|explicitly|directly|anywhere|separately){0,4} (in|within|by|from|based on|on|to|anywhere in|for) (the|this|these|that|your|any|our|either|its|me|us) ..4 (DOC|GIVEN)" },
  { name: "information_not_told", reason: "no_access", where: "short", needs: not,
    pattern: "(INFO|DOC) ..9 (is|are|was|were|has|have) (not|missing|unavailable|undisclosed|insufficient|inadequate|absent) (been )?ADV{0,4} (TOLD)?" },
  { name: "no_information", reason: "no_access", where: "short", needs: not,
    pattern: "(there (is|are|was|were|appears to be|seems to be) ADV{0,2} (no|not|insufficient|inadequate|little)|(without|insufficient|inadequate|not enough|no|the (lack|absence) of)) MUCH{0,5} INFO (is|are|was|were|to|about|on|regarding|in|from|of|for|provided|given|available|that|related|concerning|,|$)" },
  { name: "cannot_be_learned", reason: "no_access", where: "short", needs: not,
    pattern: "(can|could) not ADV{0,3} be ADV{0,3} LEARN ADV{0,3} (from|based on|using|with|without|due to|because|as|since|$|by|in)" },
  { name: "impossible_to_learn", reason: "no_access", where: "short", needs: not,
    pattern: "(is|are|was|be|would be|becomes) (,|therefore|thus|also|hence|currently|,){0,3} (not (possible|feasible)|impossible|difficult|hard|unclear|unknown) (for (me|us))? (to (accurately|definitively|precisely|reliably|exactly|directly|say|state){0,2} LEARN|whether|from the)" },
  { name: "need_information", reason: "no_access", where: "start", needs: ["negation"],
    pattern: "without ..4 (INFO|knowing|access|seeing) ..9 (impossible|difficult|hard|not possible|CANNOT|unable)" },

  // --- apology_opening ---
  { name: "sorry", reason: "apology_opening", where: "start", needs: ["sorry"],
    pattern: "^ (oh|ah|hi|hello|hey|hmm|well|no|unfortunately|,|there|thank|you|thanks|for|your|question|ok|okay|yes|as an ai){0,6} (i|we)? (am|are|feel|must|have to|want to|would like to|do|will|need to|should|sincerely|ADV){0,5} (sorry !(to (hear|see|learn|know)|for (your|you|what|all|the (loss|pain|difficulties|trouble you))|that you|you|(sight|state|excuse))|apologize|apologise|apologies|regret (to|that|any|the)|regretfully|regrettably)" },
  { name: "my_apologies", reason: "apology_opening", where: "start", needs: ["sorry"],
    pattern: "^ (please)? (my|our|please accept my|accept my|(sincere|deepest))? ..1 (apologies|apology !(letter)) (for|,|but|i|if|$)" },
];
