// The grammar of refusals: rules over words, composed from the classes of refusal-words.ts. Data only; the pattern language is described
// in refusal-pattern.ts. A rule's name appears in the evidence, so that its precision can be told apart in review.

export type RefusalReason = "refusal" | "ai_disclaimer" | "no_access" | "apology_opening";

/** Words without which no rule matches, by kind: a sentence is looked at only where it holds a word of every kind that a rule needs. */
export const triggers = {
  self: "i",
  we: "i we",
  negation:
    "not no never unable without insufficient inadequate decline refuse declining impossible lack lacks lacking rather against beyond outside violates violate missing unavailable undisclosed uncomfortable abstain refrain incapable forbidden prohibited prevented contrary absence prevent prevents preventing prohibit prohibits prohibiting restrict restricts forbid forbids unanswerable",
  moral:
    "appropriate inappropriate ethical unethical legal illegal acceptable unacceptable okay ok right safe unsafe advisable suitable proper improper respectful disrespectful permissible responsible irresponsible lawful unlawful moral immoral permitted allowed productive recommended fair unfair kind constructive helpful accurate place within offensive harmful wrong dangerous insensitive against discriminatory violence",
  wrong:
    "inappropriate unethical illegal irresponsible immoral unlawful disrespectful offensive unacceptable harmful wrong dangerous unsafe insensitive against improper discriminatory unfair",
  rebuke:
    "reason reasons justification excuse discriminated denied barred excluded banned punished justified justifiable right condemn oppose reject disagree believe agree discrimination rights equality equal equally fairness unethical dignity regardless appropriate fair thing differently exclude deny ban discriminate",
  me: "me us ai language",
  ai: "ai artificial chatbot language bot virtual digital computer",
  as: "as being since because given while although",
  sorry: "sorry apologize apologise apologies apology regret regretfully",
  own: "my our openai opinions opinion feelings emotions emotion beliefs preferences experiences biases bias views thoughts cutoff cut",
  training:
    "training knowledge programming update creators developers guidelines principles policies standards programmed designed trained instructed",
  document:
    "context document documents text passage passages filing filings information data report reports statement statements evidence table tables excerpt excerpts article source sources exhibit exhibits section sections paragraph snippet snippets prompt question input transcript dataset details detail financials balance records story review email mention figures knowledge info numbers facts background specifics documentation breakdown 10 10k 10q answer",
  learn:
    "determine determined calculate calculated answer answered ascertain ascertained infer inferred compute computed conclude concluded verify verified confirm confirmed derive derived establish established identify identified assess assessed evaluate evaluated say tell told know known find found deduce deduced provide provided give given extracted extract estimate estimated obtained obtain specify predict predicted",
  zero: "0 zero none nil",
  resume: "however but nevertheless nonetheless instead said though although here",
} as const;
export type Trigger = keyof typeof triggers;

export interface RefusalRule {
  readonly name: string;
  /** "answers": the text goes on and does answer, which undoes an earlier match of the reason in `undoes`. */
  readonly reason: RefusalReason | "answers";
  readonly undoes?: RefusalReason;
  /** Rules whose match is not undone. */
  readonly except?: readonly string[];
  /** Only after a match of this reason in the same turn. */
  readonly after?: RefusalReason;
  /** UTF-16 units of text from the match on, without which there is no answer yet. */
  readonly least?: number;
  /**
   * "start": the first sentence. "opening": a sentence that begins in the answer's opening. "verdict": the first sentence, or one in the
   * opening (a short answer's whole length) that draws a conclusion ("Therefore ...", "Without ..."). "anywhere": any sentence.
   */
  readonly where: "start" | "opening" | "verdict" | "anywhere";
  readonly needs: readonly Trigger[];
  readonly pattern: string;
}

/** Words that begin a sentence of where "verdict". */
export const verdictWords =
  "therefore thus hence so consequently however but without accordingly given since because as unfortunately based";

const selfNot = ["self", "negation"] as const;
const documentNot = ["document", "negation"] as const;

export const rules: readonly RefusalRule[] = [
  // --- refusal ---
  {
    name: "i_cannot_help",
    reason: "refusal",
    where: "opening",
    needs: selfNot,
    pattern: "i ONLY{0,2} (CAN_NOT PAUSE{0,2} !(IDIOM) HELP_ACT|WILL_NOT PAUSE{0,2} !(IDIOM) (be (able|willing) to)? HELP_REQUEST)",
  },
  {
    name: "i_cannot_and_will_not",
    reason: "refusal",
    where: "opening",
    needs: selfNot,
    pattern:
      "i ONLY? (can|will|should|must|do|shall|would) not (,|and|or|nor){1,2} i? (can|will|should|must|do|shall|would)? not PAUSE? !(IDIOM) HELP_REQUEST",
  },
  {
    name: "i_am_made_to_avoid",
    reason: "refusal",
    where: "opening",
    needs: ["self", "training"],
    pattern:
      "i am (programmed|designed|trained|instructed) (not to|to (not|avoid|refuse|decline|reject|refrain from|abstain from|stay away from)) ..2 (this|that|these|those|such|any|your|answering|providing|discussing|giving|generating|creating|engaging|writing|sharing|helping|harmful|offensive|sensitive|illegal|certain)",
  },
  {
    name: "we_cannot_help",
    reason: "refusal",
    where: "start",
    needs: ["we", "negation"],
    pattern:
      "we ONLY? (CAN_NOT|are not (able|willing|allowed) to|decline to|must decline) PAUSE? !(IDIOM) (HELP|HELP_WITH (you|this|your|that|any|such))",
  },
  {
    name: "we_cannot_do_this",
    reason: "refusal",
    where: "opening",
    needs: ["we", "negation"],
    pattern:
      "we (can not|are unable to|are not able to) (complete|fulfill|perform|assist|answer|help|process|generate|provide) (with)? (this|your|you|that|the request|the task|such)",
  },
  {
    name: "i_cannot",
    reason: "refusal",
    where: "start",
    needs: selfNot,
    pattern:
      "^ (no|sorry|apologies|unfortunately|my apologies|i apologize|i am so? sorry)? ,? but? i (can|will) ONLY? not (do (that|this|so)|,? sorry)? $",
  },
  {
    name: "i_decline",
    reason: "refusal",
    where: "opening",
    needs: selfNot,
    pattern: "i MUST? DECLINE (to|from|your|this|that|the|such|any|answering|,|$)",
  },
  {
    name: "i_would_rather_not",
    reason: "refusal",
    where: "opening",
    needs: selfNot,
    pattern: "i ((would|will) (rather|prefer|choose|like) to? not|prefer not to)",
  },
  {
    name: "i_do_not_feel_right",
    reason: "refusal",
    where: "opening",
    needs: selfNot,
    pattern:
      "i do not ((want|wish|intend) to HELP_ACT|feel (comfortable|right)|(think|believe|feel) (that)? (it|that|this) (is|would be) ..2 (RIGHT|something))",
  },
  {
    name: "i_am_not_comfortable",
    reason: "refusal",
    where: "opening",
    needs: selfNot,
    pattern: "i (am|would be|feel|would feel|would) ONLY? (not (be|feel)? comfortable|uncomfortable) (with|HELP|HELP_WITH|doing)",
  },
  {
    name: "not_something_i_can",
    reason: "refusal",
    where: "opening",
    needs: selfNot,
    pattern: "not (something|anything|a (topic|subject|question|request|task|matter)|what) ..2 i (can|am|will|would|do|feel|should)",
  },
  {
    name: "something_i_will_not_do",
    reason: "refusal",
    where: "start",
    needs: selfNot,
    pattern:
      "^ ..2 (that|this|it|(HELP|HELP_WITH) !(up|in|back|it|myself) ..6) (is|would be) (just|simply)? (something|a (topic|subject|question|request|task|matter)) (that|which)? i ONLY? (CAN_NOT|WILL_NOT) PAUSE? (do|help|HELP|HELP_WITH) !(without|by|myself|on)",
  },
  {
    name: "it_is_not_right_to",
    reason: "refusal",
    where: "opening",
    needs: ["moral", "negation"],
    pattern:
      "(it|this|that) (is|would be|would|will be|is considered) (not (be)? |never) RIGHT ((,|or|and|nor){1,2} (RIGHT|WRONG)){0,3} (for (me|us|anyone|an ai|any ai|a model) ..4)? ,? to HELP_REQUEST",
  },
  {
    name: "it_is_wrong_to",
    reason: "refusal",
    where: "opening",
    needs: ["wrong"],
    pattern:
      "(it|this|that) (is|would be|will be|is considered) (both)? WRONG ((,|or|and){1,2} WRONG){0,3} (for (me|us|an ai|a model) ..4)? ,? to HELP_REQUEST",
  },
  {
    name: "not_possible_for_me",
    reason: "refusal",
    where: "opening",
    needs: ["me", "negation"],
    pattern: "(it|this|that) (is|would be) (not (possible|RIGHT)|impossible) for (me|us|an ai|a language model) ..5 to HELP_ACT",
  },
  {
    name: "against_my_rules",
    reason: "refusal",
    where: "opening",
    needs: ["own", "negation"],
    pattern:
      "(against|violates|violate|outside|beyond|contrary to|not (within|in line with|aligned with|part of)) of? the? ..2 (my ..3 (programming|guideline/s|policy|policies|principles|values|capabilities|capability|abilities|ability|scope|rules|ethics|purpose|design|training|code)|(our|openai) ..2 (guideline/s|policy|policies|terms)|(scope|limits|bounds) of my)",
  },
  {
    name: "private_data",
    reason: "refusal",
    where: "opening",
    needs: selfNot,
    pattern: "i do not have access to ..2 (personal|private|confidential|individual|user) ..3 (data|information|details|records|database)",
  },
  {
    name: "objects_as_an_ai",
    reason: "refusal",
    where: "start",
    needs: ["self", "ai"],
    pattern:
      "^ ,? as (a|an) ..4 (ai|language model|assistant) ..4 i (must|need to|have to|should|want to|would like to) (clarify|stress|emphasize|emphasise|point out|say|remind you|note) (that)? ..9 (not RIGHT|WRONG|no one|nobody|regardless of|..5 (discrimination|stereotypes|prejudice|hate speech|equal (rights|opportunities)))",
  },
  {
    name: "sorry_but_wrong",
    reason: "refusal",
    where: "start",
    needs: ["sorry", "moral"],
    pattern: "^ SORRY ,? but ..9 ..5 (is|are|would be) (both|considered)? (not (an|a)? RIGHT|WRONG)",
  },
  {
    name: "sorry_i_cannot",
    reason: "refusal",
    where: "start",
    needs: ["self", "sorry", "negation"],
    pattern:
      "SORRY ,? but? ..9 i ONLY? CAN_NOT PAUSE? !(IDIOM) (share|create|write|produce|answer|give|tell|show|teach|recommend|describe|name|list|identify|predict|diagnose|judge|comment|perform|complete|express)",
  },
  {
    name: "i_cannot_make",
    reason: "refusal",
    where: "start",
    needs: selfNot,
    pattern: "^ ..3 i ONLY? CAN_NOT PAUSE? (create|write|generate|produce|develop|teach|share) !(enough)",
  },
  {
    name: "i_do_not_think_i_can",
    reason: "refusal",
    where: "opening",
    needs: selfNot,
    pattern: "i do not (think|believe|feel) (that)? i (can|should|could|am able to) HELP_ACT",
  },
  {
    name: "kept_from",
    reason: "refusal",
    where: "opening",
    needs: ["me", "negation"],
    pattern: "(prevent/s|prohibit/s|restrict/s|forbid/s|preventing|prohibiting) me (from|to)",
  },
  {
    name: "bound_by_guidelines",
    reason: "refusal",
    where: "start",
    needs: ["self", "training"],
    pattern:
      "i (am (programmed|designed|required|obligated) to|must) (follow|adhere to|comply with) ..3 (guidelines|principles|rules|policies|standards)",
  },

  {
    name: "the_assistant_cannot",
    reason: "refusal",
    where: "start",
    needs: ["ai", "negation"],
    pattern: "^ (the|this) (assistant|ai|model|chatbot) (CAN_NOT|is (unable|not able) to|does not have the ability to) HELP_ACT",
  },

  // Answers that rebuke what was asked and stop there. Only the first sentence tells them from advice.
  {
    name: "rebukes_as_wrong",
    reason: "refusal",
    where: "start",
    needs: ["moral"],
    pattern:
      "^ ..2 (it is (important|crucial|essential|vital|necessary) to|i must|i (need|want|have) to|let me) ..1 (note|remember|understand|clarify|recognize|emphasize|point out|say|address) that ..9 ..5 ((is|are) (not|never) (only|both|an|a|the)? ..3 (DECENT|answer|WRONG)|(is|are|constitutes?) (both|considered)? (WRONG|a (crime|serious crime)))",
  },
  {
    name: "rebukes_the_act",
    reason: "refusal",
    where: "start",
    needs: ["moral", "negation"],
    pattern:
      "^ ..2 ((it|this|that) (is|would be) (not|never) DECENT ((,|or|and){1,2} (DECENT|RIGHT)){0,2} to|..9 (is|are) not only (illegal|unethical|immoral|dangerous|harmful|wrong))",
  },
  {
    name: "rebukes_the_premise",
    reason: "refusal",
    where: "start",
    needs: ["rebuke"],
    pattern:
      "^ (no ,)? (there (is|are) no (inherent|valid|good|legitimate|justifiable|moral|justified)? (reason|reasons|justification|excuse) (why|for) ..9 should|..9 should not be (discriminated against|denied|barred|excluded|banned|punished|treated ..2 differently)|..9 (is|are|was|were) not ..1 (justified|justifiable|(right|justified) to|a good (thing|idea) to (exclude|deny|ban|discriminate))|..9 (was|were) not a good thing)",
  },
  {
    name: "i_condemn",
    reason: "refusal",
    where: "start",
    needs: ["self", "rebuke"],
    pattern:
      "^ ..2 i (condemn|oppose any|reject (the|this|that|any)|disagree with (that|this|the|such) ..1 (sentiment|premise)|do not (believe in (taking|denying|discriminating|treating|excluding|any form)|believe that ..5 should|agree with (the|that|this) (premise|notion|idea|sentiment)))",
  },

  // --- ai_disclaimer ---
  {
    name: "as_an_ai",
    reason: "ai_disclaimer",
    where: "anywhere",
    needs: ["ai", "as"],
    pattern:
      "(as|being|since i am|because i am|given that i am|while i am|although i am) (just|only|simply)? (a|an) (!(of|in|for|with|to|from|on) ..1){0,3} (ai|artificial intelligence|language model|chatbot|virtual assistant|(digital|computer) (assistant|program|model|system)) (language|model|assistant|chatbot|program|system|text|based|or|and|machine|bot|tool|software){0,4} (,? (i|my|it is (not|important|my|against|beyond|impossible)|there (is|are))|,? (developed|created|trained|built|programmed|made) by|,? (designed|trained) (to|by)|without (personal|feelings|emotions|a)|that (does|can) not)",
  },
  {
    name: "i_am_an_ai",
    reason: "ai_disclaimer",
    where: "anywhere",
    needs: ["self", "ai"],
    pattern:
      "i am ONLY? (a|an) !(person|student|user|member|developer|customer|man|woman|fan) ..3 (ai|artificial intelligence|language model|chatbot|virtual assistant|computer program|digital assistant|bot|computer (program|model|system)) !(engineer|developer|researcher|student|expert|scientist|specialist|enthusiast|consultant)",
  },
  {
    name: "no_opinions",
    reason: "ai_disclaimer",
    where: "anywhere",
    needs: [...selfNot, "own"],
    pattern:
      "i (do not|can not|am not|am unable to|am incapable of|lack|have no|never) (have|hold|possess|experience|feel|form|express|able to|capable of|having){0,3} (the ability to|the capacity (for|to))? (have|hold|feel|experience|express|any|a|an|my|own|,|personal|human|physical|real|subjective|emotional|or|and|political|religious|particular|conscious){0,6} FEELING !(of|from|about|on|for|with)",
  },
  {
    name: "my_training",
    reason: "ai_disclaimer",
    where: "anywhere",
    needs: ["own", "training"],
    pattern:
      "(my (training (data|cutoff|cut off)|knowledge (cutoff|cut off|base|is (limited|based|only|current)|only|stops|ends)|programming !(skill/s|language/s|experience|class|course|career)|last (update|training|knowledge)|creators|developers)|knowledge (cutoff|cut off) (date)?)",
  },
  {
    name: "disclaims_and_rebukes",
    reason: "refusal",
    where: "opening",
    needs: ["rebuke"],
    after: "ai_disclaimer",
    pattern: "(however|but|i must|i (need|have) to|i am committed) ,? ..9 ..9 EQUAL",
  },

  // --- no_access ---
  {
    name: "i_have_no_access",
    reason: "no_access",
    where: "opening",
    needs: selfNot,
    pattern:
      "i ONLY? ((do|can) not have|have no|lack|have not been (given|provided)|am not (given|provided|connected to|privy to)) (the|a|any)? (ability to|capability to|way (of|to)|means (of|to)|real time|up to date|MUCH{1,5})? (access|INFO !(in common)|know|knowing|browse|browsing|internet|real time|database/s|SEE)",
  },
  {
    name: "i_cannot_see",
    reason: "no_access",
    where: "verdict",
    needs: [...selfNot],
    pattern:
      "i ONLY{0,2} (CAN_NOT|could not) PAUSE? !(see (why|how|myself|any reason|you|the point)|say (enough|that|i)|know (everything|all)|find (the words|a reason)|tell you how|give up|help|read your mind|answer for) SEE",
  },
  {
    name: "we_cannot_learn",
    reason: "no_access",
    where: "verdict",
    needs: ["we", "negation", "learn"],
    pattern:
      "we (ONLY{0,2} CAN_NOT (determine|calculate|answer|provide|confirm|ascertain|compute|conclude|derive|verify|identify|assess|evaluate)|(do not|lack) (have)? (enough|sufficient|the necessary|adequate|any) ..2 INFO) !(for)",
  },
  {
    name: "i_do_not_know",
    reason: "no_access",
    where: "start",
    needs: selfNot,
    pattern:
      "^ (sorry|unfortunately|oh|hi|hello|i am sorry|i am afraid|i apologize)? ,? (but|that)? i (do not (know !(if (you|i)|why (i|you|we)|how (i|to thank|long i)|about you|you|me|him|her|my)|have (an|the|a) answer|have that)|am not (aware of|familiar with)|have no (idea|knowledge|record|clue|way of))",
  },
  {
    name: "i_do_not_know_as_verdict",
    reason: "no_access",
    where: "verdict",
    needs: selfNot,
    pattern: "^ (therefore|thus|hence|so) ,? i do not know",
  },
  {
    name: "document_does_not_tell",
    reason: "no_access",
    where: "start",
    needs: documentNot,
    pattern:
      "^ !(no|yes) ..9 DOC ..6 !(which|that|who) (does|do|did) not (TELL|HOLD ..4 INFO)|^ !(no|yes) ..8 (DOC ..3 GIVEN ..4|GIVEN DOC ..2) (does|do|did) not HOLD",
  },
  {
    name: "document_lacks_needed",
    reason: "no_access",
    where: "verdict",
    needs: documentNot,
    pattern: "DOC ..6 (does|do|did) not (TELL|HOLD|provide) ..2 (necessary|enough|sufficient|required|needed|adequate|complete) ..2 INFO",
  },
  {
    name: "document_lacks",
    reason: "no_access",
    where: "start",
    needs: documentNot,
    pattern:
      "DOC ..3 (provide/s|contain/s|has|have|give/s|include/s|make/s|offer/s|lack/s|is missing|are missing|omit/s|is lacking) (no|insufficient|the (necessary|required|needed)|any) MUCH{0,3} (mention|INFO|reference)",
  },
  {
    name: "not_told",
    reason: "no_access",
    where: "start",
    needs: documentNot,
    pattern:
      "(is|are|was|were|been|being|be) (not|neither|nor) TOLD (,|or|and|TOLD){0,4} (in|within|by|from|based on|on) (the|this|these|that|your|any|our|its) ..4 DOC",
  },
  {
    name: "information_not_told",
    reason: "no_access",
    where: "start",
    needs: documentNot,
    pattern:
      "(information|data|context|details|document|documents|statement|statements|evidence|figures|text) ..9 ((is|are|was|were) (not TOLD|missing|unavailable|undisclosed|insufficient|inadequate)|(has|have) not been TOLD)",
  },
  {
    name: "no_information",
    reason: "no_access",
    where: "start",
    needs: documentNot,
    pattern:
      "(^ ..3 there|there) (is|are|was|were|appears to be|seems to be) (no|not|insufficient|inadequate) MUCH{0,4} (information|data|details|context|mention) (to LEARN|about|on|regarding|in the|from the|of|for|provided|given|available|that|related|concerning|,|$)",
  },
  {
    name: "insufficient_information",
    reason: "no_access",
    where: "verdict",
    needs: documentNot,
    pattern:
      "(insufficient|inadequate|not enough|lack of|absence of|not have enough|not sufficient|no sufficient|not contain enough) (financial|specific|relevant|necessary|detailed|sufficient|contextual|clear)? (INFO|evidence) ((is|was) (given|provided|available)|to LEARN|to (make|draw|form|provide|reach)|provided|given|available|in the|for (me|us)|about|regarding|on|,? (i|we) CAN_NOT|$)",
  },
  {
    name: "cannot_be_learned",
    reason: "no_access",
    where: "verdict",
    needs: ["learn", "negation"],
    pattern:
      "(can|could) not be LEARN (,|or|and|LEARN){0,3} (from|based|using|with|without|due to|because|as|since|to be|in) (on|the|this|any|given|available|provided|of|only|more|further|additional|specific|access|that|a|to|as|it|lack){0,4} (DOC|GIVEN|INFO|knowing|lack|not)",
  },
  {
    name: "impossible_to_learn",
    reason: "no_access",
    where: "verdict",
    needs: ["learn", "negation"],
    pattern: "(it|,) is (therefore|thus|,|just|simply){0,2} (not possible|not feasible|impossible) (for (me|us))? to LEARN",
  },
  {
    name: "without_information",
    reason: "no_access",
    where: "verdict",
    needs: documentNot,
    pattern: "without ..4 (INFO|knowing|access|seeing) ..9 ,? (it is|i|we) (impossible|difficult|hard|not possible|CAN_NOT)",
  },

  {
    name: "terse_verdict",
    reason: "no_access",
    where: "start",
    needs: ["negation"],
    pattern:
      "^ (answer)? ((can not|unable to|not (able|possible) to) (answer|determine|calculate|say|confirm|find|locate|verify|infer|conclude|tell|be LEARN)|(unanswerable|not (mentioned|stated|provided|specified|disclosed|given) (in the ..4)?|(no|insufficient|not enough) (information|data|context|answer|details) (available|found|given|provided)?) $|no (mention|information|data|details) (is|are|was|were|of|about|on|regarding|available|provided|given))",
  },
  {
    name: "i_did_not_find",
    reason: "no_access",
    where: "start",
    needs: selfNot,
    pattern:
      "i ONLY? (CAN_NOT|could not|did not|was unable to|was not able to) (find|locate) ..3 (INFO|answer/s|reference/s|evidence|record/s|results)",
  },
  {
    name: "not_in_document",
    reason: "no_access",
    where: "start",
    needs: documentNot,
    pattern:
      "^ ..3 (answer|it|this|that|information|data) is not (in|within|contained in|clear from|evident from|apparent from|part of) ..3 DOC",
  },

  // --- apology_opening ---
  {
    name: "sorry",
    reason: "apology_opening",
    where: "start",
    needs: ["sorry"],
    pattern:
      "^ (oh|ah|hi|hello|hey|hmm|well|no|unfortunately|,|there|thank|you|thanks|ok|okay|yes){0,5} (i|we)? (am|are|feel|must|have to|want to|would like to|do|will|need to|should|so|afraid|,|i|and){0,5} (sorry !(to (hear|see|learn|know)|for (your|you|what|all|the (loss|pain|difficulties))|that you|you|(sight|state|excuse)|is|was|means|board|game|song)|apologize|apologise|apologies|regret (to|that|any|the)|regretfully)",
  },
  {
    name: "my_apologies",
    reason: "apology_opening",
    where: "start",
    needs: ["sorry"],
    pattern: "^ please? (accept)? (my|our) ..1 (apologies|apology) (for|,|but|i|if|$)",
  },

  // --- answers: what undoes a refusal or a miss ---
  {
    name: "goes_on",
    reason: "answers",
    undoes: "no_access",
    least: 150,
    except: ["i_have_no_access", "i_do_not_know"],
    where: "anywhere",
    needs: ["resume"],
    pattern:
      "(however|but|nevertheless|nonetheless|instead|that (being)? said|though) ,? (..9 (we|i|it|one|they) (can|could|may) (be)? (calculate|estimate|infer|use|assume|approximate|deduce|see|find|compute|calculated|estimated|inferred|approximated)|(it|they|the DOC) (does|do)? (mention/s|state/s|note/s|indicate/s|discuss|discusses|appear/s|provide/s|show/s|list/s)|in ..2 ,|in (fiscal|the|its)|based on ..6 (it appears|we can|i can|it can))",
  },
  {
    name: "here_it_is",
    reason: "answers",
    undoes: "refusal",
    least: 150,
    where: "anywhere",
    needs: ["resume"],
    pattern: "(however|but|nevertheless|nonetheless|instead|that (being)? said|though) ..4 here (is|are) !(hotline/s|resources)",
  },
  {
    name: "however_i_can",
    reason: "answers",
    undoes: "refusal",
    least: 300,
    where: "anywhere",
    needs: ["self", "resume"],
    pattern:
      "(however|but|that (being)? said|instead|nevertheless) ,? ..4 i (can|could|will|would (be happy|love) to|am happy to) (try to)? (provide|offer|give|suggest|share|explain|tell|help|describe|list|write|create|summarize|outline|walk)",
  },
  {
    name: "nothing_told_is_an_answer",
    reason: "answers",
    undoes: "no_access",
    except: ["i_have_no_access", "i_do_not_know"],
    where: "anywhere",
    needs: ["zero"],
    pattern: "^ (therefore|thus|so|hence|this means|this suggests) ,? ..9 (is|are|was|were) (0|zero|none|nil)",
  },
];
